"""Whoever does not take its messages is let go, with a code that says so; whoever comes back goes on."""

import asyncio
from dataclasses import replace
from types import SimpleNamespace

import psycopg
from unit.alerts.made import NOW, alert

from api.live import Told
from api.routes import alerts as route
from gateway.accounts.model import NOBODY_YET
from gateway.store.alerts import ChangeRow, Stored


class Socket:
    """A socket's other side, which takes messages or does not."""

    def __init__(self, *, takes=True):
        self.takes, self.sent, self.closed = takes, [], None
        self.query_params, self.cookies, self.headers = {"lang": "en"}, {}, {}
        self.who = NOBODY_YET
        lookup = SimpleNamespace(who=lambda _headers: self.who)
        self.app = SimpleNamespace(state=SimpleNamespace(settings=SimpleNamespace(language="zh-CN"), lookup=lookup))

    async def send_text(self, text):
        if not self.takes:
            await asyncio.Event().wait()
        self.sent.append(text)

    async def close(self, code, reason):
        self.closed = code, reason


class Feed:
    """Gives one change after `since`, then fails as told."""

    def __init__(self, error):
        self.error, self.asked = error, []

    async def wait(self, since, _timeout_s):
        self.asked.append(since)
        if len(self.asked) > 1:
            raise self.error
        change = ChangeRow(
            seq=since + 1,
            alert_id=7,
            at=NOW,
            actor="wang",
            action="note",
            from_state="open",
            to_state="open",
            reason="seen",
            data={},
        )
        return [Told(change, Stored(alert=alert(), zone=NOW.tzinfo, place=None))]


async def test_a_client_that_does_not_take_its_messages_is_let_go(monkeypatch):
    monkeypatch.setattr(route, "_SLOW_S", 0.01)
    socket = Socket(takes=False)
    await route._send_changes(socket, Feed(psycopg.OperationalError()), 3)
    assert socket.closed == (4008, "too slow; resume with since")


async def test_a_database_that_is_gone_is_told(monkeypatch):
    socket, feed = Socket(), Feed(psycopg.OperationalError())
    await route._send_changes(socket, feed, 3)
    assert socket.closed[0] == 1013
    assert feed.asked == [3, 4]
    assert len(socket.sent) == 1
    assert '"seq":4' in socket.sent[0]


async def test_a_login_that_is_over_ends_the_socket():
    socket = Socket()
    socket.who = None
    await route._send_changes(socket, Feed(psycopg.OperationalError()), 3)
    assert socket.closed == (4401, "log in again")
    assert socket.sent == []


async def test_changes_of_other_estates_are_passed_over():
    socket, feed = Socket(), Feed(psycopg.OperationalError())
    socket.who = replace(NOBODY_YET, estates=frozenset({"e2"}))
    await route._send_changes(socket, feed, 3)
    assert (socket.sent, feed.asked) == ([], [3, 4])
