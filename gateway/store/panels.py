"""What a panel is made of, read as columns. Positions are (unit, day): places in `unit_ids` and days after `first`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gateway.store.database import Connection
from gateway.store.queries import queries

_SQL = queries("panels")

Ints: TypeAlias = NDArray[np.intp]
Figures: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which units of an estate and which days are read."""

    estate_id: str
    unit_ids: tuple[str, ...]
    first: date
    last: date

    @property
    def days(self) -> int:
        """How many days, both ends in it."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """N cells of a panel: `unit` and `day` are (N,), `figures` (N, C), NaN where the store has null."""

    unit: Ints
    day: Ints
    figures: Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A lease of the unit at a position. Open ends are None."""

    unit: int
    start: date | None
    end: date | None
    size: int | None
    lone_elder: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """Something that holds for the unit at a position from `start` to `end`. Open ends are None."""

    unit: int
    start: date | None
    end: date | None


def units(conn: Connection, estate_id: str) -> list[tuple[str, str]]:
    """Id and tenure of an estate's units, by id."""
    return [(str(unit_id), str(tenure)) for unit_id, tenure in conn.execute(_SQL["units"], {"estate_id": estate_id})]


def first_day(conn: Connection, estate_id: str) -> date | None:
    """The first day that has any figure."""
    return _day(conn, "first_day", {"estate_id": estate_id})


def latest_day(conn: Connection, estate_id: str, last: date) -> date | None:
    """The latest day up to `last` on which at least half as many devices spoke as on the best of 60 days."""
    return _day(conn, "latest_day", {"estate_id": estate_id, "last": last})


def use(conn: Connection, window: Window) -> Cells:
    """Water in litres, its coverage, electricity in kWh, its coverage."""
    return _cells(conn, "use", window, 4)


def hours(conn: Connection, window: Window, kind: str) -> Cells:
    """Of a kind of meter: hours known, active hours, least hour, greatest hour, evening."""
    return _cells(conn, "hours", window, 5, kind=kind)


def doors(conn: Connection, window: Window) -> Cells:
    """Cells on whose day a door that serves the unit spoke; no figures."""
    return _cells(conn, "doors", window, 0)


def passages(conn: Connection, window: Window) -> Cells:
    """Registered passages, registered persons, visitor passages, stranger passages, strangers, unidentified."""
    return _cells(conn, "passages", window, 6)


def returning(conn: Connection, window: Window) -> Cells:
    """Strangers that were also seen for the unit on an earlier day of the 28 before."""
    return _cells(conn, "returning", window, 1)


def leases(conn: Connection, window: Window) -> list[Lease]:
    """Every lease, the one that began last at the end."""
    rows = conn.execute(_SQL["leases"], _given(window))
    return [
        Lease(unit=unit, start=start, end=end, size=size, lone_elder=lone_elder)
        for unit, start, end, size, lone_elder in rows
    ]


def enrolled(conn: Connection, window: Window) -> list[Stay]:
    """When each tenant or member with an enrolled face is listed, within the lease."""
    return _stays(conn, "enrolled", window)


def absences(conn: Connection, window: Window) -> list[Stay]:
    """Declared absences."""
    return _stays(conn, "absences", window)


def _stays(conn: Connection, name: str, window: Window) -> list[Stay]:
    return [Stay(unit=unit, start=start, end=end) for unit, start, end in conn.execute(_SQL[name], _given(window))]


def _cells(conn: Connection, name: str, window: Window, width: int, **more: str) -> Cells:
    rows: Sequence[tuple[Any, ...]] = conn.execute(_SQL[name], _given(window) | more).fetchall()
    table = np.array(rows, dtype=np.float64).reshape(len(rows), 2 + width)  # None becomes NaN
    return Cells(
        unit=table[:, 0].astype(np.intp), day=table[:, 1].astype(np.intp), figures=table[:, 2:].astype(np.float32)
    )


def _given(window: Window) -> dict[str, object]:
    return {
        "estate_id": window.estate_id,
        "unit_ids": list(window.unit_ids),
        "first": window.first,
        "last": window.last,
    }


def _day(conn: Connection, name: str, given: dict[str, object]) -> date | None:
    row = conn.execute(_SQL[name], given).fetchone()
    return row[0] if row else None
