"""What a panel is made of, read as columns. A unit is its place in `unit_ids`, a day its distance from `first`.

A figure of a meter's day that detectors are to see goes into `METER_FIGURES` and, in the same place, into the query
`meter_days`; how those of several meters make one is said in `gateway/detection/merged.py`, and which field of the
panel it becomes in `gateway/detection/panel.py`. A class of passages goes into `CLASSES`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gateway.store.arrays import read_arrays, text_array
from gateway.store.database import Connection
from gateway.store.queries import queries

_SQL = queries("panels")

Ints: TypeAlias = NDArray[np.intp]
Floats: TypeAlias = NDArray[np.float32]

METER_FIGURES = (
    *("use", "coverage", "hours_known", "active_hours", "min_hour", "max_hour", "least_flow"),
    *("evening", "morning", "roughness", "peak_hour", "rhythm_cos", "rhythm_sin", "rhythm_cos2", "rhythm_sin2"),
    *("service_from", "service_to"),
)
"""Litres or kWh, shares of the day, hours, waves: what each means stands at the table `meter_days`."""
CLASSES = ("registered", "visitor", "stranger", "unnamed", "unidentified", "untold")
"""Of passages, as the view `daily_passages` tells them; of its strangers, the faces without a pseudonym are `unnamed`.

`untold` name nobody either, and whether faces are among them is not known: an earlier version counted them.
"""
SEEN_DAYS = 28
"""A stranger who was seen so long before returns."""


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
class MeterDays:
    """Days of all meters of a kind, (N,) each: one row a meter and day on which it was in service."""

    unit: Ints
    day: Ints
    figures: Mapping[str, Floats]
    """By the names of `METER_FIGURES`; NaN where not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passages:
    """Passages that were attributed to units, (N,) each; days before the window (below zero) only show who returns."""

    unit: Ints
    day: Ints
    kind: Ints
    """Place in `CLASSES`."""
    who: NDArray[np.int64]
    """A number for the registered person or the stranger; means nothing else."""
    passages: Floats
    chance: Floats
    """That they belong to the unit: 1 where a credential, the intercom or the lists say so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Pairs of unit and door that serves it, (N,) each, and of door and day on which it spoke, (M,) each."""

    unit: Ints
    serving: Ints
    spoke: Ints
    day: Ints


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
    """All that a panel is made of beside the units themselves."""

    water: MeterDays
    electricity: MeterDays
    doors: Doors
    passages: Passages
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
        water=_meter_days(conn, window, "water"),
        electricity=_meter_days(conn, window, "electricity"),
        doors=_doors(conn, window),
        passages=_passages(conn, window),
        leases=_leases(conn, window),
        enrolled=_stays(conn, "enrolled", window),
        absences=_stays(conn, "absences", window),
    )


def _meter_days(conn: Connection, window: Window, kind: str) -> MeterDays:
    meters, units = _columns(conn, "meters", _given(window) | {"kind": kind}, 2)
    given = {"device_no": meters, "first": window.first, "last": window.last}
    meter, day, *columns = _columns(conn, "meter_days", given, 2 + len(METER_FIGURES))
    unit_of = np.zeros(int(meters.max(initial=0)) + 1, np.intp)
    unit_of[meters] = units
    return MeterDays(unit=unit_of[meter], day=day, figures=dict(zip(METER_FIGURES, columns, strict=True)))


def _doors(conn: Connection, window: Window) -> Doors:
    unit, serving = _columns(conn, "served", _given(window), 2)
    spoke, day = _columns(conn, "spoke", _given(window), 2)
    return Doors(unit=unit, serving=serving, spoke=spoke, day=day)


def _passages(conn: Connection, window: Window) -> Passages:
    given = _given(window) | {"seen_days": SEEN_DAYS}
    certain, likely = _columns(conn, "passages", given, 5), _columns(conn, "likely_passages", given, 6)
    certain.append(np.ones(len(certain[0]), np.float32))
    number, *columns = (np.concatenate(both) for both in zip(certain, likely, strict=True))
    (numbers,) = _columns(conn, "numbers", _given(window), 1)
    order = np.argsort(numbers)
    place = order[np.minimum(np.searchsorted(numbers, number, sorter=order), len(numbers) - 1)]
    ours = numbers[place] == number
    day, kind, who, passages, chance = (column[ours] for column in columns)
    return Passages(unit=place[ours], day=day, kind=kind, who=who, passages=passages, chance=chance)


def _columns(conn: Connection, name: str, given: Mapping[str, object], width: int) -> list[NDArray[Any]]:
    """One array a column, `Ints` for whole numbers; empty ones where the query gives no row."""
    row = read_arrays(conn).execute(_SQL[name], given).fetchone() or [np.empty(0, np.int32)] * width
    return [column.astype(np.intp) if column.dtype == np.int32 else column for column in row]


def _leases(conn: Connection, window: Window) -> list[Lease]:
    rows = conn.execute(_SQL["leases"], _given(window))
    return [
        Lease(unit=unit, start=start, end=end, size=size, lone_elder=lone_elder)
        for unit, start, end, size, lone_elder in rows
    ]


def _stays(conn: Connection, name: str, window: Window) -> list[Stay]:
    return [Stay(unit=unit, start=start, end=end) for unit, start, end in conn.execute(_SQL[name], _given(window))]


def _given(window: Window) -> dict[str, object]:
    return {
        "estate_id": window.estate_id,
        "unit_ids": text_array(window.unit_ids),
        "first": window.first,
        "last": window.last,
    }


def _day(conn: Connection, name: str, given: dict[str, object]) -> date | None:
    row = conn.execute(_SQL[name], given).fetchone()
    return row[0] if row else None
