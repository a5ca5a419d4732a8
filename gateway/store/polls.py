"""What polling asks of the store: whose turn it is, which devices there are, and which of them were heard."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from gateway.store.database import Connection
from gateway.store.queries import queries

_SQL = queries("polls")


def take_turn(conn: Connection, down: str) -> bool:
    """Whether polling on a down topic is this connection's, until it closes; at most one has it."""
    row = conn.execute(_SQL["take_turn"], {"down": down}).fetchone()
    return bool(row and row[0])


def devices(conn: Connection, codec: str, estate_id: str | None) -> Iterator[tuple[int, tuple[str, str, str, str]]]:
    """Number, and estate, building, entrance and id, of a dialect's devices; a unit's meter hangs where the unit is."""
    for device_no, *place in conn.execute(_SQL["devices"], {"codec": codec, "estate_id": estate_id}):
        yield device_no, (place[0], place[1], place[2], place[3])


def last_heard(conn: Connection, device_nos: Sequence[int]) -> dict[int, float]:
    """When the newest reading of these devices arrived, in seconds since 1970."""
    return dict(conn.execute(_SQL["last_heard"], {"device_nos": list(device_nos)}).fetchall())


def answered(conn: Connection, questions: Sequence[tuple[int, datetime]]) -> set[int]:
    """Which of these devices (number and time of the question) have a reading that arrived since."""
    if not questions:
        return set()
    device_nos, asked_at = zip(*questions, strict=True)
    values = {"device_nos": list(device_nos), "asked_at": list(asked_at)}
    return {device_no for (device_no,) in conn.execute(_SQL["answered"], values)}
