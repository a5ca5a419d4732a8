"""With what devices log in to the broker: hashes and rights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from gateway.accounts.broker import Right
from gateway.errors import NotFoundError
from gateway.store.database import Connection
from gateway.store.queries import queries

_SQL = queries("credentials")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedDevice:
    """What rights are worked out from."""

    device_id: str
    estate_id: str
    kind: str
    codec: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialRow:
    """A device's account with the broker."""

    device_id: str
    password_hash: str
    rights: Sequence[Right]
    made_at: datetime
    revoked_at: datetime | None
    estate_id: str
    kind: str


def device(conn: Connection, device_id: str) -> ListedDevice:
    """A device of the lists.

    Raises:
        NotFoundError: no list names it.
    """
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_SQL["device"], {"device_id": device_id}).fetchone()
    if row is None:
        raise NotFoundError(f"no list names the device {device_id}; see: estate registry import")
    return ListedDevice(**row)


def put(conn: Connection, device_id: str, password_hash: str, rights: Sequence[Right]) -> None:
    """Keep a device's account, in the place of an older one."""
    given = {"device_id": device_id, "password_hash": password_hash}
    conn.execute(_SQL["put"], {**given, "rights": Jsonb([list(right) for right in rights])})


def revoke(conn: Connection, device_id: str) -> None:
    """End a device's account.

    Raises:
        NotFoundError: it has none.
    """
    if conn.execute(_SQL["revoke"], {"device_id": device_id}).fetchone() is None:
        raise NotFoundError(f"the device {device_id} has no account with the broker")


def every(conn: Connection) -> list[CredentialRow]:
    """Every account that was ever made, by device."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL["all"]).fetchall()
    return [CredentialRow(**{**row, "rights": [Right(*right) for right in row["rights"]]}) for row in rows]
