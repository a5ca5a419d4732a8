"""Planning a day: read the open alerts, choose, store the visits, dispatch the alerts; one transaction."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from detectors.findings import TAUGHT, Kind
from detectors.learning import Signal
from detectors.taught import weights_of
from gateway.alerts.life import ActionRefusedError, Request, apply, refuse_past
from gateway.alerts.model import Action, Alert, State
from gateway.detection import teaching
from gateway.store import alerts as alert_store
from gateway.store import units as unit_store
from gateway.store import visits as visit_store
from gateway.store.alerts import Stored
from gateway.store.database import Connection
from gateway.visits.model import Candidate, Chosen, NewVisit, Told
from gateway.visits.plan import DEFAULT_POLICY, PlanPolicy, choose, prepare

PLANNER = "planner"
_DEFAULT_ZONE = ZoneInfo("Asia/Shanghai")
_HABIT = timedelta(days=28)
_LAPSE = timedelta(days=2)
"""A phone may bring yesterday's results today; after that an unmade visit is planned anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked for: at most `places` visits for one inspector on `day` (None: today), in one estate or all."""

    day: date | None = None
    estate_id: str | None = None
    inspector: str = ""
    places: int = 8
    actor: str = PLANNER


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """A visit that a person orders, after a tip-off for example; `note` says why. `day` None: today."""

    unit_id: str
    note: str
    day: date | None = None
    inspector: str = ""
    actor: str = PLANNER


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """The day that was planned, and how many visits were new."""

    day: date
    added: int


def plan(conn: Connection, order: Order, *, now: datetime, policy: PlanPolicy = DEFAULT_POLICY) -> Planned:
    """Plan visits; those that already stand count towards the places, so planning twice is planning once.

    What explores is drawn from what the model in force leaves open.

    Raises:
        NotFoundError: there is no such estate.
        ActionRefusedError: the day has passed.
    """
    with conn.transaction():
        alert_store.lock(conn)
        now = now.astimezone(_zone(conn, order.estate_id))
        day = order.day or now.date()
        refuse_past(day, now)
        _let_lapse(conn, now, order.estate_id)
        free = order.places - visit_store.count(conn, day, order.inspector, order.estate_id)
        visited = visit_store.last_visits(conn, day - timedelta(days=policy.pause_days))
        candidates, model = _candidates(conn, order.estate_id, day, policy.explore_from), teaching.current(conn)
        seed = _seed(order, day)
        chosen = choose(candidates, day=day, places=free, visited=visited, model=model, seed=seed, policy=policy)
        for visit in _prepared(conn, chosen, now):
            visit_store.add(conn, visit, day=day, inspector=order.inspector, now=now)
            _dispatch(conn, visit.alerts, order, day, now)
        visit_store.number(conn, day, order.inspector)
    return Planned(day=day, added=len(chosen))


def order_visit(conn: Connection, wish: ByHand, *, now: datetime) -> int:
    """Put a unit on a day's list because a person wants it, with its open alerts; returns the visit's id.

    Raises:
        NotFoundError: there is no such unit.
        ActionRefusedError: the day has passed, or the unit was already visited on it.
    """
    with conn.transaction():
        alert_store.lock(conn)
        unit = unit_store.one(conn, wish.unit_id)
        now = now.astimezone(ZoneInfo(unit.timezone))
        day = wish.day or now.date()
        refuse_past(day, now)
        alerts = [
            each.alert for each in alert_store.several(conn, visit_store.open_alert_ids_of_unit(conn, wish.unit_id))
        ]
        candidates = _grouped(conn, alerts) or [_without_alerts(conn, wish.unit_id)]
        visit = replace(_prepared(conn, [Chosen(candidate=candidates[0])], now)[0], note=wish.note)
        visit_id = _enter(conn, visit, day=day, inspector=wish.inspector, now=now)
        _dispatch(conn, alerts, Order(inspector=wish.inspector, actor=wish.actor), day, now)
    return visit_id


def add_alert(conn: Connection, alert: Alert, *, day: date, inspector: str, now: datetime) -> None:
    """Put one dispatched alert on the day's list, inside the caller's transaction.

    Raises:
        ActionRefusedError: the unit was already visited on that day.
    """
    if alert.subject.unit_id is None:
        return
    visit = _prepared(conn, [Chosen(candidate=one) for one in _grouped(conn, [alert])], now)[0]
    _enter(conn, visit, day=day, inspector=inspector, now=now)


