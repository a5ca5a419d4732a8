"""The MQTT sessions of ingest processes: which one a process goes on with, and which ones have lost theirs.

A session is named by its group (who takes the same topics for the same database) and a slot in it, which is a number
that a process holds by an advisory lock. A restart finds its slot free and goes on with the session.
"""

from __future__ import annotations

import hashlib
import threading
import time

from gateway.errors import DatabaseUnavailableError, RefusedError
from gateway.settings import Settings
from gateway.store.database import Connection
from gateway.store.queries import queries

_SQL = queries("sessions")
_SLOTS = 64
_PATIENCE_S = 15.0
"""So long a killed process's connection may linger and hold its slot."""
_ORPHAN_S = 30.0
"""A process that is gone for longer does not come back in time; its session is emptied by another."""


class Sessions:
    """The slots that this process holds: its own, and for a while one that it empties for a process that is gone."""

    def __init__(self, conn: Connection, settings: Settings) -> None:
        self._settings = settings
        self._group = _group(conn, settings)
        self._held: set[int] = set()

    def client_id(self, slot: int) -> str:
        """Name the session for the broker."""
        return f"{self._group}-{slot}"

    def take(self, conn: Connection, stopping: threading.Event) -> int:
        """Take the first free slot.

        Raises:
            RefusedError: another process takes the same topics without a shared subscription.
        """
        slots = range(_SLOTS) if self._settings.mqtt_share else range(1)
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline and not stopping.is_set():
            for slot in slots:
                if self._lock(conn, slot):
                    self._held.add(slot)
                    return slot
            stopping.wait(0.2)
        raise RefusedError(
            f"another ingest process takes {','.join(self._settings.topic_filters)}; "
            "set ESTATE_MQTT_SHARE to share the load, or ESTATE_MQTT_TOPICS to divide it"
        )

    def claim(self, conn: Connection) -> None:
        """Hold the same slots by a new connection.

        Raises:
            DatabaseUnavailableError: the server has not noticed yet that the last connection is gone.
        """
        for slot in self._held:
            if not self._lock(conn, slot):
                raise DatabaseUnavailableError(f"the slot {slot} is still held by our last connection")

    def beat(self, conn: Connection) -> None:
        """Say that the sessions we hold are looked after."""
        if self._settings.mqtt_share:
            conn.execute(_SQL["beat"], {"group": self._group, "slots": sorted(self._held)})

    def take_orphan(self, conn: Connection) -> int | None:
        """Take the slot of a process of our group that is gone, if there is one."""
        for (slot,) in conn.execute(_SQL["orphans"], {"group": self._group, "after_s": _ORPHAN_S}).fetchall():
            if slot not in self._held and self._lock(conn, slot):
                self._held.add(slot)
                return int(slot)
        return None

    def let_go(self, conn: Connection, slot: int, *, emptied: bool) -> None:
        """Give a slot back; if its session is emptied and ended, nobody needs to look after it any more."""
        if emptied:
            conn.execute(_SQL["forget"], {"group": self._group, "slot": slot})
        conn.execute(_SQL["unlock"], {"group": self._group, "slot": slot})
        self._held.discard(slot)

    def _lock(self, conn: Connection, slot: int) -> bool:
        row = conn.execute(_SQL["lock"], {"group": self._group, "slot": slot}).fetchone()
        return bool(row and row[0])


def _group(conn: Connection, settings: Settings) -> str:
    row = conn.execute(_SQL["installation"]).fetchone()
    told = f"{row[0] if row else ''} {settings.mqtt_share} {','.join(settings.topic_filters)}"
    return f"estate-{hashlib.sha256(told.encode()).hexdigest()[:12]}"
