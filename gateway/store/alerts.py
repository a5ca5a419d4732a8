"""Alerts and their changes. Whoever writes holds one lock, so that `seq` is also the order of commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from detectors.findings import Kind, Level
from gateway.alerts import clearing
from gateway.alerts.evidence import from_columns, to_columns
from gateway.alerts.model import Alert, Change, State, Subject
from gateway.errors import NotFoundError
from gateway.store.database import Connection
from gateway.store.queries import queries
from gateway.store.steps import StepRow, step_columns
from gateway.visits.walk import Place

_SQL = queries("alerts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An alert as it lies in the store, with its estate's zone and its unit's place."""

    alert: Alert
    zone: ZoneInfo
    place: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow(StepRow):
    """One line of an alert's history."""

    alert_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which alerts are listed; None lets all pass."""

    states: Sequence[str] | None = None
    kinds: Sequence[str] | None = None
    levels: Sequence[str] | None = None
    estates: Sequence[str] | None = None
    unit_id: str | None = None


def lock(conn: Connection) -> None:
    """Wait to be the only writer of alerts until the end of this transaction."""
    conn.execute(_SQL["lock"])


def page(conn: Connection, which: Filter, *, limit: int, before: tuple[datetime, int] | None = None) -> list[Stored]:
    """Alerts, newest activity first, that come after the one known by `before` (its updated_at and id)."""
    at, alert_id = before or (None, None)
    given = {
        "states": which.states and list(which.states),
        "kinds": which.kinds and list(which.kinds),
        "levels": which.levels and list(which.levels),
        "estates": None if which.estates is None else list(which.estates),
        "unit_id": which.unit_id,
    }
    return _read(conn, "page", {**given, "before": at, "before_id": alert_id, "limit": limit})


def one(conn: Connection, alert_id: int) -> Stored:
    """The alert of this id.

    Raises:
        NotFoundError: there is none.
    """
    found = _read(conn, "one", {"alert_id": alert_id})
    if not found:
        raise NotFoundError(thing="alert", key=alert_id)
    return found[0]


def several(conn: Connection, alert_ids: Sequence[int]) -> list[Stored]:
    """Those of these alerts that exist, by id."""
    return _read(conn, "several", {"alert_ids": list(alert_ids)})


def latest(conn: Connection, estate_id: str) -> dict[tuple[Subject, Kind], Alert]:
    """For each subject and kind of an estate the live alert, or else the last one."""
    rows = _read(conn, "latest", {"estate_id": estate_id})
    return {(row.alert.subject, row.alert.kind): row.alert for row in rows}


def live_twin(conn: Connection, alert: Alert) -> int | None:
    """Another live alert of the same subject and kind."""
    row = conn.execute(_SQL["live_twin"], _columns(alert)).fetchone()
    return int(row[0]) if row else None


def history(conn: Connection, alert_id: int) -> list[ChangeRow]:
    """Every change of one alert, oldest first."""
    return _read_changes(conn, "history", {"alert_id": alert_id})


def changes(conn: Connection, since: int, *, limit: int, estates: Sequence[str] | None = None) -> list[ChangeRow]:
    """Changes of all alerts, or of those in some estates, after `since`, oldest first."""
    return _read_changes(conn, "changes", {"since": since, "limit": limit, "estates": estates})


def last_seq(conn: Connection) -> int:
    """The `seq` of the last change; 0 where there was none."""
    row = conn.execute(_SQL["last_seq"]).fetchone()
    return int(row[0]) if row else 0


def counts(conn: Connection) -> list[tuple[str, str, str, int]]:
    """How many alerts there are of each kind, state and level."""
    return [(str(kind), str(state), str(level), int(n)) for kind, state, level, n in conn.execute(_SQL["counts"])]


def write(conn: Connection, change: Change) -> Alert:
    """Store a change inside the caller's transaction, which holds `lock`. Returns the alert with its id."""
    alert = change.alert
    if alert.alert_id:
        conn.execute(_SQL["update"], _columns(alert))
    else:
        row = conn.execute(_SQL["insert"], _columns(alert)).fetchone()
        alert = replace(alert, alert_id=int(row[0])) if row else alert
    if change.told:
        columns = step_columns(change, at=alert.updated_at, to_state=alert.state)
        conn.execute(_SQL["insert_change"], {"alert_id": alert.alert_id, **columns})
    return alert


def _columns(alert: Alert) -> dict[str, object]:
    return {
        "alert_id": alert.alert_id,
        "kind": alert.kind.value,
        "subtype": alert.subtype,
        "level": alert.level.value,
        "state": alert.state.value,
        "unit_id": alert.subject.unit_id,
        "device_id": alert.subject.device_id,
        "estate_id": alert.subject.estate_id,
        "since": alert.since,
        "probability": float(alert.probability),
        "evidence": Jsonb([to_columns(item) for item in alert.evidence]),
        "clears": Jsonb([clearing.to_columns(item) for item in alert.clears]),
        "opened_at": alert.opened_at,
        "updated_at": alert.updated_at,
        "last_found_on": alert.last_found_on,
        "until": alert.until,
    }


def _read(conn: Connection, name: str, given: Mapping[str, object]) -> list[Stored]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return [_stored(row) for row in cursor.execute(_SQL[name], given)]


def _read_changes(conn: Connection, name: str, given: Mapping[str, object]) -> list[ChangeRow]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return [ChangeRow(**row) for row in cursor.execute(_SQL[name], given)]


def _stored(row: dict[str, Any]) -> Stored:
    alert = Alert(
        alert_id=row["alert_id"],
        kind=Kind(row["kind"]),
        subtype=row["subtype"],
        level=Level(row["level"]),
        state=State(row["state"]),
        subject=Subject(estate_id=row["estate_id"], unit_id=row["unit_id"], device_id=row["device_id"]),
        since=row["since"],
        probability=row["probability"],
        evidence=tuple(from_columns(item) for item in row["evidence"]),
        clears=tuple(clearing.from_columns(item) for item in row["clears"]),
        opened_at=row["opened_at"],
        updated_at=row["updated_at"],
        last_found_on=row["last_found_on"],
        until=row["until"],
    )
    return Stored(alert=alert, zone=ZoneInfo(row["timezone"]), place=_place(row))


def _place(row: dict[str, Any]) -> Place | None:
    return None if row["building"] is None else Place.of({**row, "room": row["room"] or ""})
