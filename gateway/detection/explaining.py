"""What would clear each finding, worked out once a day: asking detectors costs more than their verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import TypeAlias

from detectors.clearing import explained
from detectors.findings import Detector, Explaining, Finding, Kind, Verdict
from detectors.panel import Panel
from detectors.policy import Policy
from gateway.alerts.life import DEFAULT_POLICY
from gateway.alerts.model import Alert
from gateway.store import alerts
from gateway.store.database import Connection

Told: TypeAlias = Mapping[tuple[str | None, Kind], Alert]
"""Alerts of units and kinds that were found on the same day before."""


def told_before(conn: Connection, estate_id: str, day: date) -> Told:
    """What earlier runs found on a day."""
    latest = alerts.latest(conn, estate_id)
    return {(who.unit_id, kind): alert for (who, kind), alert in latest.items() if alert.last_found_on == day}


def explain(detector: Detector, panel: Panel, verdict: Verdict, policy: Policy, told: Told) -> Verdict:
    """The verdict with what would clear its findings; an unchanged one of the same day keeps what was told of it."""
    if not isinstance(detector, Explaining):
        return verdict
    new = tuple(finding for finding in verdict.findings if not _is_told(finding, told))
    gone_days = DEFAULT_POLICY.gone_days[verdict.kind]
    asked = explained(detector, panel, replace(verdict, findings=new), policy, gone_days=gone_days)
    by_unit = {finding.unit_id: finding for finding in asked.findings}
    findings = [
        by_unit.get(finding.unit_id) or replace(finding, clears=told[finding.unit_id, finding.kind].clears)
        for finding in verdict.findings
    ]
    return replace(verdict, findings=tuple(findings))


def _is_told(finding: Finding, told: Told) -> bool:
    before = told.get((finding.unit_id, finding.kind))
    return before is not None and before.clears != () and before.evidence == finding.evidence
