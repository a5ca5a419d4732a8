"""Writes a batch: one transaction, exactly once."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from time import perf_counter
from typing import TypeVar

import numpy as np
import psycopg
from numpy.typing import NDArray

from gateway.codecs.routes import Routes
from gateway.ingest.batch import Batch, DoorColumns, Held, ReadingColumns
from gateway.ingest.intake import WRONG_TIMES, Directory, judge
from gateway.ingest.measures import measured
from gateway.ingest.memory import Memory
from gateway.rollup.use import Flag
from gateway.store.arrays import delays_ms, microseconds
from gateway.store.database import Connection
from gateway.store.history import Rows
from gateway.store.migrate import Form
from gateway.store.queries import queries
from gateway.store.registry import load_devices, registry_version

_SQL = queries("stream")
T = TypeVar("T")
HISTORY = "history"
"""Counts under this name come from files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a batch came to."""

    readings_stored: int = 0
    readings_duplicate: int = 0
    events_stored: int = 0
    events_duplicate: int = 0


class Writer:
    """Owns one connection's way into the store: its partitions, its directory, its counters."""

    def __init__(self, conn: Connection, form: Form, worker: str, routes: Routes | None = None) -> None:
        self.conn = conn
        self.routes = routes or Routes()
        self.directory = Directory({}, self.routes)
        self.form = form
        self.worker = worker
        self._version = -1
        self._memory = Memory()
        self._memory_since: datetime | None = None
        self._months: set[np.datetime64] = set()
        self._commit_s: float | None = None

    def refresh_directory(self) -> None:
        """Read the lists again where they have changed, and what other processes were told."""
        self._learn()
        version = registry_version(self.conn)
        if version != self._version:
            devices = {entry.device_id: entry for entry in load_devices(self.conn)}
            self.directory = Directory(devices, self.routes, self._memory)
            self._version = version

    def write(self, batch: Batch, *, source: str = "mqtt") -> Written:
        """Store everything in the batch in one transaction; calling it again with the same batch adds nothing.

        Raises:
            psycopg.OperationalError: the database is away, full or read-only; nothing was stored.
        """
        self.decide_unknown(batch, source)
        return self.with_partitions(batch.times_us(), lambda: self._write(batch))

    def with_partitions(self, ts_us: Sequence[int] | NDArray[np.int64], write: Callable[[], T]) -> T:
        """Call `write` where there is a place for rows of these times."""
        self._ensure_partitions(ts_us)
        try:
            return write()
        except psycopg.errors.CheckViolation:  # retention dropped a partition that we believed in
            self._months.clear()
            self._ensure_partitions(ts_us)
            return write()

    def decide_unknown(self, batch: Batch, source: str) -> None:
        """Look again, with fresh lists, at the messages of devices that were not known."""
        if not batch.unknown:
            return
        self.refresh_directory()
        again, batch.unknown = batch.unknown, []
        for message in again:
            judge(batch, message, self.directory, source=source, lists_are_fresh=True)

    def _learn(self) -> None:
        row = self.conn.execute(_SQL["memory_moment"]).fetchone()
        self._memory.learn(self.conn.execute(_SQL["memory"], {"since": self._memory_since}).fetchall())
        self._memory_since = row[0] if row else None

    def _ensure_partitions(self, ts_us: Sequence[int] | NDArray[np.int64]) -> None:
        if self.form is not Form.PLAIN or not len(ts_us):
            return
        ts = microseconds(ts_us)
        months = set(np.unique(ts.astype("M8[M]")))
        if not months <= self._months:
            first, last = (value.item().replace(tzinfo=UTC) for value in (ts.min(), ts.max()))
            self.conn.execute(_SQL["ensure_partitions"], {"first": first, "last": last})
            self._months = self._months | months

    def _write(self, batch: Batch) -> Written:
        began = perf_counter()
        with self.conn.transaction():
            readings = self.store_readings(batch.readings)
            events = self._store_doors(batch.doors)
            self._store_statuses(batch)
            self._store_vitals(batch)
            self._store_flags(batch)
            if batch.held:
                self.conn.cursor().executemany(_SQL["hold"], [_held_row(held) for held in batch.held])
            self._remember(batch)
            self._flag_days(batch)
            written = Written(
                readings_stored=readings,
                readings_duplicate=len(batch.readings.ts_us) - readings,
                events_stored=events,
                events_duplicate=len(batch.doors.event) - events,
            )
            self._count(batch, written)
        self._commit_s = perf_counter() - began
        return written

    def store_readings(self, columns: ReadingColumns | Rows) -> int:
        """Store those readings that are not there yet; returns how many. Belongs into a transaction with its counts."""
        if not len(columns.ts_us):
            return 0
        row = self.conn.execute(
            _SQL["store_readings"],
            {
                "device_no": np.array(columns.device_no, "i4"),
                "ts": microseconds(columns.ts_us),
                "register": np.array(columns.register, "f8"),
                "delay_ms": delays_ms(columns.ts_us, columns.arrived_us),
            },
        ).fetchone()
        return int(row[0]) if row else 0

    def _store_doors(self, columns: DoorColumns) -> int:
        events = columns.event
        if not events:
            return 0
        row = self.conn.execute(
            _SQL["store_door_events"],
            {
                "device_no": np.array(columns.device_no, "i4"),
                "ts": microseconds([event.ts_us for event in events]),
                "event_id": [event.event_id for event in events],
                "kind": [event.kind.value for event in events],
                "method": [event.method.value for event in events],
                "direction": [event.direction.value for event in events],
                "person_id": [event.person_id for event in events],
                "stranger_id": [event.stranger_id for event in events],
                "unit_id": [event.unit_id for event in events],
                "similarity": _floats([event.similarity for event in events]),
                "received_at": microseconds(columns.arrived_us),
            },
        ).fetchone()
        return int(row[0]) if row else 0

    def _store_statuses(self, batch: Batch) -> None:
        if batch.statuses:
            rows = batch.statuses.values()
            values = {
                "device_no": np.array(list(batch.statuses), "i4"),
                "online": [row.online for row in rows],
                "firmware": [row.firmware for row in rows],
                "status_at": microseconds([row.ts_us for row in rows]),
                "received_at": microseconds([row.arrived_us for row in rows]),
            }
            self.conn.execute(_SQL["store_status"], values)

    def _store_vitals(self, batch: Batch) -> None:
        if batch.vitals:
            rows = batch.vitals.values()
            values = {
                "device_no": np.array(list(batch.vitals), "i4"),
                "battery": _floats([row.battery for row in rows]),
                "rssi": _floats([row.rssi for row in rows]),
                "received_at": microseconds([row.arrived_us for row in rows]),
            }
            self.conn.execute(_SQL["store_vitals"], values)

    def _store_flags(self, batch: Batch) -> None:
        if batch.flags:
            rows = batch.flags.values()
            values = {
                "device_no": np.array(list(batch.flags), "i4"),
                "flags": [" ".join(row.flags) for row in rows],
                "flags_at": microseconds([row.ts_us for row in rows]),
                "received_at": microseconds([row.arrived_us for row in rows]),
            }
            self.conn.execute(_SQL["store_flags"], values)

    def _remember(self, batch: Batch) -> None:
        keys, told, arrived_us = batch.remember.columns()
        if keys:
            self.conn.execute(_SQL["remember"], {"key": keys, "value": told, "arrived_at": microseconds(arrived_us)})

    def _flag_days(self, batch: Batch) -> None:
        """Note on which days the clocks of devices were wrong: by arrival, since their own time says nothing."""
        marks = [(device_id, at_us, Flag.ARRIVAL) for device_id, at_us in batch.arrivals.items()]
        marks += [
            (held.device_id, held.arrived_us, Flag.CLOCK)
            for held in batch.held
            if held.device_id is not None and held.source == "mqtt" and held.reason in WRONG_TIMES
        ]
        if marks:
            device_ids, at_us, flags = zip(*marks, strict=True)
            values = {"device_id": list(device_ids), "at": microseconds(list(at_us)), "flag": np.array(flags, "i4")}
            self.conn.execute(_SQL["flag_days"], values)

    def _count(self, batch: Batch, written: Written) -> None:
        counts = Counter(
            messages_received=batch.messages,
            readings_stored=written.readings_stored,
            readings_duplicate=written.readings_duplicate,
            events_stored=written.events_stored,
            events_duplicate=written.events_duplicate,
            statuses_stored=len(batch.statuses),
            images_removed=batch.images_removed,
        )
        counts += Counter({f"quarantined.{reason}": count for reason, count in batch.quarantined().items()})
        counts += Counter({f"passed_over.{why}": count for why, count in batch.passed_over.items()})
        if self.worker != HISTORY:  # what was written down long ago has no lag
            counts += measured(batch, self._commit_s)
        self.count_up(counts)

    def count_up(self, counts: Counter[str]) -> None:
        """Add to this worker's counters."""
        names = sorted(counts)
        values = np.array([counts[name] for name in names], "i8")
        self.conn.execute(_SQL["count_up"], {"worker": self.worker, "name": names, "value": values})


def _held_row(held: Held) -> dict[str, object]:
    return {
        "digest": hashlib.sha256(held.topic.encode() + b"\0" + held.payload).digest(),
        "topic": held.topic.replace("\0", "\\0"),
        "payload": held.payload,
        "source": held.source,
        "reason": held.reason.value,
        "detail": held.detail.replace("\0", "\\0"),
        "at": datetime.fromtimestamp(held.arrived_us / 1e6, UTC),
        "device_id": held.device_id,
    }


def _floats(values: list[float | None]) -> NDArray[np.float32]:
    return np.array([np.nan if value is None else value for value in values], "f4")
