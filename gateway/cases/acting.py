"""A person's action on a case, carried out: the rule decides, the rows follow; one transaction."""

from __future__ import annotations

from datetime import datetime

from gateway.alerts.life import ActionRefusedError, conclude
from gateway.alerts.model import State as AlertState
from gateway.cases.life import SETTLED, Request, apply
from gateway.cases.model import Action, Case
from gateway.store import alerts, cases
from gateway.store.cases import Stored
from gateway.store.database import Connection


def act(conn: Connection, case_id: int, request: Request, *, now: datetime) -> Stored:
    """Do what is asked and return the case as it stands. Closing also ends the alerts that it rests on.

    Raises:
        NotFoundError: there is no such case.
        ActionRefusedError: the rules forbid it, or the unit has another live case of the kind.
    """
    with conn.transaction():
        alerts.lock(conn)  # a case and its alerts change together
        stored = cases.one(conn, case_id)
        local = now.astimezone(stored.zone)
        change = apply(stored.case, request, now=local)
        if request.action is Action.REOPEN:
            _refuse_second_live(conn, stored.case)
        if request.action is Action.CLOSE:
            _conclude_alerts(conn, stored.case, request.actor, local)
        cases.write(conn, change)
        return cases.one(conn, case_id)


def _refuse_second_live(conn: Connection, case: Case) -> None:
    twin = cases.live(conn, case.unit_id, case.kind)
    if twin is not None:
        message = f"case {twin.case_id} of the same kind is live"
        raise ActionRefusedError("live_case", message, other=twin.case_id)


def _conclude_alerts(conn: Connection, case: Case, actor: str, now: datetime) -> None:
    for stored in alerts.several(conn, case.alert_ids):
        if stored.alert.state is AlertState.CONFIRMED:
            alerts.write(conn, conclude(stored.alert, settled=case.state in SETTLED, actor=actor, now=now))
