"""Cases as the API shows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from api import shapes
from api.render import facts, history_fields
from gateway.cases.model import Ground
from gateway.store.cases import HandoverRow, Stored
from gateway.store.steps import StepRow


def case(stored: Stored, now: datetime) -> shapes.Case:
    """A case at `now`."""
    return shapes.Case(**_fields(stored, now))


def case_with_history(
    language: str, stored: Stored, steps: Sequence[StepRow], handovers: Sequence[HandoverRow], now: datetime
) -> shapes.CaseWithHistory:
    """A case with what it rests on and all that was done."""
    zone = stored.zone
    return shapes.CaseWithHistory(
        **_fields(stored, now),
        grounds=[_ground(language, ground) for ground in stored.case.grounds],
        handovers=[
            shapes.Handover(to=row.body, reference=row.reference, at=row.at.astimezone(zone), actor=row.actor)
            for row in handovers
        ],
        history=[shapes.HistoryItem(**history_fields(language, step, zone)) for step in steps],
    )


def _ground(language: str, ground: Ground) -> shapes.Ground:
    return shapes.Ground(
        alert_id=ground.alert_id,
        kind=ground.kind.value,
        subtype=ground.subtype,
        level=ground.level.value,
        since=ground.since,
        probability=round(ground.probability, 3),
        evidence=facts(language, ground.facts),
    )


def _fields(stored: Stored, now: datetime) -> dict[str, Any]:
    its, place, zone = stored.case, stored.place, stored.zone
    return {
        "id": its.case_id,
        "kind": its.kind.value,
        "subtype": its.subtype,
        "state": its.state.value,
        "unit_id": its.unit_id,
        "estate_id": its.estate_id,
        "building": place.building,
        "entrance": place.entrance,
        "floor": place.floor,
        "room": place.room,
        "opened_at": its.opened_at.astimezone(zone),
        "updated_at": its.updated_at.astimezone(zone),
        "due": its.due,
        "overdue": its.is_overdue(now.astimezone(zone).date()),
        "alert_ids": list(its.alert_ids),
        "visit_id": its.visit_id,
        "statement": its.statement,
        "statement_at": its.statement_at and its.statement_at.astimezone(zone),
    }
