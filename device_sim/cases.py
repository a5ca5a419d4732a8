"""What all cases of misuse have: a start, a disguise, a line in the truth."""

from __future__ import annotations

from dataclasses import replace
from enum import IntEnum

from device_sim.people import Story
from device_sim.plan import Plan
from device_sim.records import Dwelling, TruthRow
from device_sim.seeds import Dice

_EARLIEST_DAYS_AGO, _LATEST_DAYS_AGO = 45, 20
_FULL_HISTORY_DAYS = 60


class Disguise(IntEnum):
    """How much trouble those who misuse a home take not to be found."""

    PLAIN = 0
    CAREFUL = 1
    REGISTERED = 2


_SHARES = {Disguise.PLAIN: 0.5, Disguise.CAREFUL: 0.3, Disguise.REGISTERED: 0.2}


def draw_start(rng: Dice, plan: Plan) -> int:
    """The day on which a case begins: 45 to 20 days before the end of history, nearer where history is short."""
    scale = min(1.0, plan.days / _FULL_HISTORY_DAYS)
    return plan.end_day - rng.integers(round(_LATEST_DAYS_AGO * scale), round(_EARLIEST_DAYS_AGO * scale) + 1)


def draw_disguise(rng: Dice, plan: Plan) -> Disguise:
    """The plan's disguise, or one by its share."""
    drawn = rng.pick_by_share(tuple(_SHARES), tuple(_SHARES.values()))
    return drawn if plan.disguise is None else Disguise(plan.disguise)


def told(dwelling: Dwelling, story: Story, kind: str, subtype: str, start: int) -> Dwelling:
    """The dwelling with what happens in it, and the truth about it."""
    row = TruthRow(dwelling.unit.unit_id, kind, subtype, start, None)
    return replace(dwelling, story=story, truth=(*dwelling.truth, row))
