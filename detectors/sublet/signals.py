"""What speaks for a sublet: each signal's log-odds, measured against the household's own past."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detectors.panel import Bools, Floats, Panel
from detectors.presence import LIKELY
from detectors.stats import NAN, ZERO, any_day, count, fill, floats, mean, ratio
from detectors.sublet.case import SEVERAL, Case, compared, enrolled, faceless, rate
from detectors.sublet.silence import silence, together, vanished

RETURN_HABIT, RETURN_HABIT_FACELESS = (0.1, 14.0), (0.6, 14.0)
"""Known-again strangers come on one day in ten, on six where nobody enrolled; worth fourteen days of the own past."""
RETURN_WHEN_SUBLET = 0.4
MOST_EXCUSED = 0.25
"""Where all members have an enrolled face, the past excuses strangers on so many days and no more."""
LATELY_DAYS, STILL_COMING = 7, 0.5
"""In the last week they must have come at least half as often as in the days compared: guests leave again."""
TWO = 1.8
"""A second face that a shared door only likely let in for this home is none: it may be a neighbour's on all days."""
TOGETHER_HABIT, TOGETHER_WHEN_LET, PAIRS_CAP = 0.07, 0.5, 5.0
"""A partner or a grandmother is one newcomer a day; several who live there come in twos on half of their workdays."""
MORE_THAN_GUESTS = 0.35
"""Guests who come on Fridays come in twos on workdays, too, on one in five."""
UNNAMED_HABIT, UNNAMED_WHEN_SUBLET, UNNAMED_CAP = (0.2, 14.0), 0.6, 1.5
"""Faces without a pseudonym, on so many days; less than faces that come back: it may be the household itself, whom the
camera no longer knows."""
OTHERS_CAP = 3.0
"""Cards, codes and visitors where the household vanished: they may be its own key in other hands."""
STRANGERS_LEAST = -1.0
LIVED_IN_FROM, LIVED_IN_STEP, LIVED_IN_CAP = 0.6, 4.0, 1.0
CHANGE_TRUSTED, CHANGE_BEYOND = 3.0, 0.25
"""Log-likelihood ratios of changed occupants hold up to three on lived-in homes; what is beyond counts a quarter."""
SIZE_FROM, SIZE_STEP, SIZE_CAP = 0.59, 1.2, 1.0
"""Water by size is read to about a factor of 1.8, whose logarithm is 0.59 (Alicante)."""
LEAST_DAYS = 7
LEAST_SUPPORT = 1.0
"""Log-odds that strangers must add, and that silence or several at once must add, before anyone is visited."""
LEAST_WHILE_VANISHED = 2.0
"""What the meters must add where a household has vanished and no stranger is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signals:
    """(U,) log-odds that each signal adds."""

    silence: Floats
    """The registered are seen less than by their own habit, or were never seen at all."""
    vanished: Bools
    """A household that was seen on most days has not been for weeks."""
    together: Floats
    """Taken off where the strangers came on many days while the household still passed: they did not replace it."""
    returning: Floats
    """Strangers come back on more days than in the own past."""
    changing: Floats
    """The same, new faces counted too that come while nobody of the household is seen: its guests they are not."""
    replacing: Floats
    """The same, people counted too who were listed late: where the household is gone they are not the household."""
    unnamed: Floats
    """Faces without a pseudonym come on more days than in the own past: strangers, whether the same or not."""
    others: Floats
    """Where the household vanished: cards, codes and visitors for the home on more days than in the own past."""
    pairs: Floats
    """Several newcomers on the days on which any came: more than the one whom a household takes in."""
    lived_in: Floats
    """Meters say lived in, or empty."""
    water: Floats
    """Water on lived-in days is drawn as by other people."""
    electricity: Floats
    """The same of electricity."""
    size: Floats
    """More water than the registered size explains."""

    @property
    def strangers(self) -> Floats:
        """The stronger of the ways in which others may come in the household's place."""
        return np.maximum(np.maximum(self.replacing, self.unnamed), self.others)

    @property
    def gone(self) -> Floats:
        """The household is gone, and others are there."""
        strangers = np.where(self.vanished, np.maximum(self.strangers, 0), self.strangers)
        return floats(self.silence + self.together + strangers + self.pairs + self.meters + self.size)

    @property
    def meters(self) -> Floats:
        """The home is lived in, and by other people."""
        return floats(self.lived_in + self.water + self.electricity)

    @property
    def beside_once(self) -> Floats:
        """Strangers beside a household that stays count as far as several came: one may be a partner or a relative."""
        return np.minimum(self.returning, self.pairs)

    @property
    def beside(self) -> Floats:
        """The household is there, and others live beside it; a baby or a partner changes habits, too."""
        return floats(self.beside_once + self.pairs + np.minimum(self.lived_in, 0) + self.size)

    @property
    def silent(self) -> Bools:
        """The household is told to be gone."""
        return np.asarray(self.silence + self.together >= LEAST_SUPPORT)

    @property
    def stays(self) -> Bools:
        """Several live beside a household that is not gone, or less likely so; not in an empty home."""
        several = (self.pairs >= LEAST_SUPPORT) & (self.lived_in >= 0)
        return np.asarray(several & (~self.silent | (self.beside > self.gone)))

    @property
    def best(self) -> Floats:
        """The likelier of the readings that there are."""
        return np.where(self.stays, self.beside, np.maximum(self.gone, self.beside))

    @property
    def supported(self) -> Bools:
        """Strangers where the household is silent, or several of them: nothing that devices say tells one lodger apart.

        Many shared doors name nobody's visitors: where a household has vanished, homes drawn from as by others will do.
        """
        others = (self.silent | self.stays) & (self.strangers >= LEAST_SUPPORT)
        return np.asarray(others | (self.vanished & (self.meters >= LEAST_WHILE_VANISHED)))


