"""The enforcement ledger (台账): cases, one case with its history, and the steps that people take."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from api import ledger
from api.cursor import decode, encode
from api.params import Cursor, Database, Day, IdFilter, Language, Limit, Number, ShortText, Text, Visitor, choices
from api.shapes import Case, CaseWithHistory, Page
from api.sheet import XLSX, ledger_sheet
from detectors.findings import Kind
from gateway.accounts.model import Look, Permission, Who
from gateway.cases import life
from gateway.cases.acting import act
from gateway.cases.model import Action, Handover, State
from gateway.store import cases
from gateway.store.accounts import log_look
from gateway.store.database import Connection

router = APIRouter(tags=["cases"])

_MOST_ROWS = 20_000
_States = Annotated[list[State] | None, Query()]
_Kinds = Annotated[list[Kind] | None, Query()]


class CaseActionRequest(BaseModel):
    """What a person has done. `due` belongs to order, `to` (the body) and `reference` (文号) to transfer.

    `reason` is what there is to say: the remark, the result, or the tenant's own words (`statement`).
    """

    model_config = ConfigDict(extra="forbid")

    action: Action
    reason: Annotated[Text, Field(validation_alias=AliasChoices("reason", "note", "statement"))] = ""
    due: Annotated[Day | None, Field(validation_alias=AliasChoices("due", "due_date"))] = None
    to: Annotated[ShortText, Field(validation_alias=AliasChoices("to", "body"))] = ""
    reference: ShortText = ""
    actor: Annotated[ShortText, Field(description="who acts, while there are no accounts")] = ""


@router.get("/cases")
def list_cases(
    *,
    conn: Database,
    who: Visitor,
    state: _States = None,
    kind: _Kinds = None,
    estate_id: IdFilter = None,
    unit_id: IdFilter = None,
    overdue: bool | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Case]:
    """Cases, newest activity first. `overdue`: the last day of the order to rectify is past."""
    now = datetime.now(UTC)
    which = _filter(state, kind, who.among(estate_id), unit_id, overdue=overdue)
    log_look(conn, who, Look.CASES, unit_id=unit_id, estate_id=estate_id)
    rows = cases.page(conn, which, limit=limit + 1, now=now, before=decode(cursor, tuple[datetime, int]))
    last = rows[limit - 1].case if len(rows) > limit else None
    items = [ledger.case(row, now) for row in rows[:limit]]
    return Page(items=items, next=encode((last.updated_at, last.case_id)) if last else None)


@router.get("/cases.xlsx", response_class=Response, responses={200: {"content": {XLSX: {}}}})
def export_cases(
    *,
    conn: Database,
    who: Visitor,
    language: Language,
    state: _States = None,
    kind: _Kinds = None,
    estate_id: IdFilter = None,
    unit_id: IdFilter = None,
    overdue: bool | None = None,
) -> Response:
    """The same list as a spreadsheet, in the same order."""
    now = datetime.now(UTC)
    which = _filter(state, kind, who.among(estate_id), unit_id, overdue=overdue)
    log_look(conn, who, Look.CASES_SHEET, unit_id=unit_id, estate_id=estate_id)
    rows = cases.page(conn, which, limit=_MOST_ROWS, now=now)
    content = ledger_sheet(language, [ledger.case(row, now) for row in rows])
    headers = {"Content-Disposition": 'attachment; filename="cases.xlsx"'}
    return Response(content, media_type=XLSX, headers=headers)


@router.get("/cases/{case_id}")
def get_case(conn: Database, who: Visitor, language: Language, case_id: Number) -> CaseWithHistory:
    """One case with what it rests on, its hand-overs and its history."""
    stored = _theirs(conn, who, case_id)
    log_look(conn, who, Look.CASE, unit_id=stored.case.unit_id, estate_id=stored.case.estate_id, about={"id": case_id})
    return _whole(conn, language, stored)


@router.post("/cases/{case_id}/actions")
def act_on_case(
    conn: Database, who: Visitor, language: Language, case_id: Number, wish: CaseActionRequest
) -> CaseWithHistory:
    """Persuade, interview, order, rectify, transfer, answer, close, reopen, take a statement down, or leave a note."""
    who.require(Permission.CASES)
    _theirs(conn, who, case_id)
    request = life.Request(
        action=wish.action,
        actor=who.signs(wish.actor),
        reason=wish.reason,
        due=wish.due,
        handover=Handover(body=wish.to, reference=wish.reference),
    )
    return _whole(conn, language, act(conn, case_id, request, now=datetime.now(UTC)))


def _filter(
    state: list[State] | None,
    kind: list[Kind] | None,
    estates: list[str] | None,
    unit_id: str | None,
    *,
    overdue: bool | None,
) -> cases.Filter:
    return cases.Filter(states=choices(state), kinds=choices(kind), estates=estates, unit_id=unit_id, overdue=overdue)


def _theirs(conn: Connection, who: Who, case_id: int) -> cases.Stored:
    stored = cases.one(conn, case_id)
    who.require_estate(stored.case.estate_id, "case", case_id)
    return stored


def _whole(conn: Connection, language: str, stored: cases.Stored) -> CaseWithHistory:
    case_id, now = stored.case.case_id, datetime.now(UTC)
    return ledger.case_with_history(language, stored, cases.history(conn, case_id), cases.handovers(conn, case_id), now)
