"""From rows to what the API answers: words in the asked language, times in the estate's zone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from api import shapes
from detectors.findings import Clearing, Evidence
from gateway.alerts.life import DEFAULT_POLICY
from gateway.alerts.model import ENDED
from gateway.detection.health import Condition
from gateway.ingest.quarantine import Replayed
from gateway.rollup.use import Flag
from gateway.store.alerts import ChangeRow, Stored
from gateway.store.devices import DeviceRow
from gateway.store.quarantine import HeldRow
from gateway.store.steps import StepRow
from gateway.store.units import DayRow, HouseholdRow, UnitRow
from gateway.store.visits import ResultRow, VisitRow
from gateway.visits.reasons import ask_texts, reason_text
from gateway.words import text_or
from gateway.words.details import detail_text
from gateway.words.sentences import because, clearing_note, clearing_text, evidence_text, summary

SILENT_AFTER = timedelta(days=3)
"""A device that no check-up has looked at is called silent when it was not heard for this long."""


def alert(language: str, stored: Stored) -> shapes.Alert:
    """An alert in the contract's shape."""
    return shapes.Alert(**_alert_fields(language, stored))


def alert_with_history(
    language: str, stored: Stored, changes: Sequence[ChangeRow], case_id: int | None
) -> shapes.AlertWithHistory:
    """An alert with every step of its life, and the case that rests on it."""
    history = [shapes.HistoryItem(**history_fields(language, change, stored.zone)) for change in changes]
    its = stored.alert
    return shapes.AlertWithHistory(
        **_alert_fields(language, stored),
        clears=[] if its.state in ENDED else [_clearing(language, item) for item in its.clears],
        clears_note=clearing_note(language, its, DEFAULT_POLICY),
        history=history,
        case_id=case_id,
    )


def alert_change(language: str, change: ChangeRow, stored: Stored) -> shapes.AlertChange:
    """A change with the alert as it stands now."""
    fields = history_fields(language, change, stored.zone)
    return shapes.AlertChange(**fields, alert_id=change.alert_id, alert=alert(language, stored))


def unit(language: str, row: UnitRow) -> shapes.Unit:
    """A unit with its state and scores."""
    return shapes.Unit(**_unit_fields(language, row))


def unit_with_household(
    language: str, row: UnitRow, household: HouseholdRow | None, devices: Sequence[tuple[str, str]]
) -> shapes.UnitWithHousehold:
    """A unit with its household, by its id only, and its devices."""
    its = shapes.Household.model_validate(household, from_attributes=True) if household else None
    hanging = [shapes.UnitDevice(device_id=name, kind=kind) for name, kind in devices]
    return shapes.UnitWithHousehold(**_unit_fields(language, row), household=its, devices=hanging)


def timeline_day(row: DayRow) -> shapes.TimelineDay:
    """One day; what is not known is null, never zero."""
    spoke = row.door_spoke
    return shapes.TimelineDay(
        date=row.day,
        water_l=_known(row.water_l, row.water_coverage, 1),
        electricity_kwh=_known(row.electricity_kwh, row.electricity_coverage, 3),
        passages=shapes.Passages(
            registered=row.registered if spoke else None,
            visitor=row.visitor if spoke else None,
            stranger=row.stranger if spoke else None,
            unidentified=row.unidentified if spoke else None,
        ),
        coverage=shapes.Coverage(
            water=round(row.water_coverage, 3),
            electricity=round(row.electricity_coverage, 3),
            door=1.0 if spoke else 0.0,
        ),
        flags=shapes.Flags(
            water=_flags(row.water_flags),
            electricity=_flags(row.electricity_flags),
            door=_flags(row.door_flags),
        ),
    )


def _flags(flags: int) -> list[str]:
    return [str(flag.name).lower() for flag in Flag(flags)]


def visit(language: str, row: VisitRow) -> shapes.Visit:
    """A visit with its reasons and questions in words."""
    return shapes.Visit(**_visit_fields(language, row))


def visit_with_results(language: str, row: VisitRow, results: Sequence[ResultRow]) -> shapes.VisitWithResults:
    """A visit and what was sent for it; the result found last counts."""
    zone = ZoneInfo(row.timezone)
    sent = [
        shapes.VisitResult(
            key=result.key,
            outcome=result.outcome,
            note=result.note,
            inspector=result.inspector,
            found_at=result.found_at.astimezone(zone),
            received_at=result.received_at.astimezone(zone),
            counts=result is results[-1],
        )
        for result in results
    ]
    return shapes.VisitWithResults(**_visit_fields(language, row), results=sent)


def device(row: DeviceRow, now: datetime) -> shapes.Device:
    """A device's health at `now`."""
    silent = _is_silent(row, now)
    zone = ZoneInfo(row.timezone)
    return shapes.Device(
        device_id=row.device_id,
        estate_id=row.estate_id,
        kind=row.kind,
        unit_id=row.unit_id,
        building=row.building,
        entrance=row.entrance,
        codec=row.codec,
        state=_health(row, silent=silent),
        online=row.online,
        silent=silent,
        last_seen=row.last_seen and row.last_seen.astimezone(zone),
        last_device_time=row.last_device_time and row.last_device_time.astimezone(zone),
        expected_interval_s=row.interval_s,
        patience_s=row.patience_s,
        conditions=[one for one in row.conditions if silent or one != Condition.SILENT],
        firmware=row.firmware,
        battery=row.battery,
        rssi=row.rssi,
        flags=row.flags,
    )


def held(language: str, row: HeldRow) -> shapes.Held:
    """A held message without its payload."""
    return shapes.Held(**_held_fields(language, row))


