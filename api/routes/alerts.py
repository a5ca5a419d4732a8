"""Alerts: the queue, one alert, what people do about it, and every change as it happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response, WebSocket, WebSocketDisconnect
from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from api import render
from api.cursor import decode, encode
from api.language import language_of
from api.live import DATABASE_TROUBLE, Feed, Told
from api.params import Cursor, Database, Day, IdFilter, Language, Limit, Number, ShortText, Text, choices
from api.shapes import Alert, AlertChange, AlertWithHistory, Page
from detectors.findings import Kind, Level
from gateway.alerts import life
from gateway.alerts.acting import act
from gateway.alerts.model import Action, State
from gateway.store import alerts, cases
from gateway.store.database import Connection

router = APIRouter(tags=["alerts"])

SEQ_HEADER = "Estate-Seq"
"""On the list of alerts: the last change that it shows; the live feed goes on from there."""
LONGEST_WAIT_S = 60
_SLOW_S = 30.0
_TOO_SLOW, _TRY_AGAIN = 4008, 1013
_GONE = "database not reachable; resume with since"
_Seq = Annotated[int, Query(ge=0, le=2**63 - 1, description="the last `seq` already seen")]


class ActionRequest(BaseModel):
    """What a person wants done. `until` belongs to acknowledge and snooze, `date` and `inspector` to dispatch."""

    model_config = ConfigDict(extra="forbid")

    action: Action
    reason: Annotated[Text, Field(validation_alias=AliasChoices("reason", "note"))] = ""
    until: Day | None = None
    date: Day | None = None
    inspector: ShortText = ""
    actor: Annotated[ShortText, Field(description="who acts, until there are accounts")] = ""


@router.get("/alerts")
def list_alerts(
    *,
    conn: Database,
    language: Language,
    response: Response,
    state: Annotated[list[State] | None, Query()] = None,
    kind: Annotated[list[Kind] | None, Query()] = None,
    level: Annotated[list[Level] | None, Query()] = None,
    estate_id: IdFilter = None,
    unit_id: IdFilter = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[Alert]:
    """Alerts, newest activity first. `state`, `kind` and `level` may be given several times."""
    before = decode(cursor, tuple[datetime, int])
    response.headers[SEQ_HEADER] = str(alerts.last_seq(conn))
    which = alerts.Filter(
        states=choices(state), kinds=choices(kind), levels=choices(level), estate_id=estate_id, unit_id=unit_id
    )
    rows = alerts.page(conn, which, limit=limit + 1, before=before)
    last = rows[limit - 1].alert if len(rows) > limit else None
    items = [render.alert(language, row) for row in rows[:limit]]
    return Page(items=items, next=encode((last.updated_at, last.alert_id)) if last else None)


@router.get("/alerts/changes")
async def list_changes(
    request: Request,
    since: _Seq = 0,
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT_S, description="seconds to wait for a change")] = 0,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[AlertChange]:
    """Every change after `since`, oldest first; with `wait` the answer is held until there is one."""
    feed: Feed = request.app.state.feed
    since = max(since, decode(cursor, int) or 0)
    found = await feed.read(since, limit + 1)
    if not found and wait:
        found = list(await feed.wait(since, wait))
    items = [_shown(language_of(request), told) for told in found[:limit]]
    return Page(items=items, next=encode(items[-1].seq) if len(found) > limit else None)


@router.websocket("/alerts/live")
async def live(socket: WebSocket, since: _Seq | None = None) -> None:
    """The same changes pushed as JSON, one message each. Without `since`, only what happens from now on.

    Closes with 4008 where the other side does not take its messages, and 1013 where the database is gone; either
    way the client comes back with the last `seq` that it saw.
    """
    feed: Feed = socket.app.state.feed
    try:
        last = await feed.last_seq()  # before accepting: whoever is let in misses nothing from then on
    except DATABASE_TROUBLE:
        await socket.accept()
        await socket.close(_TRY_AGAIN, _GONE)
        return
    await socket.accept()
    sender = asyncio.create_task(_send_changes(socket, feed, last if since is None else min(since, last)))
    try:
        async for _ in _received(socket):
            pass
    finally:
        sender.cancel()
        await asyncio.gather(sender, return_exceptions=True)


@router.get("/alerts/{alert_id}")
def get_alert(conn: Database, language: Language, alert_id: Number) -> AlertWithHistory:
    """One alert with its evidence and history."""
    stored = alerts.one(conn, alert_id)
    return _with_history(conn, language, stored)


@router.post("/alerts/{alert_id}/actions")
def act_on_alert(conn: Database, language: Language, alert_id: Number, wish: ActionRequest) -> AlertWithHistory:
    """Acknowledge, snooze, dispatch, dismiss, confirm, reopen, or leave a note."""
    request = life.Request(
        action=wish.action,
        actor=wish.actor or "operator",
        reason=wish.reason,
        until=wish.until,
        day=wish.date,
        inspector=wish.inspector,
    )
    return _with_history(conn, language, act(conn, alert_id, request, now=datetime.now(UTC)))


def _with_history(conn: Connection, language: str, stored: alerts.Stored) -> AlertWithHistory:
    alert_id = stored.alert.alert_id
    case_id = cases.latest_of_alert(conn, alert_id)
    return render.alert_with_history(language, stored, alerts.history(conn, alert_id), case_id)


async def _received(socket: WebSocket) -> AsyncIterator[str]:
    """What the client says, which means nothing here; ends when it has gone."""
    try:
        while True:
            yield await socket.receive_text()
    except (WebSocketDisconnect, KeyError):
        return


async def _send_changes(socket: WebSocket, feed: Feed, seq: int) -> None:
    language = language_of(socket)
    try:
        while True:
            for told in await feed.wait(seq):
                async with asyncio.timeout(_SLOW_S):
                    await socket.send_text(_shown(language, told).model_dump_json())
                seq = told.change.seq
    except TimeoutError:
        await socket.close(_TOO_SLOW, "too slow; resume with since")
    except DATABASE_TROUBLE:
        await socket.close(_TRY_AGAIN, _GONE)
    except WebSocketDisconnect:
        return


def _shown(language: str, told: Told) -> AlertChange:
    return render.alert_change(language, told.change, told.alert)
