"""One ingest process: the client's thread fills a batch, the worker's thread writes it and acknowledges."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import structlog

from gateway.ingest.adoption import Adoption
from gateway.ingest.hand import Hand
from gateway.ingest.patience import TROUBLE, Patience
from gateway.ingest.poller import Poller
from gateway.ingest.polls import polls_of
from gateway.ingest.refusal import store
from gateway.ingest.sessions import Sessions
from gateway.ingest.subscriber import Subscriber
from gateway.ingest.writer import Writer
from gateway.settings import Settings
from gateway.store import migrate, workers
from gateway.store.database import Connection, connect

_log = structlog.get_logger()

_BEAT_S = 5.0
_LISTS_S = 2.0
_POLLS_S = 0.5


class Worker:
    """Runs until told to stop. What is not committed is not acknowledged, and the broker brings it again."""

    def __init__(self, settings: Settings, database: str, broker: str) -> None:
        self._settings = settings
        self._database = database
        self._broker = broker
        self._hand = Hand(settings.batch_size, settings.batch_age_s)
        self._stopping = threading.Event()
        self._started_at = datetime.now(UTC)
        self._reconnects = 0
        self._writer: Writer
        self._sessions: Sessions
        self._adoption: Adoption
        self._poller: Poller
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
        self._sessions = Sessions(conn, self._settings)
        self._adoption = Adoption(self._sessions, lambda slot: self._subscriber(slot, leaving=True))
        slot = self._sessions.take(conn, self._stopping)
        self._writer = Writer(conn, form, f"{socket.gethostname()}-{slot}", self._settings.routes)
        self._poller = Poller(polls_of(self._settings.polls), self._writer)
        self._patience.use(conn)
        self._refresh()
        try:
            with self._patience.watched(), self._subscribed(slot) as subscriber:
                self._loop(subscriber)
        finally:
            self._leave()

    @contextmanager
    def _subscribed(self, slot: int) -> Iterator[Subscriber]:
        subscriber = self._subscriber(slot)
        try:
            subscriber.start()
            yield subscriber
        finally:
            self._hand.close()
            self._adoption.stop()
            subscriber.stop()

    def _subscriber(self, slot: int, *, leaving: bool = False) -> Subscriber:
        share = f"$share/{self._settings.mqtt_share}/" if self._settings.mqtt_share else ""
        topics = [share + topic for topic in self._settings.topic_filters]
        client_id = self._sessions.client_id(slot)
        return Subscriber(self._broker, client_id, topics, self._hand.add, leaving=leaving)

    def _loop(self, subscriber: Subscriber) -> None:
        beat_at = lists_at = polls_at = 0.0
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
            if now >= polls_at:
                self._poll(subscriber)
                polls_at = now + _POLLS_S
        self._hand.close()
        self._write_next(subscriber, timeout_s=0)  # once: what comes later is not acknowledged, and comes again

    def _write_next(self, subscriber: Subscriber, timeout_s: float) -> None:
        batch = self._hand.take(timeout_s)
        if batch is None:
            return
        written = self._patience.surely(lambda: store(self._writer, batch))
        subscriber.acknowledge(batch.receipts)
        self._adoption.acknowledge(batch.receipts)
        subscriber.publish(list(dict.fromkeys(answer for part in written for answer in part.answers)))  # each once
        for reason, count in sum((part.quarantined() for part in written), Counter[str]()).items():
            _log.warning("held in quarantine", action="quarantined", reason=reason, messages=count)

    def _poll(self, subscriber: Subscriber) -> None:
        self._patience.surely(lambda: self._poller.look(time.time()))
        subscriber.publish(self._poller.act(time.time(), connected=subscriber.connected))

    def _claim(self, conn: Connection) -> None:
        """Make a new connection ours, in place of one that was lost."""
        self._sessions.claim(conn)
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
        self._sessions.beat(conn)
        self._adoption.go_on(conn)

    def _leave(self) -> None:
        with suppress(*TROUBLE):
            workers.forget(self._writer.conn, self._writer.worker, os.getpid())
        self._writer.conn.close()
