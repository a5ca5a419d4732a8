"""Is the household gone? Its silence at the doors, by its own habit, and what else may explain it.

Who still lives there passes less in a hard month (a mother with a newborn, an illness), but does not vanish: silence is
held against passing a third as often, too. A household that travels while a relative or a new partner stays in the home
is as silent as one that is gone, so that silence speaks only as fast as such journeys grow rare.
"""

from __future__ import annotations

import numpy as np

from detectors.panel import Bools, Floats
from detectors.stats import ZERO, any_day, count, fill, floats, mean
from detectors.sublet.case import SEVERAL, Case, compared, enrolled, faceless

PASSED_HABIT, MOST_PASSAGES = (1.5, 7.0), 6.0
"""Passages on a lived-in day, worth seven days of the own past; more on one day say no more."""
PASSED_WHEN_GONE, PASSED_WHEN_THERE = (0.02, 0.12), 0.35
"""Shares of the own habit: who is gone looks in now and then; who lives there comes and goes a third as often."""
REDUCED = 0.4
"""How rare it is that who lives there passes so much less, as log-odds."""
BOTH_SEEN, BOTH_WHEN_GONE, BOTH_DAYS, ONLY_ONE_CAP = 0.3, 0.02, 14, 3.0
"""Of several enrolled, two are seen on three days of ten on which any is; where one of them is the lodger, on none."""
VANISHED_HABIT, VANISHED_FROM_DAYS, VANISHED_DAYS, LOOKS_IN = 0.6, 14, 21, 0.15
"""Seen on six lived-in days of ten for two weeks and more, and since three weeks no more than who looks in."""
JOURNEY_DAYS = 4.0
"""Households travel and lie in hospital while a grandmother or a new partner lives on in the home: silence speaks only
beyond that, as fast as honest absences grow rare."""
TOGETHER_DAYS, TOGETHER_STEP, TOGETHER_CAP = 2.0, 0.7, 3.5
"""Days on which both passed before the household fell silent: two are a handing-over, more are living together."""


def silence(case: Case) -> Floats:
    """(U,) log-odds that the registered are gone; nothing where nobody enrolled."""
    said = _fewer_passages(case)
    said = np.maximum(said, only_one(case)) if case.ever else said
    return np.where(enrolled(case.panel) > 0, np.minimum(said, _as_journeys_grow_rare(case)), ZERO)


def never_seen(case: Case) -> Bools:
    """(U,) enrolled, and never once seen."""
    return np.asarray((enrolled(case.panel) > 0) & ~any_day(case.seen))


def both_seen(case: Case) -> Bools:
    """Days on which more than one of the registered was seen."""
    return np.asarray(case.watched & case.seen & (case.panel.registered_persons >= SEVERAL))


def only_one(case: Case) -> Floats:
    """(U,) of several enrolled never more than one is seen; minus infinity where that cannot be said."""
    seen = case.watched & case.seen & case.window
    said = compared(case, both_seen(case) & case.window, seen, suspected=BOTH_WHEN_GONE, usual=BOTH_SEEN)
    several = (enrolled(case.panel) >= SEVERAL) & (faceless(case.panel) == 0)
    fit = several & (count(seen) >= BOTH_DAYS) & case.ever
    return np.where(fit, np.minimum(said, np.float32(ONLY_ONE_CAP)), np.float32(-np.inf))


def vanished(case: Case) -> Bools:
    """(U,) a household that was seen on most days has hardly been seen for three weeks and more."""
    before, since, traced = case.watched & case.past, case.watched & case.window, case.traced
    known = (count(before) >= VANISHED_FROM_DAYS) & (count(traced & before) >= VANISHED_HABIT * count(before))
    hardly = count(traced & since) <= LOOKS_IN * count(since)
    return np.asarray(known & hardly & (count(since & ~traced) >= VANISHED_DAYS) & (enrolled(case.panel) > 0))


def days_together(case: Case) -> Floats:
    """(U,) days of the past on which strangers who came late passed, and the household too."""
    return count(case.late & case.seen & case.past)


def together(case: Case) -> Floats:
    """(U,) how much that takes off."""
    return floats(np.clip(TOGETHER_STEP * (days_together(case) - TOGETHER_DAYS), 0, TOGETHER_CAP))


def _fewer_passages(case: Case) -> Floats:
    """By how often it passes; a day's passages are one coming and going of its people."""
    passages, watched = np.minimum(case.own_passages, np.float32(MOST_PASSAGES)), case.watched & case.window
    habit = _passed_habit(passages, case.watched & case.past)
    passed, days = np.where(watched, passages, ZERO).sum(axis=1), count(watched)
    share = passed / np.maximum(days, 1) / habit
    gone, there = np.clip(share, *PASSED_WHEN_GONE) * habit, np.clip(share, PASSED_WHEN_THERE, 1) * habit
    on_seen_days = mean(passages, case.watched & case.past & case.seen)
    each = np.maximum(fill(on_seen_days, PASSED_HABIT[0]), PASSED_HABIT[0])
    said = floats(passed * np.log(gone / there) - days * (gone - there))
    return floats(REDUCED + case.policy.dependence * said / each)


def _passed_habit(passages: Floats, past: Bools) -> Floats:
    usual, worth_days = PASSED_HABIT
    return floats((np.where(past, passages, ZERO).sum(axis=1) + usual * worth_days) / (count(past) + worth_days))


def _as_journeys_grow_rare(case: Case) -> Floats:
    silent = count(case.watched & case.window & ~case.traced)
    alone = count(case.watched & case.seen & ~both_seen(case)) if case.ever else ZERO
    both = np.where(only_one(case) > 0, alone, ZERO)
    longer = case.policy.absence_log_odds_a_day * (np.maximum(silent, both) - JOURNEY_DAYS)
    return floats(np.clip(longer, 0, case.policy.silence_cap))
