"""Outcomes of visits become lessons, lessons a model; the model in force corrects every run's probabilities.

Fitted each night where there are new outcomes. A person may go back to the model before; then it stays until a person
asks for a new one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

import structlog

from detectors.findings import TAUGHT, Kind
from detectors.learning import Drift, Lesson, Model, Signal, drift, fit
from gateway.alerts.life import DEFAULT_POLICY
from gateway.errors import RefusedError
from gateway.store import models, units, visits
from gateway.store.database import Connection
from gateway.store.models import ModelRow, OutcomeRow
from gateway.visits.model import Outcome, signal_from_columns
from gateway.visits.results import CONFIRMS

_log = structlog.get_logger()

NIGHT = time(3)
"""Local time of the first estate at which a new model is due: nobody plans visits then."""
_DEFAULT_ZONE = "Asia/Shanghai"
_NO_MODEL = 0
_LABELS: Mapping[Outcome, Kind | None] = MappingProxyType(
    {**dict(CONFIRMS.items()), Outcome.NORMAL: None}  # nobody at home, a refusal and "other" say nothing
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A new model and how the last one's word stood up to the newest outcomes."""

    model: Model
    drift: Drift


def current(conn: Connection) -> Model:
    """The model in force; where there is none, the one that changes nothing."""
    stored = models.newest(conn)
    return Model.from_columns(stored[0].parameters) if stored else Model()


def found_normal(conn: Connection, estate_id: str, day: date) -> frozenset[str]:
    """Units where a visit found nothing lately: what others' visits found does not raise a suspicion of them again."""
    since = day - timedelta(days=DEFAULT_POLICY.dismissed_days)
    return frozenset(unit for unit, _, _ in visits.outcomes(conn, estate_id, since=since, which=[Outcome.NORMAL]))


def lessons(conn: Connection) -> list[Lesson]:
    """What every outcome so far teaches, oldest first."""
    return [lesson for row in models.outcomes(conn, list(_LABELS)) for lesson in lessons_of(row)]


def lessons_of(row: OutcomeRow) -> Iterator[Lesson]:
    """One lesson a suspicion that an outcome confirms or refutes."""
    confirmed = _LABELS[Outcome(row.outcome)]
    for columns in row.signals:
        signal: Signal = signal_from_columns(columns)
        if signal.kind in TAUGHT:
            yield Lesson(
                unit_id=row.unit_id,
                signal=signal,
                found=signal.kind is confirmed,
                chance=row.chance or 1.0,
                said=columns.get("said"),
            )


def refit_if_due(conn: Connection, now: datetime) -> Fitted | None:
    """Fit a new model if a night has passed since the last one, outcomes have come, and nobody went back."""
    stored = models.newest(conn)
    if stored and (stored[0].copy_of is not None or stored[0].fitted_at >= _last_night(conn, now)):
        return None
    count = len(lessons(conn))
    return refit(conn, now) if count and (not stored or count != stored[0].labels) else None


def refit(conn: Connection, now: datetime) -> Fitted:
    """Fit a model to all outcomes so far and put it in force."""
    with conn.transaction():
        models.lock(conn)
        learnt = lessons(conn)
        made = Fitted(model=fit(learnt), drift=drift(learnt))
        models.add(
            conn,
            fitted_at=now,
            labels=made.model.labels,
            parameters=made.model.to_columns(),
            drift={**asdict(made.drift), "has_drifted": made.drift.has_drifted},
        )
    tell = _log.warning if made.drift.has_drifted else _log.info
    tell("model fitted", action="model_fitted", labels=made.model.labels, **asdict(made.drift))
    return made


def back(conn: Connection, now: datetime) -> ModelRow | None:
    """Put the model before the one in force back; None is none at all: scores untouched.

    Raises:
        RefusedError: there is no model to go back from.
    """
    with conn.transaction():
        models.lock(conn)
        stored = models.newest(conn)
        if not stored or stored[0].copy_of == _NO_MODEL:
            raise RefusedError("no model is in force: the scores are the detectors' own")
        earlier = models.before(conn, stored[0].copy_of or stored[0].model_id)
        models.add(
            conn,
            fitted_at=now,
            labels=earlier.labels if earlier else 0,
            parameters=earlier.parameters if earlier else Model().to_columns(),
            drift=earlier.drift if earlier else {},
            copy_of=earlier.model_id if earlier else _NO_MODEL,
        )
    return earlier


def _last_night(conn: Connection, now: datetime) -> datetime:
    first = units.estates(conn, limit=1)
    local = now.astimezone(ZoneInfo(first[0].timezone if first else _DEFAULT_ZONE))
    night = datetime.combine(local.date(), NIGHT, local.tzinfo)
    return night if night <= local else night - timedelta(days=1)
