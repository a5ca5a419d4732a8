"""Estates and units with what is known of them now, and the daily figures of one unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg.rows import dict_row

from gateway.errors import NotFoundError
from gateway.rollup.stuck import LOOK_BACK_DAYS, stuck_days
from gateway.rollup.use import Flag
from gateway.store.database import Connection
from gateway.store.queries import queries

_SQL = queries("units")

HOURS_A_DAY = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class EstateRow:
    """An estate and how much of it there is."""

    estate_id: str
    name: str
    timezone: str
    units: int
    live_alerts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """A unit, its present state, the detectors' last word on it, and its live alerts.

    `scores` holds objects of kind, probability and not_ready; `alerts` of id, kind, level and state.
    """

    unit_id: str
    estate_id: str
    building: str
    entrance: str
    floor: int | None
    room: str
    area_m2: float | None
    tenure: str
    timezone: str
    state: str
    state_since: date | None
    as_of: date | None
    scores: Sequence[Mapping[str, Any]]
    alerts: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class HouseholdRow:
    """The household of a unit's last lease."""

    household_id: str
    size: int | None
    lease_start: date | None
    lease_end: date | None
    category: str
    care: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRow:
    """One day of a unit. Figures of a channel mean something only where its coverage is above 0.

    `water_hours` counts the hours in which water was drawn, where hours are known; flags are `gateway.rollup.use.Flag`.
    """

    day: date
    water_l: float | None
    electricity_kwh: float | None
    water_coverage: float
    electricity_coverage: float
    water_flags: int
    electricity_flags: int
    door_flags: int
    water_hours: int | None
    door_spoke: bool
    registered: int
    visitor: int
    stranger: int
    unidentified: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursOfUse:
    """How a home's day is spread, each a figure for every local hour 0 to 23."""

    passages: tuple[float, ...] = (0.0,) * HOURS_A_DAY
    electricity_kwh: tuple[float, ...] = (0.0,) * HOURS_A_DAY


def estates(
    conn: Connection, *, limit: int, after: str | None = None, only: Sequence[str] | None = None
) -> list[EstateRow]:
    """Estates by id; of those in `only` where it is given."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL["estates"], {"limit": limit, "after": after, "estates": only})
        return [EstateRow(**row) for row in rows]


def estate(conn: Connection, estate_id: str) -> EstateRow:
    """The estate of this id.

    Raises:
        NotFoundError: no list names it.
    """
    found = estates(conn, limit=1, only=[estate_id])
    if not found:
        raise NotFoundError(thing="estate", key=estate_id)
    return found[0]


def page(
    conn: Connection,
    *,
    limit: int,
    after: str | None = None,
    estates: Sequence[str] | None = None,
    building: str | None = None,
    unit_id: str | None = None,
) -> list[UnitRow]:
    """Units by id."""
    given = {"limit": limit, "after": after, "estates": estates, "building": building, "unit_id": unit_id}
    with conn.cursor(row_factory=dict_row) as cursor:
        return [UnitRow(**row) for row in cursor.execute(_SQL["page"], given)]


def one(conn: Connection, unit_id: str) -> UnitRow:
    """The unit of this id.

    Raises:
        NotFoundError: no list names it.
    """
    found = page(conn, limit=1, unit_id=unit_id)
    if not found:
        raise NotFoundError(thing="unit", key=unit_id)
    return found[0]


def household(conn: Connection, unit_id: str) -> HouseholdRow | None:
    """The household of the last lease, or None where there never was one."""
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_SQL["household"], {"unit_id": unit_id}).fetchone()
        return HouseholdRow(**row) if row else None


def devices(conn: Connection, unit_id: str) -> list[tuple[str, str]]:
    """Id and kind of the devices that hang in the unit."""
    return [(str(name), str(kind)) for name, kind in conn.execute(_SQL["devices"], {"unit_id": unit_id})]


def timeline(conn: Connection, unit_id: str, *, start: date, end: date) -> list[DayRow]:
    """Every day from `start` to `end`, both in it. What is read before `start` shows whether a meter got stuck."""
    earlier = min(LOOK_BACK_DAYS, start.toordinal() - 1)
    given = {"unit_id": unit_id, "start": start - timedelta(days=earlier), "end": end}
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = [DayRow(**row) for row in cursor.execute(_SQL["timeline"], given)]
    return _with_stuck(rows)[earlier:]


def _with_stuck(rows: list[DayRow]) -> list[DayRow]:
    stuck = stuck_days(
        electricity_kwh=_figures([row.electricity_kwh for row in rows]),
        electricity_coverage=_figures([row.electricity_coverage for row in rows]),
        water_l=_figures([row.water_l for row in rows]),
        water_hours=_figures([row.water_hours for row in rows]),
    )
    return [
        replace(row, electricity_flags=row.electricity_flags | Flag.STUCK) if still else row
        for row, still in zip(rows, stuck, strict=True)
    ]


def _figures(values: Sequence[float | None]) -> NDArray[np.float64]:
    return np.array(values, dtype="f8")


def hours_of_use(conn: Connection, unit_ids: Sequence[str], *, start: datetime, end: datetime) -> dict[str, HoursOfUse]:
    """When each of these homes is used: passages (sum) and electricity (mean, kWh) by local hour."""
    given = {"unit_ids": list(unit_ids), "start": start, "end": end}
    figures = {(unit_id, source): [0.0] * HOURS_A_DAY for unit_id in unit_ids for source in ("passages", "electricity")}
    for unit_id, source, hour, amount in conn.execute(_SQL["hours"], given):
        figures[unit_id, source][hour] = float(amount)
    return {
        unit_id: HoursOfUse(
            passages=tuple(figures[unit_id, "passages"]), electricity_kwh=tuple(figures[unit_id, "electricity"])
        )
        for unit_id in unit_ids
    }
