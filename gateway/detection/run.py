"""One detection run: rollups, devices, panel, detectors, scores and states, alerts. Each estate is one transaction.

A run can be repeated and can be killed: what was written is whole, and the next run writes the same.
"""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from detectors.findings import Detector, Verdict
from detectors.learning import Model
from detectors.occupancy import Occupancy, occupancy
from detectors.policy import Policy
from detectors.registry import default_detectors
from detectors.taught import taught
from gateway.detection import teaching
from gateway.detection.checkup import check_up
from gateway.detection.explaining import explain, told_before
from gateway.detection.merging import Found, gather, merge_all
from gateway.detection.panel import blocks
from gateway.detection.visitors import attribute_weeks
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
    wanted = [estate_id] if estate_id else [estate.estate_id for estate in units.estates(conn, limit=1_000_000)]
    return [judge(conn, one, now=now, as_of=as_of, detectors=detectors, policy=policy) for one in wanted]


def judge(
    conn: Connection,
    estate_id: str,
    *,
    now: datetime,
    as_of: date | None = None,
    detectors: Sequence[Detector] | None = None,
    policy: Policy = POLICY,
) -> EstateRun:
    """Judge one estate whose rollups are up to date.

    Raises:
        NotFoundError: there is no such estate.
    """
    estate = units.estate(conn, estate_id)
    judges = _Judges(default_detectors() if detectors is None else detectors, teaching.current(conn), policy)
    return _run_estate(conn, estate, now.astimezone(ZoneInfo(estate.timezone)), as_of, judges)


@dataclass(frozen=True, slots=True)
class _Judges:
    """The detectors, and what visits taught about their probabilities."""

    detectors: Sequence[Detector]
    model: Model
    policy: Policy


@dataclass(frozen=True, slots=True)
class _Block:
    """What was said of some units of an estate; each verdict with the detector's own word beside it."""

    unit_ids: tuple[str, ...]
    verdicts: Sequence[tuple[Verdict, Verdict]]
    states: Occupancy


def _run_estate(conn: Connection, estate: EstateRow, now: datetime, as_of: date | None, judges: _Judges) -> EstateRun:
    clock = _Clock()
    told = check_up(conn, estate, now, as_of=as_of)
    clock.stop("devices_s")
    estate_id = estate.estate_id
    day = as_of or panels.latest_day(conn, estate_id, now.date() - timedelta(days=1))
    if day:
        attribute_weeks(conn, estate_id, day)
        clock.stop("visitors_s")
    judged = list(_judged(conn, estate_id, day, judges, clock)) if day else []
    if day is None or not judged:
        return EstateRun(estate_id=estate_id, told=told)
    found = gather(estate_id, day, [(block.unit_ids, [verdict for verdict, _ in block.verdicts]) for block in judged])
    told += _store(conn, judged, found, now=now)
    clock.stop("store_s")
    findings, number = len(found.findings), sum(len(block.unit_ids) for block in judged)
    said = {"estate": estate_id, "as_of": str(day), "findings": findings, **told, **clock.told_s()}
    _log.info("estate judged", action="detected", **said)
    return EstateRun(estate_id=estate_id, as_of=day, units=number, findings=findings, told=told)


def _judged(conn: Connection, estate_id: str, day: date, judges: _Judges, clock: _Clock) -> Iterator[_Block]:
    """Judge block after block; what is kept of one is small."""
    told, spared = told_before(conn, estate_id, day), teaching.found_normal(conn, estate_id, day)
    for panel in blocks(conn, estate_id, day):
        clock.stop("read_s")
        own = [detector(panel) for detector in judges.detectors]
        states = occupancy(panel, judges.policy)
        clock.stop("judge_s")
        judged = zip(judges.detectors, own, strict=True)
        own = [explain(detector, panel, verdict, judges.policy, told) for detector, verdict in judged]
        clock.stop("explain_s")
        verdicts = [(taught(judges.model, verdict, panel.unit_ids, judges.policy, spared), verdict) for verdict in own]
        yield _Block(panel.unit_ids, verdicts, states)


def _store(conn: Connection, judged: Sequence[_Block], found: Found, *, now: datetime) -> Counter[str]:
    with conn.transaction():
        alerts.lock(conn)
        for block in judged:
            scores.write_scores(conn, block.verdicts, block.unit_ids, found.as_of)
            scores.write_states(conn, block.states, block.unit_ids, found.as_of)
        return merge_all(conn, found, now)


class _Clock:
    """How long each part of a run took, seconds."""

    def __init__(self) -> None:
        self._took_s: dict[str, float] = defaultdict(float)
        self._began_s = time.monotonic()

    def stop(self, part: str) -> None:
        """Count the time since the last stop to a part."""
        now_s = time.monotonic()
        self._took_s[part] += now_s - self._began_s
        self._began_s = now_s

    def told_s(self) -> dict[str, float]:
        """Give seconds by part."""
        return {part: round(took_s, 3) for part, took_s in self._took_s.items()}
