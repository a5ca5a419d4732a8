"""What is compared with what to tell a sublet: the days, and who of those who pass was there before.

People who were there before are told from those who came late. Of the registered, only those stand for the household
whom the doors knew in the tenancy's first weeks: a "relative" who is listed late and passes daily does not make up for
all others falling silent. A face that no list names and that came from the first weeks on is a member without an
enrolled face, a carer or a friend, and one that comes late is news.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from detectors.occupants import Change, change
from detectors.panel import Bools, Floats, Panel
from detectors.policy import Policy
from detectors.presence import (
    CLEAR,
    LIKELY,
    Presence,
    known_electricity,
    known_water,
    passed,
    presence,
)
from detectors.stats import any_day, count, fill, first_true, floats, from_index, ratio
from detectors.tenancy import tenancy

AS_BEFORE = 0.5
SEVERAL = 2
"""From so many enrolled members on, one more without a face does not explain that none of them is seen."""
BEGAN_AGO = (2 / 3, 1, 4 / 3, 2, 3, 4)
"""It may have begun so many windows ago; two weeks are the least, for households go away for a week."""
EVER_SHARE = 0.25
"""How likely it is, of all times, that it began before the panel did."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """The days that are compared, (U, D). What many signals look at is worked out once, so that it has no slots."""

    panel: Panel
    policy: Policy
    there: Presence
    window: Bools
    """The last days of the tenancy."""
    past: Bools
    """The days of the tenancy before them."""
    spoke: Bools
    """Days of the tenancy on which the doors spoke."""
    own_passages: Floats
    """Passages of the registered who were there before; late comers are news where the list has grown."""
    returning: Floats
    """Known-again strangers, none where no door spoke."""
    changed: Change
    """What the meters say about other people living there now, by unit."""
    ever: bool = False
    """The sublet is held to be older than the panel: there is no past to compare with."""

    @cached_property
    def watched(self) -> Bools:
        """Days on which an enrolled household that lives there could have been seen: the home was not empty."""
        empty = (self.there.meters <= -CLEAR) & ~self.lived_in
        return np.asarray(self.spoke & ~self.panel.declared_absence & ~empty)

    @cached_property
    def seen(self) -> Bools:
        """Days on which registered people were seen who were there before."""
        return np.asarray(self.spoke & (self.own_passages > 0))

    @cached_property
    def traced(self) -> Bools:
        """Days on which the household left a trace: its enrolled faces, or faces of old where members have none."""
        of_old = self.returning >= self.panel.late_strangers + np.float32(LIKELY)
        return np.asarray(self.seen | (of_old & self._stand_for_it(of_old)[:, None]))

    def _stand_for_it(self, of_old: Bools) -> Bools:
        """Faces of old stand for members without a face where they came before at least half as often as now."""
        before, now = (self.share(of_old, days) for days in (self.past, self.window))
        as_before = enrolled(self.panel) < SEVERAL if self.ever else before >= np.float32(AS_BEFORE) * now
        return np.asarray((faceless(self.panel) > 0) & as_before)

    def share(self, hits: Bools, days: Bools) -> Floats:
        """(U,) share of the `days` on which the doors spoke that are hits; 0 where they never did."""
        return fill(ratio(count(hits & self.spoke & days), count(self.spoke & days)), 0.0)

    @property
    def came(self) -> Bools:
        """Days on which strangers came."""
        return np.asarray(self.spoke & (self.panel.strangers >= LIKELY))

    @cached_property
    def returned(self) -> Bools:
        """Days on which strangers came who had come before."""
        return np.asarray(self.spoke & (self.panel.returning_strangers >= LIKELY))

    @cached_property
    def unhosted(self) -> Bools:
        """Days on which new strangers came and nobody of the household was seen."""
        return np.asarray((self.fresh | self.late) & ~self.seen)

    @cached_property
    def late(self) -> Bools:
        """Days on which strangers came again who first came late."""
        return np.asarray(self.spoke & (self.panel.late_strangers >= LIKELY))

    @cached_property
    def late_listed(self) -> Bools:
        """Days on which registered people passed who were first seen late."""
        return np.asarray(self.spoke & (self.panel.registered_passages > self.own_passages))

    @property
    def fresh(self) -> Bools:
        """Days on which strangers came for the first time."""
        fresh = self.panel.strangers - self.returning
        return np.asarray(self.spoke & (fresh >= LIKELY))

    @property
    def told(self) -> Bools:
        """Days on which faces that are not known are told from cards."""
        return np.asarray(self.spoke & ~np.isnan(self.panel.unnamed_face_passages))

    @property
    def unnamed(self) -> Bools:
        """Days on which faces passed that the door neither knew nor gave a pseudonym."""
        return np.asarray(self.spoke & (self.panel.unnamed_face_passages > 0))

    @property
    def others(self) -> Bools:
        """Days on which cards, codes or listed visitors passed for the home; a face may be the household's own."""
        return np.asarray(self.spoke & passed(self.panel.unidentified_passages, self.panel.visitor_passages))

    @cached_property
    def lived_in(self) -> Bools:
        """Days that any meter calls lived in: who moves in may draw little of the other.

        Of those who came late a small household's water will do, however much the household itself drew.
        """
        newcomers = (self.late | self.late_listed) & (self.water_l >= self._small_household_l)
        return np.asarray((self.there.water >= CLEAR) | (self.there.electricity >= CLEAR) | newcomers)

    @property
    def _small_household_l(self) -> float:
        return self.policy.lived_in_share * self.policy.default_water_l

    @cached_property
    def water_l(self) -> Floats:
        """Litres of well-known days."""
        return known_water(self.panel, self.policy)

    @property
    def electricity_kwh(self) -> Floats:
        """Kilowatt-hours of well-known days."""
        return known_electricity(self.panel, self.policy)


