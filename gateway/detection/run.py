"""One detection run: rollups, panel, detectors, scores and states, alerts. Each estate is one transaction.

A run can be repeated and can be killed: what was written is whole, and the next run writes the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from detectors.findings import Detector, Kind, Verdict
from detectors.occupancy import occupancy
from detectors.panel import Panel
from detectors.registry import default_detectors
from gateway.alerts.model import Subject
from gateway.detection.merging import Found, gather, merge_all
from gateway.detection.panel import build
from gateway.detection.silence import silences
from gateway.store import alerts, panels, rollups, scores, units
from gateway.store.database import Connection
from gateway.store.panels import Heard

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class EstateRun:
    """What a run did in an estate. `as_of` is None where there is nothing to judge yet."""

    estate_id: str
    as_of: date | None = None
    units: int = 0
    findings: int = 0
    told: Counter[str] = field(default_factory=Counter)


def run(
    conn: Connection,
    *,
    now: datetime,
    as_of: date | None = None,
    estate_id: str | None = None,
    detectors: Sequence[Detector] | None = None,
) -> list[EstateRun]:
    """Judge one estate or all of them as they stood at the end of `as_of`.

    Without `as_of` each estate is judged on its latest whole day (in its own zone) on which its devices spoke.

    Raises:
        NotFoundError: there is no such estate.
    """
    rollups.refresh(conn)
    wanted = [units.estate(conn, estate_id)] if estate_id else units.estates(conn, limit=1_000_000)
    judges = default_detectors() if detectors is None else detectors
    return [
        _run_estate(conn, estate.estate_id, now.astimezone(ZoneInfo(estate.timezone)), as_of, judges)
        for estate in wanted
    ]


def _run_estate(
    conn: Connection, estate_id: str, now: datetime, as_of: date | None, detectors: Sequence[Detector]
) -> EstateRun:
    day = as_of or panels.latest_day(conn, estate_id, now.date() - timedelta(days=1))
    panel = build(conn, estate_id, day) if day else None
    if day is None or panel is None:
        return EstateRun(estate_id=estate_id)
    verdicts = [detector(panel) for detector in detectors]
    heard = panels.last_heard(conn, estate_id, day)
    found = _with_silences(gather(estate_id, day, panel.unit_ids, verdicts), heard)
    told = _store(conn, panel, verdicts, found, now)
    _log.info(
        "estate judged", action="detected", estate=estate_id, as_of=str(day), findings=len(found.findings), **told
    )
    return EstateRun(estate_id=estate_id, as_of=day, units=len(panel.unit_ids), findings=len(found.findings), told=told)


def _store(conn: Connection, panel: Panel, verdicts: Sequence[Verdict], found: Found, now: datetime) -> Counter[str]:
    with conn.transaction():
        alerts.lock(conn)
        for verdict in verdicts:
            scores.write_scores(conn, verdict, panel.unit_ids, found.as_of)
        scores.write_states(conn, occupancy(panel), panel.unit_ids, found.as_of)
        return merge_all(conn, found, now)


def _with_silences(found: Found, heard: Sequence[Heard]) -> Found:
    """Add the device silences; every device of the estate was looked at."""
    quiet = silences(found.estate_id, heard, found.as_of)
    subjects = {Subject(estate_id=found.estate_id, device_id=device.device_id) for device in heard}
    subjects |= {Subject(estate_id=found.estate_id, unit_id=device.unit_id) for device in heard if device.unit_id}
    return replace(
        found,
        findings={**found.findings, **{(one.subject, Kind.DEVICE): one.finding for one in quiet}},
        judged={*found.judged, *((subject, Kind.DEVICE) for subject in subjects)},
    )
