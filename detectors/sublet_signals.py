"""What speaks for a sublet: each signal's log-odds, measured against the household's own past."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detectors.panel import Bools, Floats
from detectors.stats import NAN, ZERO, any_day, count, fill, floats, mean, ratio
from detectors.sublet_case import LIKELY, SEVERAL, Case, compared, enrolled, faceless, rate
from detectors.sublet_silence import cards, silence, together, vanished

STILL_SEEN = -0.5
"""What passages of the registered take off where others are said to live beside them."""
RETURN_HABIT, RETURN_HABIT_FACELESS = (0.1, 14.0), (0.6, 14.0)
"""Known-again strangers come on one day in ten, on six where nobody enrolled; worth fourteen days of the own past."""
RETURN_WHEN_SUBLET = 0.4
MOST_EXCUSED = 0.25
"""Where all members have an enrolled face, the past excuses strangers on so many days and no more."""
MOST_BESIDE = 2.5
"""Most that strangers add beside a household that stays: more partners and grandmothers move in than lodgers."""
LATELY_DAYS, STILL_COMING = 14, 0.25
"""In the last two weeks they must have come at least a quarter as often as in the days compared."""
TWO = 1.5
TOGETHER_HABIT, TOGETHER_WHEN_LET, PAIRS_CAP = 0.1, 0.5, 5.0
"""A partner or a grandmother is one newcomer a day; several who live there come in twos on half of their days."""
MORE_THAN_WEEKENDS = 0.35
"""Guests of weekends come in twos as well, on two days of seven."""
FRESH_HABIT, FRESH_WHEN_SHORT_LET, FRESH_CAP = (0.2, 14.0), 0.6, 1.5
UNNAMED_CAP = 2.0
"""Less than faces that come back: it may be the household itself, whom the camera no longer knows."""
STRANGERS_LEAST = -1.0
LIVED_IN_FROM, LIVED_IN_STEP, LIVED_IN_CAP = 0.6, 4.0, 1.0
MOSTLY_EMPTY = -1.0
"""Below it the meters say empty on two days of three: a carer who looks in draws water as another."""
CHANGE_TRUSTED, CHANGE_BEYOND = 3.0, 0.25
"""Log-likelihood ratios of changed occupants hold up to three on lived-in homes; what is beyond counts a quarter."""
CHANGED_GONE, CHANGED_BESIDE = 1.5, 0.7
"""Most that each meter's change adds where there are newcomers: a relative who stays while the household travels draws
water as another, too; a baby or a partner beside a household that still passes its door all the more."""
UNCHANGED, UNCHANGED_LEAST = 0.1, -0.3
"""Use as ever takes little off: the sublet may be older than what is compared."""
SIZE_FROM, SIZE_STEP, SIZE_CAP = 0.59, 1.2, 1.0
"""Water by size is read to about a factor of 1.8, whose logarithm is 0.59 (Alicante)."""
LEAST_DAYS = 7
LEAST_SUPPORT = 1.0
"""Log-odds that strangers must add, and that something else must add, before anyone is visited."""
LEAST_WHILE_VANISHED, LEAST_CARDS = 2.0, 0.5
"""What the meters must add where a household has vanished and no stranger is known; more cards a day say no."""
LEAST_MORE_USE = 0.5
"""The same of the meters where several newcomers live beside the household: more people draw more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """(U,) log-odds that each signal adds."""

    silence: Floats
    """The registered are seen less than by their own habit, or were never seen at all."""
    never_seen: Bools
    """Whether silence means never at all."""
    vanished: Bools
    """A household that was seen on most days has not been for weeks, and no card took its place."""
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
    pairs: Floats
    """Several newcomers on the days on which any came: more than the one whom a household takes in."""
    fresh: Floats
    """New strangers come on more days than in the own past."""
    unnamed: Floats
    """Faces without a pseudonym come on more days than in the own past: strangers, whether the same or not."""
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
        """The strongest of the ways in which strangers may come."""
        return np.maximum(np.maximum(self.replacing, self.fresh), self.unnamed)

    @property
    def several(self) -> Floats:
        """More than one newcomer, at once or one after the other, in the home of a household that is silent."""
        there = (self.silence > 0) & (self.lived_in >= MOSTLY_EMPTY)
        return np.where(there, np.maximum(self.pairs, np.maximum(self.fresh, 0)), ZERO)

    @property
    def habits_told(self) -> Floats:
        """As far as they tell who lives there: hardly while the household does, nor where most days are empty."""
        hardly = self.still_seen | (self.lived_in < MOSTLY_EMPTY)
        return np.where(hardly, self.habits_beside, floats(self.water + self.electricity + self.size))

    @property
    def habits_beside(self) -> Floats:
        """Changed habits and too much use, where the household still lives there."""
        changes = np.minimum(self.water, CHANGED_BESIDE) + np.minimum(self.electricity, CHANGED_BESIDE)
        return floats(changes + self.size)

    @property
    def gone(self) -> Floats:
        """The household is gone, and others are there."""
        strangers = np.where(self.vanished, np.maximum(self.strangers, 0), self.strangers)
        others = strangers + self.several + self.lived_in + self.habits_told
        return floats(self.silence + self.together + self.cards + others)

    @property
    def beside(self) -> Floats:
        """The household is there, and others live beside it."""
        others = np.minimum(self.returning, MOST_BESIDE) + self.pairs
        return floats(STILL_SEEN + others + np.minimum(self.lived_in, 0) + self.habits_beside)

    @property
    def best(self) -> Floats:
        """The likelier of both readings."""
        return np.maximum(self.gone, self.beside)

    @property
    def supported(self) -> Bools:
        """Strangers, and something beside them: whoever follows others in and has guests shows only the rest.

        Many shared doors name nobody's visitors: where a household has vanished, homes drawn from as by others will do.
        One newcomer beside a household that stays may be a partner, a grandmother or a lodger, and nothing that devices
        say tells them apart.
        """
        silent = np.maximum(self.silence + self.together + self.cards, 0)
        more_use = np.maximum(self.water, 0) + np.maximum(self.electricity, 0) + self.size
        as_gone = silent + np.maximum(self.habits_told, 0) + self.several >= LEAST_SUPPORT
        unseen = self.vanished & (self.lived_in + self.habits_told >= LEAST_WHILE_VANISHED)
        as_beside = (self.pairs >= LEAST_SUPPORT) & (more_use >= LEAST_MORE_USE)
        told = np.where(self.gone >= self.beside, as_gone, as_beside) & (self.strangers >= LEAST_SUPPORT)
        return np.asarray(told | unseen)


