"""Outdoors in a city of the Yangtze delta: temperature by monthly normals and days that hang together, and daylight."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from device_sim.clock import SLOTS_A_DAY, Window, date_of
from device_sim.seeds import Stream, daily_normals

_NORMALS_C = (5.0, 6.5, 10.5, 16.0, 21.0, 25.0, 29.0, 28.5, 25.0, 19.5, 13.5, 7.5)
_SUNRISE_H = (6.9, 6.6, 6.1, 5.5, 5.0, 4.8, 5.0, 5.3, 5.6, 6.0, 6.4, 6.8)
_SUNSET_H = (17.2, 17.6, 18.0, 18.4, 18.7, 19.0, 19.0, 18.6, 18.0, 17.4, 17.0, 16.9)
_MIDDLE_OF_MONTH = 15
_MEMORY_DAYS = 4
_DAY_SPREAD_C = 2.8
_SWING_C = 4.0
_WARMEST_HOUR = 15


@lru_cache(maxsize=8)
def temperatures_c(seed: int, window: Window) -> NDArray[np.float64]:
    """(S,) degrees at each ten minutes of the window. Do not write to it: it is kept for all units."""
    days = window.days
    longer = Window(window.first_day - _MEMORY_DAYS, days + _MEMORY_DAYS)
    noise = daily_normals(seed, Stream.WEATHER, 0, longer, ())
    lasting = np.sum([noise[_MEMORY_DAYS - lag : _MEMORY_DAYS - lag + days] for lag in range(_MEMORY_DAYS)], axis=0)
    daily = _by_month(window, _NORMALS_C) + lasting / 2.0 * _DAY_SPREAD_C
    turns = (np.arange(SLOTS_A_DAY) / 6 - _WARMEST_HOUR + 6) % 24 / 12 - 1  # -1 to 1, half a day to each side
    swing = _SWING_C * np.where(turns < 0, -4 * turns * (turns + 1), 4 * turns * (turns - 1))
    result: NDArray[np.float64] = (daily[:, None] + swing).ravel()
    result.setflags(write=False)
    return result


@lru_cache(maxsize=8)
def dark(window: Window) -> NDArray[np.bool_]:
    """(S,) whether the sun is down. Do not write to it: it is kept for all units."""
    hours = np.arange(SLOTS_A_DAY) * 24 / SLOTS_A_DAY
    before = hours < _by_month(window, _SUNRISE_H)[:, None]
    after = hours >= _by_month(window, _SUNSET_H)[:, None]
    result: NDArray[np.bool_] = (before | after).ravel()
    result.setflags(write=False)
    return result


def _by_month(window: Window, middles: tuple[float, ...]) -> NDArray[np.float64]:
    """(D,) what lies between the figures of the middles of months."""
    months = []
    for day in range(window.first_day, window.first_day + window.days):
        when = date_of(day)
        months.append(when.month - 1 + (when.day - _MIDDLE_OF_MONTH) / 30)
    at = np.array(months)
    before = np.floor(at).astype(np.intp)
    figures = np.array(middles)
    rise = figures[(before + 1) % 12] - figures[before % 12]
    result: NDArray[np.float64] = figures[before % 12] + rise * (at - before)
    return result
