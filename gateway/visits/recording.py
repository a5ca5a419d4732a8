"""Taking an inspector's result in: stored once under its key, then alerts and cases follow; one transaction."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.alerts.life import ActionRefusedError
from gateway.cases import opening
from gateway.store import alerts as alert_store
from gateway.store import visits as visit_store
from gateway.store.database import Connection
from gateway.store.visits import ResultRow, VisitRow
from gateway.visits.results import Result, settle


def record(conn: Connection, visit_id: int, key: str, found: Result, *, now: datetime) -> VisitRow:
    """Store a result and return the visit as it stands. The same key again changes nothing.

    A visit may be corrected: each further key is kept, and the result that was found last counts.

    Raises:
        NotFoundError: there is no such visit.
        ActionRefusedError: the key was used for another result, or another visit took this one's place.
    """
    with conn.transaction():
        alert_store.lock(conn)
        visit = visit_store.one(conn, visit_id)
        earlier = visit_store.result(conn, key)
        if earlier is not None:
            _require_same(earlier, visit_id, found)
            return visit
        visit_store.add_result(conn, visit_id, key, found, now=now)
        if visit_store.results(conn, visit_id)[-1].key == key:
            _count(conn, visit, found, now)
        return visit_store.one(conn, visit_id)


def _require_same(earlier: ResultRow, visit_id: int, found: Result) -> None:
    was = earlier.visit_id, earlier.outcome, earlier.note
    if was != (visit_id, found.outcome.value, found.note):
        raise ActionRefusedError(
            "key_used",
            f"the key {earlier.key} already belongs to another result; a correction needs a key of its own",
            key=earlier.key,
            visit=earlier.visit_id,
            outcome=earlier.outcome,
        )


def _count(conn: Connection, visit: VisitRow, found: Result, now: datetime) -> None:
    if visit.state == "cancelled" and visit_store.on_day(conn, visit.unit_id, visit.date):
        raise ActionRefusedError(
            "visit_replaced",
            f"visit {visit.visit_id} was replaced by another one on {visit.date}",
            day=visit.date.isoformat(),
        )
    visit_store.finish(conn, visit.visit_id, found.outcome)
    local = now.astimezone(ZoneInfo(visit.timezone))
    for stored in alert_store.several(conn, visit.alert_ids):
        if alert_store.live_twin(conn, stored.alert) is None:
            for change in settle(stored.alert, found, corrects=visit.state == "done", now=local):
                alert_store.write(conn, change)
    opening.follow_visit(conn, visit, found, now=local)
