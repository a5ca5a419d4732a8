"""What could not be taken in, tried again after the cause was mended."""

from __future__ import annotations

import time
from dataclasses import dataclass

from gateway.codecs.message import Message
from gateway.codecs.routes import Routes
from gateway.errors import NotFoundError
from gateway.ingest.batch import Batch, Held
from gateway.ingest.intake import take_in
from gateway.ingest.refusal import REFUSED, held_as_refused
from gateway.ingest.writer import Writer, Written
from gateway.store.database import Connection
from gateway.store.migrate import form_of
from gateway.store.queries import queries

_SQL = queries("stream")
_WORKER = "replay"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What a replay came to: what was written, or why the message is still held."""

    written: Written | None
    reason: str | None = None
    detail: str | None = None


def replay(conn: Connection, quarantine_id: int, routes: Routes | None = None) -> Replayed:
    """Send a held message down the same way again. Its time of arrival stays what it was; nobody waits for its answers.

    Raises:
        NotFoundError: nothing is held under this id.
    """
    with conn.transaction():
        row = conn.execute(_SQL["held_message"], {"id": quarantine_id}).fetchone()
        if row is None:
            raise NotFoundError(f"nothing is held in quarantine under {quarantine_id}", thing="held", key=quarantine_id)
        topic, payload, source, arrived_at = row
        message = Message(topic, bytes(payload), round(arrived_at.timestamp() * 1e6))
        return _replay(conn, quarantine_id, message, source, routes)


def _replay(conn: Connection, quarantine_id: int, message: Message, source: str, routes: Routes | None) -> Replayed:
    writer = Writer(conn, form_of(conn), _WORKER, routes)
    writer.refresh_directory()
    batch = Batch()
    now_us = time.time_ns() // 1000
    take_in(batch, message, writer.directory, source=source, now_us=now_us, lists_are_fresh=True)
    if batch.held:
        return _still_held(conn, quarantine_id, batch.held[0])
    try:
        written = writer.write(batch)
    except REFUSED as error:
        return _still_held(conn, quarantine_id, held_as_refused(message, error, writer.routes, source).held[0])
    conn.execute(_SQL["mark_replayed"], {"id": quarantine_id})
    return Replayed(written=written)


def _still_held(conn: Connection, quarantine_id: int, held: Held) -> Replayed:
    conn.execute(_SQL["still_held"], {"id": quarantine_id, "reason": held.reason.value, "detail": held.detail})
    return Replayed(written=None, reason=held.reason.value, detail=held.detail)
