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
    daily = _normals(window) + lasting / _MEMORY_DAYS**0.5 * _DAY_SPREAD_C
    hours = np.arange(SLOTS_A_DAY) / 6
    swing = _SWING_C * np.cos((hours - _WARMEST_HOUR) * np.pi / 12)
    result: NDArray[np.float64] = (daily[:, None] + swing).ravel()
    result.setflags(write=False)
    return result


def _normals(window: Window) -> NDArray[np.float64]:
    months = []
    for day in range(window.first_day, window.first_day + window.days):
        when = date_of(day)
        months.append(when.month - 1 + (when.day - _MIDDLE_OF_MONTH) / 30)
    return np.interp(months, np.arange(-1, 13), [_NORMALS_C[-1], *_NORMALS_C, _NORMALS_C[0]])
