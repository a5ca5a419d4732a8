"""Misuse: the unit should be empty (not leased, or the lease ended), and is in use.

Rests on lived-in days by the meters in a unit without a lease, against what little an empty unit draws: not against
its own past, which may be the misuse itself. People at its door add to it; on days that no meter tells they stand for
it, at half the weight. Misses: use that leaves less than a quarter
of a small household's traces. A false alarm finds cleaners, decorators, or a household that was granted days to move
out, so that the two weeks after a lease do not count. In a unit that the list calls under repair workmen are expected:
there only days with an evening count, and faces at the door say nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from detectors.facts import fact, finding
from detectors.findings import Evidence, Finding, Kind
from detectors.judge import Judge
from detectors.panel import Bools, Floats, Panel
from detectors.policy import Policy
from detectors.presence import (
    CLEAR,
    EVENING_HOURS,
    HOURS_A_DAY,
    Presence,
    known_electricity,
    known_water,
    passed,
    presence,
)
from detectors.readiness import Reasons, data_reasons
from detectors.scoring import held_back, prior_log_odds
from detectors.stats import ZERO, any_day, count, fill, first_true, floats, last_true, mean, trailing_sum
from detectors.tenancy import days_unleased

EVENING_SHARE = 0.25
"""The part of a lived-in day that must fall into its evening where workmen come by day (judgement)."""
A_DAY = 0.8
"""Most log-odds that one lived-in day adds or an empty one takes off: ten days in use outweigh the prior."""
BY_DOOR = 0.5
"""Of it, where only a door tells the day: those who pass may be shown the unit, or clean it."""
PEOPLE_SEEN = 0.15
"""Log-odds for each day with passages for the unit."""
NOBODY_HOLDS_IT = 1.0
"""Log-odds that the housing list itself does not call the unit leased."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """All that is known about use without a lease."""

    panel: Panel
    policy: Policy
    there: Presence
    window: Bools
    """(U, D) the last days, without those of a lease and the time allowed for moving out."""

    @property
    def reasons(self) -> Reasons:
        """The household has only just left, or too little is heard of the home since."""
        panel, policy = self.panel, self.policy
        lately = any_day(panel.leased) & (days_unleased(panel) <= policy.move_out_days)
        never, stale, _ = data_reasons(panel, self.heard, "no_meter", policy)
        few = np.asarray(count(self.heard & self.window) < policy.misuse_lived_in_days)
        return [("moved_out_lately", np.asarray(lately)), never, stale, ("too_few_days", few)]

    @property
    def judged(self) -> Floats:
        """(U,) below an alert until enough days are lived in."""
        enough = np.asarray(count(self.lived_in & self.window) >= self.policy.misuse_lived_in_days)
        return held_back(self.log_odds, enough, self.policy)

    @property
    def lived_in(self) -> Bools:
        """(U, D) days that the meters, or else the door, say are lived in; under repair, with an evening."""
        by_meters = (self.there.meters > 0) & (self.evening | ~self.panel.under_repair[:, None])
        return np.asarray(by_meters | (self.by_door & self.passed))

    @property
    def by_door(self) -> Bools:
        """(U, D) days that no meter tells and a door does."""
        return np.asarray(np.isnan(self.there.meters) & (self.panel.door_coverage > 0))

    @property
    def evening(self) -> Bools:
        """(U, D) days on whose evening as much is used as somebody who lives there would, and not by day alone."""
        panel, policy = self.panel, self.policy
        litres, standby_l = panel.water_l, panel.water_min_hour_l
        kwh, standby_kwh = panel.electricity_kwh, panel.electricity_min_hour_kwh
        least_l, least_kwh = (
            usual * policy.lived_in_share for usual in (policy.default_water_l, policy.default_electricity_kwh)
        )
        by_water = _in_evening(litres, standby_l, panel.water_evening_l, least_l)
        return np.asarray(by_water | _in_evening(kwh, standby_kwh, panel.electricity_evening_kwh, least_kwh))

    @property
    def passed(self) -> Bools:
        """(U, D) days on which somebody passed for the unit who is no workman."""
        panel = self.panel
        kinds = (panel.registered_passages, panel.stranger_passages, panel.unidentified_passages)
        heard = (panel.door_coverage > 0) & ~panel.under_repair[:, None]
        return np.asarray(heard & passed(*kinds))

    @property
    def heard(self) -> Bools:
        """(U, D) days that a meter or a door tells."""
        return np.asarray(~np.isnan(self.there.meters) | self.by_door)

    @property
    def use_log_odds(self) -> Floats:
        """(U,) lived-in days against empty ones."""
        by_day_only = self.panel.under_repair[:, None] & ~self.lived_in
        there = np.where(by_day_only, np.minimum(self.there.meters, 0), self.there.meters)
        by_meters = np.clip(fill(there, 0.0) / CLEAR, -1, 1)
        said = np.where(self.by_door, np.where(self.lived_in, BY_DOOR, -BY_DOOR), by_meters)
        return floats((np.where(self.window, said, ZERO) * A_DAY).sum(axis=1))

    @property
    def list_log_odds(self) -> Floats:
        """(U,) what the housing list adds."""
        return np.where(self.panel.tenure_leased, ZERO, np.float32(NOBODY_HOLDS_IT))

    @property
    def log_odds(self) -> Floats:
        """(U,) that the unit is misused."""
        seen = PEOPLE_SEEN * count(self.passed & self.window)
        return floats(prior_log_odds(self.policy) + self.use_log_odds + self.list_log_odds + seen)


@dataclass(frozen=True, slots=True)
class MisuseDetector(Judge[_Case]):
    """Judges the last day of a panel."""

    policy: Policy = field(default_factory=Policy)
    kind: Kind = Kind.MISUSE

    def _beside(self, panel: Panel) -> Reasons:
        return [("leased", panel.leased[:, -1])]

    def _read(self, panel: Panel) -> _Case:
        there = presence(panel, self.policy)
        return _Case(panel=panel, policy=self.policy, there=there, window=_window(panel, self.policy))

    def _tell(self, case: _Case, chance: float) -> Finding:
        facts = [*_use_facts(case), *_list_facts(case)]
        return finding(case.panel, self.policy, kind=self.kind, chance=chance, since=_since(case), facts=facts)


def _in_evening(day: Floats, standby: Floats, evening: Floats, least: float) -> Bools:
    """(U, D) a good part of what is used above standby, or of a lived-in day where that is less, in the evening."""
    used = np.maximum(day - standby * HOURS_A_DAY, least)
    return np.asarray(evening - standby * EVENING_HOURS >= used * EVENING_SHARE)


def _window(panel: Panel, policy: Policy) -> Bools:
    length = panel.shape[1]
    index = np.arange(length)[None, :]
    freed = length - days_unleased(panel)
    free = index >= (freed + np.where(any_day(panel.leased), policy.move_out_days, 0))[:, None]
    return np.asarray(free & (index >= length - policy.misuse_window_days))


def _since(case: _Case) -> int:
    """First lived-in day of the windows that were in use without a break; weeks of which too little is known are none.

    A viewing or a cleaning months before is no part of it.
    """
    days, least = case.policy.misuse_window_days, case.policy.misuse_lived_in_days
    freed = case.panel.shape[1] - int(days_unleased(case.panel)[0])
    lived_in, heard = case.lived_in[:, freed:], case.heard[:, freed:]
    empty = (trailing_sum(lived_in, days) < least) & (trailing_sum(heard, days) >= least)
    first = max(int(last_true(empty)[0]) + 2 - days, 0)
    return freed + first + int(first_true(lived_in[:, first:])[0])


def _use_facts(case: _Case) -> list[Evidence]:
    panel, policy = case.panel, case.policy
    window, gained = case.window, float(case.use_log_odds[0])
    first, days = int(first_true(window)[0]), float((case.lived_in & window).sum())
    enough, allowed = policy.misuse_lived_in_days, policy.default_water_l * policy.lived_in_share
    water = float(mean(known_water(panel, policy), window)[0])
    kwh = float(mean(known_electricity(panel, policy), window)[0])
    standby = float(mean(panel.electricity_min_hour_kwh, window)[0]) * HOURS_A_DAY
    return [
        fact(panel, "lived_in_days", days, "days", first=first, baseline=enough, weight=gained / 2),
        fact(panel, "water_used", water, "L/day", first=first, baseline=allowed, weight=gained / 4),
        fact(panel, "electricity_used", kwh, "kWh/day", first=first, baseline=standby, weight=gained / 4),
    ]


def _list_facts(case: _Case) -> list[Evidence]:
    panel, window = case.panel, case.window[0]
    days, grace = float(days_unleased(panel)[0]), case.policy.move_out_days
    first, weight = panel.shape[1] - int(days), float(case.list_log_odds[0])
    facts = [fact(panel, "not_leased", days, "days", first=first, baseline=grace, weight=weight)]
    passed, heard = float((case.passed[0] & window).sum()), float(((panel.door_coverage[0] > 0) & window).sum())
    if passed:
        start, seen = int(first_true(case.window)[0]), PEOPLE_SEEN * passed
        facts.append(fact(panel, "passages_seen", passed, "days", first=start, baseline=heard, weight=seen))
    return facts
