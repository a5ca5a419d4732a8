"""Who is asking: no account yet, a person with a session, or a program with a token; anybody else is sent away.

While there is no account the console is open to whoever sits at this machine, and it listens nowhere else. A web page
could reach it there under a name of its own (DNS rebinding), so the Host must be a loopback name. With the first
account everything asks for a login, but for what a login needs, and for machines on loopback that ask how the gateway
is. Programs send `Authorization: Bearer TOKEN`; pages send a cookie, which counts for a request that changes something
only where the browser says that one of our own pages sent it (that the Origin is ours, the guard has seen).
"""

from __future__ import annotations

import time
from urllib.parse import quote

from psycopg_pool import ConnectionPool
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request, cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.guard import SAFE_METHODS, is_loopback, is_loopback_host
from api.live import DATABASE_TROUBLE
from api.params import COOKIE, POOL_PATIENCE_S
from api.problems import database_gone, problem_in_words
from gateway.accounts.model import NOBODY_YET, Who
from gateway.accounts.secrets import digest, unseal
from gateway.store import accounts
from gateway.store.database import Connection

_OPEN = ("/login", "/logout")
_SPARE_S = 5.0
_MACHINES = ("/healthz", "/readyz", "/metrics")


class Gate:
    """Finds out who asks and leaves it as `who` in the request's state. `loopback_only`: we listen nowhere else."""

    def __init__(self, app: ASGIApp, *, loopback_only: bool) -> None:
        self._app = app
        self._loopback_only = loopback_only

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in with its `who`, or answer 401, 403 or 503, or lead a page to the login."""
        if scope["type"] not in ("http", "websocket") or _needs_nobody(scope):
            await self._app(scope, receive, send)
            return
        refusal = await self._admit(scope)
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": "log in first"})
        else:
            await refusal(scope, receive, send)

    async def _admit(self, scope: Scope) -> Response | None:
        lookup = scope["app"].state.lookup
        try:
            who = await run_in_threadpool(lookup.who, Headers(scope=scope))
        except DATABASE_TROUBLE as error:
            if not (self._loopback_only and lookup.was_open):
                return database_gone(_request(scope), error)
            lookup.spare()
            who = NOBODY_YET  # what the database holds cannot be read either
        if who is None:
            return _send_away(scope)
        if who is NOBODY_YET and not self._loopback_only:
            return problem_in_words(_request(scope), 403, "no_account")
        if who is NOBODY_YET and not is_loopback_host(Headers(scope=scope)):
            return problem_in_words(_request(scope), 403, "host")
        if _is_forged(scope):
            return problem_in_words(_request(scope), 403, "no_origin")
        scope.setdefault("state", {})["who"] = who
        return None


class Lookup:
    """Asks the store who somebody is. There is always an account once there was one, so that is asked no more."""

    def __init__(self, pool: ConnectionPool[Connection]) -> None:
        self._pool = pool
        self._closed = False
        self._key: bytes | None = None
        self._spared_until = 0.0
        self.was_open = False

    def who(self, headers: Headers) -> Who | None:
        """Whoever sent these headers; None for nobody we know."""
        if time.monotonic() < self._spared_until:
            return NOBODY_YET
        with self._pool.connection(timeout=POOL_PATIENCE_S) as conn:
            if not self._closed:
                self._closed = accounts.exist(conn)
                self.was_open = not self._closed
            if not self._closed:
                return NOBODY_YET
            token = bearer(headers)
            if token is not None:
                return accounts.by_token(conn, digest(token))
            secret = unseal(self.key(conn), session(headers) or "")
            return None if secret is None else accounts.by_session(conn, digest(secret))

    def spare(self) -> None:
        """Do not ask for a moment: the database is gone, and every request would wait for it twice."""
        self._spared_until = time.monotonic() + _SPARE_S

    def key(self, conn: Connection) -> bytes:
        """What this installation signs its cookies with."""
        if self._key is None:
            self._key = accounts.cookie_key(conn)
        return self._key


def bearer(headers: Headers) -> str | None:
    """The token of a program."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def session(headers: Headers) -> str | None:
    """The sealed session of a browser."""
    return cookie_parser(headers.get("cookie", "")).get(COOKIE)


def _needs_nobody(scope: Scope) -> bool:
    path: str = scope["path"]
    if path in _MACHINES:
        client = scope.get("client")
        return is_loopback_host(Headers(scope=scope)) and (client is None or is_loopback(client[0]))
    return path in _OPEN or path.startswith("/static/")


def _is_forged(scope: Scope) -> bool:
    """Whether a cookie came with a request that changes something, and nothing says that one of our pages sent it."""
    headers = Headers(scope=scope)
    changes = scope["type"] == "websocket" or scope["method"] not in SAFE_METHODS
    return changes and bearer(headers) is None and session(headers) is not None and "origin" not in headers


def _send_away(scope: Scope) -> Response:
    request = _request(scope)
    path: str = scope["path"]
    if path.startswith("/api/") or path in _MACHINES or scope.get("method") not in SAFE_METHODS:
        return problem_in_words(request, 401, "login", headers={"WWW-Authenticate": "Bearer"})
    wanted = path + (f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else "")
    return RedirectResponse(f"/login?next={quote(wanted, safe='/')}", status_code=303)


def _request(scope: Scope) -> Request:
    return Request(scope if scope["type"] == "http" else {**scope, "type": "http", "method": "GET"})
