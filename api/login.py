"""The login page, logging in and out. A plain form: it works before anything else does."""

from __future__ import annotations

import time
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

import structlog
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from api.gate import Lookup, session
from api.pages import page
from api.params import COOKIE, POOL_PATIENCE_S
from gateway.accounts.secrets import digest, is_password, new_secret, seal, unseal
from gateway.accounts.throttle import Throttle
from gateway.store import accounts

router = APIRouter(include_in_schema=False)
_log = structlog.get_logger()
_WEEK_S = 7 * 24 * 3600


@router.get("/login")
def login_page(request: Request, next: str = "/") -> Response:  # noqa: A002 - the word of every login page
    """The form."""
    return page(request, "login", next=_ours(next), fault="", account="")


@router.post("/login")
async def log_in(request: Request) -> Response:
    """Check name and password, and begin a session; too many failures have to wait."""
    sent = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
    name, password, wanted = ((sent.get(field) or [""])[0] for field in ("name", "password", "next"))
    name = name.replace("\x00", "").strip()[:200]
    return await run_in_threadpool(_log_in, request, name, password[:1000], _ours(wanted))


@router.post("/logout")
def log_out(request: Request) -> Response:
    """End the session here and in the store."""
    with request.app.state.pool.connection(timeout=POOL_PATIENCE_S) as conn:
        secret = unseal(request.app.state.lookup.key(conn), session(request.headers) or "")
        if secret is not None:
            accounts.end_session(conn, digest(secret))
    answer = RedirectResponse("/login", status_code=303)
    answer.delete_cookie(COOKIE)
    return answer


def _log_in(request: Request, name: str, password: str, wanted: str) -> Response:
    throttle: Throttle = request.app.state.throttle
    address = request.client.host if request.client else ""
    wait_s = throttle.wait_s(name.casefold(), address, time.monotonic())
    if wait_s > 0:
        return _again(request, name, wanted, "wait", HTTPStatus.TOO_MANY_REQUESTS, retry_after_s=wait_s)
    with request.app.state.pool.connection(timeout=POOL_PATIENCE_S) as conn:
        found = accounts.credentials(conn, name)
    right = is_password(password, found.password_hash if found and not found.disabled else None)
    if found is None or not right:
        throttle.failed(name.casefold(), address, time.monotonic())
        _log.warning("a login failed", action="login_failed", address=address)
        return _again(request, name, wanted, "wrong", HTTPStatus.UNAUTHORIZED)
    throttle.succeeded(name.casefold())
    return _begin(request, found.user_id, wanted)


def _begin(request: Request, user_id: int, wanted: str) -> Response:
    secret = new_secret()
    lookup: Lookup = request.app.state.lookup
    with request.app.state.pool.connection(timeout=POOL_PATIENCE_S) as conn:
        accounts.add_session(conn, user_id, digest(secret))
        sealed = seal(lookup.key(conn), secret)
    answer = RedirectResponse(wanted, status_code=303)
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, sealed, max_age=_WEEK_S, httponly=True, samesite="lax", secure=secure)
    return answer


def _again(
    request: Request, name: str, wanted: str, fault: str, status: HTTPStatus, *, retry_after_s: float = 0
) -> Response:
    answer = page(request, "login", next=wanted, fault=fault, account=name)
    answer.status_code = status
    if retry_after_s:
        answer.headers["Retry-After"] = str(int(retry_after_s) + 1)
    return answer


def _ours(wanted: str) -> str:
    """Where to go on: a path of this console, never another site."""
    parts = urlsplit(wanted)
    safe = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return wanted if safe and "\\" not in wanted else "/"
