"""Devices and their health."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from fastapi import APIRouter

from api import render
from api.cursor import decode, encode
from api.params import Cursor, Database, IdFilter, Limit, Visitor
from api.shapes import Device, Page
from gateway.detection.health import Condition
from gateway.events import DeviceKind
from gateway.store import devices

router = APIRouter(tags=["devices"])


@router.get("/devices")
def list_devices(
    *,
    conn: Database,
    who: Visitor,
    estate_id: IdFilter = None,
    kind: DeviceKind | None = None,
    unit_id: IdFilter = None,
    condition: Condition | Literal["any"] | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Device]:
    """Devices by id: when last heard, what is expected of them, and what is wrong; `condition=any` only the ailing."""
    after = decode(cursor, str)
    rows = devices.page(
        conn,
        limit=limit + 1,
        after=after,
        estates=who.among(estate_id),
        kind=kind and kind.value,
        unit_id=unit_id,
        condition=condition,
    )
    now = datetime.now(UTC)
    items = [render.device(row, now) for row in rows[:limit]]
    return Page(items=items, next=encode(items[-1].device_id) if len(rows) > limit else None)
