"""Statistics along days, quiet about NaN: unknown days neither count nor spread."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from detectors.panel import Bools, Floats

Indexes: TypeAlias = NDArray[np.intp]
NAN = np.float32(np.nan)
ZERO = np.float32(0)


def floats(values: ArrayLike) -> Floats:
    """The values as float32, which halves memory and is exact enough for litres and log-odds."""
    return np.asarray(values, dtype=np.float32)


def any_day(mask: Bools) -> Bools:
    """(U,) whether any day is true."""
    return np.asarray(mask.any(axis=1))


def fill(values: ArrayLike, instead: float) -> Floats:
    """`values` with NaN replaced."""
    known = floats(values)
    return np.where(np.isnan(known), np.float32(instead), known)


def ratio(over: ArrayLike, under: ArrayLike) -> Floats:
    """`over / under`, NaN where `under` is not above zero."""
    below = floats(under)
    positive = below > 0
    return np.where(positive, floats(over) / np.where(positive, below, np.float32(1)), NAN)


def count(mask: Bools) -> Floats:
    """(U,) how many days are true; a product is quicker than a sum of bools, and as exact."""
    return mask.astype(np.float32) @ np.ones(mask.shape[1], np.float32)


def mean(values: Floats, where: Bools) -> Floats:
    """(U,) mean of the known values of the chosen days; NaN where there are none."""
    chosen = where & ~np.isnan(values)
    return ratio(np.where(chosen, values, ZERO).sum(axis=1), count(chosen))


def quantile(values: Floats, where: Bools, share: float) -> Floats:
    """(U,) the lower quantile of the known values of the chosen days; NaN where there are none.

    One sort for all rows; numpy's own quantile loops over rows as soon as there are NaN.
    """
    chosen = where & ~np.isnan(values)
    ordered = np.sort(np.where(chosen, values, np.float32(np.inf)), axis=1)
    place = np.floor(share * np.maximum(chosen.sum(axis=1) - 1, 0)).astype(np.intp)
    found = np.take_along_axis(ordered, place[:, None], axis=1)[:, 0]
    return np.where(np.isinf(found), NAN, found)


def trailing_sum(values: ArrayLike, days: int) -> Floats:
    """(U, D) sum over the day and the `days - 1` before it; the first days sum over what there is."""
    return floats(_trailing(np.asarray(values, dtype=np.float64), days))


def spread(values: Floats, days: int) -> Floats:
    """(U, D) standard deviation over mean of the last `days` days; NaN until all of them are known."""
    known = ~np.isnan(values)
    clean = np.where(known, values, ZERO).astype(np.float64)
    middle = _trailing(clean, days) / days
    square = _trailing(clean**2, days) / days
    deviation = np.sqrt(np.maximum(square - middle**2, 0))
    return np.where(trailing_sum(known, days) == days, ratio(deviation, middle), NAN)


def spread_back(mask: Bools, days: int) -> Bools:
    """(U, D) true on each true day and on the `days - 1` before it: the days that a trailing window looked at."""
    return np.asarray(trailing_sum(mask[:, ::-1], days)[:, ::-1] > 0)


def last_true(mask: Bools) -> Indexes:
    """(U,) index of the last true day, -1 where there is none."""
    length = mask.shape[1]
    return np.asarray(np.where(mask.any(axis=1), length - 1 - np.argmax(mask[:, ::-1], axis=1), -1), dtype=np.intp)


def first_true(mask: Bools) -> Indexes:
    """(U,) index of the first true day, D where there is none."""
    return np.asarray(np.where(mask.any(axis=1), np.argmax(mask, axis=1), mask.shape[1]), dtype=np.intp)


def from_index(start: Indexes, length: int) -> Bools:
    """(U, D) true from each row's start index on."""
    return np.asarray(np.arange(length)[None, :] >= start[:, None])


def _trailing(values: NDArray[np.float64], days: int) -> NDArray[np.float64]:
    total = np.cumsum(values, axis=1)
    before = np.zeros_like(total)
    before[:, days:] = total[:, :-days]
    return total - before
