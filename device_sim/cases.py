"""What all cases of misuse have: a first day and perhaps a last one, a disguise, a line in the truth."""

from __future__ import annotations

from dataclasses import replace
from enum import IntEnum
from math import inf
from typing import NamedTuple

from device_sim.clock import DAY_MIN
from device_sim.people import Story
from device_sim.plan import Plan
from device_sim.records import Dwelling, TruthRow
from device_sim.seeds import Dice

_BEFORE_HISTORY, _BEFORE_DAYS = 0.15, (1, 80)
_LATE, _LATE_DAYS = 0.15, 20
_ENDS, _LASTS_DAYS = 0.35, (14, 90)


class Disguise(IntEnum):
    """How much trouble those who misuse a home take not to be found."""

    PLAIN = 0
    CAREFUL = 1
    REGISTERED = 2


_SHARES = {Disguise.PLAIN: 0.5, Disguise.CAREFUL: 0.3, Disguise.REGISTERED: 0.2}


class Span(NamedTuple):
    """First and last day of a case; None: it goes on."""

    start: int
    end: int | None

    def start_min(self, hour: float) -> float:
        """Local minute of an hour of the first day."""
        return self.start * DAY_MIN + hour * 60

    def end_min(self, hour: float) -> float:
        """Local minute of an hour of the last day; infinite where the case goes on."""
        return inf if self.end is None else self.end * DAY_MIN + hour * 60

    def last_day(self, horizon_day: int) -> int:
        """The last day, or the end of all plans."""
        return horizon_day if self.end is None else self.end


def draw_span(rng: Dice, plan: Plan, *, ends: float = _ENDS, lasts_days: tuple[int, int] = _LASTS_DAYS) -> Span:
    """When a case begins, and when it ends if it does.

    One in seven was there before history began, one in seven begins in its last twenty days, when hardly anything can
    be found yet (in its last third where it is short), the others at any time between.
    """
    span_days = plan.end_day - plan.first_day
    late_days = max(min(_LATE_DAYS, span_days // 3), 1)
    where, day = rng.random(), rng.random()
    if where < _BEFORE_HISTORY:
        start = plan.first_day - _within(day, _BEFORE_DAYS)
    elif where < _BEFORE_HISTORY + _LATE:
        start = plan.end_day - _within(day, (1, late_days + 1))
    else:
        start = plan.first_day + _within(day, (0, max(span_days - late_days, 1)))
    over, days = rng.random() < ends, rng.integers(*lasts_days)
    return Span(start, max(start, plan.first_day) + days if over else None)


def draw_disguise(rng: Dice, plan: Plan) -> Disguise:
    """The plan's disguise, or one by its share."""
    drawn = rng.pick_by_share(tuple(_SHARES), tuple(_SHARES.values()))
    return drawn if plan.disguise is None else Disguise(plan.disguise)


def told(
    dwelling: Dwelling, story: Story, kind: str, subtype: str, span: Span, *, disguise: Disguise | None = None
) -> Dwelling:
    """The dwelling with what happens in it, and the truth about it."""
    how = "" if disguise is None else disguise.name.lower()
    row = TruthRow(dwelling.unit.unit_id, kind, subtype, span.start, span.end, how)
    return replace(dwelling, story=story, truth=(*dwelling.truth, row))


def _within(part: float, days: tuple[int, int]) -> int:
    return days[0] + int(part * (days[1] - days[0]))
