"""Vacancy: leased, and nobody lives there.

Rests on a run of days with nobody there up to the day judged (`absence`), against how long lived-in homes stand empty
in Alicante, and on what always ran in the home (`base_load`): where that is off, 25 days by two channels or 28 by one
are enough; where it runs on as on a journey, it takes 44; where it is not known, 36, or 30 if nobody was there from the
day on that the home was first heard of. Registered people seen at the door in the run speak against it. Misses: a
vacancy with a tenant who looks in more than once a fortnight, and a home that heats or cools as if lived in. A false
alarm sends an inspector to people on a journey, in hospital or with their children.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from detectors.absence import Absence, absence
from detectors.base_load import base_kept
from detectors.facts import fact, finding
from detectors.findings import Evidence, Finding, Kind
from detectors.judge import Judge
from detectors.panel import Bools, Floats, Panel
from detectors.policy import Policy
from detectors.presence import CLEAR, Presence, known_electricity, known_water, presence
from detectors.readiness import Reasons, data_reasons, lease_reasons
from detectors.scoring import held_back, pressed, prior_log_odds
from detectors.stats import ZERO, any_day, count, fill, first_true, floats, mean, spread
from detectors.tenancy import lease_age_days, tenancy

SHORT_ABSENCE_DAYS = 3.0
LIVED_IN_NOW = 2.0
"""Log-odds that presence now takes off."""
SEEN_IN_RUN = 5.0
"""Log-odds that registered people take off who are seen on every day of the run."""
ONE_CHANNEL_CAP = 1.7
"""85 %: one channel alone may be a device that stands still, so it is never red."""
UNTRIED_CAP = -0.5
"""38 %: one channel that hardly showed a lived-in day may be dead, or hang elsewhere; alone it raises no alert."""
LEAST_LIVED_IN_DAYS = 3
NEVER_LIVED_IN = 0.5
SWITCHED_OFF, KEPT_ON = 2.5, -2.5
"""Log-odds where hardly anything of what always ran is left, and where all of it runs on (ResidentialEnergyConsumption:
one absence of 18 was of the first kind, 17 of the second; of vacant homes two in three, judgement). The second would be
-1; more is asked, for journeys of five and six weeks outnumber vacancies whose fridge runs (`docs/decisions/0017`)."""
NOT_KNOWN = KEPT_ON / 2
"""Half of what speaks against it: where nobody can tell a journey from a vacancy, four and five weeks are a journey
more often than not (Alicante: 4.9 runs of 28 days per 1,000 homes and month)."""
OFF_BELOW, ON_FROM = 0.4, 0.8
"""Shares of what always ran up to which it is off, and from which it is on."""
EMPTY_FROM_THE_FIRST = 1.0
"""Log-odds where nobody was there when the home was first heard of: when it began, nobody knows. Journeys end at a rate
of 0.16 a day, so of those begun earlier six days' worth still go on, of vacancies months' worth: a factor of ten and
more (2.3). Less than half is granted, for some stays with children last for months as well."""
FIRST_DAYS = 3
"""A run that begins so soon after the first known day began with it: a day in doubt may stand before it."""
SMALLEST = 1e-6
BOTH = 1.5
"""Mean count of agreeing channels from which a run rests on more than one."""


@dataclass(frozen=True, kw_only=True)
class _Case:
    """All that is known about the units' absences. What always ran is worked out once, so that it has no slots."""

    panel: Panel
    policy: Policy
    there: Presence
    away: Absence

    @property
    def reasons(self) -> Reasons:
        """Nothing heard of the household, too little or not lately."""
        return data_reasons(self.panel, self.there.known, "no_meter", self.policy)

    @property
    def judged(self) -> Floats:
        """(U,) below an alert until the clock has run out."""
        ripe = np.asarray(self.clock_days >= self.policy.vacancy_clock_days)
        return held_back(self.log_odds, ripe, self.policy)

    @property
    def stretch(self) -> Floats:
        """(U,) how much slower the clock runs for the household."""
        return np.where(self.panel.lone_elder, np.float32(self.policy.lone_elder_stretch), np.float32(1))

    @property
    def clock_days(self) -> Floats:
        """(U,) days on the clock."""
        return floats(self.away.clock_days / self.stretch)

    @property
    def never_lived_in(self) -> Bools:
        """(U,) the lease began within the panel, and no day since was lived in."""
        began_here = lease_age_days(self.panel) < self.panel.shape[1]
        return np.asarray(self.away.never_lived_in & began_here & (self.away.effective_days > 0))

    @property
    def empty_from_the_first(self) -> Bools:
        """(U,) let before the first known day of the panel, and the run began with it."""
        days = tenancy(self.panel)
        first = first_true(self.there.known & days)
        let_before = lease_age_days(self.panel) >= self.panel.shape[1] - first
        seen_leaving = any_day(self.there.present & days & ~self.away.run)
        return np.asarray(let_before & (self.away.start < first + FIRST_DAYS) & ~seen_leaving)

    @property
    def seen(self) -> Bools:
        """(U, D) days on which the door saw registered people."""
        return np.asarray((self.panel.door_coverage > 0) & (self.panel.registered_passages > 0))

    @property
    def seen_share(self) -> Floats:
        """(U,) share of the run's days on which registered people were seen."""
        return floats(count(self.seen & self.away.run) / np.maximum(count(self.away.run), 1))

    @property
    def length_log_odds(self) -> Floats:
        """(U,) what an absence of this length says: rises fast to three days, then as honest absences grow rare."""
        days = floats(self.away.effective_days / self.stretch)
        gained = np.minimum(days / SHORT_ABSENCE_DAYS, 1) * (self.policy.short_absence_log_odds + LIVED_IN_NOW)
        later = self.policy.absence_log_odds_a_day * np.maximum(days - SHORT_ABSENCE_DAYS, 0)
        return floats(gained - LIVED_IN_NOW + later)

    @cached_property
    def base_kept(self) -> Floats:
        """(U,) share of what always ran that runs on; NaN where that is not known."""
        return base_kept(self.panel, self.there, self.away.run, self.policy)

    @property
    def base_log_odds(self) -> Floats:
        """(U,) what that says: a journey leaves the fridge on."""
        gone = np.clip((ON_FROM - self.base_kept) / (ON_FROM - OFF_BELOW), 0, 1)
        return fill(KEPT_ON + (SWITCHED_OFF - KEPT_ON) * gone, NOT_KNOWN)

    @property
    def log_odds(self) -> Floats:
        """(U,) that the unit is vacant."""
        total = prior_log_odds(self.policy) + self.length_log_odds + self.base_log_odds - SEEN_IN_RUN * self.seen_share
        total = total + NEVER_LIVED_IN * self.never_lived_in + EMPTY_FROM_THE_FIRST * self.empty_from_the_first
        alone = self.away.channels < BOTH
        tried = count(self.there.present) >= LEAST_LIVED_IN_DAYS
        cap = np.where(tried, ONE_CHANNEL_CAP, UNTRIED_CAP)
        return floats(np.where(alone, pressed(total, cap), total))

    @property
    def asked_days(self) -> Floats:
        """(U,) days on the clock that would have been enough for an alert, all else being as it is."""
        least = np.where(
            self.away.channels >= BOTH, self.policy.vacancy_clock_days, self.policy.vacancy_one_channel_days
        )
        spare = np.maximum(self.log_odds, 0) / max(self.policy.absence_log_odds_a_day, SMALLEST)
        return floats(np.maximum(least, np.ceil(self.away.counted_days / self.stretch - spare)) * self.stretch)


