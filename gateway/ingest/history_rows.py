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


class Piece(NamedTuple):
    """Rows that follow each other in a file."""

    columns: Sequence[Sequence[str]]
    """By column the rows that have as many fields as the header."""
    lines: Sequence[int]
    """Where these rows begin."""
    uneven: Sequence[tuple[int, list[str]]] = ()
    """The other rows, and where they begin."""


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

    def take(self, piece: Piece, directory: Directory, arrived_us: int) -> None:
        """Add the rows of a piece of the file."""
        whole = range(len(piece.lines))
        left = self._by_column(piece, directory, arrived_us) if self._file == history.READINGS else whole
        for at in left:
            self._as_message([column[at] for column in piece.columns], piece.lines[at], directory, arrived_us)
        for line, row in piece.uneven:
            self._as_message(row, line, directory, arrived_us)

    def collected(self) -> Collected:
        """Give what there is, and begin anew."""
        batch, lines = self._batch, np.concatenate([*self._lines, np.array(self._lines_of_messages, "i8")])
        read = batch.readings
        batch.readings = ReadingColumns()
        self._parts.append(_rows(read.device_no, read.ts_us, read.register, read.arrived_us))
        rows = Rows(*(np.concatenate(column) for column in zip(*self._parts, strict=True)))
        self._begin()
        kept = _first_of_each(rows, lines)
        return Collected(batch, rows.only(kept), len(lines) - len(kept))

    def _begin(self) -> None:
        self._batch = Batch()
        self._parts: list[Rows] = []
        self._lines: list[_Ints] = []
        self._lines_of_messages: list[int] = []

    def _by_column(self, piece: Piece, directory: Directory, arrived_us: int) -> list[int]:
        """Take the readings that surely pass; returns the places of the others."""
        ids, times, registers, units = (piece.columns[at] for at in self._wanted)
        meters = self._meters_of(directory)
        place = np.fromiter(map(meters.place.get, ids, repeat(-1)), "i8", len(ids))
        readings = read_readings(times, registers, units)
        passed = readings.read & (readings.kind == meters.kind[place])
        passed &= (readings.ts_us >= arrived_us - BACKFILL_US) & (readings.ts_us <= arrived_us + AHEAD_US)
        device_no, ts_us = meters.device_no[place[passed]], readings.ts_us[passed]
        self._parts.append(_rows(device_no, ts_us, readings.register[passed], np.full(len(ts_us), arrived_us)))
        self._lines.append(np.array(piece.lines)[passed])
        self._batch.messages += len(ts_us)
        left: list[int] = np.flatnonzero(~passed).tolist()
        return left

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
                told = error if error.reason in _OF_LISTS else _told_with(line, error)
                hold(batch, message, "history", told, history.DIALECT)
        else:
            put(batch, bound, arrived_us)
            self._lines_of_messages += [line] * (len(batch.readings.ts_us) - len(self._lines_of_messages))

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


def _first_of_each(rows: Rows, lines: _Ints) -> _Ints:
    """Give the places of the rows by device and time; of those with the same key the first in the file."""
    by_key = np.lexsort((lines, rows.ts_us, rows.device_no))
    device_no, ts_us = rows.device_no[by_key], rows.ts_us[by_key]
    repeated = (device_no[1:] == device_no[:-1]) & (ts_us[1:] == ts_us[:-1])
    kept: _Ints = by_key[np.append(True, ~repeated)[: len(by_key)]]
    return kept


def _told_with(line: int, error: UndecodableError) -> UndecodableError:
    return UndecodableError(error.reason, f"line {line}: {error.detail}")
