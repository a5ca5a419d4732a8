"""Rows of meters and doors put where they belong: arrays of unit × day, several meters of a home made into one.

The rules are those of the views `daily_use` and `daily_passages`, which the console reads.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray

from detectors.panel import Bools, Floats
from gateway.store.panels import CLASSES, METER_FIGURES, SEEN_DAYS, Doors, Ints, Lease, MeterDays, Passages

Shape = tuple[int, int]
"""(U, D)"""
_USE, _COVERAGE, _KNOWN, _ACTIVE, _LEAST, _MOST, _, _, _, _, *_WHEN, _FROM, _TO = range(len(METER_FIGURES))
"""`_WHEN`: the hour of the peak and the day's rhythm."""
LATE_DAYS = 28
"""Whoever is first seen for a unit so long into its known past came late."""
_WIDE = 10**6
"""More days than any panel has."""
_NOTHING = {"coverage": 0.0, "hours_known": 0.0}
"""What stands where no meter was in service; NaN for the other figures."""


def meter_figures(days: MeterDays, shape: Shape) -> dict[str, Floats]:
    """(U, D) each of `METER_FIGURES`. Where several meters of the kind serve a unit, all must be known."""
    place = days.unit * shape[1] + days.day
    figures = np.full((len(METER_FIGURES), shape[0] * shape[1]), np.nan, np.float32)
    for row, name in enumerate(METER_FIGURES):
        figures[row] = _NOTHING.get(name, np.nan)
        figures[row, place] = days.figures[name]
    for places, group in _several(days.figures, place):
        figures[:, places] = _merged(group)
    figures[_USE, ~(figures[_COVERAGE] > 0)] = np.nan
    figures[_ACTIVE, ~(figures[_KNOWN] > 0)] = np.nan
    return {name: figures[row].reshape(shape) for row, name in enumerate(METER_FIGURES)}


def nothing_of(figures: dict[str, Floats], units: Bools) -> dict[str, Floats]:
    """The same figures (U, D), but of these units as if nothing had been heard."""
    silent = units[:, None]
    return {name: np.where(silent, np.float32(_NOTHING.get(name, np.nan)), told) for name, told in figures.items()}


def _several(columns: Mapping[str, Floats], place: Ints) -> Iterator[tuple[Ints, Floats]]:
    """Places that have two rows, three, and so on, (N,), with those rows, (F, N, rows)."""
    number = np.bincount(place)[place]
    for rows in range(2, int(number.max(initial=0)) + 1):
        chosen = np.flatnonzero(number == rows)
        chosen = chosen[np.argsort(place[chosen], kind="stable")]
        group = np.stack([columns[name][chosen] for name in METER_FIGURES])
        yield place[chosen[::rows]], group.reshape(len(METER_FIGURES), -1, rows)


def _merged(group: Floats) -> Floats:
    """(F, N) of the figures of several meters, (F, N, meters). What is summed is known where all are."""
    figures: Floats = group.sum(axis=2)
    figures[_USE] = np.where(np.isnan(group[_USE]).all(axis=1), np.nan, np.nansum(group[_USE], axis=1))
    figures[_COVERAGE], figures[_KNOWN] = group[_COVERAGE].min(axis=1), group[_KNOWN].min(axis=1)
    figures[_ACTIVE] = group[_ACTIVE].max(axis=1)
    figures[_WHEN] = _of_the_greatest(group)
    for at in np.flatnonzero(((group[_FROM] > 0) | (group[_TO] < 1)).any(axis=1)):
        figures[_COVERAGE, at] = _coverage_of_exchange(*group[[_FROM, _TO, _COVERAGE], at])
    return figures


def _of_the_greatest(group: Floats) -> Floats:
    """(W, N) those of `_WHEN`, of the meter with the greatest hour; NaN unless that of all is known."""
    most = group[_MOST]
    greatest = np.argmax(np.nan_to_num(most), axis=1)[None, :, None]
    told = np.take_along_axis(group[_WHEN], greatest, axis=2)[:, :, 0]
    return np.where(np.isnan(most).any(axis=1), np.float32(np.nan), told)


def _coverage_of_exchange(begins: Floats, ends: Floats, coverage: Floats) -> float:
    """The SQL function of that name: meters that follow each other make one day between them."""
    into, out_of = begins[ends == 1], ends[begins == 0]
    gap = max(into.min() - out_of.max(), np.float32(0)) if len(into) and len(out_of) else np.float32(0)
    worst = (ends - begins - coverage).max()
    return max(float(ends.max() - begins.min() - gap - worst), 0.0)


def spoke(doors: Doors, shape: Shape) -> Bools:
    """(U, D) whether a door that serves the unit spoke on the day."""
    numbers = np.unique(np.concatenate([doors.serving, doors.spoke]))
    serves = np.zeros((shape[0], len(numbers)), np.float32)
    heard = np.zeros((len(numbers), shape[1]), np.float32)
    serves[doors.unit, np.searchsorted(numbers, doors.serving)] = 1
    heard[np.searchsorted(numbers, doors.spoke), doors.day] = 1
    return np.asarray(serves @ heard > 0)


