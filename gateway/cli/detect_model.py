"""`estate detect model`: what visits taught the ranking, and the way back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from gateway.cli.opened import opened
from gateway.detection import teaching
from gateway.store import models
from gateway.store.models import ModelRow

_WIDTH = 120
"""Columns that the table needs; a narrower screen wraps it."""

app = typer.Typer(help="What visits taught the ranking.", no_args_is_help=True)


@app.command("list")
def list_models(limit: Annotated[int, typer.Option(min=1, max=1000, help="Newest models shown.")] = 20) -> None:
    """Show the models, that in force first, and how told probabilities stood up to the newest outcomes."""
    with opened() as conn:
        rows = models.newest(conn, limit=limit)
    if not rows:
        typer.echo("no model yet: the scores are the detectors' own")
        return
    table = Table("model", "fitted", "outcomes", "newest: found", "expected", "ECE", "")
    for number, row in enumerate(rows):
        table.add_row(*_cells(row, in_force=number == 0))
    Console(highlight=False, width=max(Console().width, _WIDTH)).print(table)


@app.command()
def back() -> None:
    """Put the model before the one in force back; it stays until `refit`."""
    with opened() as conn:
        earlier = teaching.back(conn, datetime.now(UTC))
    what = "the scores are the detectors' own" if earlier is None else f"model {earlier.model_id} is in force"
    typer.echo(f"{what} from the next run on; estate detect model refit makes a new one")


@app.command()
def refit() -> None:
    """Fit a new model to all outcomes so far and put it in force."""
    with opened() as conn:
        made = teaching.refit(conn, datetime.now(UTC))
    typer.echo(f"a model of {made.model.labels} outcomes is in force from the next run on")


def _cells(row: ModelRow, *, in_force: bool) -> tuple[str, ...]:
    its = row.drift
    marks = ["in force"] if in_force else []
    if row.copy_of is not None:
        marks.append(f"back to {row.copy_of}" if row.copy_of else "back to none")
    if its.get("has_drifted"):
        marks.append("drifted: told and found differ by more than chance")
    ece = its.get("ece")
    return (
        str(row.model_id),
        f"{row.fitted_at:%Y-%m-%d %H:%M}",
        str(row.labels),
        f"{its['found']} of {its['outcomes']}" if its else "–",
        f"{its['expected']:.1f}" if its else "–",
        "–" if ece is None else f"{ece:.3f}",
        "; ".join(marks),
    )
