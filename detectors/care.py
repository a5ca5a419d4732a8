"""Care: someone who lives alone may need help.

For households listed as a lone elder. Two patterns on the day judged, of which the stronger counts: no water on whole
days (field: under 10 L in 24 hours, Taicang; Shanghai Changning asks after 12 hours already, which daily figures do
not show), and far too much of it (field: over 2 m³ a day, Jing'an). How unusual that is, is measured by this
person's own past, drawn towards what homes of one person do (Alicante: 0.36 days without water a month begin in such
a home, 0.19 last for two). Being seen at the door ends a silence: a water meter may stand still. Somebody else's visit,
electricity that says lived in, a declared absence and holidays, which elders spend with their children, take off; and
a silence of holidays, which nearly always lasts as long as they do, becomes unusual five times as slowly.

The probability answers whether a telephone call is worth while, not whether something has happened: nearly always
nothing has. Misses: help needed between two draws of water, and whoever has a leak. A false alarm costs a call, so
that the contact is called first and nobody knocks unannounced.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from detectors.facts import fact, finding
from detectors.findings import Evidence, Finding, Kind
from detectors.judge import Judge
from detectors.panel import Bools, Floats, Panel
from detectors.policy import Policy
from detectors.presence import CLEAR, Presence, known_water, presence
from detectors.readiness import Reasons, data_reasons, lease_reasons
from detectors.stats import Indexes, count, fill, first_true, floats, from_index, last_true, ratio
from detectors.tenancy import tenancy

OTHERS_SILENT = (0.012, 0.0063)
"""Days on which a silence of one day, and of two, begins in a home of one person (Alicante); one in two goes on."""
OTHERS_WORTH_DAYS = 60.0
GOES_ON = 0.5
LONG_DAYS = 60.0
"""Longer silences are not rarer, and float32 holds no number that would say so."""
HOLIDAY_DAY = 0.2
"""Of a day: what a day of holidays adds to how long a silence is, for visits of holidays last for days (judgement)."""
VISITED, IN_USE, ON_HOLIDAY, DECLARED = 2.0, 1.5, 2.0, 5.0
"""Log-odds that each explanation takes off."""
FLOOD_STEP, FLOOD_USUAL = 2.0, 4.0
"""Log-odds for each doubling over the threshold, which a household that often uses so much raises by this factor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """All that is known about the water of whoever lives alone."""

    panel: Panel
    policy: Policy
    there: Presence
    days: Bools
    """(U, D) days of the tenancy."""
    water_l: Floats
    """(U, D) litres of well-known days."""
    start: Indexes
    """(U,) index of the first day of the silence that reaches the day judged, without water and without having been
    seen; D where there is none."""

    @property
    def reasons(self) -> Reasons:
        """Too little is known of the water, or nothing of the day judged."""
        known = ~np.isnan(self.water_l)
        return [*data_reasons(self.panel, known, "no_meter", self.policy), ("data_stale", ~known[:, -1])]

    @property
    def silent(self) -> Bools:
        """(U, D) days on which hardly any water was drawn."""
        return np.asarray(self.days & (self.water_l < self.policy.care_least_l))

    @property
    def run(self) -> Bools:
        """(U, D) days of the silence."""
        return from_index(self.start, self.panel.shape[1])

    @property
    def silent_days(self) -> Floats:
        """(U,) how long it has lasted."""
        return count(self.run & self.silent)

    @property
    def counted_days(self) -> Floats:
        """(U,) how long it counts: whole days, and days of holidays in part."""
        on_holiday = count(self.run & self.silent & self.panel.holiday[None, :])
        return floats(self.silent_days - (1 - HOLIDAY_DAY) * on_holiday)

    @property
    def past_silent(self) -> Bools:
        """(U, D) such days before it."""
        return self.silent & ~self.run

    @property
    def usual_rate(self) -> Floats:
        """(U,) share of days on which a silence so long is nothing unusual here."""
        before = self.days & ~self.run & ~np.isnan(self.water_l)
        own = count(self.past_silent)
        one = (own + OTHERS_SILENT[0] * OTHERS_WORTH_DAYS) / (count(before) + OTHERS_WORTH_DAYS)
        longer = np.maximum(one, OTHERS_SILENT[1]) * GOES_ON ** np.clip(self.counted_days - 1, 0, LONG_DAYS)
        return floats(np.where(self.silent_days > 1, np.minimum(longer, one), one))

    @property
    def silence_log_odds(self) -> Floats:
        """(U,) how far rarer than the calls that are allowed for."""
        said = np.log(self.policy.care_calls_a_day / self.usual_rate) - self.explained
        return floats(np.where(self.silent_days > 0, said, -np.inf))

    @property
    def explained(self) -> Floats:
        """(U,) log-odds that explanations of the silence take off."""
        panel = self.panel
        told = (
            (VISITED, self.run & (panel.visitor_passages > 0)),
            (IN_USE, self.run & (self.there.electricity >= CLEAR)),
            (ON_HOLIDAY, self.run & panel.holiday[None, :]),
            (DECLARED, self.run & panel.declared_absence),
        )
        return floats(sum(weight * ratio(count(days), count(self.run)) for weight, days in told))

    @property
    def usual_l(self) -> Floats:
        """(U,) own usual day, drawn towards one person's."""
        return fill(self.there.usual_water_l, self.policy.water_l_by_size[0])

    @property
    def flood_log_odds(self) -> Floats:
        """(U,) far too much water on the day judged."""
        line = np.maximum(self.policy.care_most_l, FLOOD_USUAL * self.usual_l)
        return floats(FLOOD_STEP * np.log2(np.maximum(fill(self.water_l[:, -1], 0.0), 1) / line) + 1e-3)

    @property
    def judged(self) -> Floats:
        """(U,) that a call is worth while."""
        return np.maximum(self.silence_log_odds, self.flood_log_odds)


