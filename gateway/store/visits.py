"""Visits and what inspectors found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from detectors.findings import Kind
from detectors.learning import Signal
from gateway.errors import NotFoundError
from gateway.store.database import Connection
from gateway.store.queries import queries
from gateway.visits.model import LastVisit, NewVisit, Outcome, Told, told_to_columns
from gateway.visits.reasons import BY_LOT, ordered, reason_columns
from gateway.visits.results import Result
from gateway.visits.walk import Place, walking_key

_SQL = queries("visits")


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRow:
    """A visit with the place of its unit. Reasons are those of `gateway.visits.reasons`."""

    visit_id: int
    date: date
    inspector: str
    estate_id: str
    unit_id: str
    order: int
    alert_ids: Sequence[int]
    reasons: Sequence[Mapping[str, Any]]
    questions: Sequence[str]
    best_hours: Sequence[Sequence[int]]
    state: str
    outcome: str | None
    created_at: datetime
    explores: bool
    chance: float | None
    signals: Sequence[Mapping[str, Any]]
    building: str
    entrance: str
    floor: int | None
    room: str
    timezone: str

    @property
    def standing_reasons(self) -> list[Mapping[str, Any]]:
        """Those of alerts that the visit is still made for, and those that are not an alert's."""
        return [reason for reason in self.reasons if reason.get("alert_id") in {None, *self.alert_ids}]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow:
    """One result that a phone sent."""

    key: str
    visit_id: int
    outcome: str
    note: str
    found_at: datetime
    received_at: datetime
    inspector: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which visits are listed; None lets all pass. Cancelled ones only where their state is asked for."""

    date: date | None = None
    inspector: str | None = None
    estates: Sequence[str] | None = None
    unit_id: str | None = None
    state: str | None = None


class After(NamedTuple):
    """Where a page ended: date, inspector, order and id of its last visit."""

    date: date
    inspector: str
    order: int
    visit_id: int


def page(conn: Connection, which: Filter, *, limit: int, after: After | None = None) -> list[VisitRow]:
    """Visits, latest day first, each day in walking order."""
    day, inspector, order, visit_id = after or (None, None, None, None)
    given = {
        "date": which.date,
        "inspector": which.inspector,
        "estates": None if which.estates is None else list(which.estates),
        "unit_id": which.unit_id,
        "state": which.state,
        "after_date": day,
        "after_inspector": inspector,
        "after_order": order,
        "after_id": visit_id,
        "limit": limit,
    }
    return _read(conn, "page", given)


def one(conn: Connection, visit_id: int) -> VisitRow:
    """The visit of this id.

    Raises:
        NotFoundError: there is none.
    """
    found = _read(conn, "one", {"visit_id": visit_id})
    if not found:
        raise NotFoundError(thing="visit", key=visit_id)
    return found[0]


def places(conn: Connection, unit_ids: Iterable[str]) -> dict[str, Place]:
    """Where these units lie."""
    rows = conn.execute(_SQL["places"], {"unit_ids": list(unit_ids)})
    return {str(unit_id): _place(*where) for unit_id, *where in rows}


def open_alert_ids(conn: Connection, estate_id: str | None) -> list[int]:
    """Alerts of units that nobody has taken up yet."""
    return [int(row[0]) for row in conn.execute(_SQL["open_alerts"], {"estate_id": estate_id})]


def open_alert_ids_of_unit(conn: Connection, unit_id: str) -> list[int]:
    """The same of one unit."""
    return [int(row[0]) for row in conn.execute(_SQL["open_alerts_of_unit"], {"unit_id": unit_id})]


def below_the_line(
    conn: Connection, kinds: Iterable[Kind], *, least: float, day: date, estate_id: str | None
) -> list[tuple[str, Told]]:
    """What a week's scores tell of units where no live or quiet alert stands."""
    given = {"kinds": [kind.value for kind in kinds], "least": least, "day": day, "estate_id": estate_id}
    rows = conn.execute(_SQL["below_the_line"], given)
    return [
        (str(unit), Told(signal=Signal(kind=Kind(kind), score=raw, **(facts or {})), said=said))
        for unit, kind, said, raw, facts in rows
    ]


def outcomes(
    conn: Connection, estate_id: str, *, since: date, which: Iterable[Outcome]
) -> list[tuple[str, date, Outcome]]:
    """Unit, day and outcome of the visits that were made from a day on and had one of these, by unit and day."""
    given = {"estate_id": estate_id, "since": since, "outcomes": [outcome.value for outcome in which]}
    return [(str(unit), day, Outcome(outcome)) for unit, day, outcome in conn.execute(_SQL["outcomes"], given)]


def raw_scores(conn: Connection, unit_ids: Iterable[str]) -> dict[tuple[str, Kind], float]:
    """The detectors' own word on these units, before outcomes corrected it."""
    rows = conn.execute(_SQL["raw_scores"], {"unit_ids": list(unit_ids)})
    return {(str(unit), Kind(kind)): float(raw) for unit, kind, raw in rows}


