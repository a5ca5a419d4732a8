"""Visits: the list, planning it, taking results in, and the sheet."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import AliasChoices, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from api import render
from api.cursor import decode, encode
from api.params import Cursor, Database, Day, IdFilter, Language, Limit, Number, Reason, ShortText, Text, Visitor
from api.shapes import Page, PlannedVisits, Visit, VisitWithResults
from api.sheet import XLSX, visit_sheet
from gateway.accounts.model import Look, Permission, Who
from gateway.store import units, visits
from gateway.store.accounts import log_look
from gateway.store.database import Connection
from gateway.visits.model import Outcome
from gateway.visits.planning import ByHand, Order, order_visit, plan
from gateway.visits.recording import record
from gateway.visits.results import Result

router = APIRouter(tags=["visits"])

DEFAULT_PLACES = 8

_Key = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]
_InspectorFilter = Annotated[ShortText | None, Query()]


class PlanRequest(BaseModel):
    """What is asked for: at most `k` visits for an inspector on a day (default: today)."""

    model_config = ConfigDict(extra="forbid")

    date: Day | None = None
    estate_id: Annotated[str, StringConstraints(max_length=64)] | None = None
    inspector: ShortText = ""
    k: Annotated[int, Field(ge=1, le=200, validation_alias=AliasChoices("k", "limit"))] = DEFAULT_PLACES


class VisitRequest(BaseModel):
    """A visit that a person orders, after a tip-off for example (default: today); `reason` stands on the list."""

    model_config = ConfigDict(extra="forbid")

    unit_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
    reason: Reason
    date: Day | None = None
    inspector: ShortText = ""


class ResultRequest(BaseModel):
    """What an inspector found. `key` is made by the phone, once a result; `found_at` defaults to now."""

    model_config = ConfigDict(extra="forbid")

    outcome: Outcome
    key: Annotated[_Key | None, Field(validation_alias=AliasChoices("key", "client_key", "idempotency_key"))] = None
    note: Text = ""
    inspector: ShortText = ""
    found_at: AwareDatetime | None = None


@router.get("/visits")
def list_visits(
    *,
    conn: Database,
    who: Visitor,
    language: Language,
    date: date | None = None,
    inspector: _InspectorFilter = None,
    estate_id: IdFilter = None,
    unit_id: IdFilter = None,
    state: Annotated[Literal["planned", "done", "cancelled"] | None, Query()] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Visit]:
    """Visits, the latest day first, each inspector's day in walking order. Cancelled ones only where asked for."""
    which = visits.Filter(date=date, inspector=inspector, estates=who.among(estate_id), unit_id=unit_id, state=state)
    log_look(conn, who, Look.VISITS, unit_id=unit_id, estate_id=estate_id)
    after = decode(cursor, visits.After)
    rows = visits.page(conn, which, limit=limit + 1, after=after)
    last = rows[limit - 1] if len(rows) > limit else None
    items = [render.visit(language, row) for row in rows[:limit]]
    return Page(items=items, next=encode((last.date, last.inspector, last.order, last.visit_id)) if last else None)


@router.get("/visits.xlsx", response_class=Response, responses={200: {"content": {XLSX: {}}}})
def export_visits(
    *,
    conn: Database,
    who: Visitor,
    language: Language,
    date: date | None = None,
    inspector: _InspectorFilter = None,
    estate_id: IdFilter = None,
) -> Response:
    """The same list as a spreadsheet, in the same order."""
    log_look(conn, who, Look.VISITS_SHEET, estate_id=estate_id)
    which = visits.Filter(date=date, inspector=inspector, estates=who.among(estate_id))
    rows = visits.page(conn, which, limit=5000)
    content = visit_sheet(language, [render.visit(language, row) for row in rows])
    name = f"visits-{date}.xlsx" if date else "visits.xlsx"
    return Response(content, media_type=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@router.post("/visits/plan")
def plan_visits(
    request: Request, conn: Database, who: Visitor, language: Language, wish: PlanRequest | None = None
) -> PlannedVisits:
    """Plan a day and answer with its whole list. Planning it again adds only what is missing up to `k`."""
    who.require(Permission.PLANNING)
    wish = wish or PlanRequest()
    estate_id = _one_estate(who, wish.estate_id)
    order = Order(day=wish.date, estate_id=estate_id, inspector=wish.inspector, places=wish.k, actor=who.name)
    done = plan(conn, order, now=datetime.now(UTC), policy=request.app.state.plan_policy)
    which = visits.Filter(date=done.day, inspector=wish.inspector, estates=who.among(estate_id))
    items = [render.visit(language, row) for row in visits.page(conn, which, limit=500)]
    return PlannedVisits(items=items, date=done.day, added=done.added)


@router.post("/visits")
def order_a_visit(conn: Database, who: Visitor, language: Language, wish: VisitRequest) -> Visit:
    """Put a unit on a day's list by hand; where it stands there already, the reason joins it."""
    who.require(Permission.PLANNING)
    who.require_estate(units.one(conn, wish.unit_id).estate_id, "unit", wish.unit_id)
    by_hand = ByHand(unit_id=wish.unit_id, note=wish.reason, day=wish.date, inspector=wish.inspector, actor=who.name)
    return render.visit(language, visits.one(conn, order_visit(conn, by_hand, now=datetime.now(UTC))))


@router.get("/visits/{visit_id}")
def get_visit(conn: Database, who: Visitor, language: Language, visit_id: Number) -> VisitWithResults:
    """One visit with every result that was sent for it."""
    row = _theirs(conn, who, visit_id)
    log_look(conn, who, Look.VISIT, unit_id=row.unit_id, estate_id=row.estate_id, about={"id": visit_id})
    return render.visit_with_results(language, row, visits.results(conn, visit_id))


@router.post("/visits/{visit_id}/result")
def take_result(
    *,
    conn: Database,
    who: Visitor,
    language: Language,
    visit_id: Number,
    sent: ResultRequest,
    idempotency_key: Annotated[_Key | None, Header()] = None,
) -> VisitWithResults:
    """Take an inspector's finding in. The same key again changes nothing and gets the same answer."""
    who.require(Permission.RESULTS)
    _theirs(conn, who, visit_id)
    now = datetime.now(UTC)
    found = Result(
        outcome=sent.outcome,
        note=sent.note,
        inspector=_signed(who, sent.inspector),
        found_at=min(sent.found_at or now, now),
    )
    row = record(conn, visit_id, _key(sent.key or idempotency_key), found, now=now)
    return render.visit_with_results(language, row, visits.results(conn, visit_id))


def _signed(who: Who, given: str) -> str:
    """Who found it: the account, or while there are none whoever the phone says."""
    return given if who.user_id is None else who.name


def _theirs(conn: Connection, who: Who, visit_id: int) -> visits.VisitRow:
    row = visits.one(conn, visit_id)
    who.require_estate(row.estate_id, "visit", visit_id)
    return row


def _one_estate(who: Who, asked: str | None) -> str | None:
    """The estate to plan for; None means all, which is for those who see all."""
    if asked is None and who.estates is not None:
        if len(who.estates) == 1:
            return next(iter(who.estates))
        message = "say which of your estates to plan for"
        raise RequestValidationError([{"loc": ("body", "estate_id"), "msg": message, "type": "missing"}])
    if asked is not None:
        who.require_estate(asked, "estate", asked)
    return asked


def _key(key: str | None) -> str:
    if key is None:
        message = "a key made by the client is needed, so that sending twice stores once"
        raise RequestValidationError([{"loc": ("body", "key"), "msg": message, "type": "missing"}])
    return key
