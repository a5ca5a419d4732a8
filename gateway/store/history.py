"""Past readings by the block: what is there already, what is new, and how far a file has come."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.store.arrays import copy_rows, delays_ms, from_wire, moment
from gateway.store.database import Connection
from gateway.store.queries import queries

_SQL = queries("history")

_DAY_US = 86_400_000_000
_DENSE = 4
"""Rows that a look-up may find for each row of the block; a block that lies thinly among others is not looked up."""

_Ints = NDArray[np.int64]


class Rows(NamedTuple):
    """Readings by column: device number, µs since 1970, m³ or kWh, µs since 1970."""

    device_no: NDArray[np.int32]
    ts_us: _Ints
    register: NDArray[np.float64]
    arrived_us: _Ints

    def only(self, which: NDArray[Any]) -> Rows:
        """Give the rows at these places, or those that are marked."""
        return Rows(*(column[which] for column in self))


class Progress(NamedTuple):
    """How far a file was read, what that came to, and the digest of all that was read."""

    read_bytes: int = 0
    read_lines: int = 0
    digest: bytes = b""
    stored: int = 0
    duplicate: int = 0
    quarantined: int = 0


@contextmanager
def alone(conn: Connection) -> Iterator[None]:
    """Wait until no other import is under way, also one that was killed whose last block is still being written."""
    conn.execute(_SQL["lock"])
    try:
        yield
    finally:
        if not conn.closed:
            conn.execute(_SQL["unlock"])


def fresh_among(conn: Connection, rows: Rows) -> NDArray[np.bool_] | None:
    """Mark the rows that are not stored yet; None where that costs too much. `rows` ascend by device and time."""
    begins = _begins(rows.device_no)
    ends = np.append(begins[1:], len(rows.ts_us)) - 1
    limit = _DENSE * len(rows.ts_us) + 1
    found = conn.cursor(binary=True).execute(
        _SQL["stored_among"],
        {
            "device_no": rows.device_no[begins],
            "first": rows.ts_us[begins].view("M8[us]"),
            "last": rows.ts_us[ends].view("M8[us]"),
            "least": moment(rows.ts_us.min()),
            "most": moment(rows.ts_us.max()),
            "limit": limit,
        },
    )
    stored = {device_no: from_wire(times) for device_no, times in found}
    if sum(map(len, stored.values())) >= limit:
        return None
    fresh = np.ones(len(rows.ts_us), "?")
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        if (times := stored.get(int(rows.device_no[begin]))) is not None:
            fresh[begin : end + 1] = ~np.isin(rows.ts_us[begin : end + 1], times)
    return fresh


def copy(conn: Connection, rows: Rows) -> int:
    """Store rows of which none is there, and note what the rollups have to work out; returns how many.

    Raises:
        psycopg.errors.UniqueViolation: one is there after all; nothing is stored.
    """
    if len(rows.ts_us):
        delays = delays_ms(rows.ts_us, rows.arrived_us)
        columns = (rows.device_no, rows.ts_us.view("M8[us]"), rows.register, delays)
        with conn.cursor().copy(_SQL["copy_readings"]) as sent:
            sent.write(copy_rows(columns))
        _note(conn, rows)
    return len(rows.ts_us)


def progress(conn: Connection, head: bytes) -> Progress:
    """Give how far the file with this beginning has come."""
    row = conn.execute(_SQL["progress"], {"head": head}).fetchone()
    return Progress(*row) if row else Progress()


def store_progress(conn: Connection, head: bytes, name: str, now: Progress) -> None:
    """Write down how far a file has come; in the transaction of the rows themselves."""
    conn.execute(_SQL["store_progress"], {"head": head, "name": name, **now._asdict()})


def forget_progress(conn: Connection, heads: list[bytes]) -> None:
    """Let these files begin anew, and those that nobody went on with for a season."""
    conn.execute(_SQL["forget_progress"], {"heads": heads})


def _note(conn: Connection, rows: Rows) -> None:
    day = rows.ts_us // _DAY_US
    begins = np.flatnonzero(np.append(True, (np.diff(rows.device_no) != 0) | (np.diff(day) != 0)))
    ends = np.append(begins[1:], len(rows.ts_us)) - 1
    conn.execute(
        _SQL["note"],
        {
            "device_no": rows.device_no[begins],
            "first": rows.ts_us[begins].view("M8[us]"),
            "last": rows.ts_us[ends].view("M8[us]"),
        },
    )


def _begins(values: NDArray[np.int32]) -> _Ints:
    """Give the places where another value begins."""
    return np.flatnonzero(np.diff(values, prepend=values[0] - 1))
