"""What Prometheus sees: requests of this process, and the state of the gateway read from the store at each scrape."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from itertools import accumulate

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from psycopg_pool import ConnectionPool
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.live import DATABASE_TROUBLE
from api.params import POOL_PATIENCE_S
from gateway.codecs.message import Reason
from gateway.ingest.measures import HISTOGRAMS, SUM_PARTS, Buckets
from gateway.store import alerts, devices, quarantine, workers
from gateway.store.database import Connection

_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_GONE_S = 3600.0
"""A worker that was not seen for this long is shown no more: it was moved, or its host renamed."""
_COUNTED = {
    "messages_received": "Messages that arrived, repeats included",
    "readings_stored": "Meter readings stored",
    "readings_duplicate": "Meter readings that were there already",
    "events_stored": "Door events stored",
    "events_duplicate": "Door events that were there already",
    "statuses_stored": "Words of devices about themselves",
    "polls_asked": "Questions to meters behind loggers",
    "polls_answered": "Questions that were answered in time",
    "polls_timed_out": "Questions that nobody answered in time",
    "images_removed": "Pictures and templates cut out before storing",
}
_OF_WORKERS = {
    "redelivered": "Messages that the broker marked as sent before, since the worker began",
    "broker_reconnects": "Connections to the broker after the first, since the worker began",
    "database_reconnects": "Connections to the database after the first, since the worker began",
}


class Telemetry:
    """The metrics of one application."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        labels = ("method", "path", "status")
        self._requests = Counter("estate_http_requests", "HTTP requests answered", labels, registry=self._registry)
        self._seconds = Histogram(
            "estate_http_request_seconds",
            "Seconds from a request to the end of its answer",
            ("method", "path"),
            buckets=_BUCKETS_S,
            registry=self._registry,
        )

    def count(self, method: str, path: str, status: int, seconds: float) -> None:
        """Count one answered request; `path` is the route's pattern, so that ids make no series."""
        self._requests.labels(method, path, str(status)).inc()
        self._seconds.labels(method, path).observe(seconds)

    def exposition(self, pool: ConnectionPool[Connection]) -> bytes:
        """Everything in Prometheus' text format; without the database only what this process knows."""
        store = CollectorRegistry()
        store.register(_Snapshot(_store_metrics(pool)))
        return generate_latest(self._registry) + generate_latest(store)


class HttpTelemetry:
    """Counts requests; a socket or a long poll is not a slow request, so those are left out."""

    def __init__(self, app: ASGIApp, *, telemetry: Telemetry) -> None:
        self._app = app
        self._telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and count its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), 500

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, note)
        finally:
            path = _pattern(scope)
            if not path.endswith("/changes"):
                self._telemetry.count(scope["method"], path, status, time.monotonic() - began)


def _pattern(scope: Scope) -> str:
    """The route's pattern, so that ids make no series; a router's routes do not know their own prefix."""
    pattern: str = getattr(scope.get("route"), "path", "other")
    prefix = "/api/v1"
    return prefix + pattern if scope["path"].startswith(prefix) and not pattern.startswith(prefix) else pattern


class _Snapshot:
    def __init__(self, metrics: list[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterator[Metric]:
        yield from self._metrics


def _store_metrics(pool: ConnectionPool[Connection]) -> list[Metric]:
    up = GaugeMetricFamily("estate_database_up", "1 where the database answers")
    try:
        with pool.connection(timeout=POOL_PATIENCE_S) as conn:
            metrics = [*_ingest(conn), _alerts(conn), _held(conn), *_workers(conn), _lag(conn), *_devices(conn)]
    except DATABASE_TROUBLE:
        up.add_metric([], 0)
        return [up]
    up.add_metric([], 1)
    return [up, *metrics]


def _ingest(conn: Connection) -> Iterator[Metric]:
    """What ingestion has counted, over all workers that ever were; one that has counted nothing yet shows a zero."""
    counters = workers.counters(conn)
    plain = {name for name in counters if "." not in name}
    for name in sorted(plain | _COUNTED.keys()):
        about = _COUNTED.get(name, f"Counted by ingestion: {name}")
        yield CounterMetricFamily(f"estate_ingest_{name}", about, counters.get(name, 0))
    held = CounterMetricFamily("estate_ingest_quarantined", "Messages put into quarantine", labels=["reason"])
    for reason in Reason:
        held.add_metric([reason], counters.get(f"quarantined.{reason}", 0))
    yield held
    for name, histogram in HISTOGRAMS.items():
        yield _histogram(name, histogram, counters)


def _histogram(name: str, histogram: Buckets, counters: Mapping[str, int]) -> Metric:
    counts = [counters.get(f"{name}.le.{histogram.label(at)}", 0) for at in range(len(histogram.edges) + 1)]
    edges = [*(str(float(edge)) for edge in histogram.edges), "+Inf"]
    buckets = list(zip(edges, accumulate(counts), strict=True))
    total = counters.get(f"{name}.sum", 0) / SUM_PARTS
    return HistogramMetricFamily(f"estate_ingest_{name}", histogram.help, buckets=buckets, sum_value=total)


def _alerts(conn: Connection) -> Metric:
    metric = GaugeMetricFamily("estate_alerts", "Alerts in the store", labels=["kind", "state", "level"])
    for kind, state, level, count in alerts.counts(conn):
        metric.add_metric([kind, state, level], count)
    return metric


def _held(conn: Connection) -> Metric:
    metric = GaugeMetricFamily("estate_quarantine_held", "Messages held in quarantine", labels=["reason"])
    for reason, count in quarantine.counts(conn).items():
        metric.add_metric([reason], count)
    return metric


def _workers(conn: Connection) -> list[Metric]:
    silent = GaugeMetricFamily("estate_worker_silent_seconds", "Since a worker was last seen", labels=["worker"])
    connected = GaugeMetricFamily("estate_worker_connected", "1 where a worker has its broker", labels=["worker"])
    queued = GaugeMetricFamily(
        "estate_worker_queued_messages", "Messages in hand that no batch has taken yet", labels=["worker"]
    )
    counts = {
        name: CounterMetricFamily(f"estate_worker_{name}", _OF_WORKERS[name], labels=["worker"]) for name in _OF_WORKERS
    }
    for row in workers.rows(conn):
        if row.silent_s >= _GONE_S:
            continue
        silent.add_metric([row.worker], row.silent_s)
        connected.add_metric([row.worker], int(row.connected))
        if row.is_ingest:
            queued.add_metric([row.worker], row.queued)
            for name, metric in counts.items():
                metric.add_metric([row.worker], getattr(row, name))
    return [silent, connected, queued, *counts.values()]


def _lag(conn: Connection) -> Metric:
    metric = GaugeMetricFamily("estate_rollup_lag_seconds", "Age of the oldest hour whose rollup is not made")
    metric.add_metric([], workers.rollup_lag_s(conn))
    return metric


def _devices(conn: Connection) -> list[Metric]:
    every = GaugeMetricFamily("estate_devices", "Devices in the lists", labels=["estate_id"])
    ailing = GaugeMetricFamily(
        "estate_devices_ailing", "Devices that suffer from a condition", labels=["estate_id", "condition"]
    )
    for estate_id, condition, count in devices.counts(conn):
        if condition is None:
            every.add_metric([estate_id], count)
        else:
            ailing.add_metric([estate_id, condition], count)
    return [every, ailing]
