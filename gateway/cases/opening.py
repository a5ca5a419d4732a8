"""What a confirmed alert or a visit's finding does to the ledger, inside the transaction that records it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from gateway.alerts.model import Change as AlertChange
from gateway.cases.life import doubt, join, open_case
from gateway.cases.model import CASE_KINDS, Basis, Case
from gateway.store import alerts, cases
from gateway.store.database import Connection
from gateway.store.visits import VisitRow
from gateway.visits.results import CONFIRMS, Result


def follow_confirmed_alert(conn: Connection, change: AlertChange) -> None:
    """Open the case of an alert that a person confirmed, or add the alert to the unit's live case."""
    alert = change.alert
    if alert.kind not in CASE_KINDS or alert.subject.unit_id is None:
        return
    basis = Basis(
        kind=alert.kind,
        estate_id=alert.subject.estate_id,
        unit_id=alert.subject.unit_id,
        alerts=(alert,),
        actor=change.actor,
        reason=change.reason,
        found={"alert_id": alert.alert_id},
    )
    _follow(conn, basis, now=alert.updated_at)


def doubt_alert(conn: Connection, change: AlertChange) -> None:
    """Tell the alert's live case that a person no longer holds the alert for confirmed."""
    reason = change.reason or "alert_reopened"
    _doubt(conn, cases.live_of_alert(conn, change.alert.alert_id), change.actor, reason, change.alert.updated_at)


def follow_visit(conn: Connection, visit: VisitRow, found: Result, *, now: datetime) -> None:
    """Open the case that the result confirms; doubt those that an earlier result of the same visit had opened."""
    confirmed = CONFIRMS.get(found.outcome)
    actor = found.inspector or "inspector"
    opened = [case for case in cases.live_of_visit(conn, visit.visit_id) if case.kind is not confirmed]
    _doubt(conn, opened, actor, found.note.strip() or f"visit_{found.outcome.value}", now)
    if confirmed is not None:
        basis = Basis(
            kind=confirmed,
            estate_id=visit.estate_id,
            unit_id=visit.unit_id,
            alerts=tuple(stored.alert for stored in alerts.several(conn, visit.alert_ids)),
            actor=actor,
            reason=found.note.strip() or "visit_confirmed",
            visit_id=visit.visit_id,
            found={"visit_id": visit.visit_id, "outcome": found.outcome.value},
        )
        _follow(conn, basis, now=now)


def _follow(conn: Connection, basis: Basis, *, now: datetime) -> None:
    live = cases.live(conn, basis.unit_id, basis.kind)
    change = open_case(basis, now=now) if live is None else join(live, basis, now=now)
    if change is not None:
        cases.write(conn, change)


def _doubt(conn: Connection, doubted: Iterable[Case], actor: str, reason: str, now: datetime) -> None:
    for case in doubted:
        cases.write(conn, doubt(case, actor=actor, reason=reason, now=now))
