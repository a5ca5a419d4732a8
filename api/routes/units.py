"""Units: the housing list, one unit, and its days."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from fastapi.exceptions import RequestValidationError

from api import render
from api.cursor import decode, encode
from api.params import Cursor, Database, IdFilter, Language, Limit, ShortText, UnitId, Visitor
from api.shapes import Page, Timeline, Unit, UnitWithHousehold
from gateway.accounts.model import Look, Who
from gateway.store import units
from gateway.store.accounts import log_look
from gateway.store.database import Connection

router = APIRouter(tags=["units"])

DEFAULT_DAYS = 60
MOST_DAYS = 800


@router.get("/units")
def list_units(
    *,
    conn: Database,
    who: Visitor,
    language: Language,
    estate_id: IdFilter = None,
    building: Annotated[ShortText | None, Query()] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Unit]:
    """Units by id, each with its present state, its scores and its live alerts."""
    after = decode(cursor, str)
    rows = units.page(conn, limit=limit + 1, after=after, estates=who.among(estate_id), building=building)
    log_look(conn, who, Look.UNITS, estate_id=estate_id, about={"rows": len(rows[:limit])})
    items = [render.unit(language, row) for row in rows[:limit]]
    return Page(items=items, next=encode(items[-1].unit_id) if len(rows) > limit else None)


@router.get("/units/{unit_id}")
def get_unit(conn: Database, who: Visitor, language: Language, unit_id: UnitId) -> UnitWithHousehold:
    """One unit with its household, by id only, and its devices."""
    row = _looked_at(conn, who, unit_id, Look.UNIT)
    return render.unit_with_household(language, row, units.household(conn, unit_id), units.devices(conn, unit_id))


@router.get("/units/{unit_id}/timeline")
def get_timeline(
    conn: Database, who: Visitor, unit_id: UnitId, start: date | None = None, end: date | None = None
) -> Timeline:
    """Every day from `start` to `end`, both in it; without them the 60 days up to today in the estate's zone."""
    zone = ZoneInfo(_looked_at(conn, who, unit_id, Look.TIMELINE).timezone)
    first, last = _range(start, end, datetime.now(zone).date())
    return Timeline(days=[render.timeline_day(row) for row in units.timeline(conn, unit_id, start=first, end=last)])


def _looked_at(conn: Connection, who: Who, unit_id: str, what: Look) -> units.UnitRow:
    row = units.one(conn, unit_id)
    who.require_estate(row.estate_id, "unit", unit_id)
    log_look(conn, who, what, unit_id=unit_id, estate_id=row.estate_id)
    return row


def _range(start: date | None, end: date | None, today: date) -> tuple[date, date]:
    if end is None:
        end = today if start is None else max(today, start)
    if start is None:
        start = date.fromordinal(max(end.toordinal() - DEFAULT_DAYS + 1, 1))
    if start > end:
        raise _fault("start", f"start {start} lies after end {end}")
    if end - start >= timedelta(days=MOST_DAYS):
        raise _fault("start", f"at most {MOST_DAYS} days can be asked for at once")
    return start, end


def _fault(name: str, message: str) -> RequestValidationError:
    return RequestValidationError([{"loc": ("query", name), "msg": message, "type": "value_error"}])
