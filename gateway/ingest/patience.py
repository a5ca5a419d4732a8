"""Waits out a database that is away, full, read-only, or does not answer; and says so once, not at every try."""

from __future__ import annotations

import os
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import TypeVar

import psycopg

from gateway.errors import DatabaseUnavailableError
from gateway.store.database import Connection, connect, in_one_line
from gateway.store.outage import Outage
from gateway.store.queries import queries

T = TypeVar("T")
_SQL = queries("patience")

_FIRST_WAIT_S = 0.5
_LONGEST_WAIT_S = 10.0
_SILENT_S = 10.0
"""A database that has not answered for this long is in trouble, though nothing has failed yet."""
_DEAF_S = 30.0
"""After this long without an answer the server is asked, on another connection, whether it still works on it."""
_LOOK_S = 1.0
TROUBLE = (psycopg.Error, DatabaseUnavailableError)


class Patience:
    """Does things with a connection until they succeed; only `stopping` ends the wait.

    Where the connection is lost it makes another one, and `claim` makes that one its user's.
    """

    def __init__(self, database: str, claim: Callable[[Connection], None], stopping: threading.Event) -> None:
        self._database = database
        self._claim = claim
        self._stopping = stopping
        self._outage = Outage()
        self._asked_at: float | None = None
        self._conn: Connection
        self._backend = 0
        """The process at the server that serves the connection, asked for, since a pooler has numbers of its own."""
        self._former = 0

    def use(self, conn: Connection) -> None:
        """Work with this connection from now on."""
        self._conn = conn
        self._former = self._backend = _value(conn, "backend")

    def surely(self, do: Callable[[], T]) -> T:
        """Do it, however long it takes. What fails is done again as a whole, so it must bear repeating.

        Raises:
            DatabaseUnavailableError: it failed, and we are asked to stop.
        """
        wait_s = _FIRST_WAIT_S
        while True:
            try:
                done = self._ask(do)
            except TROUBLE as error:
                if self._stopping.is_set():
                    raise DatabaseUnavailableError(f"database: {in_one_line(error)}") from error
                self._outage.goes_on(in_one_line(error))
                self._stopping.wait(wait_s * random.uniform(0.5, 1.5))  # noqa: S311 - jitter is no secret
                wait_s = min(wait_s * 2, _LONGEST_WAIT_S)
            else:
                self._outage.over()
                return done

    @contextmanager
    def watched(self) -> Iterator[None]:
        """While the block lasts, a database that does not answer is noticed too."""
        ended = threading.Event()
        thread = threading.Thread(target=self._watch, args=(ended,), name="database watch", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()

    def _ask(self, do: Callable[[], T]) -> T:
        self._asked_at = time.monotonic()
        try:
            if self._conn.closed:
                self._reconnect()
            return do()
        except psycopg.errors.ReadOnlySqlTransaction:
            self._conn.close()  # only a new session is told that writing is allowed again, or finds the new primary
            raise
        finally:
            self._asked_at = None

    def _reconnect(self) -> None:
        conn = connect(self._database)
        self._conn, self._backend = conn, 0
        try:
            _value(conn, "end_former", self._former)
            self._claim(conn)
            self.use(conn)
        except TROUBLE:
            conn.close()
            raise

    def _watch(self, ended: threading.Event) -> None:
        look_again_at = 0.0
        while not ended.wait(_LOOK_S):
            now, asked_at = time.monotonic(), self._asked_at
            if asked_at is None or now - asked_at < _SILENT_S:
                continue
            self._outage.goes_on(f"no answer for {now - asked_at:.0f} s")
            if now - asked_at >= _DEAF_S and now >= look_again_at:
                look_again_at = now + _DEAF_S
                self._look_closer(asked_at)

    def _look_closer(self, asked_at: float) -> None:
        """Ask the server whether it is still at it; if not, the answer was lost on the way, and we hang up."""
        try:
            with closing(connect(self._database)) as conn:
                is_deaf = _value(conn, "is_deaf", self._backend)
        except TROUBLE:
            return  # nobody to ask; when it is back, we look again
        if is_deaf and self._asked_at == asked_at:
            hang_up(self._conn)


def _value(conn: Connection, query: str, backend: int = 0) -> int:
    row = conn.execute(_SQL[query], {"pid": backend}).fetchone()
    return int(row[0]) if row else 0


def hang_up(conn: Connection) -> None:
    """End a connection under whoever waits for its answer in another thread; that one sees an OperationalError."""
    with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(conn.fileno())) as half:
        half.shutdown(socket.SHUT_RDWR)
