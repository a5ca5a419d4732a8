"""What speaks for a sublet: each signal's log-odds, measured against the household's own past.

People who were there before are told from those who came late. Of the registered, only those whom the doors knew in
the tenancy's first weeks stand for the household: a "relative" who is listed late and passes daily does not make up for
all others falling silent. A face that no list names and that came from the first weeks on is a member without an
enrolled face, a carer or a friend, and one that comes late is news.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from detectors.occupants import Change, change
from detectors.panel import Bools, Floats, Panel
from detectors.policy import Policy
from detectors.presence import CLEAR, Presence, known_electricity, known_water, presence
from detectors.stats import NAN, ZERO, any_day, count, fill, floats, mean, ratio
from detectors.tenancy import tenancy

LIKELY = 0.5
"""Strangers whom a shared door attributes to the unit count from an expected half of one on."""
SEEN_HABIT = (0.7, 7.0)
"""An enrolled household is seen on seven lived-in days of ten; worth seven days of its own past."""
SEEN_HABIT_FACELESS = (0.3, 7.0)
"""Where nobody enrolled, a face that was always there is known again on three days of ten."""
SEEN_WHEN_GONE = 0.05
FACELESS_SILENCE = 0.7
"""Most that the silence of known faces adds where nobody enrolled: a controller may give its faces new names."""
NEVER_SEEN_DAYS, NEVER_SEEN = 28, 2.0
"""Log-odds of an enrolled household that the doors never saw: some always follow others in."""
STILL_SEEN = -0.5
"""What passages of the registered take off where others are said to live beside them."""
RETURN_HABIT, RETURN_HABIT_FACELESS = (0.1, 14.0), (0.6, 14.0)
"""Known-again strangers come on one day in ten, on six where nobody enrolled; worth fourteen days of the own past."""
RETURN_WHEN_SUBLET = 0.4
MOST_EXCUSED = 0.25
"""Where all members have an enrolled face, the past excuses strangers on so many days and no more."""
JOURNEY_DAYS = 5.0
"""Households travel and lie in hospital while a grandmother or a new partner lives on in the home: silence speaks only
beyond that, as fast as honest absences grow rare."""
TOGETHER_DAYS, TOGETHER_STEP, TOGETHER_CAP = 2.0, 0.7, 3.5
"""Days on which both passed before the household fell silent: two are a handing-over, more are living together."""
LATELY_DAYS = 14
BEGAN_AGO = (2 / 3, 1, 4 / 3, 2, 3, 4)
"""It may have begun so many windows ago; two weeks are the least, for households go away for a week."""
FRESH_HABIT, FRESH_WHEN_SHORT_LET, FRESH_CAP = (0.2, 14.0), 0.6, 1.5
STRANGERS_LEAST = -1.0
MANY_STEP, MANY_CAP = 0.5, 1.0
LIVED_IN_FROM, LIVED_IN_STEP, LIVED_IN_CAP = 0.6, 4.0, 1.0
MOSTLY_EMPTY = -1.0
"""Below it the meters say empty on two days of three: a carer who looks in draws water as another."""
CARDS_STEP, CARDS_CAP = 1.0, 1.5
CHANGE_TRUSTED, CHANGE_BEYOND, UNCHANGED, UNCHANGED_LEAST = 3.0, 0.25, 0.1, -0.3
"""Log-likelihood ratios of changed occupants hold up to three on lived-in homes; what is beyond counts a quarter. Use
as ever takes little off: the sublet may be older than what is compared."""
CHANGED_BESIDE = 0.7
"""Most that each meter's change adds where the household still passes its door."""
SIZE_FROM, SIZE_STEP, SIZE_CAP = 0.59, 1.2, 1.0
"""Water by size is read to about a factor of 1.8, whose logarithm is 0.59 (Alicante)."""
LEAST_DAYS = 7
LEAST_SUPPORT = 1.0
"""Log-odds that strangers must add, and that something else must add, before anyone is visited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The days that are compared, (U, D)."""

    panel: Panel
    policy: Policy
    there: Presence
    window: Bools
    """The last days of the tenancy."""
    past: Bools
    """The days of the tenancy before them."""
    spoke: Bools
    """Days of the tenancy on which the doors spoke."""
    watched: Bools
    """Of these, the days on which an enrolled household that lives there could have been seen."""
    changed: Change
    """What the meters say about other people living there now, by unit."""

    @property
    def seen(self) -> Bools:
        """Days on which registered people were seen who were there before."""
        return np.asarray(self.spoke & (self.panel.registered_passages > self.panel.late_registered_passages))

    @property
    def traced(self) -> Bools:
        """Days on which the household left a trace: its enrolled faces, or faces of old where members have none."""
        of_old = self.panel.returning_strangers >= self.panel.late_strangers + np.float32(LIKELY)
        return np.asarray(self.seen | (self.spoke & of_old & (faceless(self.panel) > 0)[:, None]))

    @property
    def came(self) -> Bools:
        """Days on which strangers came."""
        return np.asarray(self.spoke & (self.panel.strangers >= LIKELY))

    @property
    def returned(self) -> Bools:
        """Days on which strangers came who had come before."""
        return np.asarray(self.spoke & (self.panel.returning_strangers >= LIKELY))

    @property
    def late(self) -> Bools:
        """Days on which strangers came again who first came late."""
        return np.asarray(self.spoke & (self.panel.late_strangers >= LIKELY))

    @property
    def late_listed(self) -> Bools:
        """Days on which registered people passed who were first seen late."""
        return np.asarray(self.spoke & (self.panel.late_registered_passages > 0))

    @property
    def fresh(self) -> Bools:
        """Days on which strangers came for the first time."""
        fresh = self.panel.strangers - fill(self.panel.returning_strangers, 0.0)
        return np.asarray(self.spoke & (fresh >= LIKELY))

    @property
    def lived_in(self) -> Bools:
        """Days that the meters say are lived in."""
        return np.asarray(self.there.meters >= CLEAR)

    @property
    def water_l(self) -> Floats:
        """Litres of well-known days."""
        return known_water(self.panel, self.policy)

    @property
    def electricity_kwh(self) -> Floats:
        """Kilowatt-hours of well-known days."""
        return known_electricity(self.panel, self.policy)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """(U,) log-odds that each signal adds."""

    silence: Floats
    """The registered are seen less than by their own habit, or were never seen at all."""
    never_seen: Bools
    """Whether silence means never at all."""
    still_seen: Bools
    """They could be seen, and are not clearly silent: a baby or a spouse changes habits too."""
    together: Floats
    """Taken off where the strangers came on many days while the household still passed: they did not replace it."""
    cards: Floats
    """Taken off where passages that name nobody took the faces' place."""
    returning: Floats
    """Strangers come back on more days than in the own past."""
    replacing: Floats
    """The same, people counted too who were listed late: where the household is gone they are not the household."""
    many: Floats
    """More strangers a day than members without a face."""
    fresh: Floats
    """New strangers come on more days than in the own past."""
    lived_in: Floats
    """Meters say lived in, or empty."""
    water: Floats
    """Water on lived-in days is drawn as by other people, or as ever (below zero)."""
    electricity: Floats
    """The same of electricity."""
    size: Floats
    """More water than the registered size explains."""

    @property
    def strangers(self) -> Floats:
        """The stronger of the two ways in which strangers may come."""
        return np.maximum(self.replacing, self.fresh)

    @property
    def crowd(self) -> Floats:
        """More strangers a day than the one whom a household takes in."""
        return floats(np.maximum(self.many - MANY_STEP, 0))

    @property
    def habits(self) -> Floats:
        """Changed habits and too much use."""
        return floats(self.water + self.electricity + self.size)

    @property
    def habits_beside(self) -> Floats:
        """The same, where the household still lives there."""
        changes = np.minimum(self.water, CHANGED_BESIDE) + np.minimum(self.electricity, CHANGED_BESIDE)
        return floats(changes + self.size)

    @property
    def habits_told(self) -> Floats:
        """As far as they tell who lives there: not while the household does, nor where most days are empty."""
        return np.where(self.still_seen | (self.lived_in < MOSTLY_EMPTY), self.habits_beside, self.habits)

    @property
    def gone(self) -> Floats:
        """The household is gone, and others are there."""
        others = self.strangers + self.crowd + self.lived_in + self.habits_told
        return floats(self.silence + self.together + self.cards + others)

    @property
    def beside(self) -> Floats:
        """The household is there, and others live beside it."""
        return floats(STILL_SEEN + self.returning + self.many + np.minimum(self.lived_in, 0) + self.habits_beside)

    @property
    def best(self) -> Floats:
        """The likelier of both readings."""
        return np.maximum(self.gone, self.beside)

    @property
    def supported(self) -> Bools:
        """Strangers, and something beside them: whoever follows others in and has guests shows only the rest."""
        besides = np.maximum(self.silence + self.together + self.cards, 0) + self.habits_told
        return np.asarray((besides >= LEAST_SUPPORT) & (self.strangers >= LEAST_SUPPORT))


