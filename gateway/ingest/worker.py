"""One ingest process: the client's thread fills a batch, the worker's thread writes it and acknowledges."""

from __future__ import annotations

import hashlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import structlog

from gateway.errors import DatabaseUnavailableError, RefusedError
from gateway.ingest.hand import Hand
from gateway.ingest.patience import TROUBLE, Patience
from gateway.ingest.subscriber import Subscriber
from gateway.ingest.writer import Writer
from gateway.settings import Settings
from gateway.store import migrate, workers
from gateway.store.database import Connection, connect
from gateway.store.queries import queries

_log = structlog.get_logger()
_SQL = queries("stream")

_BEAT_S = 5.0
_LISTS_S = 2.0
_SLOTS = 64
_SLOT_PATIENCE_S = 15.0


class Worker:
    """Runs until told to stop. What is not committed is not acknowledged, and the broker brings it again."""

    def __init__(self, settings: Settings, database: str, broker: str) -> None:
        self._settings = settings
        self._database = database
        self._broker = broker
        self._hand = Hand(settings.batch_size, settings.batch_age_s)
        self._stopping = threading.Event()
        self._started_at = datetime.now(UTC)
        self._group = ""
        self._slot = 0
        self._reconnects = 0
        self._writer: Writer
        self._patience = Patience(database, self._claim, self._stopping)

    def stop(self) -> None:
        """Ask the worker to finish what it has in hand and end. Safe in a signal handler."""
        self._stopping.set()

    def run(self) -> None:
        """Take messages until `stop`.

        Raises:
            DatabaseUnavailableError, BrokerUnavailableError, SchemaError: at the start; later they are waited out.
            RefusedError: another process takes the same topics without a shared subscription.
        """
        conn = connect(self._database)
        form = migrate.check(conn)
        self._group = _group(conn, self._settings)
        self._slot = self._take_slot(conn)
        self._writer = Writer(conn, form, f"{socket.gethostname()}-{self._slot}")
        self._patience.use(conn)
        self._refresh()
        try:
            with self._patience.watched(), self._subscribed() as subscriber:
                self._loop(subscriber)
        finally:
            self._leave()

    @contextmanager
    def _subscribed(self) -> Iterator[Subscriber]:
        share = f"$share/{self._settings.mqtt_share}/" if self._settings.mqtt_share else ""
        topics = [share + topic for topic in self._settings.topic_filters]
        subscriber = Subscriber(self._broker, f"{self._group}-{self._slot}", topics, self._hand.add)
        try:
            subscriber.start()
            yield subscriber
        finally:
            self._hand.close()
            subscriber.stop()

    def _loop(self, subscriber: Subscriber) -> None:
        beat_at = lists_at = 0.0
        while not self._stopping.is_set():
            subscriber.check()
            now = time.monotonic()
            if now >= lists_at:
                self._patience.surely(self._refresh)
                lists_at = now + _LISTS_S
            if now >= beat_at:
                self._patience.surely(lambda: self._beat(subscriber))
                beat_at = now + _BEAT_S
            self._write_next(subscriber, timeout_s=0.5)
        self._hand.close()
        self._write_next(subscriber, timeout_s=0)  # once: what comes later is not acknowledged, and comes again

    def _write_next(self, subscriber: Subscriber, timeout_s: float) -> None:
        batch = self._hand.take(timeout_s)
        if batch is None:
            return
        self._patience.surely(lambda: self._writer.write(batch))
        subscriber.acknowledge(batch.receipts)
        for reason, count in batch.quarantined().items():
            _log.warning("held in quarantine", action="quarantined", reason=reason, messages=count)

    def _claim(self, conn: Connection) -> None:
        """Make a new connection ours, in place of one that was lost."""
        if not _lock_slot(conn, self._group, self._slot):
            raise DatabaseUnavailableError(f"the slot {self._slot} is still held by our last connection")
        self._writer.conn = conn
        self._reconnects += 1

    def _refresh(self) -> None:
        self._writer.refresh_directory()
        self._hand.directory = self._writer.directory

    def _beat(self, subscriber: Subscriber) -> None:
        pulse = workers.Pulse(
            connected=subscriber.connected,
            queued=self._hand.depth,
            redelivered=subscriber.redelivered,
            broker_reconnects=max(subscriber.connections - 1, 0),
            database_reconnects=self._reconnects,
        )
        conn = self._writer.conn
        workers.beat(conn, self._writer.worker, os.getpid(), self._started_at, pulse)
        if pulse.connected:
            workers.listen(conn)

    def _leave(self) -> None:
        with suppress(*TROUBLE):
            workers.forget(self._writer.conn, self._writer.worker, os.getpid())
        self._writer.conn.close()

    def _take_slot(self, conn: Connection) -> int:
        """Find this process's number: it names the MQTT session, so that a restart goes on where the last one ended."""
        slots = range(_SLOTS) if self._settings.mqtt_share else range(1)
        deadline = time.monotonic() + _SLOT_PATIENCE_S  # a killed process's connection may linger for a moment
        while time.monotonic() < deadline and not self._stopping.is_set():
            for slot in slots:
                if _lock_slot(conn, self._group, slot):
                    return slot
            self._stopping.wait(0.2)
        raise RefusedError(
            f"another ingest process takes {self._settings.mqtt_topics}; "
            "set ESTATE_MQTT_SHARE to share the load, or ESTATE_MQTT_TOPICS to divide it"
        )


def _lock_slot(conn: Connection, group: str, slot: int) -> bool:
    row = conn.execute(_SQL["take_slot"], {"group": group, "slot": slot}).fetchone()
    return bool(row and row[0])


def _group(conn: Connection, settings: Settings) -> str:
    """Name the workers that take the same topics for the same database; part of their MQTT client ids."""
    row = conn.execute(_SQL["installation"]).fetchone()
    told = f"{row[0] if row else ''} {settings.mqtt_share} {settings.mqtt_topics}"
    return f"estate-{hashlib.sha256(told.encode()).hexdigest()[:12]}"
