"""Estates."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter

from api.cursor import decode, encode
from api.params import Cursor, Database, Limit, Visitor
from api.shapes import Estate, Page
from gateway.store import units

router = APIRouter(tags=["estates"])


@router.get("/estates")
def list_estates(conn: Database, who: Visitor, limit: Limit = 50, cursor: Cursor = None) -> Page[Estate]:
    """Estates by id, each with its day by the gateway's clock, and how many units and live alerts it has."""
    rows = units.estates(conn, limit=limit + 1, after=decode(cursor, str), only=who.among(None))
    now = datetime.now(UTC)
    items = [Estate(**asdict(row), today=now.astimezone(ZoneInfo(row.timezone)).date()) for row in rows[:limit]]
    return Page(items=items, next=encode(items[-1].estate_id) if len(rows) > limit else None)
