"""Rows of a history file become readings by column, or go the way of messages one by one.

By column go the readings that surely pass every rule. All others, and all door events, are judged as messages are, so
that the rules and the reasons stand in one place. Both ways give the same rows; tests hold them to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from gateway.codecs import history
from gateway.codecs.history_columns import KINDS, read_readings
from gateway.codecs.message import Message, Reason, UndecodableError
from gateway.ingest.batch import Batch, ReadingColumns
from gateway.ingest.intake import AHEAD_US, BACKFILL_US, Directory, bind, hold, put
from gateway.store.history import Rows
from gateway.store.registry import DeviceEntry

_OF_LISTS = (Reason.UNKNOWN_DEVICE, Reason.WRONG_KIND)
"""What the check of the lists counts by its wording: no line number may stand in it."""
_Ints = NDArray[np.int64]


class _Meters(NamedTuple):
    """Devices by column. The last stands for those that are not known, so that it is found at -1."""

    place: dict[str, int]
    device_no: NDArray[np.int32]
    kind: NDArray[np.int8]


class Collected(NamedTuple):
    """The rows of a block."""

    batch: Batch
    """What went the way of messages: door events, and what is held. It counts all messages of the block."""
    rows: Rows
    """Readings, ascending by device and time, the first of each key."""
    repeats: int
    """Readings that repeat an earlier one of the block."""


class Collector:
    """Collects rows of one file."""

    def __init__(self, file: str, header: Sequence[str]) -> None:
        self._file = file
        self._header = header
        last_of = {name: at for at, name in enumerate(header)}
        self._wanted = [last_of[name] for name in history.COLUMNS[file]]
        self._lists: Directory | None = None
        self._meters = _meters(())
        self._begin()

    @property
    def messages(self) -> int:
        """How many rows there are so far."""
        return self._batch.messages

    def take(self, rows: Sequence[list[str]], first_line: int, directory: Directory, arrived_us: int) -> None:
        """Add rows that follow each other in the file; empty ones are none."""
        if self._file == history.READINGS:
            left: Iterable[int] = self._by_column(rows, directory, arrived_us)
        else:
            left = range(len(rows))
        lines: Sequence[int] = ()
        for at in left:
            if rows[at]:
                lines = lines or _lines(rows, first_line)
                before = len(self._batch.readings.ts_us)
                self._as_message(rows[at], lines[at], directory, arrived_us)
                self._order_of_messages += [self._seen + at] * (len(self._batch.readings.ts_us) - before)
        self._seen += len(rows)

    def collected(self) -> Collected:
        """Give what there is, and begin anew."""
        batch, order = self._batch, np.concatenate([*self._order, np.array(self._order_of_messages, "i8")])
        read = batch.readings
        batch.readings = ReadingColumns()
        self._parts.append(_rows(read.device_no, read.ts_us, read.register, read.arrived_us))
        rows = Rows(*(np.concatenate(column) for column in zip(*self._parts, strict=True)))
        self._begin()
        kept = _first_of_each(rows, order)
        return Collected(batch, rows.only(kept), len(order) - len(kept))

    def _begin(self) -> None:
        self._batch = Batch()
        self._parts: list[Rows] = []
        self._order: list[_Ints] = []
        self._order_of_messages: list[int] = []
        self._seen = 0

    def _by_column(self, rows: Sequence[list[str]], directory: Directory, arrived_us: int) -> list[int]:
        """Take the readings that surely pass; returns the places of the other rows."""
        whole = [at for at, row in enumerate(rows) if len(row) == len(self._header)]
        if not whole:
            return list(range(len(rows)))
        columns = list(zip(*(rows if len(whole) == len(rows) else [rows[at] for at in whole]), strict=True))
        ids, times, registers, units = (columns[at] for at in self._wanted)
        meters = self._meters_of(directory)
        place = np.fromiter(map(meters.place.get, ids, repeat(-1)), "i8", len(ids))
        readings = read_readings(times, registers, units)
        passed = readings.read & (readings.kind == meters.kind[place])
        passed &= (readings.ts_us >= arrived_us - BACKFILL_US) & (readings.ts_us <= arrived_us + AHEAD_US)
        device_no, ts_us = meters.device_no[place[passed]], readings.ts_us[passed]
        self._parts.append(_rows(device_no, ts_us, readings.register[passed], np.full(len(ts_us), arrived_us)))
        at_row = np.array(whole)
        self._order.append(self._seen + at_row[passed])
        self._batch.messages += len(ts_us)
        left = np.ones(len(rows), "?")
        left[at_row[passed]] = False
        return np.flatnonzero(left).tolist()

    def _as_message(self, row: list[str], line: int, directory: Directory, arrived_us: int) -> None:
        batch = self._batch
        batch.messages += 1
        fields = dict(zip(self._header, row, strict=False))
        try:
            bound = bind(history.decode_row(self._file, fields), directory, arrived_us=arrived_us)
        except UndecodableError as error:
            # As a message, so that quarantine holds something that can be replayed.
            message = Message(f"history/{self._file}", msgspec.json.encode(fields), arrived_us)
            if error.reason is Reason.UNKNOWN_DEVICE:
                batch.unknown.append(message)
            else:
                hold(batch, message, "history", error if error.reason in _OF_LISTS else _told_with(line, error))
        else:
            put(batch, bound, arrived_us)

    def _meters_of(self, directory: Directory) -> _Meters:
        if directory is not self._lists:
            self._lists, self._meters = directory, _meters(directory.entries())
        return self._meters


def _meters(entries: Iterable[DeviceEntry]) -> _Meters:
    known = list(entries)
    return _Meters(
        {entry.device_id: at for at, entry in enumerate(known)},
        np.array([*(entry.device_no for entry in known), 0], "i4"),
        np.array([*(KINDS.index(entry.kind) for entry in known), -1], "i1"),
    )


def _rows(
    device_no: Sequence[int] | NDArray[np.int32],
    ts_us: Sequence[int] | _Ints,
    register: Sequence[float] | NDArray[np.float64],
    arrived_us: Sequence[int] | _Ints,
) -> Rows:
    return Rows(np.array(device_no, "i4"), np.array(ts_us, "i8"), np.array(register, "f8"), np.array(arrived_us, "i8"))


def _first_of_each(rows: Rows, order: _Ints) -> _Ints:
    """Give the places of the rows by device and time; of those with the same key the first by `order`."""
    by_key = np.lexsort((order, rows.ts_us, rows.device_no))
    device_no, ts_us = rows.device_no[by_key], rows.ts_us[by_key]
    repeated = (device_no[1:] == device_no[:-1]) & (ts_us[1:] == ts_us[:-1])
    kept: _Ints = by_key[np.append(True, ~repeated)[: len(by_key)]]
    return kept


def _lines(rows: Sequence[list[str]], first_line: int) -> list[int]:
    """Give the line that each row begins at; a quoted field may hold line ends of its own."""
    lines = []
    for row in rows:
        lines.append(first_line)
        first_line += 1 + sum(field.count("\n") for field in row)
    return lines


def _told_with(line: int, error: UndecodableError) -> UndecodableError:
    return UndecodableError(error.reason, f"line {line}: {error.detail}")
