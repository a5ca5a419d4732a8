"""Is the household gone? Its silence at the doors, by its own habit, and what else may explain it.

Who still lives there passes less in a hard month (a mother with a newborn, an illness), but does not vanish: silence is
held against passing a third as often, too. A household that travels while a relative or a new partner stays in the home
is as silent as one that is gone, so that silence speaks only as fast as such journeys grow rare.
"""

from __future__ import annotations

import numpy as np

from detectors.panel import Bools, Floats
from detectors.stats import ZERO, any_day, count, fill, floats, mean, ratio
from detectors.sublet_case import SEVERAL, Case, compared, enrolled, faceless, rate

SEEN_HABIT = (0.7, 7.0)
"""An enrolled household is seen on seven lived-in days of ten; worth seven days of its own past."""
SEEN_HABIT_FACELESS = (0.3, 7.0)
"""Where nobody enrolled, a face that was always there is known again on three days of ten."""
SEEN_WHEN_GONE, SEEN_WHEN_THERE = (0.03, 0.15), 0.4
"""Shares of days on which who is gone still looks in; of the own habit, the least of who lives there."""
PASSED_HABIT, MOST_PASSAGES = (1.5, 7.0), 6.0
"""Passages on a lived-in day, worth seven days; more on one day say no more."""
PASSED_WHEN_GONE, PASSED_WHEN_THERE = (0.02, 0.12), 0.35
"""The same of passages, all as shares of the own habit: who looks in passes once, who lives there comes and goes."""
REDUCED = 1.0
"""How rare it is that who lives there passes so much less, as log-odds."""
FACELESS_SILENCE = 0.7
"""Most that the silence of known faces adds where nobody enrolled: a controller may give its faces new names."""
NEVER_SEEN_DAYS, NEVER_SEEN = 28, 2.0
"""Log-odds of an enrolled household that the doors never saw: some always follow others in."""
BOTH_SEEN, BOTH_WHEN_GONE, BOTH_DAYS, ONLY_ONE_CAP = 0.3, 0.02, 14, 3.0
"""Of several enrolled, two are seen on three days of ten on which any is; where one of them is the lodger, on none."""
VANISHED_HABIT, VANISHED_FROM_DAYS, VANISHED_DAYS = 0.6, 14, 21
"""Seen on six lived-in days of ten for two weeks and more, and since three weeks no more than who looks in."""
JOURNEY_DAYS = 4.0
"""Households travel and lie in hospital while a grandmother or a new partner lives on in the home: silence speaks only
beyond that, as fast as honest absences grow rare."""
NOT_STAYING_BEHIND = 4.0
"""Several newcomers are not the one who stays behind: their log-odds take off as many days, and no more than that."""
TOGETHER_DAYS, TOGETHER_STEP, TOGETHER_CAP = 2.0, 0.7, 3.5
"""Days on which both passed before the household fell silent: two are a handing-over, more are living together."""
CARDS_STEP, CARDS_CAP = 1.0, 1.5
CARDS_EXPLAINED, CARDS_MORE = 1.5, 1.0
"""Cards take the faces' place up to as many passages as the faces made, half as many again and one more."""


def silence(case: Case, pairs: Floats) -> tuple[Floats, Bools]:
    """(U,) log-odds that the registered are gone, and whether they were never seen at all; `pairs` of newcomers."""
    has_face, traced = enrolled(case.panel) > 0, case.traced
    by_days = _fewer_days(case, traced)
    said = np.where(has_face, np.minimum(by_days, _fewer_passages(case)), by_days)
    said = np.maximum(said, only_one(case)) if case.ever else said
    most = np.where(has_face, _beyond_a_journey(case, traced, pairs), np.float32(FACELESS_SILENCE))
    never = has_face & (count(case.watched) >= NEVER_SEEN_DAYS) & ~any_day(case.seen)
    return np.clip(np.where(never, np.maximum(said, NEVER_SEEN), said), -case.policy.silence_cap, most), never


def seen_habit(case: Case) -> Floats:
    """(U,) share of the watched days of the past on which the household left a trace."""
    return _seen_habit(case, case.traced)