def read_signals(case: Case) -> Signals:
    """All signals of all units."""
    pairs, fresh = _pairs(case), _fresh(case)
    replacing = _returning(case, case.late | case.late_listed)
    gone, never_seen = silence(case, np.maximum(pairs, np.maximum(fresh, 0)))
    return Signals(
        silence=gone,
        never_seen=never_seen,
        vanished=vanished(case) & (cards(case) < LEAST_CARDS) & (gone > 0),
        still_seen=any_day(case.watched & case.window) & (gone < LEAST_SUPPORT * (enrolled(case.panel) > 0)),
        together=np.where(gone > 0, -together(case), ZERO),
        cards=np.where(gone > 0, -cards(case), ZERO),
        returning=_returning(case, case.late),
        replacing=replacing,
        pairs=pairs,
        fresh=fresh,
        unnamed=_unnamed(case),
        lived_in=_lived_in(case),
        water=_changed(case.changed.water, replacing),
        electricity=_changed(case.changed.electricity, replacing),
        size=_size(case),
    )


def returning_habit(case: Case) -> Floats:
    """(U,) share of days on which known-again strangers are no news: own past, bounded where all have a face.

    Where there is no past, one member without a face beside several who have one is no excuse.
    """
    came, past = case.returned & case.past, case.spoke & case.past
    some, none = rate(came, past, RETURN_HABIT), rate(came, past, RETURN_HABIT_FACELESS)
    bounded = np.minimum(some, np.float32(MOST_EXCUSED))
    if case.ever:
        return np.where((faceless(case.panel) == 0) | (enrolled(case.panel) >= SEVERAL), bounded, none)
    return np.select([faceless(case.panel) == 0, enrolled(case.panel) > 0], [bounded, some], none)


def fresh_habit(case: Case) -> Floats:
    """(U,) share of the past's days on which new strangers came."""
    return rate(case.fresh & case.past, case.spoke & case.past, FRESH_HABIT)


def excess_persons(case: Case) -> Floats:
    """(U,) strangers on a day they came back, beyond the members without a face; NaN where none did."""
    return floats(mean(case.panel.strangers, case.returned & case.window) - faceless(case.panel))


def usual_for_size(case: Case) -> Floats:
    """(U,) litres a day that the registered size explains; NaN where it is not known."""
    table = np.array(case.policy.water_l_by_size, np.float32)
    size = case.panel.household_size
    place = np.clip(fill(size, 1.0), 1, len(table)).astype(np.intp) - 1
    return np.where(np.isnan(size), NAN, table[place])


def _returning(case: Case, late: Bools) -> Floats:
    """By how often strangers came back before, or by those alone who first came late: the past has none of them."""
    usual_late = rate(late & case.past, case.spoke & case.past, RETURN_HABIT)
    said = np.maximum(_news(case, case.returned, returning_habit(case)), _news(case, late, usual_late))
    return floats(np.clip(said, STRANGERS_LEAST, case.policy.strangers_cap))


