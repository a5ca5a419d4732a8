"""Do probabilities mean what they say? Frequencies beside them, in ten equal bins."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.panel import Bools, Floats

BINS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """One bin: how many, their mean probability, and the share that was so."""

    count: int
    said: float
    was: float


def reliability(score: Floats, so: Bools) -> tuple[Bin, ...]:
    """The bins that are not empty, ascending."""
    place = _place(score)
    count = np.bincount(place, minlength=BINS)
    said = np.bincount(place, weights=score, minlength=BINS)
    was = np.bincount(place, weights=so, minlength=BINS)
    return tuple(
        Bin(count=int(number), said=float(said[at] / number), was=float(was[at] / number))
        for at, number in enumerate(count)
        if number
    )


def expected_error(score: Floats, so: Bools, weights: NDArray[np.float64]) -> float | None:
    """Expected calibration error: the distance of probability and frequency, each bin as heavy as what is in it."""
    place = _place(score)
    apart = np.bincount(place, weights=weights * (score - so), minlength=BINS)
    total = float(weights.sum())
    return float(np.abs(apart).sum()) / total if total > 0 else None


def _place(score: Floats) -> NDArray[np.intp]:
    return np.clip((np.asarray(score) * BINS).astype(np.intp), 0, BINS - 1)
