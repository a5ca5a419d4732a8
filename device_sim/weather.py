"""Outdoor temperature of a city in the Yangtze delta: monthly normals, days that hang together, a daily swing."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from device_sim.clock import SLOTS_A_DAY, Window, date_of
from device_sim.seeds import Stream, daily_normals

_NORMALS_C = (5.0, 6.5, 10.5, 16.0, 21.0, 25.0, 29.0, 28.5, 25.0, 19.5, 13.5, 7.5)
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
    daily = _normals(window) + lasting / 2.0 * _DAY_SPREAD_C
    turns = (np.arange(SLOTS_A_DAY) / 6 - _WARMEST_HOUR + 6) % 24 / 12 - 1  # -1 to 1, half a day to each side
    swing = _SWING_C * np.where(turns < 0, -4 * turns * (turns + 1), 4 * turns * (turns - 1))
    result: NDArray[np.float64] = (daily[:, None] + swing).ravel()
    result.setflags(write=False)
    return result


def _normals(window: Window) -> NDArray[np.float64]:
    months = []
    for day in range(window.first_day, window.first_day + window.days):
        when = date_of(day)
        months.append(when.month - 1 + (when.day - _MIDDLE_OF_MONTH) / 30)
    at = np.array(months)
    before = np.floor(at).astype(np.intp)
    normals = np.array(_NORMALS_C)
    rise = normals[(before + 1) % 12] - normals[before % 12]
    result: NDArray[np.float64] = normals[before % 12] + rise * (at - before)
    return result
