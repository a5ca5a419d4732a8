"""Who has looked at whose data; for auditors."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from api.cursor import decode, encode
from api.params import Cursor, Database, IdFilter, Limit, ShortText, Visitor
from api.shapes import Access, Page, Session
from gateway.accounts.model import Permission
from gateway.store import accounts

router = APIRouter(tags=["accounts"])


@router.get("/access-log")
def list_looks(
    *,
    conn: Database,
    who: Visitor,
    name: Annotated[ShortText | None, Query()] = None,
    unit_id: IdFilter = None,
    estate_id: IdFilter = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Access]:
    """Every look at a home's or a person's data, newest first: who, when, what."""
    who.require(Permission.ACCESS_LOG)
    rows = accounts.looks(
        conn,
        limit=limit + 1,
        before=decode(cursor, int),
        name=name,
        unit_id=unit_id,
        estates=who.among(estate_id),
    )
    items = [Access.model_validate(row, from_attributes=True) for row in rows[:limit]]
    return Page(items=items, next=encode(items[-1].seq) if len(rows) > limit else None)


@router.get("/session")
def get_session(who: Visitor) -> Session:
    """Whoever asks: name, role, and the estates that they see (null: all)."""
    return Session(name=who.name, role=who.role.value, estates=None if who.estates is None else sorted(who.estates))
