"""`estate visits`: the visit list from the shell."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from gateway.cli.opened import opened
from gateway.detection.policy import read_rules
from gateway.settings import load
from gateway.store import visits as store
from gateway.store.visits import VisitRow
from gateway.visits.plan import PlanPolicy
from gateway.visits.planning import Order, plan
from gateway.visits.reasons import reason_text
from gateway.words import text

app = typer.Typer(help="The visit list.", no_args_is_help=True)

_COLUMNS = ("order", "building", "entrance", "floor", "room", "unit", "best_hours", "reasons")


@app.callback()
def visits() -> None:
    """The visit list."""


@app.command("plan")
def plan_command(
    date: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Day of the visits; else today.")
    ] = None,
    estate: Annotated[str | None, typer.Option(metavar="ID", help="Only this estate.")] = None,
    inspector: Annotated[str, typer.Option(help="Whose list it is.")] = "",
    k: Annotated[int, typer.Option("--k", min=1, max=200, help="Visits on the list at most.")] = 8,
) -> None:
    """Put the most pressing open alerts on a day's list and print it in walking order."""
    settings = load()
    policy = PlanPolicy.of(read_rules(settings.policy_file).policy)
    day = date.date() if date else None
    with opened() as conn:
        order = Order(day=day, estate_id=estate, inspector=inspector, places=k)
        done = plan(conn, order, now=datetime.now(UTC), policy=policy)
        which = store.Filter(date=done.day, inspector=inspector, estates=None if estate is None else [estate])
        _print(settings.language, store.page(conn, which, limit=500))
    typer.echo(f"{done.day}: {done.added} new")


def _print(language: str, rows: list[VisitRow]) -> None:
    table = Table(title=text(language, "sheet.title"))
    for name in _COLUMNS:
        table.add_column(text(language, f"sheet.{name}"), overflow="fold")
    for row in rows:
        table.add_row(*_cells(language, row))
    Console(highlight=False).print(table)


def _cells(language: str, row: VisitRow) -> tuple[str, ...]:
    floor = "" if row.floor is None else str(row.floor)
    hours = "\n".join(f"{first:02}:00–{last:02}:00" for first, last in row.best_hours)
    reasons = "\n".join(reason_text(language, reason) for reason in row.reasons)
    return str(row.order), row.building, row.entrance, floor, row.room, row.unit_id, hours, reasons
