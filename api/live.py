"""Changes of alerts as they happen: one listener a process, which sockets and long polls share.

The listener waits for the database's NOTIFY, reads what is new once, and keeps the newest changes in hand. Each
subscriber remembers only the last `seq` that it sent and asks for what comes after it, so nothing is missed or sent
twice, and a slow subscriber costs no memory: one that has fallen behind what is in hand reads from the database.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import psycopg
import structlog
from psycopg_pool import ConnectionPool, PoolTimeout
from starlette.concurrency import run_in_threadpool

from api.params import POOL_PATIENCE_S
from gateway.errors import DatabaseUnavailableError
from gateway.store import alerts
from gateway.store.alerts import ChangeRow, Stored
from gateway.store.database import Connection, in_one_line

_log = structlog.get_logger()

_IN_HAND = 2000
_AT_ONCE = 200
_POLL_S = 2.0
"""How often is looked while the database does not notify us."""
_DOUBT_S = 10.0
"""How often is looked even when nothing is heard: a dead connection can look like a quiet one."""

DATABASE_TROUBLE = (psycopg.OperationalError, psycopg.InterfaceError, PoolTimeout, DatabaseUnavailableError)


@dataclass(frozen=True, slots=True)
class Told:
    """A change with its alert as it stood when the change was read."""

    change: ChangeRow
    alert: Stored


class Feed:
    """The newest changes, and a way to wait for more. Runs inside `running`."""

    def __init__(self, url: str, pool: ConnectionPool[Connection]) -> None:
        self._url = url
        self._pool = pool
        self._in_hand: deque[Told] = deque(maxlen=_IN_HAND)
        self._last: int | None = None
        self._first = 0
        self._stirred = asyncio.Event()
        self._polls = False

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen for as long as the block lasts."""
        task = asyncio.create_task(self._listen(), name="alert feed")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def last_seq(self) -> int:
        """The `seq` of the last change in the database."""
        return await run_in_threadpool(self._read_last)

    async def read(self, since: int, limit: int | None = None, estates: Sequence[str] | None = None) -> list[Told]:
        """Changes after `since` as the database has them now; of these estates where they are given."""
        return await run_in_threadpool(self._read, since, limit or _AT_ONCE, estates)

    async def wait(self, since: int, timeout_s: float | None = None) -> Sequence[Told]:
        """Changes after `since`, as soon as there are any; none after `timeout_s`."""
        try:
            async with asyncio.timeout(timeout_s):
                while True:
                    stirred = self._stirred
                    if found := await self._after(since):
                        return found
                    await stirred.wait()
        except TimeoutError:
            return ()

    async def _after(self, since: int) -> Sequence[Told]:
        if self._last is None or since < self._first:
            return await self.read(since)
        begin = bisect_right(self._in_hand, since, key=lambda told: told.change.seq)
        return [self._in_hand[at] for at in range(begin, min(begin + _AT_ONCE, len(self._in_hand)))]

    async def _listen(self) -> None:
        while True:
            try:
                await self._listen_once()
            except DATABASE_TROUBLE as error:
                if not self._polls:  # once, not every few seconds while the database is away
                    _log.info("not notified of changes; looking instead", action="feed_polls", error=in_one_line(error))
                self._polls = True
            await asyncio.sleep(_POLL_S)
            await self._look()

    async def _listen_once(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._url, autocommit=True, connect_timeout=10) as conn:
            await conn.execute("LISTEN estate_alerts")
            self._polls = False
            while True:
                await self._take_new()
                async for _ in conn.notifies(timeout=_DOUBT_S, stop_after=1):
                    pass

    async def _look(self) -> None:
        try:
            await self._take_new()
        except DATABASE_TROUBLE:
            self._last = None

    async def _take_new(self) -> None:
        if self._last is None:
            self._in_hand.clear()
            self._first = self._last = await self.last_seq()
            self._stir()
        while new := await self.read(self._last):
            self._keep(new)
            self._stir()

    def _keep(self, new: Sequence[Told]) -> None:
        for told in new:
            if len(self._in_hand) == _IN_HAND:
                self._first = self._in_hand[0].change.seq
            self._in_hand.append(told)
        self._last = new[-1].change.seq

    def _stir(self) -> None:
        waiting, self._stirred = self._stirred, asyncio.Event()
        waiting.set()

    def _read_last(self) -> int:
        with self._pool.connection(timeout=POOL_PATIENCE_S) as conn:
            return alerts.last_seq(conn)

    def _read(self, since: int, limit: int, estates: Sequence[str] | None) -> list[Told]:
        with self._pool.connection(timeout=POOL_PATIENCE_S) as conn:
            changes = alerts.changes(conn, since, limit=limit, estates=estates)
            ids = {change.alert_id for change in changes}
            by_id = {stored.alert.alert_id: stored for stored in alerts.several(conn, sorted(ids))}
        return [Told(change, by_id[change.alert_id]) for change in changes]