def _enter(conn: Connection, visit: NewVisit, *, day: date, inspector: str, now: datetime) -> int:
    """Add a visit to a day, or to the unit's visit that is already planned then; returns its id."""
    standing = visit_store.on_day(conn, visit.unit_id, day)
    if standing is None:
        visit_id = visit_store.add(conn, visit, day=day, inspector=inspector, now=now)
        visit_store.number(conn, day, inspector)
        return visit_id
    visit_id, state = standing
    if state != "planned":
        raise ActionRefusedError(
            "already_visited",
            f"unit {visit.unit_id} was already visited on {day}",
            unit_id=visit.unit_id,
            day=day.isoformat(),
        )
    visit_store.join(conn, visit_id, visit)
    return visit_id


def _without_alerts(conn: Connection, unit_id: str) -> Candidate:
    return Candidate(unit_id=unit_id, place=visit_store.places(conn, [unit_id])[unit_id], alerts=())


def _seed(order: Order, day: date) -> int:
    """The same plan twice throws the same lot."""
    return zlib.crc32(f"{day}/{order.estate_id}/{order.inspector}".encode())


def _candidates(conn: Connection, estate_id: str | None, day: date, least: float) -> list[Candidate]:
    """Units with open alerts, and those just below the line, which only a lot may choose."""
    found = alert_store.several(conn, visit_store.open_alert_ids(conn, estate_id))
    below: dict[str, list[Told]] = defaultdict(list)
    for unit, told in visit_store.below_the_line(conn, TAUGHT, least=least, day=day, estate_id=estate_id):
        below[unit].append(told)
    places = visit_store.places(conn, below)
    without = [Candidate(unit_id=unit, place=places[unit], alerts=(), told=tuple(its)) for unit, its in below.items()]
    return _grouped(conn, [stored.alert for stored in found]) + without


def _grouped(conn: Connection, alerts: Iterable[Alert]) -> list[Candidate]:
    by_unit: dict[str, list[Alert]] = defaultdict(list)
    for alert in alerts:
        if alert.subject.unit_id is not None:
            by_unit[alert.subject.unit_id].append(alert)
    places, raw = visit_store.places(conn, by_unit), visit_store.raw_scores(conn, by_unit)
    return [
        Candidate(
            unit_id=unit,
            place=places[unit],
            alerts=tuple(its),
            told=tuple(_told(alert, raw) for alert in its if alert.kind in TAUGHT),
        )
        for unit, its in by_unit.items()
    ]


def _told(alert: Alert, raw: Mapping[tuple[str, Kind], float]) -> Told:
    """What is known of an alert: the detector's own word where it is stored, which outcomes have not corrected."""
    score = raw.get((alert.subject.unit_id or "", alert.kind), alert.probability)
    signal = Signal(kind=alert.kind, score=score, subtype=alert.subtype, evidence=weights_of(alert.evidence))
    return Told(signal=signal, said=alert.probability)


def _prepared(conn: Connection, chosen: Sequence[Chosen], now: datetime) -> list[NewVisit]:
    units = [one.candidate.unit_id for one in chosen]
    use = unit_store.hours_of_use(conn, units, start=now - _HABIT, end=now)
    hours = {unit: (of.passages, of.electricity_kwh) for unit, of in use.items()}
    return [prepare(one, hours) for one in chosen]


def _dispatch(conn: Connection, alerts: Iterable[Alert], order: Order, day: date, now: datetime) -> None:
    request = Request(action=Action.DISPATCH, actor=order.actor, reason="planned", day=day, inspector=order.inspector)
    for alert in alerts:
        alert_store.write(conn, apply(alert, request, now=now))


def _let_lapse(conn: Connection, now: datetime, estate_id: str | None) -> None:
    """Give up visits that were planned and never made, so that their alerts can be planned again."""
    request = Request(action=Action.REOPEN, actor=PLANNER, reason="visit_lapsed")
    for visit_id, alert_ids in visit_store.lapsed(conn, now.date() - _LAPSE, estate_id):
        visit_store.cancel(conn, visit_id)
        for stored in _dispatched(conn, alert_ids):
            alert_store.write(conn, apply(stored.alert, request, now=now))


def _dispatched(conn: Connection, alert_ids: Sequence[int]) -> list[Stored]:
    return [found for found in alert_store.several(conn, alert_ids) if found.alert.state is State.DISPATCHED]


def _zone(conn: Connection, estate_id: str | None) -> ZoneInfo:
    if estate_id is not None:
        return ZoneInfo(unit_store.estate(conn, estate_id).timezone)
    first = unit_store.estates(conn, limit=1)
    return ZoneInfo(first[0].timezone) if first else _DEFAULT_ZONE
