"""Whether the process lives, whether the gateway is ready, and its metrics; at the root, for machines."""

from __future__ import annotations

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


@router.get("/healthz")
def healthz() -> dict[str, str]:
    """Answer while the process lives."""
    return {"status": "ok"}


@router.get("/readyz")
def readyz(request: Request) -> Response:
    """Whether messages can come in and questions be answered: database, schema, ingest."""
    missing = _missing(request.app.state.pool)
    if missing:
        detail = "; ".join(f"{part.part}: {part.reason}" for part in missing)
        return problem(request, 503, detail, not_ready=missing)
    return Response('{"status":"ready"}', media_type="application/json")


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Prometheus' text format."""
    state = request.app.state
    return Response(state.telemetry.exposition(state.pool), media_type=CONTENT_TYPE_LATEST)


def _missing(pool: ConnectionPool[Connection]) -> list[Unready]:
    try:
        with pool.connection(timeout=POOL_PATIENCE_S) as conn:
            check(conn)
            return _missing_ingest(workers.rows(conn))
    except DATABASE_TROUBLE:
        return [Unready("database", "cannot be reached")]
    except SchemaError as error:
        return [Unready("schema", str(error))]


def _missing_ingest(rows: list[workers.WorkerRow]) -> list[Unready]:
    fresh = [row for row in rows if row.is_ingest and row.silent_s < FRESH_S]
    if not fresh:
        return [Unready("ingest", "no ingest process was seen lately; start: estate ingest")]
    if not any(row.connected for row in fresh):
        return [Unready("ingest", "no ingest process is connected to the broker")]
    return []
