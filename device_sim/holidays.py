"""Days off work in China: weekends and public holidays, less announced make-up workdays (调休)."""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np
from numpy.typing import NDArray

from device_sim.clock import Window, date_of, day_of

# Spring Festival, Dragon Boat, Mid-Autumn by the moon: month and day in each year.
_LUNAR = {
    2023: ((1, 22), (6, 22), (9, 29)),
    2024: ((2, 10), (6, 10), (9, 17)),
    2025: ((1, 29), (5, 31), (10, 6)),
    2026: ((2, 17), (6, 19), (9, 25)),
    2027: ((2, 6), (6, 9), (9, 15)),
    2028: ((1, 26), (5, 28), (10, 3)),
    2029: ((2, 13), (6, 16), (9, 22)),
    2030: ((2, 3), (6, 5), (9, 12)),
    2031: ((1, 23), (6, 24), (10, 1)),
}
# Weekend days that are worked, as the State Council's notices of each year say.
_MADE_UP = {
    2023: ((1, 28), (1, 29), (4, 23), (5, 6), (6, 25), (10, 7), (10, 8)),
    2024: ((2, 4), (2, 18), (4, 7), (4, 28), (5, 11), (9, 14), (9, 29), (10, 12)),
    2025: ((1, 26), (2, 8), (4, 27), (9, 28), (10, 11)),
    2026: ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)),
}
_SPRING_FESTIVAL_DAYS = 8
_FIRST_MONDAY = 4  # 1970-01-05
_WORKDAYS_A_WEEK = 5


def days_off(window: Window) -> NDArray[np.bool_]:
    """(days,) True on weekends and public holidays, but not on weekend days that make up for a holiday."""
    every = np.arange(window.first_day, window.first_day + window.days)
    weekend = (every - _FIRST_MONDAY) % 7 >= _WORKDAYS_A_WEEK
    holiday = np.array([_is_holiday(int(day)) for day in every], dtype=np.bool_)
    made_up = np.array([_is_made_up(int(day)) for day in every], dtype=np.bool_)
    return (weekend | holiday) & ~made_up


def spring_festivals(first_day: int, last_day: int) -> list[int]:
    """First days of the Spring Festival within the span."""
    found = [day_of(date(year, *dates[0])) for year, dates in _LUNAR.items()]
    return [day for day in found if first_day <= day <= last_day]


def national_days(first_day: int, last_day: int) -> list[int]:
    """First of October of each year within the span."""
    return _firsts_of(10, first_day, last_day)


def school_summers(first_day: int, last_day: int) -> list[int]:
    """First of July of each year within the span."""
    return _firsts_of(7, first_day, last_day)


def _firsts_of(month: int, first_day: int, last_day: int) -> list[int]:
    years = range(date_of(first_day).year, date_of(last_day).year + 1)
    found = [day_of(date(year, month, 1)) for year in years]
    return [day for day in found if first_day <= day <= last_day]


def _is_holiday(day: int) -> bool:
    return day in _holidays_of(date_of(day).year)


def _is_made_up(day: int) -> bool:
    when = date_of(day)
    return (when.month, when.day) in _MADE_UP.get(when.year, ())


@cache
def _holidays_of(year: int) -> frozenset[int]:
    found = {day_of(date(year, 1, 1)), day_of(date(year, 4, 5))}
    found |= {day_of(date(year, 5, day)) for day in range(1, 6)}
    found |= {day_of(date(year, 10, day)) for day in range(1, 8)}
    if year in _LUNAR:
        spring, boat, moon = (day_of(date(year, *dates)) for dates in _LUNAR[year])
        found |= {spring + offset for offset in range(-1, _SPRING_FESTIVAL_DAYS - 1)} | {boat, moon}
    return frozenset(found)
