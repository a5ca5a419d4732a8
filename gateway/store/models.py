"""Corrections that visits taught, newest last; and the outcomes that teach."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from gateway.store.database import Connection
from gateway.store.queries import queries

_SQL = queries("models")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRow:
    """A stored model. `copy_of`: a person went back to that one (0: to none), so that it stays."""

    model_id: int
    fitted_at: datetime
    labels: int
    parameters: Mapping[str, Any]
    drift: Mapping[str, Any]
    copy_of: int | None


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """A visit that was made, and what was known when it was planned."""

    unit_id: str
    signals: Sequence[Mapping[str, Any]]
    chance: float | None
    outcome: str


def lock(conn: Connection) -> None:
    """Wait to be the only one who stores models until the end of this transaction."""
    conn.execute(_SQL["lock"])


def newest(conn: Connection, *, limit: int = 1) -> list[ModelRow]:
    """The models, that in force first."""
    cursor = conn.cursor(row_factory=class_row(ModelRow))
    return cursor.execute(_SQL["newest"], {"limit": limit}).fetchall()


def before(conn: Connection, model_id: int) -> ModelRow | None:
    """The model that was fitted before this one."""
    cursor = conn.cursor(row_factory=class_row(ModelRow))
    return cursor.execute(_SQL["before"], {"model_id": model_id}).fetchone()


def add(
    conn: Connection,
    *,
    fitted_at: datetime,
    labels: int,
    parameters: Mapping[str, Any],
    drift: Mapping[str, Any],
    copy_of: int | None = None,
) -> None:
    """Put a model in force; those before it stay."""
    given = {
        "fitted_at": fitted_at,
        "labels": labels,
        "parameters": Jsonb(parameters),
        "drift": Jsonb(drift),
        "copy_of": copy_of,
    }
    conn.execute(_SQL["insert"], given)


def outcomes(conn: Connection, which: Collection[str]) -> list[OutcomeRow]:
    """Visits with one of these outcomes, oldest first."""
    return [OutcomeRow(*row) for row in conn.execute(_SQL["outcomes"], {"outcomes": list(which)})]
