"""Each week: whose visitors are the faces at a shared door? What a week's end says holds for the week after.

So nobody is judged by what came later, and single passages are looked at while they are kept. `detectors.attribution`
weighs; here passages, company and dials of one door and four weeks become what it weighs.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from detectors.attribution import Evidence, belonging
from detectors.panel import Bools, Floats
from gateway.detection.holidays import holidays
from gateway.rollup.use import HOUR_US
from gateway.store.panels import Ints

WINDOW_DAYS, WEEK_DAYS = 28, 7
HOURS = WINDOW_DAYS * 24
LEAST_DAYS = 5
"""A face that came unnamed on fewer of the 28 days is left alone: most are never seen again."""
COMPANY_S = 60
NOBODYS, ELSEWHERE = -1, -2
AWAKE_S = WINDOW_DAYS * 16 * 3600
MOST_L, MOST_KWH = 2000.0, 20.0
"""More than that in an hour is a dial that jumped."""
_FRIDAY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorWeeks:
    """One shared door over four weeks, U units, H = 672 hours from midnight on."""

    stranger: Ints
    """(N,) a number for the face of each passage."""
    hour: Ints
    """(N,) 0 to 671."""
    direction: Ints
    """(N,) 1 in, -1 out, 0 not known."""
    unit: Ints
    """(N,) the unit that a credential or the intercom named; `NOBODYS` for none, `ELSEWHERE` for one of other doors."""
    company: Ints
    """(K, 2) stranger and unit, once for each passage within a minute of a registered person of the unit."""
    registered: Floats
    """(U,) passages of registered people of each unit."""
    use: tuple[Floats, ...]
    """(U, H) litres, kWh of each hour; NaN where not known."""
    free_day: Bools
    """(28,) weekends and holidays."""


def week_ends(estate_id: str, first: date, last: date) -> Iterator[date]:
    """The days that end a week of the estate, with four weeks of the days up to them and a day after them.

    Each estate has a weekday of its own, so that no night has the work of all.
    """
    end = first + timedelta(days=WINDOW_DAYS - 1)
    end += timedelta(days=(zlib.crc32(estate_id.encode()) - end.toordinal()) % WEEK_DAYS)
    while end < last:
        yield end
        end += timedelta(days=WEEK_DAYS)


def candidates(weeks: DoorWeeks) -> Ints:
    """(S,) faces that came on enough days without being named."""
    unnamed = weeks.unit == NOBODYS
    pairs = np.unique(weeks.stranger[unnamed] * WINDOW_DAYS + weeks.hour[unnamed] // 24)
    faces, days = np.unique(pairs // WINDOW_DAYS, return_counts=True)
    return np.asarray(faces[days >= LEAST_DAYS])


def attribute(weeks: DoorWeeks, faces: Ints) -> Floats:
    """(S, U) probability that the face comes for the unit."""
    shape = len(faces), len(weeks.registered)
    known = np.isin(weeks.stranger, faces)
    row, hour, direction = np.searchsorted(faces, weeks.stranger[known]), weeks.hour[known], weeks.direction[known]
    unit = weeks.unit[known]
    named = np.unique(np.stack([row, unit, hour // 24])[:, unit >= 0], axis=1)
    with_whom = weeks.company[np.isin(weeks.company[:, 0], faces)]
    evidence = Evidence(
        named=_table(named[0], named[1], shape),
        company=_table(np.searchsorted(faces, with_whom[:, 0]), with_whom[:, 1], shape),
        by_chance=np.minimum(weeks.registered * (2 * COMPANY_S + 1) / AWAKE_S, 1).astype(np.float32),
        came=_table(row[direction >= 0], hour[direction >= 0], (shape[0], HOURS)),
        left=_table(row[direction < 0], hour[direction < 0], (shape[0], HOURS)),
        use=weeks.use,
        free_day=weeks.free_day,
    )
    return belonging(evidence)


def places(served: Ints, units: int) -> Ints:
    """(units + 2,) place of each unit among those that the door serves; `NOBODYS` and `ELSEWHERE` are themselves."""
    place = np.full(units + 2, ELSEWHERE, np.intp)
    place[served], place[NOBODYS] = np.arange(len(served)), NOBODYS
    return place


def company(ts_us: Ints, stranger: Ints, registered_us: Ints, home: Ints) -> Ints:
    """(K, 2) stranger and unit, once for each passage within a minute of a registered person of the unit.

    Times are µs, (N,) of the strangers' passages and (M,) of registered people's.
    """
    order = np.argsort(registered_us, kind="stable")
    times, near_us = registered_us[order], COMPANY_S * 1_000_000
    low = np.searchsorted(times, ts_us - near_us, "left")
    count = np.searchsorted(times, ts_us + near_us, "right") - low
    passage = np.repeat(np.arange(len(ts_us)), count)
    which = np.arange(len(passage)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(low, count)
    once = np.unique(np.stack([passage, home[order][which]]), axis=1)
    return np.stack([stranger[once[0]], once[1]], axis=1)


def hours_since(ts_us: Ints, start: datetime) -> Ints:
    """Whole hours from `start` to each time."""
    return np.asarray((ts_us - round(start.timestamp()) * 1_000_000) // HOUR_US, np.intp)


def hourly_use(unit: Ints, hour: Ints, register: NDArray[np.float64], shape: tuple[int, int], most: float) -> Floats:
    """(U, H) use of each hour from the last registers of hours, (N,) each; hour -1 is the one before the first.

    Beside others, for who comes home; nobody is judged by these figures.
    """
    dials = np.full((shape[0], shape[1] + 1), np.nan)
    dials[unit, hour + 1] = register
    use = np.diff(dials, axis=1)
    use[~((use >= 0) & (use <= most))] = np.nan
    return use.astype(np.float32)


def free_days(first: date) -> Bools:
    """(28,) weekends and holidays of the four weeks."""
    days = [first + timedelta(days=number) for number in range(WINDOW_DAYS)]
    return np.array([off or day.isoweekday() > _FRIDAY for day, off in zip(days, holidays(days), strict=True)], bool)


def _table(row: Ints, column: Ints, shape: tuple[int, int]) -> Floats:
    flat = np.bincount(row * shape[1] + column, minlength=shape[0] * shape[1])
    return flat.astype(np.float32).reshape(shape)
