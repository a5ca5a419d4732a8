"""The inspectors' weekly list in a replay: so many visits to the likeliest alarms, and a pause after each visit."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from detectors.panel import Bools, Floats

MONTH_DAYS = 30
LIST_DAYS = 7
"""A list is made once a week, or at each look where looks are rarer."""
PAUSE_DAYS = 28
"""A household that was visited in vain is left in peace so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """Visits made, (V,) each: the unit's row, the look, and whether what was looked for was there."""

    unit: NDArray[np.intp]
    turn: NDArray[np.intp]
    right: Bools


def looks_between(days: int, every_days: int) -> int:
    """So many looks lie as near to `days` apart as looks can; at least one."""
    return max(1, round(days / every_days))


def visit(score: Floats, alarm: Bools, right: Bools, *, budget: float, every_days: int) -> Visits:
    """Visit the likeliest standing alarms of (U, T) once a week, `budget` a month and 1,000 units.

    Lists are not filled with units that raise no alarm; visits that were not needed may be made within a month.
    """
    units, looks = score.shape
    monthly = budget * units / 1000
    step = looks_between(LIST_DAYS, every_days)
    each, pause = monthly * every_days * step / MONTH_DAYS, ceil(PAUSE_DAYS / every_days)
    rested = np.zeros(units, np.intp)
    made: list[tuple[int, int, bool]] = []
    saved = float(ceil(each)) - each
    for turn in range(0, looks, step):
        saved = min(saved + each, max(monthly, 1.0))
        open_now = np.flatnonzero(alarm[:, turn] & (rested <= turn))
        order = open_now[np.lexsort((open_now, -score[open_now, turn]))][: int(saved + 1e-9)]
        saved -= len(order)
        for unit in order.tolist():
            found = bool(right[unit, turn])
            made.append((unit, turn, found))
            rested[unit] = looks if found else turn + pause
    table = np.array(made, np.intp).reshape(-1, 3)
    return Visits(unit=table[:, 0], turn=table[:, 1], right=table[:, 2].astype(bool))