@dataclass(frozen=True, slots=True)
class VacancyDetector(Judge[_Case]):
    """Judges the last day of a panel."""

    policy: Policy = field(default_factory=Policy)
    kind: Kind = Kind.VACANCY

    def _beside(self, panel: Panel) -> Reasons:
        return lease_reasons(panel, self.policy)

    def _read(self, panel: Panel) -> _Case:
        there = presence(panel, self.policy)
        return _Case(panel=panel, policy=self.policy, there=there, away=absence(panel, there, self.policy))

    def _tell(self, case: _Case, chance: float) -> Finding:
        facts = [*_run_facts(case), *_meter_facts(case), *_base_facts(case), *_even_facts(case), *_door_facts(case)]
        since = int(case.away.start[0])
        return finding(case.panel, self.policy, kind=self.kind, chance=chance, since=since, facts=facts)


def _run_facts(case: _Case) -> list[Evidence]:
    panel, first, run = case.panel, int(case.away.start[0]), case.away.run[0]
    counted, asked = float(case.away.counted_days[0]), float(case.asked_days[0])
    unknown = NOT_KNOWN if np.isnan(case.base_kept[0]) else 0.0
    half = float(case.length_log_odds[0]) / 2
    facts = [fact(panel, "absent_run", counted, "days", first=first, baseline=asked, weight=half + unknown)]
    if case.never_lived_in[0]:
        age, allowed = float(lease_age_days(panel)[0]), case.policy.new_lease_days
        start = panel.shape[1] - 1 - int(age)
        weight = NEVER_LIVED_IN
        facts.append(fact(panel, "never_occupied", age, "days", first=start, baseline=allowed, weight=weight))
    absent = case.there.absent[0] & run
    if case.empty_from_the_first[0]:
        weight = EMPTY_FROM_THE_FIRST
        facts.append(fact(panel, "empty_from_the_first", counted, "days", first=first, baseline=None, weight=weight))
    told = (
        ("holiday_days", absent & panel.holiday),
        ("declared_days", absent & panel.declared_absence[0]),
        ("short_visits", run & case.there.present[0]),
    )
    whole = float(run.sum())
    return facts + [
        fact(panel, code, float(days.sum()), "days", first=first, baseline=whole, weight=0)
        for code, days in told
        if days.any()
    ]


