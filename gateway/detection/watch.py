"""The loop behind `estate detect --watch`: rollups follow the rows, the rest follows the clock, old rows go daily."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from threading import Event

import psycopg
import structlog

from gateway.detection import teaching
from gateway.detection.checkup import check_up
from gateway.detection.policy import Rules
from gateway.detection.run import run
from gateway.errors import DatabaseUnavailableError
from gateway.settings import Settings
from gateway.store import reports, retention, rollups, units, workers
from gateway.store.database import Connection, connect, in_one_line
from gateway.store.outage import Outage

_log = structlog.get_logger()

_BEAT_S = 5.0
_ROLLUP_S = 10.0
_BUSY_SHARE = 0.05
"""Rollups and check-ups take about this share of the time each: after a long one the next waits longer, …"""
_LONGEST_WAIT_S = 600.0
"""… but not so long that figures of an hour ago are not there yet."""
_CHECK_UP_S = 300.0
"""Devices are looked at so often: what falls silent together is told within two hours, five minutes are little."""
_NOTHING_YET_S = 30.0
"""While there is nothing to judge, it is looked again so often."""
_LEARN_S = 600.0
"""Whether a night has passed since the last model is asked so often."""
_RETENTION_S = 24 * 3600.0
_NOTE_S = 1800.0
"""Counters are noted often enough for a day to end with its own figure."""
_BACKOFF_S = (1.0, 2.0, 5.0, 15.0)
_LONG_ENOUGH_S = 60.0
"""After working for so long the next trouble is a new one."""
_TROUBLE = (psycopg.OperationalError, psycopg.InternalError, psycopg.InterfaceError, DatabaseUnavailableError)
"""The internal ones too: a database that is read-only for a while is among them."""


class Task:
    """Something that is done again and again; `work` returns seconds until the next time."""

    def __init__(self, work: Callable[[Connection], float]) -> None:
        self.due = 0.0
        self._work = work

    def run(self, conn: Connection) -> None:
        """Do it, and note when it is due again."""
        wait_s = self._work(conn)
        self.due = time.monotonic() + wait_s


class Watch:
    """The detection worker. `run` returns when `stop` was called from a signal handler or another thread."""

    def __init__(self, settings: Settings, database_url: str, rules: Rules | None = None) -> None:
        self._settings = settings
        self._rules = rules or Rules()
        self._url = database_url
        self._stopping = Event()
        self._name = f"{workers.DETECTION}{socket.gethostname()}"
        self._started_at = datetime.now(UTC)
        self._outage = Outage()
        self._doing: Task | None = None
        self._failed: Task | None = None
        self._tasks = [
            Task(self._beat),
            Task(self._retain),
            Task(self._note_counters),
            Task(self._learn),
            Task(self._detect),
            Task(self._roll_up),
            Task(self._check_up),
        ]

    def stop(self) -> None:
        """Finish what is being done, then end."""
        self._stopping.set()

    def run(self) -> None:
        """Work until stopped; a database that goes away is waited for.

        Raises:
            DatabaseUnavailableError: it cannot be reached at the start.
        """
        connect(self._url).close()
        failures = 0
        while not self._stopping.is_set():
            began, self._doing = time.monotonic(), None
            try:
                with connect(self._url) as conn:
                    self._work(conn)
            except _TROUBLE as error:
                self._outage.goes_on(in_one_line(error))
                self._failed = self._doing
                failures = 0 if time.monotonic() - began > _LONG_ENOUGH_S else failures
                self._stopping.wait(_BACKOFF_S[min(failures, len(_BACKOFF_S) - 1)])
                failures += 1

    def _work(self, conn: Connection) -> None:
        while not self._stopping.is_set():
            task = min(self._tasks, key=lambda each: each.due)
            if not self._stopping.wait(max(task.due - time.monotonic(), 0)):
                self._doing = task
                task.run(conn)
                if self._failed in (None, task):  # what failed works again, and not only what comes before it
                    self._failed = None
                    self._outage.over()
        with suppress(*_TROUBLE):
            workers.forget(conn, self._name, os.getpid())

    def _beat(self, conn: Connection) -> float:
        workers.beat(conn, self._name, os.getpid(), self._started_at, workers.Pulse())
        return _BEAT_S

    def _roll_up(self, conn: Connection) -> float:
        began = time.monotonic()
        rollups.refresh(conn)
        return _wait_s(_ROLLUP_S, time.monotonic() - began)

    def _check_up(self, conn: Connection) -> float:
        began = time.monotonic()
        for estate in units.estates(conn, limit=1_000_000):
            check_up(conn, estate, datetime.now(UTC))
        return _wait_s(_CHECK_UP_S, time.monotonic() - began)

    def _detect(self, conn: Connection) -> float:
        rules = self._rules
        done = run(conn, now=datetime.now(UTC), detectors=rules.detectors, policy=rules.policy)
        return self._settings.detect_every_s if any(one.as_of for one in done) else _NOTHING_YET_S

    def _learn(self, conn: Connection) -> float:
        teaching.refit_if_due(conn, datetime.now(UTC))
        return _LEARN_S

    def _note_counters(self, conn: Connection) -> float:
        reports.note_counters(conn)
        return _NOTE_S

    def _retain(self, conn: Connection) -> float:
        retention.apply(conn, self._settings)
        return _RETENTION_S


def _wait_s(least_s: float, took_s: float) -> float:
    """How long to wait after something that took so long."""
    return min(max(least_s, took_s / _BUSY_SHARE), _LONGEST_WAIT_S)
