"""The two simple rules of the field, as a yardstick beside the detectors. They run in evaluations only.

Their "probability" is a score for ranking: one half at the rule's threshold, more beyond it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detectors.facts import fact, finding, flagged
from detectors.findings import Finding, Kind, Verdict
from detectors.panel import Bools, Floats, Panel
from detectors.policy import Policy
from detectors.presence import known_water
from detectors.readiness import first_reason
from detectors.stats import NAN, any_day, count, fill, first_true, floats, from_index, last_true, mean

POLICY = Policy()


def strangers(panel: Panel) -> Floats:
    """(U, D) people that no list names; faces without a pseudonym are one a day, for nobody can count them."""
    nameless = fill(panel.unnamed_face_passages, 0.0) > 0
    return floats(fill(panel.strangers, 0.0) + nameless)


@dataclass(frozen=True, slots=True)
class DryRunRule:
    """Vacancy by water alone: so little for so many days in a row (Alicante: 12 false starts at 3 L and 14 days)."""

    days: int = 14
    dry_l: float = 3.0
    kind: Kind = Kind.VACANCY

    def __call__(self, panel: Panel, /) -> Verdict:
        """Count the known dry days since the last wet one."""
        litres, dry = self._dry(panel)
        known = ~np.isnan(litres)
        ready, not_ready = first_reason(
            [("no_lease", ~panel.leased[:, -1]), ("no_meter", ~any_day(known))], panel.unit_ids
        )
        score = _score(np.where(ready, count(dry), NAN), self.days)
        findings = tuple(self._finding(unit, value) for unit, value in flagged(panel, score, POLICY))
        return Verdict(kind=self.kind, probability=score, findings=findings, not_ready=not_ready)

    def _dry(self, panel: Panel) -> tuple[Floats, Bools]:
        litres = known_water(panel, POLICY)
        since = from_index(last_true(np.asarray(litres > self.dry_l)) + 1, panel.shape[1])
        return litres, since & ~np.isnan(litres)

    def _finding(self, panel: Panel, chance: float) -> Finding:
        litres, dry = self._dry(panel)
        first, days, used = int(first_true(dry)[0]), float(count(dry)[0]), float(mean(litres, dry)[0])
        facts = [
            fact(panel, "absent_run", days, "days", first=first, baseline=self.days, weight=1),
            fact(panel, "water_absent", used, "L/day", first=first, baseline=self.dry_l, weight=0),
        ]
        return finding(panel, POLICY, kind=self.kind, chance=chance, since=first, facts=facts)


@dataclass(frozen=True, slots=True)
class StrangersRule:
    """Sublet as gate systems count it: people that no list names, so many in so many days (judgement: one a day)."""

    days: int = 28
    strangers: float = 28.0
    kind: Kind = Kind.SUBLET

    def __call__(self, panel: Panel, /) -> Verdict:
        """Sum the strangers of the window."""
        lately = slice(-self.days, None)
        total = floats(strangers(panel)[:, lately].sum(axis=1))
        heard = any_day(np.asarray(panel.door_coverage[:, lately] > 0))
        ready, not_ready = first_reason([("no_lease", ~panel.leased[:, -1]), ("no_door", ~heard)], panel.unit_ids)
        score = _score(np.where(ready, total, NAN), self.strangers)
        findings = tuple(self._finding(unit, value) for unit, value in flagged(panel, score, POLICY))
        return Verdict(kind=self.kind, probability=score, findings=findings, not_ready=not_ready)

    def _finding(self, panel: Panel, chance: float) -> Finding:
        first = max(panel.shape[1] - self.days, 0)
        lately = np.arange(panel.shape[1])[None, :] >= first
        daily = float(mean(strangers(panel), lately)[0])
        returned = float((lately & (panel.returning_strangers > 0)).sum())
        facts = [
            fact(panel, "strangers_many", daily, "persons", first=first, weight=1),
            fact(panel, "strangers_return", returned, "days", first=first, weight=0),
        ]
        return finding(panel, POLICY, kind=self.kind, chance=chance, since=first, facts=facts)


def _score(value: Floats, threshold: float) -> Floats:
    return floats(value / (value + threshold))
