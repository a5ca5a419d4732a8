"""Devices and when they were last heard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import dict_row

from gateway.store.database import Connection
from gateway.store.queries import queries

_SQL = queries("devices")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRow:
    """A device, what it last said of itself, and when it was last heard at all."""

    device_id: str
    estate_id: str
    kind: str
    unit_id: str | None
    building: str
    entrance: str
    codec: str
    timezone: str
    online: bool | None
    firmware: str | None
    battery: float | None
    rssi: float | None
    last_seen: datetime | None


def page(
    conn: Connection,
    *,
    limit: int,
    after: str | None = None,
    estate_id: str | None = None,
    kind: str | None = None,
    unit_id: str | None = None,
) -> list[DeviceRow]:
    """Devices by id."""
    given = {"limit": limit, "after": after, "estate_id": estate_id, "kind": kind, "unit_id": unit_id}
    with conn.cursor(row_factory=dict_row) as cursor:
        return [DeviceRow(**row) for row in cursor.execute(_SQL["page"], given)]