def last_visits(conn: Connection, since: date) -> dict[str, LastVisit]:
    """The latest visit after `since` of each unit that has one, planned or made."""
    rows = conn.execute(_SQL["last_visits"], {"since": since})
    return {unit: LastVisit(day=day, outcome=Outcome(outcome) if outcome else None) for unit, day, outcome in rows}


def count(conn: Connection, day: date, inspector: str, estate_id: str | None) -> int:
    """How many visits an inspector has on a day, planned or made."""
    given = {"date": day, "inspector": inspector, "estate_id": estate_id}
    row = conn.execute(_SQL["count_planned"], given).fetchone()
    return int(row[0]) if row else 0


def add(conn: Connection, visit: NewVisit, *, day: date, inspector: str, now: datetime) -> int:
    """Store a planned visit; `number` settles its place in the walk."""
    given = {
        **_why(visit),
        "date": day,
        "inspector": inspector,
        "estate_id": visit.place.estate_id,
        "unit_id": visit.unit_id,
        "best_hours": Jsonb([list(window) for window in visit.best_hours]),
        "explores": visit.explores,
        "chance": visit.chance,
        "now": now,
    }
    row = conn.execute(_SQL["insert"], given).fetchone()
    return int(row[0]) if row else 0


def on_day(conn: Connection, unit_id: str, day: date) -> tuple[int, str] | None:
    """Id and state of the unit's visit on a day."""
    row = conn.execute(_SQL["on_day"], {"date": day, "unit_id": unit_id}).fetchone()
    return (int(row[0]), str(row[1])) if row else None


def join(conn: Connection, visit_id: int, visit: NewVisit) -> None:
    """Give a planned visit more alerts to look into."""
    asked = one(conn, visit_id).questions
    questions = Jsonb(list(dict.fromkeys([*asked, *visit.questions])))
    conn.execute(_SQL["join"], {**_why(visit), "questions": questions, "visit_id": visit_id})


def number(conn: Connection, day: date, inspector: str) -> None:
    """Put an inspector's day in walking order."""
    rows = conn.execute(_SQL["route"], {"date": day, "inspector": inspector}).fetchall()
    route = sorted(rows, key=lambda row: (walking_key(_place(*row[1:])), row[0]))
    conn.execute(_SQL["number"], {"visit_ids": [row[0] for row in route]})


def release(conn: Connection, alert_id: int) -> None:
    """Take an alert off its planned visit; a visit with nothing left to look into is cancelled."""
    conn.execute(_SQL["release"], {"alert_id": alert_id})


def lapsed(conn: Connection, before: date, estate_id: str | None) -> list[tuple[int, list[int]]]:
    """Visits planned for a day before `before` that nobody made, with their alerts."""
    rows = conn.execute(_SQL["lapsed"], {"before": before, "estate_id": estate_id})
    return [(int(visit_id), list(alert_ids)) for visit_id, alert_ids in rows]


def cancel(conn: Connection, visit_id: int) -> None:
    """Strike a visit from the list; its row stays."""
    conn.execute(_SQL["cancel"], {"visit_id": visit_id})


def result(conn: Connection, key: str) -> ResultRow | None:
    """The result that was sent under this key."""
    found = _results(conn, "result", {"key": key})
    return found[0] if found else None


def results(conn: Connection, visit_id: int) -> list[ResultRow]:
    """Every result of a visit in the order in which they were found."""
    return _results(conn, "results", {"visit_id": visit_id})


def add_result(conn: Connection, visit_id: int, key: str, found: Result, *, now: datetime) -> None:
    """Store what an inspector found."""
    given = {
        "key": key,
        "visit_id": visit_id,
        "outcome": found.outcome.value,
        "note": found.note,
        "found_at": found.found_at,
        "received_at": now,
        "inspector": found.inspector,
    }
    conn.execute(_SQL["insert_result"], given)


def finish(conn: Connection, visit_id: int, outcome: Outcome) -> None:
    """Mark a visit as made, with what counts as found."""
    conn.execute(_SQL["finish"], {"visit_id": visit_id, "outcome": outcome.value})


def _why(visit: NewVisit) -> dict[str, object]:
    return {
        "alert_ids": [alert.alert_id for alert in visit.alerts],
        "reasons": Jsonb(_reasons(visit)),
        "questions": Jsonb(list(visit.questions)),
        "signals": Jsonb([told_to_columns(told) for told in visit.told]),
    }


def _reasons(visit: NewVisit) -> list[Mapping[str, object]]:
    of_alerts = [reason_columns(alert) for alert in visit.alerts]
    return [*([ordered(visit.note)] if visit.note else []), *of_alerts, *([BY_LOT] if visit.explores else [])]


def _place(estate_id: str, building: str, entrance: str, floor: int | None, room: str) -> Place:
    return Place(estate_id=estate_id, building=building, entrance=entrance, floor=floor, room=room)


def _read(conn: Connection, name: str, given: Mapping[str, object]) -> list[VisitRow]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return [VisitRow(**row) for row in cursor.execute(_SQL[name], given)]


def _results(conn: Connection, name: str, given: Mapping[str, object]) -> list[ResultRow]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return [ResultRow(**row) for row in cursor.execute(_SQL[name], given)]
