"""Cases of the ledger, their steps and hand-overs. Whoever writes holds the alerts' lock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from detectors.findings import Kind, Level
from gateway.alerts.evidence import from_columns, to_columns
from gateway.cases.model import Case, Change, Ground, Handover, State
from gateway.errors import NotFoundError
from gateway.store.database import Connection
from gateway.store.queries import queries
from gateway.store.steps import StepRow, step_columns
from gateway.visits.walk import Place

_SQL = queries("cases")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A case as it lies in the store, with its estate's zone and its unit's place."""

    case: Case
    zone: ZoneInfo
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverRow:
    """A hand-over: to whom, when, by whom."""

    body: str
    reference: str
    at: datetime
    actor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which cases are listed; None lets all pass."""

    states: Sequence[str] | None = None
    kinds: Sequence[str] | None = None
    estates: Sequence[str] | None = None
    unit_id: str | None = None
    overdue: bool | None = None


def page(
    conn: Connection, which: Filter, *, limit: int, now: datetime, before: tuple[datetime, int] | None = None
) -> list[Stored]:
    """Cases, newest activity first, that come after the one known by `before` (its updated_at and id)."""
    at, case_id = before or (None, None)
    given = {
        "states": which.states and list(which.states),
        "kinds": which.kinds and list(which.kinds),
        "estates": None if which.estates is None else list(which.estates),
        "unit_id": which.unit_id,
        "overdue": which.overdue,
    }
    return _stored(conn, "page", {**given, "now": now, "before": at, "before_id": case_id, "limit": limit})


def one(conn: Connection, case_id: int) -> Stored:
    """The case of this id.

    Raises:
        NotFoundError: there is none.
    """
    found = _stored(conn, "one", {"case_id": case_id})
    if not found:
        raise NotFoundError(thing="case", key=case_id)
    return found[0]


def live(conn: Connection, unit_id: str, kind: Kind) -> Case | None:
    """The unit's live case of a kind; there is at most one."""
    found = _cases(conn, "live", {"unit_id": unit_id, "kind": kind.value})
    return found[0] if found else None


def live_of_alert(conn: Connection, alert_id: int) -> list[Case]:
    """Live cases that rest on an alert."""
    return _cases(conn, "live_of_alert", {"alert_id": alert_id})


def live_of_visit(conn: Connection, visit_id: int) -> list[Case]:
    """Live cases that a visit opened."""
    return _cases(conn, "live_of_visit", {"visit_id": visit_id})


def latest_of_alert(conn: Connection, alert_id: int) -> int | None:
    """The last case that rests on an alert."""
    row = conn.execute(_SQL["latest_of_alert"], {"alert_id": alert_id}).fetchone()
    return row[0] if row else None


def history(conn: Connection, case_id: int) -> list[StepRow]:
    """Every step of a case, oldest first."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return [StepRow(**row) for row in cursor.execute(_SQL["history"], {"case_id": case_id})]


def handovers(conn: Connection, case_id: int) -> list[HandoverRow]:
    """Every hand-over of a case, oldest first."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return [HandoverRow(**row) for row in cursor.execute(_SQL["handovers"], {"case_id": case_id})]


def write(conn: Connection, change: Change) -> int:
    """Store a change inside the caller's transaction, which holds the alerts' lock. Returns the case's id."""
    case = change.case
    case_id = case.case_id
    if case_id:
        conn.execute(_SQL["update"], _columns(case))
    else:
        row = conn.execute(_SQL["insert"], _columns(case)).fetchone()
        case_id = int(row[0]) if row else 0
    columns = step_columns(change, at=case.updated_at, to_state=case.state)
    conn.execute(_SQL["insert_change"], {"case_id": case_id, **columns})
    if change.handover is not None:
        conn.execute(_SQL["insert_handover"], _handover_columns(change.handover, change, case_id))
    return case_id


def _columns(case: Case) -> dict[str, object]:
    return {
        "case_id": case.case_id,
        "kind": case.kind.value,
        "subtype": case.subtype,
        "state": case.state.value,
        "estate_id": case.estate_id,
        "unit_id": case.unit_id,
        "visit_id": case.visit_id,
        "alert_ids": list(case.alert_ids),
        "grounds": Jsonb([_ground_columns(ground) for ground in case.grounds]),
        "opened_at": case.opened_at,
        "updated_at": case.updated_at,
        "due": case.due,
        "closed_from": case.closed_from,
        "statement": case.statement,
        "statement_at": case.statement_at,
    }


def _handover_columns(handover: Handover, change: Change, case_id: int) -> dict[str, object]:
    return {
        "case_id": case_id,
        "body": handover.body,
        "reference": handover.reference,
        "at": change.case.updated_at,
        "actor": change.actor,
    }


def _ground_columns(ground: Ground) -> dict[str, object]:
    return {
        "alert_id": ground.alert_id,
        "kind": ground.kind.value,
        "subtype": ground.subtype,
        "level": ground.level.value,
        "since": ground.since.isoformat(),
        "probability": float(ground.probability),
        "facts": [to_columns(item) for item in ground.facts],
    }


def _cases(conn: Connection, name: str, given: Mapping[str, object]) -> list[Case]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return [_case(row) for row in cursor.execute(_SQL[name], given)]


def _stored(conn: Connection, name: str, given: Mapping[str, object]) -> list[Stored]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return [
            Stored(case=_case(row), zone=ZoneInfo(row["timezone"]), place=Place.of(row))
            for row in cursor.execute(_SQL[name], given)
        ]


def _case(row: Mapping[str, Any]) -> Case:
    return Case(
        case_id=row["case_id"],
        kind=Kind(row["kind"]),
        subtype=row["subtype"],
        state=State(row["state"]),
        estate_id=row["estate_id"],
        unit_id=row["unit_id"],
        visit_id=row["visit_id"],
        alert_ids=tuple(row["alert_ids"]),
        grounds=tuple(map(_ground, row["grounds"])),
        opened_at=row["opened_at"],
        updated_at=row["updated_at"],
        due=row["due"],
        closed_from=row["closed_from"] and State(row["closed_from"]),
        statement=row["statement"],
        statement_at=row["statement_at"],
    )


def _ground(columns: Mapping[str, Any]) -> Ground:
    return Ground(
        alert_id=columns["alert_id"],
        kind=Kind(columns["kind"]),
        subtype=columns["subtype"],
        level=Level(columns["level"]),
        since=date.fromisoformat(columns["since"]),
        probability=columns["probability"],
        facts=tuple(map(from_columns, columns["facts"])),
    )