def read_signals(case: Case) -> Signals:
    """All signals of all units."""
    gone = silence(case)
    nobody = vanished(case) & (gone > 0)
    again = _news(case, case.returned, returning_habit(case))
    return Signals(
        silence=gone,
        vanished=nobody,
        together=np.where(gone > 0, -together(case), ZERO),
        returning=_returning(case, again, case.late),
        changing=_returning(case, again, case.late | case.unhosted),
        replacing=_returning(case, again, case.late | case.unhosted | case.late_listed),
        unnamed=_unnamed(case),
        others=np.where(nobody, _others(case), STRANGERS_LEAST),
        pairs=_pairs(case),
        lived_in=_lived_in(case),
        water=_changed(case.changed.water),
        electricity=_changed(case.changed.electricity),
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


def excess_persons(case: Case) -> Floats:
    """(U,) strangers on a day they came back, beyond the members without a face; NaN where none did."""
    return floats(mean(case.panel.strangers, case.returned & case.window) - faceless(case.panel))


def usual_for_size(case: Case) -> Floats:
    """(U,) litres a day that the registered size explains; NaN where it is not known."""
    table = np.array(case.policy.water_l_by_size, np.float32)
    size = case.panel.household_size
    place = np.clip(fill(size, 1.0), 1, len(table)).astype(np.intp) - 1
    return np.where(np.isnan(size), NAN, table[place])


def _returning(case: Case, again: Floats, late: Bools) -> Floats:
    """By how often strangers came back before, or by the newcomers alone: the past has few of them."""
    usual_late = rate(late & case.past, case.spoke & case.past, RETURN_HABIT)
    return floats(np.clip(np.maximum(again, _news(case, late, usual_late)), STRANGERS_LEAST, case.policy.strangers_cap))


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
    """On workdays: guests come at weekends and on holidays, who lives there on other days, too."""
    newcomers, workdays = _newcomers(case), case.spoke & case.window & _workdays(case.panel)
    came = workdays & (newcomers >= LIKELY)
    twos = came & (newcomers >= TWO)
    said = compared(case, twos, came, suspected=TOGETHER_WHEN_LET, usual=TOGETHER_HABIT)
    often = case.share(came, workdays) >= MORE_THAN_GUESTS
    still = _still_coming(case, np.asarray(case.spoke & (newcomers >= TWO)))
    return np.where(often & still, floats(np.clip(said, 0, PAIRS_CAP)), ZERO)


def _newcomers(case: Case) -> Floats:
    """(U, D) who came late, or came back beyond the members without a face and those who came back before.

    A member without a face was there before, but where nobody enrolled all of them may be given new names.
    """
    without = faceless(case.panel)
    before = np.round(fill(mean(case.returning, case.spoke & case.past), 0.0))
    renamed = np.where(enrolled(case.panel) > 0, ZERO, without)
    again = case.returning - np.maximum(without, before)[:, None]
    return floats(np.fmax(case.panel.late_strangers - renamed[:, None], again))


def _workdays(panel: Panel) -> Bools:
    """(D,) no weekends and no holidays."""
    return np.asarray(np.is_busday(panel.days) & ~panel.holiday)


def unnamed_habit(case: Case) -> Floats:
    """(U,) share of the past's days on which faces without a pseudonym came: members without a face, or missed ones."""
    past = case.told & case.watched & case.past
    some, none = (rate(case.unnamed & past, past, habit) for habit in (UNNAMED_HABIT, RETURN_HABIT_FACELESS))
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
    suspected = np.maximum(np.float32(UNNAMED_WHEN_SUBLET), usual)
    said = compared(case, came, told, suspected=suspected, usual=usual)
    past = count(case.told & case.watched & case.past) >= case.policy.least_known_days
    apart = (enrolled(case.panel) > 0) & (~any_day(case.seen) if case.ever else past)
    known = apart & any_day(came) & _still_coming(case, case.unnamed)
    return floats(np.where(known, np.clip(said, STRANGERS_LEAST, UNNAMED_CAP), STRANGERS_LEAST))


def others_habit(case: Case) -> Floats:
    """(U,) share of the past's days on which cards, codes and visitors passed."""
    past = case.watched & case.past
    return rate(case.others & past, past, RETURN_HABIT)


def _others(case: Case) -> Floats:
    usual, now = others_habit(case), case.spoke & case.window
    suspected = np.maximum(np.float32(UNNAMED_WHEN_SUBLET), usual)
    said = compared(case, case.others & now, now, suspected=suspected, usual=usual)
    lately = _still_coming(case, case.others)
    return floats(np.where(lately, np.clip(said, STRANGERS_LEAST, OTHERS_CAP), STRANGERS_LEAST))


def _lived_in(case: Case) -> Floats:
    """Nothing where no door spoke: any home is lived in, and an empty one is another suspicion."""
    heard = ~np.isnan(case.there.meters) & case.window
    share = ratio(count(case.lived_in & heard), count(heard))
    said = np.minimum(LIVED_IN_STEP * (share - LIVED_IN_FROM), LIVED_IN_CAP)
    return np.where((count(heard) >= LEAST_DAYS) & any_day(case.spoke), fill(said, 0.0), ZERO)


def _changed(found: Floats) -> Floats:
    """Other people; nothing where the weeks do not allow to say, or draw as ever: it may be older than they are."""
    trusted = np.clip(found, 0, CHANGE_TRUSTED) + CHANGE_BEYOND * np.maximum(found - CHANGE_TRUSTED, 0)
    return fill(trusted, 0.0)


def _size(case: Case) -> Floats:
    share = ratio(mean(case.water_l, case.lived_in & case.window), usual_for_size(case))
    return floats(np.clip(SIZE_STEP * (_log(share) - SIZE_FROM), 0, SIZE_CAP))


def _log(share: Floats) -> Floats:
    """Natural logarithm; 0 where the share is not known."""
    return floats(np.log(np.maximum(fill(share, 1.0), 1e-3)))
