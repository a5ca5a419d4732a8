"""Random numbers that are the same on every machine, in every version of numpy, and for any window of days.

A number is a hash of what it is for: seed, stream, thing, day and place within the day (splitmix64 of a counter).
There is no state to run through, so every unit has streams of its own, a world of more units leaves the first ones
as they were, and history and live are cut from one cloth. Only integer arithmetic and the four operations of IEEE 754
lead to a result, never a library's distributions, `exp` or `cos`, whose last digit hangs on the machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, auto
from math import prod
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from device_sim.clock import Window

T = TypeVar("T")

_MASK = 2**64 - 1
_GOLDEN = 0x9E3779B97F4A7C15
_MIX_1, _MIX_2 = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_TO_UNIT = 2.0**-53
# A normal number is the sum of the four 16-bit quarters of a word: bell-shaped, within 3.46 spreads.
_QUARTER, _QUARTERS_MEAN, _QUARTERS_SPREAD = 0xFFFF, 2.0 * 0xFFFF, 37837.22750001835
_PSEUDONYMS = 2**24
_SQUARINGS, _PARTS = 8, 256.0


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
    PHASE = auto()
    PHASE_ENDS = auto()
    WANDERING = auto()
    MOOD = auto()
    ILLNESS = auto()
    GUESTS = auto()
    DRIP = auto()
    APPLIANCES = auto()
    CONCENTRATOR = auto()
    MOVES = auto()
    GATE = auto()
    CASE = auto()


@dataclass(slots=True)
class Dice:
    """Numbers of one stream of one thing, thrown one after the other; `key` says which."""

    key: int
    thrown: int = 0

    def random(self) -> float:
        """A number in 0 to 1, without 1."""
        return (self._word() >> 11) * _TO_UNIT

    def uniform(self, least: float, most: float) -> float:
        """A number between two."""
        return least + (most - least) * self.random()

    def integers(self, least: int, end: int) -> int:
        """A whole number from `least` on, below `end`."""
        return least + self._word() % (end - least)

    def normal(self, mean: float, spread: float) -> float:
        """A number about `mean`."""
        word = self._word()
        total = sum(word >> shift & _QUARTER for shift in (0, 16, 32, 48))
        return mean + spread * (total - _QUARTERS_MEAN) / _QUARTERS_SPREAD

    def factor(self, spread: float) -> float:
        """A factor about 1, as often doubled as halved."""
        return power_of_e(self.normal(0, spread))

    def times(self, expected: float) -> int:
        """How often something happens that happens `expected` times on average."""
        limit, product, count = power_of_e(-expected), self.random(), 0
        while product > limit:
            product, count = product * self.random(), count + 1
        return count

    def face(self) -> str:
        """What a door controller calls a face it does not know."""
        return f"s{self.integers(0, _PSEUDONYMS):06x}"

    def pick(self, options: Sequence[T]) -> T:
        """One of equals."""
        return options[self.integers(0, len(options))]

    def pick_by_share(self, options: Sequence[T], shares: Sequence[float]) -> T:
        """One of several by their shares, whatever they add up to."""
        left = self.random() * sum(shares)
        for option, share in zip(options, shares, strict=True):
            left -= share
            if left < 0:
                return option
        return options[-1]

    def order(self, size: int) -> list[int]:
        """The numbers below `size` in any order."""
        return sorted(range(size), key=[self._word() for _ in range(size)].__getitem__)

    def _word(self) -> int:
        self.thrown += 1
        return _mixed(self.key + self.thrown * _GOLDEN)


def dice(seed: int, stream: Stream, *key: int) -> Dice:
    """The dice of one stream of one thing, for example a unit's."""
    return Dice(_key(seed, stream, *key))


def daily_uniforms(seed: int, stream: Stream, key: int, window: Window, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """(days, *shape) numbers in 0 to 1; a day's numbers do not depend on the window asked for."""
    words = _words(seed, stream, key, window, shape)
    words >>= np.uint64(11)
    return words.astype(np.float64) * _TO_UNIT


def daily_normals(seed: int, stream: Stream, key: int, window: Window, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """(days, *shape) standard normal numbers; a day's numbers do not depend on the window asked for."""
    quarters = _words(seed, stream, key, window, shape)[..., None].view(np.uint16)
    total: NDArray[np.int64] = np.sum(quarters, axis=-1, dtype=np.int64)
    return (total.astype(np.float64) - _QUARTERS_MEAN) / _QUARTERS_SPREAD


def power_of_e(exponent: float) -> float:
    """E to a small power, near enough, by multiplications alone."""
    result = 1.0 + exponent / _PARTS
    for _ in range(_SQUARINGS):
        result *= result
    return result


def powers_of_e(exponents: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same of many."""
    result = 1.0 + exponents / _PARTS
    for _ in range(_SQUARINGS):
        result *= result
    return result


def _key(seed: int, stream: Stream, *key: int) -> int:
    mixed = _mixed(seed + _GOLDEN)
    for part in (int(stream), *key):
        mixed = _mixed((mixed ^ part) + _GOLDEN)
    return mixed


def _mixed(word: int) -> int:
    word &= _MASK
    word = (word ^ word >> 30) * _MIX_1 & _MASK
    word = (word ^ word >> 27) * _MIX_2 & _MASK
    return word ^ word >> 31


def _words(seed: int, stream: Stream, key: int, window: Window, shape: tuple[int, ...]) -> NDArray[np.uint64]:
    a_day = prod(shape)
    first = window.first_day * a_day
    words = np.arange(first, first + window.days * a_day, dtype=np.uint64)
    words *= np.uint64(_GOLDEN)
    words += np.uint64(_key(seed, stream, key))
    for shift, factor in ((30, _MIX_1), (27, _MIX_2)):
        words ^= words >> np.uint64(shift)
        words *= np.uint64(factor)
    words ^= words >> np.uint64(31)
    return words.reshape(window.days, *shape)
