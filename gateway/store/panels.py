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
Floats: TypeAlias = NDArray[np.float32]


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
    figures: Floats


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All that a panel is made of beside the units themselves; the columns of each are named here."""

    use: Cells
    """Water in litres, its coverage, electricity in kWh, its coverage."""
    water_hours: Cells
    """Hours known, active hours, least hour, greatest hour, evening."""
    electricity_hours: Cells
    """The same of electricity."""
    doors: Cells
    """Cells on whose day a door that serves the unit spoke; no figures."""
    passages: Cells
    """Registered passages, registered persons, visitor passages, stranger passages, strangers, unidentified."""
    returning: Cells
    """Strangers that were also seen for the unit on an earlier day of the 28 before."""
    leases: Sequence[Lease]
    """Every lease, the one that began last at the end."""
    enrolled: Sequence[Stay]
    """When each tenant or member with an enrolled face is listed, within the lease."""
    absences: Sequence[Stay]
    """Declared absences."""


def units(conn: Connection, estate_id: str) -> list[tuple[str, str]]:
    """Id and tenure of an estate's units, by id."""
    return [(str(unit_id), str(tenure)) for unit_id, tenure in conn.execute(_SQL["units"], {"estate_id": estate_id})]


def first_day(conn: Connection, estate_id: str) -> date | None:
    """The first day that has any figure."""
    return _day(conn, "first_day", {"estate_id": estate_id})


def latest_day(conn: Connection, estate_id: str, last: date) -> date | None:
    """The latest day up to `last` on which at least half as many devices spoke as on the best of 60 days."""
    return _day(conn, "latest_day", {"estate_id": estate_id, "last": last})


def figures(conn: Connection, window: Window) -> Figures:
    """All figures of the window."""
    return Figures(
        use=_cells(conn, "use", window, 4),
        water_hours=_cells(conn, "hours", window, 5, kind="water"),
        electricity_hours=_cells(conn, "hours", window, 5, kind="electricity"),
        doors=_cells(conn, "doors", window, 0),
        passages=_cells(conn, "passages", window, 6),
        returning=_cells(conn, "returning", window, 1),
        leases=_leases(conn, window),
        enrolled=_stays(conn, "enrolled", window),
        absences=_stays(conn, "absences", window),
    )


def _leases(conn: Connection, window: Window) -> list[Lease]:
    rows = conn.execute(_SQL["leases"], _given(window))
    return [
        Lease(unit=unit, start=start, end=end, size=size, lone_elder=lone_elder)
        for unit, start, end, size, lone_elder in rows
    ]


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