def read_case(panel: Panel, policy: Policy) -> Case:
    """Which days are compared with which."""
    length = panel.shape[1]
    days, there = tenancy(panel), presence(panel, policy)
    recent = (np.arange(length) >= length - policy.sublet_window_days)[None, :]
    spoke = days & (panel.door_coverage > 0)
    expected = spoke & ~panel.declared_absence
    return Case(
        panel=panel,
        policy=policy,
        there=there,
        window=days & recent,
        past=days & ~recent,
        spoke=spoke,
        watched=expected & ~(there.meters <= -CLEAR),
        changed=change(panel, there, policy, days),
    )


def since_when(case: Case) -> Iterator[Case]:
    """The same days held against each other for each time at which it may have begun, as far as there is a past."""
    length = case.panel.shape[1]
    days, least = case.window | case.past, case.policy.least_known_days
    for windows in BEGAN_AGO:
        ago = round(windows * case.policy.sublet_window_days)
        if windows <= 1 or ago + least <= length:
            recent = (np.arange(length) >= length - ago)[None, :]
            yield replace(case, window=days & recent, past=days & ~recent)


def read_signals(case: Case) -> Signals:
    """All signals of all units."""
    silence, never_seen = _silence(case)
    return Signals(
        silence=silence,
        never_seen=never_seen,
        still_seen=any_day(case.watched & case.window) & (silence < LEAST_SUPPORT * (enrolled(case.panel) > 0)),
        together=np.where(silence > 0, -_together(case), ZERO),
        cards=np.where(silence > 0, -_cards(case), ZERO),
        returning=_returning(case, case.late),
        replacing=_returning(case, case.late | case.late_listed),
        many=np.clip(MANY_STEP * fill(excess_persons(case), 0.0), 0, MANY_CAP),
        fresh=_fresh(case),
        lived_in=_lived_in(case),
        water=_changed(case.changed.water),
        electricity=_changed(case.changed.electricity),
        size=_size(case),
    )


