"""Whether the process lives, whether the gateway is ready, and its metrics; at the root, for machines."""

from __future__ import annotations

import time
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from psycopg_pool import ConnectionPool

from api.live import DATABASE_TROUBLE
from api.params import POOL_PATIENCE_S
from api.problems import problem
from gateway.errors import SchemaError
from gateway.store import workers
from gateway.store.database import Connection
from gateway.store.migrate import check

router = APIRouter(tags=["health"])

FRESH_S = 30.0
"""A worker that was not seen for this long is taken for gone."""


@dataclass(frozen=True, slots=True)
class Unready:
    """A part that is not ready, and what to do about it."""

    part: str
    reason: str


class Outage:
    """How long the database has been away, as far as somebody asked."""

    def __init__(self) -> None:
        self._since: float | None = None

    def lasts_s(self) -> float:
        """Seconds since it was first found away."""
        now = time.monotonic()
        self._since = now if self._since is None else self._since
        return now - self._since

    def is_over(self) -> None:
        """It answers."""
        self._since = None


@router.get("/healthz")
def healthz() -> dict[str, str]:
    """Answer while the process lives."""
    return {"status": "ok"}


@router.get("/readyz")
def readyz(request: Request) -> Response:
    """Whether messages can come in and questions be answered: database, schema, ingest."""
    missing = _missing(request.app.state.pool, request.app.state.outage)
    if missing:
        detail = "; ".join(f"{part.part}: {part.reason}" for part in missing)
        return problem(request, 503, detail, not_ready=missing)
    return Response('{"status":"ready"}', media_type="application/json")


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Prometheus' text format."""
    state = request.app.state
    return Response(state.telemetry.exposition(state.pool), media_type=CONTENT_TYPE_LATEST)


def _missing(pool: ConnectionPool[Connection], outage: Outage) -> list[Unready]:
    try:
        with pool.connection(timeout=POOL_PATIENCE_S) as conn:
            check(conn)
            outage.is_over()
            return _missing_ingest(workers.rows(conn))
    except DATABASE_TROUBLE:
        return [Unready("database", f"cannot be reached; first noticed {_span(outage.lasts_s())} ago")]
    except SchemaError as error:
        return [Unready("schema", str(error))]


def _missing_ingest(rows: list[workers.WorkerRow]) -> list[Unready]:
    ingest = [row for row in rows if row.is_ingest]
    if not ingest:
        return [Unready("ingest", "no ingest process runs; start: estate ingest")]
    if (silent_s := min(row.silent_s for row in ingest)) >= FRESH_S:
        return [Unready("ingest", f"no ingest process was seen for {_span(silent_s)}; its log says why, or start it")]
    fresh = [row for row in ingest if row.silent_s < FRESH_S]
    if not any(row.connected for row in fresh):
        lost = _span(min(row.since_s for row in fresh))
        return [Unready("ingest", f"no ingest process has had its broker for {lost}; check that the broker runs")]
    return []


def _span(seconds: float) -> str:
    """Seconds, minutes, hours or days, whichever says enough."""
    for unit_s, name in ((86_400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * unit_s:
            return f"{seconds / unit_s:.0f} {name}"
    return f"{seconds:.0f} seconds"
