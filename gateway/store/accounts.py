"""Accounts, their tokens and sessions, and the log of who looked at what."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from gateway.accounts.model import Look, Role, Who
from gateway.errors import NotFoundError, RefusedError
from gateway.store.database import Connection
from gateway.store.queries import queries

_SQL = queries("accounts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a login is checked against."""

    user_id: int
    name: str
    password_hash: str | None
    disabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRow:
    """An account as it is listed; `tokens` counts those that are good now."""

    user_id: int
    name: str
    role: str
    all_estates: bool
    has_password: bool
    disabled: bool
    created_at: datetime
    estates: Sequence[str]
    tokens: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    """A token that is good now, without the token."""

    token_id: int
    label: str
    created_at: datetime
    expires_at: datetime | None
    last_used_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRow:
    """One look at somebody's data."""

    seq: int
    at: datetime
    name: str
    what: str
    unit_id: str | None
    estate_id: str | None
    about: Mapping[str, Any]


def exist(conn: Connection) -> bool:
    """Whether there is any account, disabled ones included."""
    row = conn.execute(_SQL["any"]).fetchone()
    return bool(row and row[0])


def cookie_key(conn: Connection) -> bytes:
    """What cookies are signed with."""
    row = conn.execute(_SQL["cookie_key"]).fetchone()
    return bytes(row[0]) if row else b""


def by_session(conn: Connection, digest: bytes) -> Who | None:
    """Whose session it is; None where it is over or the account is disabled."""
    return _who(conn, "by_session", digest)


def by_token(conn: Connection, digest: bytes) -> Who | None:
    """Whose token it is; None where it is revoked or has expired, or the account is disabled."""
    return _who(conn, "by_token", digest)


def credentials(conn: Connection, name: str) -> Credentials | None:
    """What there is to check a login of this name against."""
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_SQL["by_name"], {"name": name}).fetchone()
        return Credentials(**row) if row else None


def named(conn: Connection, name: str) -> Credentials:
    """The account of this name.

    Raises:
        NotFoundError: there is none.
    """
    found = credentials(conn, name)
    if found is None:
        raise NotFoundError(f"there is no account {name}; see: estate user list")
    return found


def users(conn: Connection) -> list[UserRow]:
    """Every account by name."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return [UserRow(**row) for row in cursor.execute(_SQL["all"])]


def add(
    conn: Connection,
    name: str,
    role: Role,
    *,
    password_hash: str | None,
    estates: Collection[str] = (),
    all_estates: bool = False,
) -> None:
    """Make an account.

    Raises:
        RefusedError: the name is taken, or an estate is on no list.
    """
    with conn.transaction():
        given = {"name": name, "role": role.value, "password_hash": password_hash, "all_estates": all_estates}
        row = conn.execute(_SQL["insert"], given).fetchone()
        if row is None:
            raise RefusedError(f"there is an account {name} already")
        _grant(conn, int(row[0]), estates)


def set_password(conn: Connection, user_id: int, password_hash: str) -> None:
    """Change a password; whoever is logged in with the old one is logged out."""
    with conn.transaction():
        conn.execute(_SQL["set_password"], {"user_id": user_id, "password_hash": password_hash})
        conn.execute(_SQL["end_sessions"], {"user_id": user_id})


def set_disabled(conn: Connection, user_id: int, *, disabled: bool) -> None:
    """Shut an account, sessions and tokens included, or open it again."""
    with conn.transaction():
        conn.execute(_SQL["set_disabled"], {"user_id": user_id, "disabled": disabled})
        conn.execute(_SQL["end_sessions"], {"user_id": user_id})


def set_role(conn: Connection, user_id: int, role: Role) -> None:
    """Give another role."""
    conn.execute(_SQL["set_role"], {"user_id": user_id, "role": role.value})


def grant(conn: Connection, user_id: int, estates: Collection[str], *, all_estates: bool = False) -> None:
    """Let an account see more estates.

    Raises:
        RefusedError: an estate is on no list.
    """
    with conn.transaction():
        _grant(conn, user_id, estates)
        if all_estates:
            conn.execute(_SQL["set_all_estates"], {"user_id": user_id, "all_estates": True})


def ungrant(conn: Connection, user_id: int, estates: Collection[str], *, all_estates: bool = False) -> None:
    """Let an account see fewer; with `all_estates` only those that were granted one by one stay."""
    with conn.transaction():
        conn.execute(_SQL["ungrant"], {"user_id": user_id, "estates": list(estates)})
        if all_estates:
            conn.execute(_SQL["set_all_estates"], {"user_id": user_id, "all_estates": False})


def add_token(conn: Connection, user_id: int, digest: bytes, *, label: str, lasts: timedelta | None) -> int:
    """Keep a token's hash; returns its id."""
    given = {"user_id": user_id, "digest": digest, "label": label, "lasts": lasts}
    row = conn.execute(_SQL["add_token"], given).fetchone()
    return int(row[0]) if row else 0


def tokens(conn: Connection, user_id: int) -> list[TokenRow]:
    """An account's tokens that are good now."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return [TokenRow(**row) for row in cursor.execute(_SQL["tokens"], {"user_id": user_id})]


def revoke_token(conn: Connection, token_id: int) -> None:
    """End a token.

    Raises:
        NotFoundError: there is none of this id that is good.
    """
    if conn.execute(_SQL["revoke_token"], {"token_id": token_id}).fetchone() is None:
        raise NotFoundError(f"there is no token {token_id}; see: estate user tokens NAME")


def add_session(conn: Connection, user_id: int, digest: bytes) -> None:
    """Keep a session's hash, and forget those that are over."""
    conn.execute(_SQL["add_session"], {"user_id": user_id, "digest": digest})


def end_session(conn: Connection, digest: bytes) -> None:
    """Log out."""
    conn.execute(_SQL["end_session"], {"digest": digest})


def log_look(
    conn: Connection,
    who: Who,
    what: Look,
    *,
    unit_id: str | None = None,
    estate_id: str | None = None,
    about: Mapping[str, object] | None = None,
) -> None:
    """Note that somebody looks at a home's data, or at a list of homes."""
    given = {"user_id": who.user_id, "name": who.name, "what": what, "unit_id": unit_id, "estate_id": estate_id}
    conn.execute(_SQL["log"], {**given, "about": Jsonb(dict(about or {}))})


def looks(
    conn: Connection,
    *,
    limit: int,
    before: int | None = None,
    name: str | None = None,
    unit_id: str | None = None,
    estates: Sequence[str] | None = None,
) -> list[AccessRow]:
    """The log, newest first."""
    given = {"limit": limit, "before": before, "name": name, "unit_id": unit_id, "estates": estates}
    with conn.cursor(row_factory=dict_row) as cursor:
        return [AccessRow(**row) for row in cursor.execute(_SQL["log_page"], given)]


def _grant(conn: Connection, user_id: int, estates: Collection[str]) -> None:
    unknown = [str(row[0]) for row in conn.execute(_SQL["unknown_estates"], {"estates": list(estates)})]
    if unknown:
        raise RefusedError(f"no list names the estate {', '.join(unknown)}; see: estate registry import")
    conn.execute(_SQL["grant"], {"user_id": user_id, "estates": list(estates)})


def _who(conn: Connection, name: str, digest: bytes) -> Who | None:
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_SQL[name], {"digest": digest}).fetchone()
    if row is None:
        return None
    role = Role(row["role"])
    everything = row["all_estates"] or role is Role.ADMIN
    return Who(
        user_id=row["user_id"],
        name=row["name"],
        role=role,
        estates=None if everything else frozenset(row["estates"]),
    )