def seen_habit(case: Case) -> Floats:
    """(U,) share of the watched days of the past on which the household left a trace."""
    watched = case.watched & case.past
    some, none = (_rate(case.traced & watched, watched, habit) for habit in (SEEN_HABIT, SEEN_HABIT_FACELESS))
    return np.where(enrolled(case.panel) > 0, some, none)


def returning_habit(case: Case) -> Floats:
    """(U,) share of days on which known-again strangers are no news: own past, bounded where all have a face."""
    came, past = case.returned & case.past, case.spoke & case.past
    some, none = _rate(came, past, RETURN_HABIT), _rate(came, past, RETURN_HABIT_FACELESS)
    all_enrolled = np.minimum(some, np.float32(MOST_EXCUSED))
    return np.select([faceless(case.panel) == 0, enrolled(case.panel) > 0], [all_enrolled, some], none)


def fresh_habit(case: Case) -> Floats:
    """(U,) share of the past's days on which new strangers came."""
    return _rate(case.fresh & case.past, case.spoke & case.past, FRESH_HABIT)


def excess_persons(case: Case) -> Floats:
    """(U,) strangers on a day they came back, beyond the members without a face; NaN where none did."""
    return floats(mean(case.panel.strangers, case.returned & case.window) - faceless(case.panel))


def usual_for_size(case: Case) -> Floats:
    """(U,) litres a day that the registered size explains; NaN where it is not known."""
    table = np.array(case.policy.water_l_by_size, np.float32)
    size = case.panel.household_size
    place = np.clip(fill(size, 1.0), 1, len(table)).astype(np.intp) - 1
    return np.where(np.isnan(size), NAN, table[place])


def enrolled(panel: Panel) -> Floats:
    """(U,) members with an enrolled face on the day judged."""
    return fill(panel.enrolled_persons[:, -1], 0.0)


def faceless(panel: Panel) -> Floats:
    """(U,) members without an enrolled face; at least one where nobody enrolled."""
    missing = np.maximum(fill(panel.household_size, 1.0) - enrolled(panel), 0)
    return floats(np.where(enrolled(panel) > 0, missing, np.maximum(missing, 1)))


def _silence(case: Case) -> tuple[Floats, Bools]:
    habit = seen_habit(case)
    watched = case.watched & case.window
    said = _compared(case, case.traced & watched, watched, suspected=np.minimum(SEEN_WHEN_GONE, habit), usual=habit)
    has_face, silent = enrolled(case.panel) > 0, count(watched & ~case.traced)
    longer = np.clip(case.policy.absence_log_odds_a_day * (silent - JOURNEY_DAYS), 0, case.policy.silence_cap)
    most = np.where(has_face, longer, np.float32(FACELESS_SILENCE))
    never = has_face & (count(case.watched) >= NEVER_SEEN_DAYS) & ~any_day(case.seen)
    return np.clip(np.where(never, np.maximum(said, NEVER_SEEN), said), -case.policy.silence_cap, most), never


