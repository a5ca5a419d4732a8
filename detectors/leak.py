"""Leak: water runs that nobody uses.

Rests on the least hour of the day: in a home that is lived in, some hour of the day draws nothing. A least hour of 2 L
and more on three days in a row, grown to at least double the unit's own past, is a leak; 5 L and more, or a fortnight
of it, is urgent. Of a meter that is read every four hours the least of these stretches is taken, and it must have
grown over a past that is known: four hours in which a large household draws nothing are rare. Of a meter that is read
still less often the whole day is taken where nobody is there: what runs then, runs by itself. Misses: leaks that rest
for an hour (a cistern that fills now and then), those as old as the panel where the past is known only with them, and
lived-in homes whose meter is read once a day. A false alarm (a fish tank, a humidifier) costs a phone call.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from detectors.facts import fact, finding
from detectors.findings import Evidence, Finding, Kind, Level
from detectors.judge import Judge
from detectors.panel import Bools, Floats, Panel
from detectors.policy import Policy
from detectors.presence import CLEAR, known_water, passed, presence
from detectors.readiness import Reasons
from detectors.scoring import held_back
from detectors.stats import (
    NAN,
    Indexes,
    any_day,
    count,
    fill,
    first_true,
    floats,
    from_index,
    last_true,
    mean,
    quantile,
    trailing_sum,
)
from detectors.tenancy import tenancy

HOURS_A_DAY = 24.0
LEAK_PRIOR = -2.9
"""5 %: leaks are ten times as frequent as misuse (Alicante: 25 runs per 1,000 homes and month)."""
FLOW_STEP, FLOW_CAP = 1.6, 4.0
"""Log-odds for each doubling of the flow over half the threshold, and at most."""
DAYS_FIRST, DAYS_STEP, DAYS_LEAST, DAYS_CAP = 1.0, 0.3, -2.0, 2.0
GROWTH_STEP, GROWTH_CAP, GROWTH_FLOOR_L_PER_H = 0.8, 3.0, 0.5
"""Log-odds for each doubling over the own past, at most, and what is too little to double."""
OWN_HIGH = 0.9
"""A home whose water often runs through the night (irrigation, a softener) is held against its own worse days."""
GROWN = 2.0
"""Times its own past that a flow must have reached."""
GAP_DAYS = 3
"""So many unknown days in a row end what was known of a leak."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """Days up to the day judged on which water never stopped."""

    panel: Panel
    policy: Policy
    start: Indexes
    days: Floats
    flow_l_per_h: Floats
    """(U,) least hourly use of the last days, so that a leak that grows becomes urgent."""
    before_l_per_h: Floats
    """(U,) least hour of the worse days before the run; NaN where too little is known."""
    by_hours: Bools
    """(U,) single hours of the last days are known, not only stretches of several."""
    empty: Bools
    """(U,) no hours of the last days are known, and nobody was there."""
    known: Bools
    """(U, D) days whose least flow is known."""
    absent: Bools
    """(U, D) days on which nobody was there, looked up where the run lasts."""

    @property
    def reasons(self) -> Reasons:
        """The meter is silent, or tells no flow."""
        policy, lately = self.policy, slice(-self.policy.stale_days, None)
        few = ~any_day(self.known[:, lately]) | (count(self.known) < policy.leak_days)
        return [
            ("data_stale", ~any_day(_heard(self.panel)[:, lately])),
            ("too_few_hours", np.asarray(few)),
        ]

    @property
    def judged(self) -> Floats:
        """(U,) below an alert until it has lasted, and grown."""
        return held_back(self.log_odds, self.lasting, self.policy)

    @property
    def lasting(self) -> Bools:
        """(U,) it runs long enough for an alert, and not as ever."""
        return np.asarray((self.days >= self.policy.leak_days) & self.grown)

    @property
    def grown(self) -> Bools:
        """(U,) the flow is not what it always was."""
        doubled = self.before_l_per_h * GROWN <= self.flow_l_per_h
        return np.asarray(doubled | (np.isnan(self.before_l_per_h) & (self.by_hours | self.empty)))

    @property
    def flow_log_odds(self) -> Floats:
        """(U,) the more flows, the surer."""
        doublings = np.log2(np.maximum(fill(self.flow_l_per_h, 0.0), 0.01) / (self.policy.leak_l_per_h / 2))
        return floats(np.clip(FLOW_STEP * doublings, -FLOW_CAP, FLOW_CAP))

    @property
    def days_log_odds(self) -> Floats:
        """(U,) the longer, the surer."""
        gained = DAYS_FIRST + DAYS_STEP * (self.days - self.policy.leak_days)
        return floats(np.where(self.days > 0, np.clip(gained, DAYS_LEAST, DAYS_CAP), DAYS_LEAST))

    @property
    def growth_log_odds(self) -> Floats:
        """(U,) the more it has grown, the surer; nothing where the past is not known."""
        now, before = self.flow_l_per_h + GROWTH_FLOOR_L_PER_H, self.before_l_per_h + GROWTH_FLOOR_L_PER_H
        return floats(np.clip(GROWTH_STEP * (np.log2(fill(now / before, GROWN)) - 1), -GROWTH_CAP, GROWTH_CAP))

    @property
    def log_odds(self) -> Floats:
        """(U,) that water is lost."""
        return floats(LEAK_PRIOR + self.flow_log_odds + self.days_log_odds + self.growth_log_odds)


def _read_run(panel: Panel, policy: Policy) -> _Run:
    least, empty = _least_flow(panel, policy)
    length, known = panel.shape[1], ~np.isnan(least)
    ends = (least < policy.leak_l_per_h) | (trailing_sum(known, GAP_DAYS) == 0)
    flowing = from_index(last_true(ends) + 1, length) & known
    start = first_true(flowing)
    before = ~from_index(start, length) & known & tenancy(panel)
    lately = known & (np.arange(length) >= length - policy.leak_days)[None, :]
    enough = count(before) >= policy.least_known_days
    return _Run(
        panel=panel,
        policy=policy,
        start=start,
        days=count(flowing),
        flow_l_per_h=quantile(least, lately, 0.0),
        before_l_per_h=np.where(enough, quantile(least, before, OWN_HIGH), NAN),
        by_hours=any_day(lately & ~np.isnan(panel.water_min_hour_l)),
        empty=any_day(lately) & ~any_day(lately & ~empty),
        known=known,
        absent=np.zeros(panel.shape, bool),
    )


def _absent(run: _Run) -> Bools:
    rows, absent = np.flatnonzero(run.lasting), run.absent.copy()
    absent[rows] = presence(run.panel.take(rows), run.policy).absent
    return absent


def _least_flow(panel: Panel, policy: Policy) -> tuple[Floats, Bools]:
    """(U, D) the least flow by parts of days, or of whole ones without anybody; and days without hours and anybody."""
    least, water = panel.water_least_flow_l_per_h, known_water(panel, policy)
    wanted = np.isnan(panel.water_min_hour_l) & ~np.isnan(water) & ~_passed(panel)
    rows = np.flatnonzero(any_day(wanted))
    empty = np.zeros(panel.shape, bool)
    empty[rows] = wanted[rows] & _nobody_at_home(panel.take(rows), policy)
    return np.where(empty & np.isnan(least), water / HOURS_A_DAY, least), empty


def _nobody_at_home(panel: Panel, policy: Policy) -> Bools:
    """(U, D) nobody by electricity, and no household, or one whose water says so too."""
    there = presence(panel, policy)
    return np.asarray((there.electricity <= -CLEAR) & (~panel.leased | (there.water <= -CLEAR)))


def _passed(panel: Panel) -> Bools:
    kinds = (panel.registered_passages, panel.visitor_passages, panel.stranger_passages, panel.unidentified_passages)
    return passed(*kinds)


def _heard(panel: Panel) -> Bools:
    return np.asarray(panel.water_coverage > 0)


@dataclass(frozen=True, slots=True)
class LeakDetector(Judge[_Run]):
    """Judges the last day of a panel."""

    policy: Policy = field(default_factory=Policy)
    kind: Kind = Kind.LEAK

    def _beside(self, panel: Panel) -> Reasons:
        return [("no_meter", ~any_day(_heard(panel)))]

    def _read(self, panel: Panel) -> _Run:
        run = _read_run(panel, self.policy)
        return replace(run, absent=_absent(run))

    def _tell(self, case: _Run, chance: float) -> Finding:
        policy = self.policy
        urgent = case.flow_l_per_h[0] >= policy.burst_l_per_h or case.days[0] >= policy.leak_long_days
        facts, since = _facts(case), int(case.start[0])
        found = finding(case.panel, policy, kind=self.kind, chance=chance, since=since, facts=facts)
        return replace(found, level=Level.RED if urgent else Level.YELLOW)


def _facts(run: _Run) -> list[Evidence]:
    panel, first = run.panel, int(run.start[0])
    flow, days = float(run.flow_l_per_h[0]), float(run.days[0])
    before = (np.arange(panel.shape[1]) < first)[None, :]
    use = float(mean(known_water(panel, run.policy), before)[0])
    usual, asked = float(run.before_l_per_h[0]), run.policy.leak_days
    by_flow = float(run.flow_log_odds[0] + run.growth_log_odds[0])
    by_days = float(run.days_log_odds[0])
    lost, empty, whole = flow * HOURS_A_DAY, float(run.absent[0, first:].sum()), float(panel.shape[1] - first)
    parts = ~np.isnan(panel.water_least_flow_l_per_h[0, -run.policy.leak_days :])
    code = "flow_never_stops" if parts.any() else "flow_while_empty"
    facts = [
        fact(panel, code, flow, "L/h", first=first, baseline=usual, weight=by_flow),
        fact(panel, "leak_days", days, "days", first=first, baseline=asked, weight=by_days),
        fact(panel, "leak_loss", lost, "L/day", first=first, baseline=use, weight=0),
    ]
    if empty:
        facts.append(fact(panel, "leak_unoccupied", empty, "days", first=first, baseline=whole, weight=0))
    return facts
