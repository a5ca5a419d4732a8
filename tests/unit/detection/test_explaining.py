"""What would clear a finding is asked once a day, and again where the facts have changed."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from unit.detectors.homes import home, panel_of

from detectors.findings import Kind
from detectors.policy import Policy
from detectors.rules import DryRunRule
from detectors.vacancy import VacancyDetector
from gateway.alerts.life import merge
from gateway.alerts.model import Subject
from gateway.detection.explaining import explain

PANEL = panel_of(home("u1").away(30), home("u2").away(50))


@dataclass(frozen=True)
class Counting:
    """A detector that notes which units it was asked about."""

    inner: VacancyDetector = field(default_factory=VacancyDetector)
    asked: list = field(default_factory=list)
    kind: Kind = Kind.VACANCY

    def __call__(self, panel):
        return self.inner(panel)

    def score(self, panel):
        self.asked.extend(unit_id.split("/")[0] for unit_id in panel.unit_ids)
        return self.inner.score(panel)


def alert_of(finding):
    day = finding.evidence[0].end
    now = datetime(2026, 5, 30, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
    return merge(None, finding, subject=Subject(estate_id="e1", unit_id=finding.unit_id), as_of=day, now=now).alert


def test_an_unchanged_finding_of_the_same_day_keeps_what_was_told():
    detector = Counting()
    first = explain(detector, PANEL, detector(PANEL), Policy(), {})
    assert all(finding.clears for finding in first.findings)
    detector.asked.clear()
    told = {(finding.unit_id, finding.kind): alert_of(finding) for finding in first.findings}
    changed = told["u2", Kind.VACANCY]
    told["u2", Kind.VACANCY] = replace(changed, evidence=changed.evidence[1:])
    assert explain(detector, PANEL, detector(PANEL), Policy(), told).findings == first.findings
    assert set(detector.asked) == {"u2"}


def test_a_rule_that_cannot_be_asked_says_nothing():
    rule = DryRunRule()
    verdict = rule(PANEL)
    assert verdict.findings
    assert explain(rule, PANEL, verdict, Policy(), {}) is verdict
