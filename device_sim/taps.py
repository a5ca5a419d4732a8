"""Taps and cisterns of honest homes that really run for days: what they are is a leak, and the truth says so."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from device_sim.clock import DAY_MIN, Window
from device_sim.plan import Plan
from device_sim.records import Dwelling, TruthRow
from device_sim.water import dripping_l_per_h

LEAST_L_PER_H, LEAST_DAYS = 2.0, 3
"""What runs less or shorter is a drip that everybody has."""
_LOOK_BACK_DAYS = 30


def running_taps(plan: Plan, dwelling: Dwelling) -> Iterator[TruthRow]:
    """The times at which a tap of a home runs, up to the end of all plans; those of a leak that is told stay out."""
    if not dwelling.story.registered:
        return
    first = plan.first_day - _LOOK_BACK_DAYS
    window = Window(first, plan.horizon_day - first)
    flow = dripping_l_per_h(plan.seed, dwelling.story.index, window)
    midnights, empty = (first + np.arange(window.days + 1)) * DAY_MIN, dwelling.story.building.nobody_lives_here
    runs = (flow >= LEAST_L_PER_H) & ~empty(midnights[:-1]) & ~empty(midnights[1:])
    turns = np.flatnonzero(np.diff(np.concatenate(([0], runs, [0])))).reshape(-1, 2) + first
    for start, end in turns.tolist():
        row = TruthRow(dwelling.unit.unit_id, "leak", "tap", start, end - 1)
        if end - start >= LEAST_DAYS and end > plan.first_day and not _told_already(dwelling, row):
            yield row


def _told_already(dwelling: Dwelling, row: TruthRow) -> bool:
    leaks = (one for one in dwelling.truth if one.kind == "leak")
    return any(one.start <= (row.end or one.start) and (one.end is None or row.start <= one.end) for one in leaks)