def _meter_facts(case: _Case) -> list[Evidence]:
    there, counted, first = case.there, case.away.counted, int(case.away.start[0])
    meters = (
        ("water_absent", "L/day", known_water(case.panel, case.policy), there.water, there.usual_water_l),
        (
            "electricity_standby",
            "kWh/day",
            known_electricity(case.panel, case.policy),
            there.electricity,
            there.usual_electricity_kwh,
        ),
    )
    facts = []
    for code, unit, use, said, usual in meters:
        weight = _share(case, said)
        value, baseline = float(mean(use, counted)[0]), float(usual[0])
        if weight > 0:
            facts.append(fact(case.panel, code, value, unit, first=first, baseline=baseline, weight=weight))
    return facts


def _share(case: _Case, said: Floats) -> float:
    """A channel's part of the other half of the run's log-odds: by how much it said on the days that count."""
    channels = (case.there.water, case.there.electricity, case.there.door)
    everything = sum(_against(case, channel) for channel in channels)
    half = float(case.length_log_odds[0]) / 2
    return half * _against(case, said) / everything if everything > 0 else 0.0


def _against(case: _Case, said: Floats) -> float:
    silent = case.away.counted[0] & (said[0] <= -CLEAR)
    return float(-np.where(silent, said[0], ZERO).sum())


def _base_facts(case: _Case) -> list[Evidence]:
    weight, first = float(case.base_log_odds[0]), int(case.away.start[0])
    code, kept = "base_off" if weight > 0 else "base_on", min(float(case.base_kept[0]), 1.0)
    return [fact(case.panel, code, kept * 100, "%", first=first, baseline=None, weight=weight)]


def _even_facts(case: _Case) -> list[Evidence]:
    """Use that goes on in the empty home, as even as a machine's."""
    panel, policy, first = case.panel, case.policy, int(case.away.start[0])
    use = (
        ("water_mechanical", known_water(panel, policy), policy.even_water),
        ("electricity_mechanical", known_electricity(panel, policy), policy.even_electricity),
    )
    facts = []
    for code, values, even in use:
        found = spread(values, policy.evenness_days)[0][case.away.run[0]]
        least = float(np.min(found, initial=np.inf, where=~np.isnan(found)))
        if least < even:
            facts.append(fact(panel, code, least * 100, "%", first=first, baseline=even * 100, weight=0))
    return facts


def _door_facts(case: _Case) -> list[Evidence]:
    panel, run, seen = case.panel, case.away.run[0], case.seen[0]
    first, spoke = int(case.away.start[0]), panel.door_coverage[0] > 0
    since = int(first_true(tenancy(panel))[0])
    silent, seen_in_run = run & ~seen & ~np.isnan(case.there.door[0]), float((run & seen).sum())
    facts = []
    if silent.any():
        days, longest, weight = (
            float(silent.sum()),
            _longest_silence(seen[since:first]),
            _share(case, case.there.door),
        )
        facts.append(fact(panel, "registered_silent", days, "days", first=first, baseline=longest, weight=weight))
    if seen_in_run:
        heard, weight = float((run & spoke).sum()), -SEEN_IN_RUN * float(case.seen_share[0])
        facts.append(fact(panel, "registered_seen", seen_in_run, "days", first=first, baseline=heard, weight=weight))
    return facts


def _longest_silence(seen: Bools) -> float | None:
    """Most days between two registered passages before the run; None where there were no two."""
    at = np.flatnonzero(seen)
    return float(np.diff(at).max() - 1) if len(at) > 1 else None