def days_together(case: Case) -> Floats:
    """(U,) days of the past on which strangers who came late passed, and the household too."""
    return count(case.late & case.seen & case.past)


def _together(case: Case) -> Floats:
    return floats(np.clip(TOGETHER_STEP * (days_together(case) - TOGETHER_DAYS), 0, TOGETHER_CAP))


def _cards(case: Case) -> Floats:
    """More passages a day that name nobody: the household may use a card now."""
    now = fill(mean(case.panel.unidentified_passages, case.spoke & case.window), 0.0)
    before = fill(mean(case.panel.unidentified_passages, case.spoke & case.past), 0.0)
    return floats(np.clip(CARDS_STEP * (now - before), 0, CARDS_CAP))


def _returning(case: Case, late: Bools) -> Floats:
    """By how often strangers came back before, or by those alone who first came late: the past has none of them."""
    usual_late = _rate(late & case.past, case.spoke & case.past, RETURN_HABIT)
    said = np.maximum(_news(case, case.returned, returning_habit(case)), _news(case, late, usual_late))
    return floats(np.clip(said, STRANGERS_LEAST, case.policy.strangers_cap))


def _news(case: Case, days: Bools, usual: Floats) -> Floats:
    """Whenever it began, they must have come lately."""
    spoke, lately = case.spoke & case.window, case.spoke[:, -LATELY_DAYS:]
    suspected = np.maximum(np.float32(RETURN_WHEN_SUBLET), usual)
    said = _compared(case, days & spoke, spoke, suspected=suspected, usual=usual)
    return np.where(any_day(days[:, -LATELY_DAYS:]) | ~any_day(lately), said, np.minimum(said, 0))


def _fresh(case: Case) -> Floats:
    """Nothing where the past is too short: in a new home everybody is new."""
    usual, spoke = fresh_habit(case), case.spoke & case.window
    suspected = np.maximum(np.float32(FRESH_WHEN_SHORT_LET), usual)
    said = _compared(case, case.fresh & spoke, spoke, suspected=suspected, usual=usual)
    known = count(case.spoke & case.past) >= case.policy.least_known_days
    return floats(np.where(known, np.clip(said, STRANGERS_LEAST, FRESH_CAP), STRANGERS_LEAST))


def _lived_in(case: Case) -> Floats:
    """Nothing where no door spoke: any home is lived in, and an empty one is another suspicion."""
    heard = ~np.isnan(case.there.meters) & case.window
    share = ratio(count(case.lived_in & heard), count(heard))
    said = np.minimum(LIVED_IN_STEP * (share - LIVED_IN_FROM), LIVED_IN_CAP)
    return np.where((count(heard) >= LEAST_DAYS) & any_day(case.spoke), fill(said, 0.0), ZERO)


def _changed(found: Floats) -> Floats:
    """Other people, or the same ones; nothing where the weeks do not allow to say."""
    other = np.clip(found, 0, CHANGE_TRUSTED) + CHANGE_BEYOND * np.maximum(found - CHANGE_TRUSTED, 0)
    return fill(other + np.clip(UNCHANGED * found, UNCHANGED_LEAST, 0), 0.0)


def _size(case: Case) -> Floats:
    share = ratio(mean(case.water_l, case.lived_in & case.window), usual_for_size(case))
    return floats(np.clip(SIZE_STEP * (_log(share) - SIZE_FROM), 0, SIZE_CAP))


def _log(share: Floats) -> Floats:
    """Natural logarithm; 0 where the share is not known."""
    return floats(np.log(np.maximum(fill(share, 1.0), 1e-3)))


def _rate(hits: Bools, of: Bools, habit: tuple[float, float]) -> Floats:
    """(U,) share of days, drawn towards what is usual where there are few."""
    usual, worth_days = habit
    return floats((count(hits) + usual * worth_days) / (count(of) + worth_days))


def _compared(case: Case, hits: Bools, of: Bools, *, suspected: Floats, usual: Floats) -> Floats:
    """(U,) log-likelihood ratio of so many days, tempered because a household's days resemble each other."""
    number, days = count(hits), count(of)
    yes, no = np.log(suspected / usual), np.log((1 - suspected) / (1 - usual))
    return floats(case.policy.dependence * (number * yes + (days - number) * no))
