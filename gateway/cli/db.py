"""`estate db`: the schema."""

from __future__ import annotations

import typer

from gateway.embedded import database_url
from gateway.settings import load
from gateway.store.database import connect
from gateway.store.migrate import form_of, migrate
from gateway.store.retention import set_policies

app = typer.Typer(help="Set up the database.", no_args_is_help=True)


@app.callback()
def db() -> None:
    """Set up the database."""


@app.command("migrate")
def migrate_command() -> None:
    """Bring the tables to this version. Does nothing where they already are."""
    settings = load()
    with database_url(settings) as url, connect(url) as conn:
        taken = migrate(conn)
        set_policies(conn, settings)
        print(f"{form_of(conn).value}: " + (f"migrated {', '.join(taken)}" if taken else "up to date"))  # noqa: T201
