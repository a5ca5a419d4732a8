"""Numbered migrations. `0002_stream.plain.sql` and `.timescale.sql` are one step in two physical forms."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import LiteralString

import psycopg

from gateway.errors import SchemaError
from gateway.store.database import Connection
from gateway.store.queries import queries

_FILE = re.compile(r"(?P<number>\d{4})_(?P<name>\w+?)(\.(?P<form>plain|timescale))?\.sql")
_SQL = queries("schema")


class Form(StrEnum):
    """Physical form of the schema."""

    PLAIN = "plain"
    TIMESCALE = "timescale"


@dataclass(frozen=True, slots=True)
class Migration:
    """One step; `form` is None where both forms take it."""

    number: int
    name: str
    form: Form | None
    sql: LiteralString


@cache
def migrations() -> tuple[Migration, ...]:
    """Every step that ships with this version, in order."""
    found = []
    for path in files("gateway.store").joinpath("migrations").iterdir():
        if match := _FILE.fullmatch(path.name):
            form = Form(match["form"]) if match["form"] else None
            sql: LiteralString = path.read_text("utf-8")
            found.append(Migration(int(match["number"]), match["name"], form, sql))
    return tuple(sorted(found, key=lambda step: step.number))


def migrate(conn: Connection) -> list[str]:
    """Bring the schema to this version; returns the names of the steps taken now. Safe to call from two places.

    Raises:
        SchemaError: the database is newer than this program, or refuses a step.
    """
    with conn.transaction():
        conn.execute(_SQL["create_migrations"])
        conn.execute(_SQL["lock_migrations"])
        done = {int(row[0]) for row in conn.execute(_SQL["applied"])}
        _refuse_newer(done)
        form = form_of(conn) if done else _form_to_be(conn)
        taken = [step for step in migrations() if step.number not in done and step.form in (None, form)]
        for step in taken:
            _apply(conn, step, form)
    return [step.name for step in taken]


def check(conn: Connection) -> Form:
    """Make sure that the schema is this version's, and say in which form.

    Raises:
        SchemaError: run `estate db migrate` first, or install the version that the database is for.
    """
    try:
        done = {int(row[0]) for row in conn.execute(_SQL["applied"])}
    except psycopg.errors.UndefinedTable as error:
        raise SchemaError("the database has no tables yet; run: estate db migrate") from error
    _refuse_newer(done)
    if missing := {step.number for step in migrations()} - done:
        raise SchemaError(f"the database lacks migration {min(missing):04}; run: estate db migrate")
    return form_of(conn)


def form_of(conn: Connection) -> Form:
    """The form that this database was migrated in."""
    row = conn.execute(_SQL["form"]).fetchone()
    return Form(row[0]) if row else Form.PLAIN


def _form_to_be(conn: Connection) -> Form:
    row = conn.execute(_SQL["timescale_available"]).fetchone()
    return Form.TIMESCALE if row and row[0] else Form.PLAIN


def _refuse_newer(done: set[int]) -> None:
    newest = max(step.number for step in migrations())
    if ahead := [number for number in done if number > newest]:
        raise SchemaError(f"the database is at migration {max(ahead):04}, this program knows {newest:04}; upgrade it")


def _apply(conn: Connection, step: Migration, form: Form) -> None:
    try:
        conn.execute(step.sql)
        conn.execute(_SQL["record"], {"number": step.number, "name": step.name, "form": form.value})
    except psycopg.Error as error:
        raise SchemaError(f"migration {step.number:04}_{step.name}: {error.diag.message_primary or error}") from error
