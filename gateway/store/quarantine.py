"""What could not be taken in, as it is looked at; replaying stands in `gateway.ingest.quarantine`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import dict_row

from gateway.errors import NotFoundError
from gateway.store.database import Connection
from gateway.store.queries import queries

_SQL = queries("quarantine")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRow:
    """A message that could not be taken in, without its payload. `times` counts how often it came."""

    quarantine_id: int
    topic: str
    source: str
    reason: str
    detail: str
    state: str
    times: int
    first_at: datetime
    last_at: datetime
    replayed_at: datetime | None


def page(
    conn: Connection,
    *,
    limit: int,
    before: int | None = None,
    state: str | None = None,
    reason: str | None = None,
    estates: Sequence[str] | None = None,
) -> list[HeldRow]:
    """Held messages, the newest first; with `estates` those whose topic or device says that they are of one."""
    given = {"limit": limit, "before": before, "state": state, "reason": reason, "estates": estates}
    return _read(conn, "page", given)


def one(conn: Connection, quarantine_id: int, estates: Sequence[str] | None = None) -> HeldRow:
    """The held message of this id.

    Raises:
        NotFoundError: nothing is held under it, or not of these estates.
    """
    found = _read(conn, "one", {"quarantine_id": quarantine_id, "estates": estates})
    if not found:
        raise NotFoundError(f"nothing is held in quarantine under {quarantine_id}", thing="held", key=quarantine_id)
    return found[0]


def payload(conn: Connection, quarantine_id: int) -> bytes:
    """The message as it came, but for images."""
    row = conn.execute(_SQL["payload"], {"quarantine_id": quarantine_id}).fetchone()
    return bytes(row[0]) if row else b""


def counts(conn: Connection) -> dict[str, int]:
    """How many messages are held now, by reason."""
    return {str(reason): int(count) for reason, count in conn.execute(_SQL["counts"])}


def unlisted(conn: Connection) -> list[tuple[str, str, bytes]]:
    """The newest held message of each device that no list had: its id, topic and payload."""
    return [
        (str(device_id), str(topic), bytes(message)) for device_id, topic, message in conn.execute(_SQL["unlisted"])
    ]


def _read(conn: Connection, name: str, given: Mapping[str, object]) -> list[HeldRow]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return [HeldRow(**row) for row in cursor.execute(_SQL[name], given)]
