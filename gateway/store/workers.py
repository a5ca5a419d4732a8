"""The parts that run now: their heartbeats, and what they have counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import dict_row

from gateway.store.database import Connection
from gateway.store.queries import queries

_SQL = queries("workers")

DETECTION = "detection@"
"""Names of detection workers begin so; all others take messages in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerRow:
    """A running part: whether it has its broker, and seconds since it was last seen."""

    worker: str
    connected: bool
    silent_s: float

    @property
    def is_ingest(self) -> bool:
        """Whether it takes messages in."""
        return not self.worker.startswith(DETECTION)


def beat(conn: Connection, worker: str, pid: int, started_at: datetime, *, connected: bool = True) -> None:
    """Say that a worker is alive, and whether it has the broker that it may need."""
    row = {"worker": worker, "pid": pid, "started_at": started_at, "connected": connected}
    conn.execute(_SQL["beat"], row)


def forget(conn: Connection, worker: str, pid: int) -> None:
    """Take a worker off that ends in an orderly way."""
    conn.execute(_SQL["forget"], {"worker": worker, "pid": pid})


def rows(conn: Connection) -> list[WorkerRow]:
    """Every worker that did not end in an orderly way."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return [WorkerRow(**row) for row in cursor.execute(_SQL["all"])]


def counters(conn: Connection) -> dict[str, int]:
    """What ingestion has counted, over all workers."""
    return {str(name): int(value) for name, value in conn.execute(_SQL["counters"])}


def rollup_lag_s(conn: Connection) -> float:
    """Age in seconds of the oldest hour whose rollup is not made yet; 0 where all are."""
    row = conn.execute(_SQL["rollup_lag"]).fetchone()
    return float(row[0]) if row else 0.0
