"""What was found in an estate, merged into its alerts. The caller holds the lock on alerts and the transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np

from detectors.codes import VOID_CODES
from detectors.findings import Finding, Kind, Verdict
from gateway.alerts.life import merge, vanish, wake
from gateway.alerts.model import ENDED, Alert, Change, Subject
from gateway.store import alerts
from gateway.store.database import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one run found in an estate, and about whom it could say anything at all."""

    estate_id: str
    as_of: date
    findings: Mapping[tuple[Subject, Kind], Finding]
    judged: Collection[tuple[Subject, Kind]]


def gather(estate_id: str, as_of: date, blocks: Iterable[tuple[Sequence[str], Sequence[Verdict]]]) -> Found:
    """Put the verdicts on the units of each block together."""
    findings: dict[tuple[Subject, Kind], Finding] = {}
    judged: set[tuple[Subject, Kind]] = set()
    for unit_ids, verdicts in blocks:
        subjects = [Subject(estate_id=estate_id, unit_id=unit_id) for unit_id in unit_ids]
        for verdict in verdicts:
            for finding in verdict.findings:
                findings[Subject(estate_id=estate_id, unit_id=finding.unit_id), verdict.kind] = finding
            known = ~np.isnan(verdict.probability)
            judged.update(
                (subject, verdict.kind)
                for subject, has in zip(subjects, known.tolist(), strict=True)
                if has or verdict.not_ready.get(subject.unit_id or "") in VOID_CODES
            )
    return Found(estate_id=estate_id, as_of=as_of, findings=findings, judged=judged)


def merge_all(conn: Connection, found: Found, now: datetime) -> Counter[str]:
    """Bring the estate's alerts up to what was found; returns how many changes of each kind were told."""
    latest = alerts.latest(conn, found.estate_id)
    changes = [
        merge(latest.get(key), finding, subject=key[0], as_of=found.as_of, now=now)
        for key, finding in found.findings.items()
    ]
    changes += [
        without_finding(alert, key in found.judged, found.as_of, now)
        for key, alert in latest.items()
        if key not in found.findings and alert.state not in ENDED
    ]
    told: Counter[str] = Counter()
    for change in filter(None, changes):
        alerts.write(conn, change)
        told.update([change.action.value] if change.told else [])
    return told


def without_finding(alert: Alert, judged: bool, as_of: date, now: datetime) -> Change | None:  # noqa: FBT001
    """What becomes of a live alert that was not found on `as_of`: it may end, or wake when its date has passed."""
    gone = vanish(alert, as_of=as_of, now=now) if judged else None
    return gone or wake(alert, now=now)
