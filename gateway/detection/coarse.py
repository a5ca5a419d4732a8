"""Water dials that count whole cubic metres: what a day without a turn means, they do not say.

Wheels that are read by light, and many registers that bill by the tonne, turn once in a person's week. On the days
between nothing moves, so that a home that is lived in looks dry for days. Nobody writes the step of a dial in a list:
it is told by what it did. Between days without use it turned by whole cubic metres, every time; that a finer dial did
so twice is as good as impossible. One that never turned is not held to be coarse.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detectors.panel import Bools, Floats

WHOLE_L = 1000.0
LEAST_TURNS = 2
SLACK_L = 1.0
"""Below the step of any finer dial, above what single precision rounds."""


def counts_whole(use_l: Floats) -> Bools:
    """(U,) dials whose days say nothing, by their (U, D) litres a day, NaN where unknown."""
    turned = _turned(use_l)
    turns = np.round(turned / WHOLE_L)
    whole = (turns >= 1) & (np.abs(turned - turns * WHOLE_L) < SLACK_L)
    return np.asarray((whole.sum(axis=1) >= LEAST_TURNS) & (whole | ~(turned > SLACK_L)).all(axis=1))


def _turned(use_l: Floats) -> NDArray[np.float64]:
    """(U, D) litres since the last day without use; 0 where this day is none, or one between is unknown."""
    units, days = use_l.shape
    place, still = np.arange(days), use_l == 0
    total = np.cumsum(np.nan_to_num(use_l), axis=1, dtype=np.float64)
    last_still, last_unknown = (_last(which, place) for which in (still, np.isnan(use_l)))
    before = np.concatenate([np.full((units, 1), -1), last_still[:, :-1]], axis=1)
    since = total - np.take_along_axis(total, np.maximum(before, 0), axis=1)
    return np.where(still & (before > last_unknown), since, 0.0)


def _last(which: Bools, place: NDArray[np.intp]) -> NDArray[np.intp]:
    return np.maximum.accumulate(np.where(which, place, -1), axis=1)
