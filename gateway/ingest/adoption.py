"""The session of a process that is gone, emptied by another one of its group.

On a shared subscription the broker has dealt messages to that process that nobody else gets. Its session is
opened, its subscription ended so that nothing new comes, its messages are taken in, and then the session is ended.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog

from gateway.errors import BrokerUnavailableError
from gateway.ingest.batch import Receipt
from gateway.ingest.sessions import Sessions
from gateway.ingest.subscriber import Subscriber
from gateway.store.database import Connection

_log = structlog.get_logger()
_QUIET_S = 15.0
"""A session that brings nothing for so long is empty."""


class Adoption:
    """At most one orphaned session at a time. `open_session(slot)` makes its subscriber, which takes nothing new."""

    def __init__(self, sessions: Sessions, open_session: Callable[[int], Subscriber]) -> None:
        self._sessions = sessions
        self._open_session = open_session
        self._slot: int | None = None
        self._subscriber: Subscriber | None = None
        self._emptied = False

    def go_on(self, conn: Connection) -> None:
        """Look for an orphan, or whether the one we have is empty. It bears repeating where the database fails."""
        if self._slot is None:
            self._begin(conn)
        elif self._subscriber is not None and self._subscriber.quiet_s() > _QUIET_S:
            self._emptied = self._ended(self._subscriber)
            self._subscriber = None
        if self._slot is not None and self._subscriber is None:
            self._sessions.let_go(conn, self._slot, emptied=self._emptied)
            self._slot = None

    def acknowledge(self, receipts: Sequence[Receipt]) -> None:
        """Tell the broker that these are durable; it looks for its own."""
        if self._subscriber is not None:
            self._subscriber.acknowledge(receipts)

    def stop(self) -> None:
        """Leave the session as it is; it is an orphan again."""
        if self._subscriber is not None:
            self._subscriber.stop()
            self._subscriber = None

    def _begin(self, conn: Connection) -> None:
        self._slot = self._sessions.take_orphan(conn)
        if self._slot is None:
            return
        self._emptied = False
        subscriber = self._open_session(self._slot)
        try:
            subscriber.start()
        except BrokerUnavailableError:
            subscriber.stop()  # another time
        else:
            self._subscriber = subscriber
            _log.info("emptying the session of a process that is gone", action="session_adopted", slot=self._slot)

    def _ended(self, subscriber: Subscriber) -> bool:
        subscriber.stop()
        try:
            subscriber.end_session()
        except BrokerUnavailableError:
            return False
        _log.info("the session of a process that is gone is empty", action="session_emptied", slot=self._slot)
        return True
