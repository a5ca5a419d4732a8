"""PostgreSQL: one server a test run, one database a test, copied from a migrated one."""

from collections.abc import Iterator
from itertools import count

import psycopg
import pytest

from gateway.embedded import database_url
from gateway.settings import Settings
from servers.homes import temporary_home

_numbers = count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a migrated database of a real PostgreSQL. It is the template: make no connection to it."""
    with temporary_home() as home, database_url(Settings(home=home)) as url:
        yield url


@pytest.fixture
def database(postgres: str) -> Iterator[str]:
    """The URL of a migrated, empty database of the test's own."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(postgres.replace("/estate?", "/postgres?"), autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name} TEMPLATE estate")
        yield postgres.replace("/estate?", f"/{name}?")
        conn.execute(f"DROP DATABASE {name} WITH (FORCE)")
