"""A person's action on an alert, carried out: the rule decides, the rows follow; one transaction."""

from __future__ import annotations

from datetime import datetime

from gateway.alerts.life import ActionRefusedError, Request, apply
from gateway.alerts.model import ENDED, Action, Alert, Change, State
from gateway.cases import opening
from gateway.store import alerts, visits
from gateway.store.alerts import Stored
from gateway.store.database import Connection
from gateway.visits.planning import add_alert


def act(conn: Connection, alert_id: int, request: Request, *, now: datetime) -> Stored:
    """Do what is asked and return the alert as it stands.

    Dispatching also puts its unit on the day's visit list, confirming opens a case, and reopening what was confirmed
    casts doubt on the case.

    Raises:
        NotFoundError: there is no such alert.
        ActionRefusedError: the rules forbid it, or the unit was already visited on that day.
    """
    with conn.transaction():
        alerts.lock(conn)
        stored = alerts.one(conn, alert_id)
        local = now.astimezone(stored.zone)
        change = apply(stored.alert, request, now=local)
        _refuse_second_live(conn, stored.alert, change)
        _tell_visits(conn, stored.alert, change, request, local)
        alerts.write(conn, change)
        _tell_cases(conn, stored.alert, change)
        return alerts.one(conn, alert_id)


def _refuse_second_live(conn: Connection, before: Alert, change: Change) -> None:
    if before.state in ENDED and change.alert.state not in ENDED:
        twin = alerts.live_twin(conn, before)
        if twin is not None:
            raise ActionRefusedError("live_twin", f"alert {twin} of the same kind is live", other=twin)


def _tell_visits(conn: Connection, before: Alert, change: Change, request: Request, now: datetime) -> None:
    if request.action is Action.DISPATCH:
        add_alert(conn, before, day=request.day or now.date(), inspector=request.inspector, now=now)
    elif before.state is State.DISPATCHED and change.alert.state is not State.DISPATCHED:
        visits.release(conn, before.alert_id)


def _tell_cases(conn: Connection, before: Alert, change: Change) -> None:
    if change.action is Action.CONFIRM:
        opening.follow_confirmed_alert(conn, change)
    elif before.state is State.CONFIRMED and change.alert.state is not State.CONFIRMED:
        opening.doubt_alert(conn, change)
