"""Connections. Short commands use one; running parts use a pool."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias
from urllib.parse import urlsplit

import psycopg
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool, PoolTimeout

from gateway.errors import DatabaseUnavailableError
from gateway.store.arrays import adapters

Connection: TypeAlias = psycopg.Connection[TupleRow]

# Statements are sent unprepared: a pooler, or a server that outlives our connection, may still hold the names
# of the last one's. Sessions speak UTC, so that a text form of a time never depends on the server.
# Both ends notice within half a minute that the other has vanished: we, so as to connect anew; the server, so that
# what is left of us gives its locks back. (The systems' own limits are two hours and more.)
_SERVER_SETTINGS = {
    "timezone": "UTC",
    "tcp_keepalives_idle": "15",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "30000",
    "client_connection_check_interval": "5000",
}
_OPTIONS = {
    "prepare_threshold": None,
    "connect_timeout": 10,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
    "options": " ".join(f"-c {name}={value}" for name, value in _SERVER_SETTINGS.items()),
    "autocommit": True,
    "context": adapters(),
}


def connect(url: str) -> Connection:
    """Open one connection in autocommit; use `conn.transaction()` around what belongs together.

    Raises:
        DatabaseUnavailableError: with the server's own reason, never the password.
    """
    try:
        return psycopg.connect(url, **_OPTIONS)  # type: ignore[arg-type]
    except psycopg.OperationalError as error:
        raise unavailable(url, error) from error


@contextmanager
def open_pool(url: str, *, size: int) -> Iterator[ConnectionPool[Connection]]:
    """Open a pool of at most `size` connections, the first of which is made at once."""
    connect(url).close()
    pool = ConnectionPool(
        url, kwargs=_OPTIONS, min_size=1, max_size=size, timeout=10, check=ConnectionPool.check_connection, open=False
    )
    with pool:
        yield pool


def unavailable(url: str, error: psycopg.OperationalError | PoolTimeout) -> DatabaseUnavailableError:
    """Say in one line what the server, or the way to it, did not like."""
    parts = urlsplit(url)
    place = f"{parts.hostname or 'local socket'}:{parts.port or 5432}{parts.path}"
    reason = in_one_line(error)
    hint = "check ESTATE_DATABASE_URL and that the server runs"
    if "password" in reason or "authentication" in reason:
        hint = "check the user and password in ESTATE_DATABASE_URL"
    return DatabaseUnavailableError(f"database at {place}: {reason}; {hint}")


def in_one_line(error: Exception) -> str:
    """Give what the server, or the system, says is wrong, without libpq's preamble and its guesses."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if not lines:
        return type(error).__name__
    return lines[0].rpartition("failed: ")[2].removeprefix("FATAL:").strip()