def passages_by_class(passages: Passages, shape: Shape) -> dict[str, Floats]:
    """(U, D) how many passages there were of each of `CLASSES`, as an expected number."""
    inside = passages.day >= 0
    place = (passages.kind * shape[0] + passages.unit) * shape[1] + passages.day
    length = len(CLASSES) * shape[0] * shape[1]
    total = np.bincount(place[inside], (passages.passages * passages.chance)[inside], minlength=length).astype(
        np.float32
    )
    return dict(zip(CLASSES, total.reshape(len(CLASSES), *shape), strict=True))


def persons(passages: Passages, kind: str, shape: Shape) -> Floats:
    """(U, D) how many different people of a class were seen, as an expected number."""
    unit, day, _, chance = _seen(passages, kind)
    inside = day >= 0
    return _counted(unit[inside], day[inside], chance[inside], shape)


def returning(passages: Passages, shape: Shape) -> Floats:
    """(U, D) strangers that were also seen for the unit on an earlier day of the 28 before."""
    unit, day, who, chance = _seen(passages, "stranger")
    again = (unit[1:] == unit[:-1]) & (who[1:] == who[:-1]) & (np.diff(day) <= SEEN_DAYS) & (day[1:] >= 0)
    return _counted(unit[1:][again], day[1:][again], chance[1:][again], shape)


def late(passages: Passages, leases: Sequence[Lease], first: date) -> Bools:
    """(N,) passages of the registered and of strangers who were first seen for the unit four weeks into its past.

    That past begins with the unit's first passage, or with the lease then in force where that began later.
    """
    told = np.isin(passages.kind, [CLASSES.index("registered"), CLASSES.index("stranger")])
    unit, day = passages.unit[told], passages.day[told]
    key = _numbered(passages.kind[told], unit, passages.who[told])
    first_seen, first_passage = _first(key, day)[key], _first(unit, day)[unit]
    came_late: Bools = np.zeros(len(told), bool)
    came_late[told] = first_seen >= LATE_DAYS + np.maximum(first_passage, _lease_then(unit, first_seen, leases, first))
    return came_late


def known_again(passages: Passages) -> Bools:
    """(N,) passages on a later day than the first of that person for the unit."""
    key = _numbered(passages.kind, passages.unit, passages.who)
    return np.asarray(passages.day > _first(key, passages.day)[key])


def chosen(passages: Passages, rows: Bools) -> Passages:
    """Only these."""
    return Passages(
        unit=passages.unit[rows],
        day=passages.day[rows],
        kind=passages.kind[rows],
        who=passages.who[rows],
        passages=passages.passages[rows],
        chance=passages.chance[rows],
    )


def _numbered(*columns: Ints) -> Ints:
    """(N,) a number for each different row."""
    order = np.lexsort(columns)
    changes = np.logical_or.reduce([np.diff(column[order]) != 0 for column in columns])
    number = np.zeros(len(order), np.intp)
    number[order[1:]] = np.cumsum(changes)
    return number


def _first(key: Ints, day: Ints) -> Ints:
    """The first day of each key."""
    least = np.full(int(key.max(initial=-1)) + 1, np.iinfo(np.intp).max)
    np.minimum.at(least, key, day)
    return least


def _lease_then(unit: Ints, day: Ints, leases: Sequence[Lease], first: date) -> Ints:
    """(N,) when the unit's lease in force on the day began, long ago where that is not known."""
    starts = sorted((lease.unit, (lease.start - first).days) for lease in leases if lease.start)
    at_unit, start = np.array([(-1, 0), *starts], np.intp).T
    place = np.searchsorted(at_unit * _WIDE + start, unit * _WIDE + day, "right") - 1
    return np.where(at_unit[place] == unit, start[place], -_WIDE)


def _seen(passages: Passages, kind: str) -> tuple[Ints, Ints, NDArray[np.int64], Floats]:
    """Unit, day, who and the best chance, once each, the days of a person at a unit one after the other."""
    of_kind = passages.kind == CLASSES.index(kind)
    columns = (passages.unit, passages.day, passages.who, passages.chance)
    unit, day, who, chance = (column[of_kind] for column in columns)
    order = np.lexsort((-chance, day, who, unit))
    unit, day, who, chance = unit[order], day[order], who[order], chance[order]
    anew = np.append(True, (np.diff(unit) != 0) | (np.diff(who) != 0) | (np.diff(day) != 0))[: len(unit)]
    return unit[anew], day[anew], who[anew], chance[anew]


def _counted(unit: Ints, day: Ints, chance: Floats, shape: Shape) -> Floats:
    counts = np.bincount(unit * shape[1] + day, chance, minlength=shape[0] * shape[1])
    return counts.astype(np.float32).reshape(shape)
