"""`estate evaluate`: the detectors' quality against known truth."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from detectors.evaluation import BUDGETS, Quality
from gateway.detection.evaluate import Evaluation, Judged, evaluate, read_truth
from gateway.embedded import database_url
from gateway.settings import load
from gateway.store.database import connect
from gateway.store.migrate import check

app = typer.Typer()

_WIDTH = 118
"""Columns that the table needs; a narrower screen wraps it."""


@app.command("evaluate")
def evaluate_command(
    truth: Annotated[Path, typer.Option(metavar="FILE", help="CSV: unit_id, kind, subtype, start, end.")],
    every: Annotated[int, typer.Option(min=1, max=366, metavar="DAYS", help="Days between two looks.")] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,  # noqa: FBT002 - typer's flag
) -> None:
    """Replay the detectors over the stored history and compare their alarms with what was really so.

    A simulator's truth shows whether the rules do what they should in a world that somebody made up. It is not
    accuracy in the field.
    """
    truths = read_truth(truth)
    screen = Console(stderr=True, highlight=False)
    with database_url(load()) as url, connect(url) as conn, screen.status("reading") as status:
        check(conn)
        found = evaluate(conn, truths, every_days=every, progress=lambda name: status.update(f"replaying {name}"))
    if as_json:
        typer.echo(json.dumps(asdict(found), default=str, ensure_ascii=False, indent=2))
    else:
        _print(found)


def _print(found: Evaluation) -> None:
    span = found.span
    console = Console(highlight=False, width=max(Console().width, _WIDTH))
    table = Table(
        title=f"{span.units} units, {span.start} to {span.end}", box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0)
    )
    for name in ("judge", "kind", "cases", "found", "recall", "≤30 d", "≤60 d", "delay", "alarms", "false", "false ¹"):
        table.add_column(name, justify="left" if name in ("judge", "kind") else "right", no_wrap=True)
    for budget in BUDGETS:
        table.add_column(f"p@{budget} ²", justify="right", no_wrap=True)
    for one in found.results:
        table.add_row(*_cells(one))
    console.print(table)
    console.print("¹ a month and 1,000 units  ² share of right ones among that many visits a month and 1,000 units")
    for one in found.results:
        if one.quality.false_by_class:
            classes = ", ".join(f"{name} {count}" for name, count in sorted(one.quality.false_by_class.items()))
            console.print(f"{one.name}: false alarms by what was really so: {classes}")


def _cells(one: Judged) -> tuple[str, ...]:
    its: Quality = one.quality
    delay = "–" if its.median_delay_days is None else f"{its.median_delay_days:.0f} d"
    return (
        one.name,
        str(its.kind),
        str(its.cases),
        str(its.found),
        _share(its.recall),
        _share(its.recall_30),
        _share(its.recall_60),
        delay,
        str(its.alarms),
        str(its.false_alarms),
        f"{its.false_per_1000_unit_months:.1f}",
        *(_share(its.precision_at[budget]) for budget in BUDGETS),
    )


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"
