"""Numbers that change slowly: what wanders, what stays for weeks and then changes at once, what comes for some days.

As the daily numbers, they are the same in whatever window they are asked for.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from device_sim.clock import Window
from device_sim.seeds import Stream, daily_normals, daily_uniforms


def wandering(
    seed: int, stream: Stream, key: int, window: Window, *, every_days: int, shape: tuple[int, ...]
) -> NDArray[np.float64]:
    """(days, *shape) about standard normal numbers that go in straight lines to a new one every so many days."""
    days = _days(window) + key % every_days
    knots = days // every_days
    values = daily_normals(seed, stream, key, _span(knots, 1), shape)
    part: NDArray[np.float64] = (days % every_days / float(every_days)).reshape(-1, *[1] * len(shape))
    first = knots - knots[0]
    wandered: NDArray[np.float64] = values[first] * (1 - part) + values[first + 1] * part
    return wandered


def phases(
    seed: int, stream: Stream, key: int, window: Window, *, about_days: int, shape: tuple[int, ...]
) -> NDArray[np.float64]:
    """(days, *shape) standard normal numbers that stay for about so many days and change all at once."""
    days = _days(window)
    periods = days // about_days
    turns = daily_uniforms(seed, Stream.PHASE_ENDS, key, _span(periods, 0), ())[periods - periods[0]]
    numbers = periods + (days % about_days >= turns * about_days)
    values = daily_normals(seed, stream, key, _span(numbers, 0), shape)
    lasting: NDArray[np.float64] = values[numbers - numbers[0]]
    return lasting


def episodes(
    seed: int,
    stream: Stream,
    key: int,
    window: Window,
    *,
    about_days: int,
    lasts: tuple[float, float],
    chance: float,
) -> NDArray[np.float64]:
    """(days,) 0, or a number in 0 to 1 of what goes on: once in so many days it may begin, and it lasts some days.

    `lasts` must be shorter than `about_days`.
    """
    days = _days(window)
    periods = days // about_days
    span = Window(int(periods[0]) - 1, int(periods[-1] - periods[0]) + 2)
    draws = daily_uniforms(seed, stream, key, span, (4,))
    found = np.zeros(window.days)
    for back in (1, 0):
        begun = draws[periods - back - span.first_day]
        first = (periods - back + begun[:, 1]) * about_days
        last = first + lasts[0] + (lasts[1] - lasts[0]) * begun[:, 2]
        found = np.where((begun[:, 0] < chance) & (days >= first) & (days < last), begun[:, 3], found)
    return found


def _days(window: Window) -> NDArray[np.int64]:
    return np.arange(window.first_day, window.first_day + window.days)


def _span(numbers: NDArray[np.int64], more: int) -> Window:
    return Window(int(numbers[0]), int(numbers[-1] - numbers[0]) + 1 + more)
