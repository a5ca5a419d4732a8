"""The parts that run now: their heartbeats, and what they have counted."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from psycopg.rows import dict_row

from gateway.store.database import Connection
from gateway.store.queries import queries

_SQL = queries("workers")

DETECTION = "detection@"
"""Names of detection workers begin so; all others take messages in."""


PAUSE = timedelta(minutes=10)
"""A shorter time without ingestion is no gap: the broker keeps what is sent meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """What a part tells of itself at a heartbeat: the broker is there, messages in hand, and counts since it began."""

    connected: bool = True
    queued: int = 0
    redelivered: int = 0
    broker_reconnects: int = 0
    database_reconnects: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerRow(Pulse):
    """A running part: seconds since it was last seen, and for how long it has had its broker, or has not."""

    worker: str
    silent_s: float
    since_s: float

    @property
    def is_ingest(self) -> bool:
        """Whether it takes messages in."""
        return not self.worker.startswith(DETECTION)


def beat(conn: Connection, worker: str, pid: int, started_at: datetime, pulse: Pulse) -> None:
    """Say that a worker is alive, and how it is."""
    conn.execute(_SQL["beat"], {"worker": worker, "pid": pid, "started_at": started_at, **asdict(pulse)})


def listen(conn: Connection) -> None:
    """Say that devices can be heard now: an ingest worker has broker and database."""
    conn.execute(_SQL["listen"], {"pause": PAUSE})


def stretches(conn: Connection) -> list[tuple[datetime, datetime]]:
    """From when to when devices could be heard, oldest first; gaps are longer than `PAUSE`."""
    return [(began, ended) for began, ended in conn.execute(_SQL["stretches"])]


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