def passed_habit(case: Case) -> Floats:
    """(U,) passages of the household on a watched day of the past."""
    usual, worth_days = PASSED_HABIT
    watched = case.watched & case.past
    passed = np.where(watched, _passages(case), ZERO).sum(axis=1)
    return floats((passed + usual * worth_days) / (count(watched) + worth_days))


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
    known = (count(before) >= VANISHED_FROM_DAYS) & (_seen_habit(case, traced) >= VANISHED_HABIT)
    hardly = count(traced & since) <= SEEN_WHEN_GONE[1] * count(since)
    return np.asarray(known & hardly & (count(since & ~traced) >= VANISHED_DAYS) & (enrolled(case.panel) > 0))


def days_together(case: Case) -> Floats:
    """(U,) days of the past on which strangers who came late passed, and the household too."""
    return count(case.late & case.seen & case.past)


def together(case: Case) -> Floats:
    """(U,) how much that takes off."""
    return floats(np.clip(TOGETHER_STEP * (days_together(case) - TOGETHER_DAYS), 0, TOGETHER_CAP))


def cards(case: Case) -> Floats:
    """(U,) taken off for more passages a day that name nobody: the household may use a card now."""
    now = fill(mean(case.panel.unidentified_passages, case.told & case.window), 0.0)
    before = fill(mean(case.panel.unidentified_passages, case.told & case.past), 0.0)
    its_own = now - before <= CARDS_EXPLAINED * passed_habit(case) + CARDS_MORE
    return np.where(its_own, floats(np.clip(CARDS_STEP * (now - before), 0, CARDS_CAP)), ZERO)


def _seen_habit(case: Case, traced: Bools) -> Floats:
    watched = case.watched & case.past
    some, none = (rate(traced & watched, watched, habit) for habit in (SEEN_HABIT, SEEN_HABIT_FACELESS))
    return np.where(enrolled(case.panel) > 0, some, none)


def _passages(case: Case) -> Floats:
    return np.minimum(case.own_passages, np.float32(MOST_PASSAGES))


def _fewer_days(case: Case, traces: Bools) -> Floats:
    """By the days on which it leaves a trace."""
    habit, watched = _seen_habit(case, traces), case.watched & case.window
    traced = traces & watched
    share = fill(ratio(count(traced), count(watched)), 0.0)
    gone = np.minimum(np.clip(share, *SEEN_WHEN_GONE), habit)
    there = np.clip(share, habit * np.float32(SEEN_WHEN_THERE), habit)
    as_ever = compared(case, traced, watched, suspected=gone, usual=habit)
    return floats(np.minimum(as_ever, REDUCED + compared(case, traced, watched, suspected=gone, usual=there)))


def _fewer_passages(case: Case) -> Floats:
    """By how often it passes; a day's passages are one coming and going of its people."""
    habit, watched = passed_habit(case), case.watched & case.window
    passed, days = np.where(watched, _passages(case), ZERO).sum(axis=1), count(watched)
    share = passed / np.maximum(days, 1) / habit
    gone = np.clip(share, *PASSED_WHEN_GONE) * habit
    there = np.clip(share, PASSED_WHEN_THERE, 1) * habit
    on_seen_days = mean(_passages(case), case.watched & case.past & case.seen)
    each = np.maximum(fill(on_seen_days, PASSED_HABIT[0]), PASSED_HABIT[0])
    said = floats(passed * np.log(gone / there) - days * (gone - there))
    return floats(REDUCED + case.policy.dependence * said / each)


def _beyond_a_journey(case: Case, traced: Bools, pairs: Floats) -> Floats:
    silent = count(case.watched & case.window & ~traced)
    alone = count(case.watched & case.seen & ~both_seen(case)) if case.ever else ZERO
    both = np.where(only_one(case) > 0, alone, ZERO)
    journey = np.maximum(JOURNEY_DAYS - np.minimum(pairs, NOT_STAYING_BEHIND), 0)
    longer = case.policy.absence_log_odds_a_day * (np.maximum(silent, both) - journey)
    return floats(np.clip(longer, 0, case.policy.silence_cap))