@dataclass(frozen=True, slots=True)
class CareDetector(Judge[_Case]):
    """Judges the last day of a panel."""

    policy: Policy = field(default_factory=Policy)
    kind: Kind = Kind.CARE

    def _beside(self, panel: Panel) -> Reasons:
        return [*lease_reasons(panel, self.policy), ("not_alone", ~panel.lone_elder)]

    def _read(self, panel: Panel) -> _Case:
        days, water = tenancy(panel), known_water(panel, self.policy)
        moves = ~(water < self.policy.care_least_l) | (panel.registered_passages > 0) | ~days
        return _Case(
            panel=panel,
            policy=self.policy,
            there=presence(panel, self.policy),
            days=days,
            water_l=water,
            start=last_true(np.asarray(moves)) + 1,
        )

    def _tell(self, case: _Case, chance: float) -> Finding:
        silent = bool(case.silence_log_odds[0] >= case.flood_log_odds[0])
        facts = [*_silence_facts(case), *_explaining(case)] if silent else _flood_facts(case)
        since = int(case.start[0]) if silent else case.panel.shape[1] - 1
        return finding(case.panel, self.policy, kind=self.kind, chance=chance, since=since, facts=facts)


def _silence_facts(case: _Case) -> list[Evidence]:
    panel, first = case.panel, int(case.start[0])
    weight = float(case.silence_log_odds[0] + case.explained[0])
    past, began = float(count(case.past_silent)[0]), int(first_true(case.days)[0])
    return [
        fact(panel, "no_water_days", float(case.silent_days[0]), "days", first=first, weight=weight),
        fact(panel, "silent_before", past, "days", first=began, weight=0),
    ]


def _explaining(case: _Case) -> list[Evidence]:
    panel, first, run = case.panel, int(case.start[0]), case.run[0]
    whole = float(run.sum())
    told = (
        ("visited", VISITED, panel.visitor_passages[0] > 0),
        ("electricity_in_use", IN_USE, case.there.electricity[0] >= CLEAR),
        ("holiday_days", ON_HOLIDAY, panel.holiday),
        ("declared_days", DECLARED, panel.declared_absence[0]),
    )
    found = ((code, weight, float((run & days).sum())) for code, weight, days in told)
    return [
        fact(panel, code, days, "days", first=first, baseline=whole, weight=-weight * days / whole)
        for code, weight, days in found
        if days
    ]


def _flood_facts(case: _Case) -> list[Evidence]:
    panel, last = case.panel, case.panel.shape[1] - 1
    used, usual, weight = float(case.water_l[0, -1]), float(case.usual_l[0]), float(case.flood_log_odds[0])
    often = float((case.days[0, :-1] & (case.water_l[0, :-1] >= case.policy.care_most_l)).sum())
    began = int(first_true(case.days)[0])
    return [
        fact(panel, "too_much_water", used, "L", first=last, baseline=usual, weight=weight),
        fact(panel, "too_much_before", often, "days", first=began, weight=0),
    ]