def read_case(panel: Panel, policy: Policy) -> Case:
    """Which days are compared with which."""
    length = panel.shape[1]
    days, there = tenancy(panel), presence(panel, policy)
    recent = (np.arange(length) >= length - policy.sublet_window_days)[None, :]
    spoke = days & (panel.door_coverage > 0)
    return Case(
        panel=panel,
        policy=policy,
        there=there,
        window=days & recent,
        past=days & ~recent,
        spoke=spoke,
        own_passages=_own_passages(panel, days),
        returning=np.where(spoke, fill(panel.returning_strangers, 0.0), np.float32(0)),
        changed=change(panel, there, policy, days),
    )


def _own_passages(panel: Panel, days: Bools) -> Floats:
    passages, late = (fill(one, 0.0) for one in (panel.registered_passages, panel.late_registered_passages))
    listed = panel.enrolled_persons
    grew = any_day((listed < listed[:, -1:]) & days)
    return np.where(grew[:, None], passages - late, passages)


def since_when(case: Case) -> Iterator[Case]:
    """The days heard of, held against each other for each time at which it may have begun; also before the panel."""
    length = case.panel.shape[1]
    days, least = (case.window | case.past) & _heard_of(case), case.policy.least_known_days
    yield replace(case, window=days, past=np.zeros_like(days), ever=True)
    for windows in BEGAN_AGO:
        ago = round(windows * case.policy.sublet_window_days)
        if windows <= 1 or ago + least <= length:
            recent = (np.arange(length) >= length - ago)[None, :]
            yield replace(case, window=days & recent, past=days & ~recent)


def _heard_of(case: Case) -> Bools:
    """The days from the first on which anything of the home was heard: others of the panel may be older."""
    heard = case.spoke | case.there.known
    return from_index(first_true(heard), heard.shape[1])


def likelihood(case: Case, of: int) -> float:
    """How likely this time of beginning is, of so many: those after the panel's first day are all alike."""
    return EVER_SHARE if case.ever else (1 - EVER_SHARE) / (of - 1)


def enrolled(panel: Panel) -> Floats:
    """(U,) members with an enrolled face on the day judged."""
    return fill(panel.enrolled_persons[:, -1], 0.0)


def faceless(panel: Panel) -> Floats:
    """(U,) members without an enrolled face; at least one where nobody enrolled."""
    missing = np.maximum(fill(panel.household_size, 1.0) - enrolled(panel), 0)
    return floats(np.where(enrolled(panel) > 0, missing, np.maximum(missing, 1)))


def rate(hits: Bools, of: Bools, habit: tuple[float, float]) -> Floats:
    """(U,) share of days, drawn towards what is usual where there are few."""
    usual, worth_days = habit
    return floats((count(hits) + usual * worth_days) / (count(of) + worth_days))


def compared(case: Case, hits: Bools, of: Bools, *, suspected: Floats | float, usual: Floats | float) -> Floats:
    """(U,) log-likelihood ratio of so many days, tempered because a household's days resemble each other."""
    number, days = count(hits), count(of)
    yes, no = np.log(np.divide(suspected, usual)), np.log((1 - np.asarray(suspected)) / (1 - np.asarray(usual)))
    return floats(case.policy.dependence * (number * yes + (days - number) * no))
