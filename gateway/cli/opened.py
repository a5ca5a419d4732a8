"""The database of a command that wants nothing but the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gateway.embedded import database_url
from gateway.settings import load
from gateway.store.database import Connection, connect
from gateway.store.migrate import check


@contextmanager
def opened() -> Iterator[Connection]:
    """The configured database, else the embedded one, whose schema is this version's.

    Raises:
        SchemaError: it is not.
    """
    with database_url(load()) as url, connect(url) as conn:
        check(conn)
        yield conn