def _news(case: Case, days: Bools, usual: Floats) -> Floats:
    """Whenever it began, they must have come lately."""
    spoke = case.spoke & case.window
    suspected = np.maximum(np.float32(RETURN_WHEN_SUBLET), usual)
    said = compared(case, days & spoke, spoke, suspected=suspected, usual=usual)
    return np.where(_still_coming(case, days), said, np.minimum(said, 0))


def _still_coming(case: Case, days: Bools) -> Bools:
    """(U,) also where no door spoke lately."""
    lately = np.zeros_like(case.spoke)
    lately[:, -LATELY_DAYS:] = True
    least = np.maximum(np.float32(STILL_COMING) * case.share(days, case.window), np.float32(1 / LATELY_DAYS))
    return np.asarray((case.share(days, lately) >= least) | ~any_day(case.spoke & lately))


def _pairs(case: Case) -> Floats:
    """Beyond the members without a face, and beyond those who came back before."""
    before = np.round(fill(mean(case.returning, case.spoke & case.past), 0.0))
    explained = np.maximum(faceless(case.panel), before)[:, None]
    newcomers = np.fmax(case.panel.late_strangers, case.returning - explained)
    came = case.spoke & case.window & (newcomers >= LIKELY)
    said = compared(case, came & (newcomers >= TWO), came, suspected=TOGETHER_WHEN_LET, usual=TOGETHER_HABIT)
    often = case.share(came, case.window) >= MORE_THAN_WEEKENDS
    return np.where(often & _still_coming(case, came), floats(np.clip(said, 0, PAIRS_CAP)), ZERO)


def _fresh(case: Case) -> Floats:
    """Nothing where the past is too short: in a new home everybody is new."""
    usual, spoke = fresh_habit(case), case.spoke & case.window
    suspected = np.maximum(np.float32(FRESH_WHEN_SHORT_LET), usual)
    said = compared(case, case.fresh & spoke, spoke, suspected=suspected, usual=usual)
    known = count(case.spoke & case.past) >= case.policy.least_known_days
    return floats(np.where(known, np.clip(said, STRANGERS_LEAST, FRESH_CAP), STRANGERS_LEAST))


def unnamed_habit(case: Case) -> Floats:
    """(U,) share of the past's days on which faces without a pseudonym came: members without a face, or missed ones."""
    past = case.told & case.watched & case.past
    some, none = (rate(case.unnamed & past, past, habit) for habit in (FRESH_HABIT, RETURN_HABIT_FACELESS))
    return np.where(faceless(case.panel) == 0, some, none)


def _unnamed(case: Case) -> Floats:
    """Nothing where the household may be behind them: nobody of it enrolled, or the past is too short to tell.

    Without a past it must never have been seen: whom the door knew now and then is a face that it often misses.
    """
    told = case.told & case.window
    came = case.unnamed & told
    if not came.any():
        return np.full(len(came), STRANGERS_LEAST, np.float32)
    usual = unnamed_habit(case)
    suspected = np.maximum(np.float32(FRESH_WHEN_SHORT_LET), usual)
    said = compared(case, came, told, suspected=suspected, usual=usual)
    past = count(case.told & case.watched & case.past) >= case.policy.least_known_days
    apart = (enrolled(case.panel) > 0) & (~any_day(case.seen) if case.ever else past)
    known = apart & any_day(came) & _still_coming(case, case.unnamed)
    return floats(np.where(known, np.clip(said, STRANGERS_LEAST, UNNAMED_CAP), STRANGERS_LEAST))


def _lived_in(case: Case) -> Floats:
    """Nothing where no door spoke: any home is lived in, and an empty one is another suspicion."""
    heard = ~np.isnan(case.there.meters) & case.window
    share = ratio(count(case.lived_in & heard), count(heard))
    said = np.minimum(LIVED_IN_STEP * (share - LIVED_IN_FROM), LIVED_IN_CAP)
    return np.where((count(heard) >= LEAST_DAYS) & any_day(case.spoke), fill(said, 0.0), ZERO)


def _changed(found: Floats, strangers: Floats) -> Floats:
    """Other people, or the same ones; nothing where the weeks do not allow to say."""
    trusted = np.clip(found, 0, CHANGE_TRUSTED) + CHANGE_BEYOND * np.maximum(found - CHANGE_TRUSTED, 0)
    other = np.where(strangers >= LEAST_SUPPORT, np.minimum(trusted, np.float32(CHANGED_GONE)), trusted)
    return fill(other + np.clip(UNCHANGED * found, UNCHANGED_LEAST, 0), 0.0)


def _size(case: Case) -> Floats:
    share = ratio(mean(case.water_l, case.lived_in & case.window), usual_for_size(case))
    return floats(np.clip(SIZE_STEP * (_log(share) - SIZE_FROM), 0, SIZE_CAP))


def _log(share: Floats) -> Floats:
    """Natural logarithm; 0 where the share is not known."""
    return floats(np.log(np.maximum(fill(share, 1.0), 1e-3)))
