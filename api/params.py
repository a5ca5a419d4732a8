"""What routes take: a connection, a language, ids, page limits and cursors, each checked once here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Path, Query, Request
from fastapi.security import APIKeyCookie, HTTPBearer
from pydantic import AfterValidator, BeforeValidator, StringConstraints

from api.language import language_of
from gateway.accounts.model import Who
from gateway.store.database import Connection

COOKIE = "estate_session"
"""What the gate looks for in requests of people."""
POOL_PATIENCE_S = 3.0
"""How long a request waits for a connection before it answers that the database is not there."""
MOST_ITEMS = 500
_BIGINT = 2**63 - 1
_ID = r"^[A-Za-z0-9._-]{1,64}$"


def _connection(request: Request) -> Iterator[Connection]:
    with request.app.state.pool.connection(timeout=POOL_PATIENCE_S) as conn:
        yield conn


_TOKEN = HTTPBearer(auto_error=False, scheme_name="token", description="a token of `estate user token`")
_SESSION = APIKeyCookie(name=COOKIE, auto_error=False, scheme_name="session", description="a login at `/login`")
_Token = Annotated[object, Depends(_TOKEN)]
_Session = Annotated[object, Depends(_SESSION)]


def _who(request: Request, _token: _Token, _session: _Session) -> Who:
    """Whom the gate has found; the other parameters only tell readers of the description what it looks for."""
    who: Who = request.state.who
    return who


def _storable(value: str) -> str:
    if "\x00" in value:
        raise ValueError("must not contain a NUL character")
    value.encode()  # half a surrogate pair raises UnicodeEncodeError, which is a ValueError
    return value


def _as_date(value: Any) -> Any:  # noqa: ANN401 - whatever the client sent
    """Let a time stand for its day, as the client sees it."""
    if isinstance(value, str) and "T" in value:
        return datetime.fromisoformat(value).date()
    return value


Database = Annotated[Connection, Depends(_connection, scope="function")]
"""A connection for as long as the route runs; it is back in the pool before the answer is sent."""

Visitor = Annotated[Who, Depends(_who)]
"""Whoever asks, as the gate found out."""

Language = Annotated[str, Depends(language_of)]
Limit = Annotated[int, Query(ge=1, le=MOST_ITEMS, description="items on a page")]
Cursor = Annotated[str | None, Query(max_length=500, description="`next` of the page before")]
Number = Annotated[int, Path(ge=1, le=_BIGINT)]
UnitId = Annotated[str, Path(pattern=_ID)]
IdFilter = Annotated[str | None, Query(pattern=_ID)]
Text = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_storable)]
Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500), AfterValidator(_storable)
]
ShortText = Annotated[str, StringConstraints(max_length=100), AfterValidator(_storable)]
Day = Annotated[date, BeforeValidator(_as_date)]

E = TypeVar("E", bound=StrEnum)


def choices(values: list[E] | None) -> list[str] | None:
    """A repeated query parameter as plain texts; None where it was not given."""
    return [value.value for value in values] if values else None
