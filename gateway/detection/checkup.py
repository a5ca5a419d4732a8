"""A check-up of an estate's devices: read what is known, learn habits, judge, store, bring alerts up to date.

It costs one query an estate, and the last rows of those devices whose habits are due to be learnt (once a day), that
seem quiet, or whose rows come late.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog

from detectors.findings import Kind
from gateway.alerts.model import Subject
from gateway.detection.habits import DAY_S, HOUR_S, Ears, Habit, Words, clock_behind_s, ears, learn
from gateway.detection.health import Condition, Health, HealthPolicy, judge
from gateway.detection.merging import Found, merge_all
from gateway.store import alerts, devices, workers
from gateway.store.database import Connection
from gateway.store.devices import Facts, State
from gateway.store.units import EstateRow

_log = structlog.get_logger()

LEARN_EVERY_S = DAY_S
LEARN_AGAIN_S = 3 * HOUR_S
"""Devices whose habits could not be learnt yet are asked again so soon."""
LEARN_AT_ONCE = 1000
"""Devices whose habits are learnt in one check-up; the rest wait for the next."""
POLICY = HealthPolicy()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """An estate's devices at a moment, with what their last rows tell beside the newest one."""

    devices: Sequence[Facts]
    hearing: Ears
    behind_s: Mapping[int, float]


def check_up(conn: Connection, estate: EstateRow, now: datetime, *, as_of: date | None = None) -> Counter[str]:
    """Judge an estate's devices now, or as they stood at the end of a day; returns how many changes were told.

    What was wrong in the past is told like everything else; habits and conditions are kept of the present only.
    """
    zone = ZoneInfo(estate.timezone)
    at = min(now, _end_of(as_of, zone)).astimezone(zone) if as_of else now.astimezone(zone)
    known = _known(conn, estate.estate_id, at, keep=as_of is None)
    health = judge(estate.estate_id, known.devices, at, hearing=known.hearing, behind_s=known.behind_s, policy=POLICY)
    with conn.transaction():
        alerts.lock(conn)
        if as_of is None:
            devices.store_states(conn, _states(known.devices, health), at)
        told = merge_all(conn, _found(estate.estate_id, known.devices, health, at), now.astimezone(zone))
    if told:
        _log.info("devices checked", action="checked_up", estate=estate.estate_id, **told)
    return told


def _known(conn: Connection, estate_id: str, at: datetime, *, keep: bool) -> _Known:
    stuck = devices.stuck(conn, estate_id, at.date() - timedelta(days=1))
    everyone = [
        replace(device, stuck_day=stuck[device.device_no]) if device.device_no in stuck else device
        for device in devices.facts(conn, estate_id, at)
    ]
    hearing = _hearing(conn, everyone, at)
    due = _due(everyone, at.timestamp()) if keep else []
    doubtful = [device.device_no for device in everyone if _is_doubtful(device, hearing, at.timestamp())]
    words = _words(conn, {*due, *doubtful}, at)
    if due:
        habits = {no: learn(words[no], hearing, POLICY.habits) if no in words else Habit() for no in due}
        devices.store_habits(conn, {no: (its.interval_s, its.patience_s) for no, its in habits.items()}, at)
        everyone = [_with(device, habits.get(device.device_no, Habit())) for device in everyone]
    behind_s = {
        number: lag_s
        for number in doubtful
        if number in words and (lag_s := clock_behind_s(words[number], POLICY.habits)) is not None
    }
    heard_s = {number: _heard_s(words[number], number in behind_s) for number in doubtful if number in words}
    everyone = [
        replace(device, told_s=at_s, row_s=at_s) if (at_s := heard_s.get(device.device_no)) is not None else device
        for device in everyone
    ]
    return _Known(devices=everyone, hearing=hearing, behind_s=behind_s)


def _hearing(conn: Connection, everyone: Sequence[Facts], at: datetime) -> Ears:
    stretches = [(began.timestamp(), ended.timestamp()) for began, ended in workers.stretches(conn) if began <= at]
    heard = [device.word_s for device in everyone if device.word_s is not None]
    return ears(stretches, heard, at.timestamp(), workers.PAUSE.total_seconds())


def _due(everyone: Sequence[Facts], at_s: float) -> list[int]:
    """Devices whose habits are to be learnt now, those first that have waited longest."""
    waiting = [
        device
        for device in everyone
        if device.learnt_s is None
        or at_s - device.learnt_s >= (LEARN_EVERY_S if device.patience_s is not None else LEARN_AGAIN_S)
    ]
    waiting.sort(key=lambda device: device.learnt_s or 0.0)
    return [device.device_no for device in waiting[:LEARN_AT_ONCE]]


def _is_doubtful(device: Facts, hearing: Ears, at_s: float) -> bool:
    """Whether its newest row does not settle when it spoke: it seems quiet, or its rows came late these days."""
    if device.word_s is None:
        return False
    patience_s = device.patience_s or POLICY.silence.unlearnt_s
    late = (
        device.row_s is not None
        and device.told_s is not None
        and (device.row_s - device.told_s > POLICY.habits.drift_least_s and at_s - device.row_s < POLICY.habits.fresh_s)
    )
    return late or hearing.listened_s(device.word_s, at_s) > patience_s


def _words(conn: Connection, numbers: Collection[int], at: datetime) -> dict[int, Words]:
    found = devices.words(conn, sorted(numbers), at) if numbers else {}
    return {number: Words(arrived_s=arrived, told_s=told) for number, (arrived, told) in found.items()}


def _with(device: Facts, habit: Habit) -> Facts:
    """Add what was learnt; what a device has shown before is not forgotten."""
    return replace(
        device,
        interval_s=habit.interval_s or device.interval_s,
        patience_s=habit.patience_s or device.patience_s,
    )


def _heard_s(words: Words, behind: bool) -> float:  # noqa: FBT001
    """When a device last spoke: by arrival, or by its own time where that is all that backfill tells."""
    fresh = words.arrived_s - words.told_s <= devices.FRESH_S
    return float(max(words.told_s.max(), words.arrived_s.max(where=fresh | behind, initial=0.0)))


def _states(everyone: Sequence[Facts], health: Health) -> dict[int, State]:
    return {
        device.device_no: State(
            conditions=(its := health.conditions.get(device.device_no, ())),
            heard_s=device.word_s if Condition.SILENT in its else None,
            together=device.device_no in health.together,
        )
        for device in everyone
    }


def _found(estate_id: str, everyone: Sequence[Facts], health: Health, at: datetime) -> Found:
    """Findings by subject; every device of the estate was looked at."""
    subjects = {Subject(estate_id=estate_id, device_id=device.device_id) for device in everyone}
    subjects |= {Subject(estate_id=estate_id, unit_id=device.unit_id) for device in everyone if device.unit_id}
    return Found(
        estate_id=estate_id,
        as_of=at.date(),
        findings={(subject, Kind.DEVICE): finding for subject, finding in health.findings.items()},
        judged={(subject, Kind.DEVICE) for subject in subjects},
    )


def _end_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), zone) - timedelta(microseconds=1)