def held_message(language: str, row: HeldRow, payload: bytes) -> shapes.HeldMessage:
    """A held message whole."""
    return shapes.HeldMessage(**_held_fields(language, row), payload=payload.decode("utf-8", "backslashreplace"))


def replayed(language: str, done: Replayed) -> shapes.Replay:
    """What a replay came to, in words where the message is still held."""
    return shapes.Replay(
        replayed=done.written is not None,
        reason=done.reason,
        reason_text=done.reason and text_or(language, f"reason.{done.reason}", done.reason),
        detail=done.detail,
        detail_text=done.detail and detail_text(language, done.detail),
    )


def _alert_fields(language: str, stored: Stored) -> dict[str, Any]:
    its, zone, place = stored.alert, stored.zone, stored.place
    return {
        "id": its.alert_id,
        "kind": its.kind.value,
        "subtype": its.subtype,
        "level": its.level.value,
        "state": its.state.value,
        "unit_id": its.subject.unit_id,
        "device_id": its.subject.device_id,
        "estate_id": its.subject.estate_id,
        "building": (place and place.building) or None,
        "entrance": (place and place.entrance) or None,
        "floor": place and place.floor,
        "room": (place and place.room) or None,
        "opened_at": its.opened_at.astimezone(zone),
        "updated_at": its.updated_at.astimezone(zone),
        "since": its.since,
        "until": its.until,
        "probability": round(its.probability, 3),
        "summary": summary(language, its),
        "evidence": facts(language, its.evidence),
    }


def facts(language: str, evidence: Sequence[Evidence]) -> list[shapes.Evidence]:
    """Facts in words, the strongest first."""
    return [_fact(language, item) for item in sorted(evidence, key=lambda item: -item.weight)]


def _fact(language: str, item: Evidence) -> shapes.Evidence:
    return shapes.Evidence(
        code=item.code,
        text=evidence_text(language, item),
        value=item.value,
        unit=item.unit,
        baseline=item.baseline,
        window=shapes.Window(start=item.start, end=item.end),
        weight=round(item.weight, 3),
    )


def _clearing(language: str, item: Clearing) -> shapes.Clearing:
    return shapes.Clearing(
        code=item.code,
        text=clearing_text(language, item),
        value=item.value,
        unit=item.unit,
        limit=item.limit,
        limit_unit=item.limit_unit,
        window=shapes.Window(start=item.start, end=item.end),
    )


def history_fields(language: str, change: StepRow, zone: ZoneInfo) -> dict[str, Any]:
    """One line of a history."""
    return {
        "seq": change.seq,
        "at": change.at.astimezone(zone),
        "actor": change.actor,
        "action": change.action,
        "from_state": change.from_state,
        "to_state": change.to_state,
        "reason": because(language, change.reason),
        "data": dict(change.data),
    }


def _unit_fields(language: str, row: UnitRow) -> dict[str, Any]:
    return {
        "unit_id": row.unit_id,
        "estate_id": row.estate_id,
        "building": row.building,
        "entrance": row.entrance,
        "floor": row.floor,
        "room": row.room,
        "area_m2": row.area_m2,
        "tenure": row.tenure,
        "state": row.state,
        "state_since": row.state_since,
        "as_of": row.as_of,
        "scores": {score["kind"]: score["probability"] for score in row.scores},
        "not_ready": {
            score["kind"]: {
                "code": score["not_ready"],
                "text": text_or(language, f"not_ready.{score['not_ready']}", score["not_ready"]),
            }
            for score in row.scores
            if score["not_ready"] is not None
        },
        "alerts": list(row.alerts),
    }


def _visit_fields(language: str, row: VisitRow) -> dict[str, Any]:
    return {
        "id": row.visit_id,
        "date": row.date,
        "inspector": row.inspector,
        "estate_id": row.estate_id,
        "unit_id": row.unit_id,
        "building": row.building,
        "entrance": row.entrance,
        "floor": row.floor,
        "room": row.room,
        "order": row.order,
        "alert_ids": list(row.alert_ids),
        "reasons": [reason_text(language, reason) for reason in row.standing_reasons],
        "questions": [text_or(language, f"question.{code}", code) for code in row.questions],
        "clears": list(dict.fromkeys(one for reason in row.standing_reasons for one in ask_texts(language, reason))),
        "best_hours": [f"{first:02}:00–{last:02}:00" for first, last in row.best_hours],
        "state": row.state,
        "outcome": row.outcome,
    }


def _held_fields(language: str, row: HeldRow) -> dict[str, Any]:
    return {
        "id": row.quarantine_id,
        "topic": row.topic,
        "source": row.source,
        "reason": row.reason,
        "reason_text": text_or(language, f"reason.{row.reason}", row.reason),
        "detail": row.detail,
        "detail_text": detail_text(language, row.detail),
        "state": row.state,
        "times": row.times,
        "first_at": row.first_at,
        "last_at": row.last_at,
        "replayed_at": row.replayed_at,
    }


def _is_silent(row: DeviceRow, now: datetime) -> bool:
    """What the last check-up found, unless it has spoken since; before the first one a rule of thumb."""
    if row.last_seen is None:
        return True
    if not row.judged:
        return now - row.last_seen > SILENT_AFTER
    spoken = row.heard_at is not None and row.last_seen > row.heard_at + timedelta(seconds=1)
    return Condition.SILENT in row.conditions and not spoken


def _health(row: DeviceRow, *, silent: bool) -> str:
    if row.last_seen is None:
        return "unknown"
    if row.online is False:
        return "offline"
    return "silent" if silent else "online"


def _known(value: float | None, coverage: float, digits: int) -> float | None:
    return None if value is None or coverage <= 0 else round(value, digits)
