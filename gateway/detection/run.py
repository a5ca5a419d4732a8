"""One detection run: rollups, devices, panel, detectors, scores and states, alerts. Each estate is one transaction.

A run can be repeated and can be killed: what was written is whole, and the next run writes the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from detectors.findings import Detector, Verdict
from detectors.learning import Model, taught
from detectors.occupancy import Occupancy, occupancy
from detectors.panel import Panel
from detectors.policy import Policy
from detectors.registry import default_detectors
from gateway.detection import teaching
from gateway.detection.checkup import check_up
from gateway.detection.merging import Found, gather, merge_all
from gateway.detection.panel import build
from gateway.store import alerts, panels, rollups, scores, units
from gateway.store.database import Connection
from gateway.store.units import EstateRow

_log = structlog.get_logger()

POLICY = Policy()


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
    policy: Policy = POLICY,
) -> list[EstateRun]:
    """Judge one estate or all of them as they stood at the end of `as_of`.

    Without `as_of` each estate is judged on its latest whole day (in its own zone) on which its devices spoke.

    Raises:
        NotFoundError: there is no such estate.
    """
    rollups.refresh(conn)
    wanted = [units.estate(conn, estate_id)] if estate_id else units.estates(conn, limit=1_000_000)
    judges = _Judges(default_detectors() if detectors is None else detectors, teaching.current(conn), policy)
    return [_run_estate(conn, estate, now.astimezone(ZoneInfo(estate.timezone)), as_of, judges) for estate in wanted]


@dataclass(frozen=True, slots=True)
class _Judges:
    """The detectors, and what visits taught about their probabilities."""

    detectors: Sequence[Detector]
    model: Model
    policy: Policy


def _run_estate(conn: Connection, estate: EstateRow, now: datetime, as_of: date | None, judges: _Judges) -> EstateRun:
    told = check_up(conn, estate, now, as_of=as_of)
    estate_id = estate.estate_id
    day = as_of or panels.latest_day(conn, estate_id, now.date() - timedelta(days=1))
    panel = build(conn, estate_id, day) if day else None
    if day is None or panel is None:
        return EstateRun(estate_id=estate_id, told=told)
    own = [detector(panel) for detector in judges.detectors]
    verdicts = [taught(judges.model, verdict, judges.policy) for verdict in own]
    found = gather(estate_id, day, panel.unit_ids, verdicts)
    states = occupancy(panel, judges.policy)
    told += _store(conn, panel, states, list(zip(verdicts, own, strict=True)), found, now=now)
    _log.info(
        "estate judged", action="detected", estate=estate_id, as_of=str(day), findings=len(found.findings), **told
    )
    return EstateRun(estate_id=estate_id, as_of=day, units=len(panel.unit_ids), findings=len(found.findings), told=told)


def _store(
    conn: Connection,
    panel: Panel,
    states: Occupancy,
    verdicts: Sequence[tuple[Verdict, Verdict]],
    found: Found,
    *,
    now: datetime,
) -> Counter[str]:
    with conn.transaction():
        alerts.lock(conn)
        for verdict, own in verdicts:
            scores.write_scores(conn, verdict, own.probability, panel.unit_ids, found.as_of)
        scores.write_states(conn, states, panel.unit_ids, found.as_of)
        return merge_all(conn, found, now)
