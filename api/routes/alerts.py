"""Alerts: the queue, one alert, what people do about it, and every change as it happens."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response, WebSocket, WebSocketDisconnect
from pydantic import AliasChoices, BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from api import render
from api.cursor import decode, encode
from api.language import language_of
from api.live import DATABASE_TROUBLE, Feed, Told
from api.params import (
    POOL_PATIENCE_S,
    Cursor,
    Database,
    Day,
    IdFilter,
    Language,
    Limit,
    Number,
    ShortText,
    Text,
    Visitor,
    choices,
)
from api.shapes import Alert, AlertChange, AlertWithHistory, Page
from detectors.findings import Kind, Level
from gateway.accounts.model import Look, Permission, Who
from gateway.alerts import life
from gateway.alerts.acting import act
from gateway.alerts.model import Action, State
from gateway.store import alerts, cases
from gateway.store.accounts import log_look
from gateway.store.database import Connection

router = APIRouter(tags=["alerts"])

SEQ_HEADER = "Estate-Seq"
"""On the list of alerts: the last change that it shows; the live feed goes on from there."""
LONGEST_WAIT_S = 60
_SLOW_S = 30.0
_TOO_SLOW, _LOGIN_OVER, _TRY_AGAIN = 4008, 4401, 1013
_STILL_LOGGED_IN_S = 15.0
"""It is looked so often whether a socket's login still holds."""
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
    actor: Annotated[ShortText, Field(description="who acts, while there are no accounts")] = ""


@router.get("/alerts")
def list_alerts(
    *,
    conn: Database,
    who: Visitor,
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
        states=choices(state),
        kinds=choices(kind),
        levels=choices(level),
        estates=who.among(estate_id),
        unit_id=unit_id,
    )
    log_look(conn, who, Look.ALERTS, unit_id=unit_id, estate_id=estate_id)
    rows = alerts.page(conn, which, limit=limit + 1, before=before)
    last = rows[limit - 1].alert if len(rows) > limit else None
    items = [render.alert(language, row) for row in rows[:limit]]
    return Page(items=items, next=encode((last.updated_at, last.alert_id)) if last else None)


@router.get("/alerts/changes")
async def list_changes(
    *,
    request: Request,
    who: Visitor,
    since: _Seq = 0,
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT_S, description="seconds to wait for a change")] = 0,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[AlertChange]:
    """Every change after `since`, oldest first; with `wait` the answer is held until there is one."""
    feed: Feed = request.app.state.feed
    since = max(since, decode(cursor, int) or 0)
    found = await feed.read(since, limit + 1, who.among(None))
    if not found and wait:
        found = await _wait_for_theirs(feed, who, since, wait)
    if found:
        await run_in_threadpool(_note_look, request, who)
    items = [_shown(language_of(request), told) for told in found[:limit]]
    return Page(items=items, next=encode(items[-1].seq) if len(found) > limit else None)


async def _wait_for_theirs(feed: Feed, who: Who, since: int, wait_s: float) -> list[Told]:
    """The next changes in estates that they see; none after `wait_s`."""
    ends = time.monotonic() + wait_s
    while told := await feed.wait(since, max(ends - time.monotonic(), 0)):
        if theirs := [each for each in told if _is_theirs(who, each)]:
            return theirs
        since = told[-1].change.seq
    return []


def _note_look(connection: HTTPConnection, who: Who) -> None:
    with connection.app.state.pool.connection(timeout=POOL_PATIENCE_S) as conn:
        log_look(conn, who, Look.CHANGES)


def _is_theirs(who: Who, told: Told) -> bool:
    return who.sees(told.alert.alert.subject.estate_id)


@router.websocket("/alerts/live")
async def live(socket: WebSocket, since: _Seq | None = None) -> None:
    """The same changes pushed as JSON, one message each. Without `since`, only what happens from now on.

    Closes with 4401 when the login is over, with 4008 where the other side does not take its messages, and 1013 where
    the database is gone; the client comes back with the last `seq` that it saw.
    """
    feed: Feed = socket.app.state.feed
    try:
        last = await feed.last_seq()  # before accepting: whoever is let in misses nothing from then on
    except DATABASE_TROUBLE:
        await socket.accept()
        await socket.close(_TRY_AGAIN, _GONE)
        return
    await socket.accept()
    await run_in_threadpool(_note_look, socket, socket.state.who)
    sender = asyncio.create_task(_send_changes(socket, feed, last if since is None else min(since, last)))
    try:
        async for _ in _received(socket):
            pass
    finally:
        sender.cancel()
        await asyncio.gather(sender, return_exceptions=True)


@router.get("/alerts/{alert_id}")
def get_alert(conn: Database, who: Visitor, language: Language, alert_id: Number) -> AlertWithHistory:
    """One alert with its evidence and history."""
    stored = _theirs(conn, who, alert_id)
    subject = stored.alert.subject
    log_look(conn, who, Look.ALERT, unit_id=subject.unit_id, estate_id=subject.estate_id, about={"id": alert_id})
    return _with_history(conn, language, stored)


@router.post("/alerts/{alert_id}/actions")
def act_on_alert(
    conn: Database, who: Visitor, language: Language, alert_id: Number, wish: ActionRequest
) -> AlertWithHistory:
    """Acknowledge, snooze, dispatch, dismiss, confirm, reopen, or leave a note."""
    who.require(Permission.ALERTS)
    _theirs(conn, who, alert_id)
    request = life.Request(
        action=wish.action,
        actor=who.signs(wish.actor),
        reason=wish.reason,
        until=wish.until,
        day=wish.date,
        inspector=wish.inspector,
    )
    return _with_history(conn, language, act(conn, alert_id, request, now=datetime.now(UTC)))


def _theirs(conn: Connection, who: Who, alert_id: int) -> alerts.Stored:
    stored = alerts.one(conn, alert_id)
    who.require_estate(stored.alert.subject.estate_id, "alert", alert_id)
    return stored


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
        while (who := await run_in_threadpool(socket.app.state.lookup.who, socket.headers)) is not None:
            for told in await feed.wait(seq, _STILL_LOGGED_IN_S):
                if _is_theirs(who, told):
                    async with asyncio.timeout(_SLOW_S):
                        await socket.send_text(_shown(language, told).model_dump_json())
                seq = told.change.seq
        await socket.close(_LOGIN_OVER, "log in again")
    except TimeoutError:
        await socket.close(_TOO_SLOW, "too slow; resume with since")
    except DATABASE_TROUBLE:
        await socket.close(_TRY_AGAIN, _GONE)
    except WebSocketDisconnect:
        return


def _shown(language: str, told: Told) -> AlertChange:
    return render.alert_change(language, told.change, told.alert)
