"""What could not be taken in, and trying it again."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request

from api import render
from api.cursor import decode, encode
from api.params import Cursor, Database, Language, Limit, Number, Visitor
from api.shapes import Held, HeldMessage, Page, Replay
from gateway.accounts.model import Look, Permission
from gateway.codecs.message import Reason
from gateway.ingest.quarantine import replay
from gateway.store import quarantine
from gateway.store.accounts import log_look

router = APIRouter(tags=["quarantine"])


@router.get("/quarantine")
def list_held(
    *,
    conn: Database,
    who: Visitor,
    language: Language,
    state: Annotated[Literal["held", "replayed"] | None, Query()] = None,
    reason: Reason | None = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Held]:
    """Held messages, the newest first."""
    before = decode(cursor, int)
    rows = quarantine.page(
        conn,
        limit=limit + 1,
        before=before,
        state=state,
        reason=reason and reason.value,
        estates=who.among(None),
    )
    items = [render.held(language, row) for row in rows[:limit]]
    return Page(items=items, next=encode(items[-1].id) if len(rows) > limit else None)


@router.get("/quarantine/{quarantine_id}")
def get_held(conn: Database, who: Visitor, language: Language, quarantine_id: Number) -> HeldMessage:
    """One held message whole, but for images, which were never stored."""
    row = quarantine.one(conn, quarantine_id, who.among(None))
    log_look(conn, who, Look.QUARANTINE, about={"id": quarantine_id})
    return render.held_message(language, row, quarantine.payload(conn, quarantine_id))


@router.post("/quarantine/{quarantine_id}/replay")
def replay_held(request: Request, conn: Database, who: Visitor, language: Language, quarantine_id: Number) -> Replay:
    """Send a held message down the same way again, after its cause was mended."""
    who.require(Permission.QUARANTINE)
    quarantine.one(conn, quarantine_id, who.among(None))
    done = replay(conn, quarantine_id, request.app.state.settings.routes)
    return render.replayed(language, done)
