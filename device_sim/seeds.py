"""Random streams that do not disturb each other.

Every unit has streams of its own, and draws that belong to a day come from a chunk of its calendar week. So a
world of more units leaves the first ones as they were, and any window of days can be computed apart from the
others: history and live are cut from one cloth.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum, auto

import numpy as np
from numpy.random import PCG64, Generator, SeedSequence
from numpy.typing import NDArray

from device_sim.clock import Window

WEEK_DAYS = 7


class Stream(IntEnum):
    """What a stream of random numbers is used for. Append only: the order is part of the output."""

    BUILDING = auto()
    FATE = auto()
    UNIT = auto()
    TRIPS = auto()
    WEATHER = auto()
    LIVES = auto()
    HOME_DAY = auto()
    HOME_SLOT = auto()
    PASSAGES = auto()
    ENDS_OF_STAYS = auto()
    CALLERS = auto()
    WATER_METER = auto()
    ELECTRICITY_METER = auto()
    OUTINGS = auto()
    FRIDGE = auto()
    STAFF = auto()


def generator(seed: int, stream: Stream, *key: int) -> Generator:
    """The generator of one stream of one thing, for example a unit's."""
    return Generator(PCG64(SeedSequence(seed, spawn_key=(int(stream), *key))))


def daily_uniforms(seed: int, stream: Stream, key: int, window: Window, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """(days, *shape) numbers in 0 to 1; a day's numbers do not depend on the window asked for."""
    chunks = [source.random((WEEK_DAYS, *shape)) for source in _weeks(seed, stream, key, window)]
    return _cut(chunks, window)


def daily_normals(seed: int, stream: Stream, key: int, window: Window, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """(days, *shape) standard normal numbers; a day's numbers do not depend on the window asked for."""
    chunks = [source.standard_normal((WEEK_DAYS, *shape)) for source in _weeks(seed, stream, key, window)]
    return _cut(chunks, window)


def _weeks(seed: int, stream: Stream, key: int, window: Window) -> Iterator[Generator]:
    for week in range(window.first_day // WEEK_DAYS, (window.first_day + window.days - 1) // WEEK_DAYS + 1):
        yield generator(seed, stream, key, week)


def _cut(chunks: list[NDArray[np.float64]], window: Window) -> NDArray[np.float64]:
    start = window.first_day % WEEK_DAYS
    return np.concatenate(chunks)[start : start + window.days]
