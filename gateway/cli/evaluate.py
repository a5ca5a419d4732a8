"""`estate evaluate`: the detectors' quality against known truth, beside what the field does instead."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from detectors.registry import default_detectors
from gateway.cli.opened import opened
from gateway.errors import ConfigError, InputFileError
from gateway.evaluation.bench import OWN, Evaluation, Judged, evaluate
from gateway.evaluation.page import figure, page
from gateway.evaluation.truth_file import read_truth
from gateway.evaluation.worlds import Progress, Simulation, World, folder_world, simulated_worlds, stored_world

app = typer.Typer()

_WIDTH = 132
"""Columns that the table needs; a narrower screen wraps it."""
_SHOWN = {
    "precision_2": "p@2 ¹",
    "precision_5": "p@5",
    "precision_10": "p@10",
    "precision_top": "top n",
    "recall": "recall",
    "recall_30": "≤30 d",
    "recall_60": "≤60 d",
    "delay_median": "delay d",
    "alarms": "alarms ²",
    "false_alarms": "false ²",
    "recall_fp_0.1": "r@0.1% ³",
    "recall_fp_0.3": "0.3%",
    "recall_fp_1": "1%",
    "ece_alarms": "ECE ⁴",
}


@app.command("evaluate")
def evaluate_command(  # noqa: PLR0917 - typer's options
    folders: Annotated[
        list[Path] | None, typer.Argument(metavar="[FOLDER]...", help="Lists, history and truth as files.")
    ] = None,
    truth: Annotated[Path | None, typer.Option(metavar="FILE", help="CSV: unit_id, kind, subtype, start, end.")] = None,
    seeds: Annotated[str, typer.Option(metavar="1,2,…", help="Judge simulated worlds of these seeds.")] = "",
    units: Annotated[int, typer.Option(min=1, help="Units of a simulated world.")] = 1000,
    days: Annotated[int, typer.Option(min=29, help="Days of a simulated world.")] = 120,
    misuse_rate: Annotated[float, typer.Option(min=0, max=1, help="Its share of units with misuse or a leak.")] = 0.06,
    end: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Its last day; else yesterday.")
    ] = None,
    keep: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep simulated worlds there for the next time.")
    ] = None,
    every: Annotated[int, typer.Option(min=1, max=366, metavar="DAYS", help="Days between two looks.")] = 1,
    rounds: Annotated[int, typer.Option(min=0, max=10_000, help="Rounds of drawing households for intervals.")] = 200,
    peers: Annotated[bool, typer.Option(help="Also judge what the field does instead.")] = True,  # noqa: FBT002
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write tables and plots as one page.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,  # noqa: FBT002 - typer's flag
) -> None:
    """Replay the detectors night by night over history whose truth is known, and compare.

    The history is the database's (with --truth), that of folders, or that of simulated worlds (--seeds).
    A simulator's truth shows whether the rules do what they should in a world that somebody made up. It is not
    accuracy in the field.
    """
    if not folders and not seeds and truth is None:
        raise ConfigError("evaluate", "say what to judge: a FOLDER, --seeds 1,2,3, or --truth FILE for the database")
    wish = Simulation(
        seeds=_seeds(seeds),
        units=units,
        days=days,
        end=end.date() if end else datetime.now(UTC).date() - timedelta(days=1),
        misuse_rate=misuse_rate,
        keep=keep,
    )
    screen = Console(stderr=True, highlight=False)
    with screen.status("reading") as status, _worlds(folders or [], truth, wish, status.update) as worlds:
        found = evaluate(
            worlds,
            default_detectors(),
            every_days=every,
            with_peers=peers,
            rounds=rounds,
            progress=status.update,
        )
    for note in found.notes:
        screen.print(f"estate: {note}", soft_wrap=True)
    if html:
        _write(html, page(found))
    if as_json:
        typer.echo(json.dumps(asdict(found), default=str, ensure_ascii=False, indent=2))
    else:
        _print(found)


@contextmanager
def _worlds(folders: list[Path], truth: Path | None, wish: Simulation, progress: Progress) -> Iterator[Iterable[World]]:
    if folders or wish.seeds:
        if truth and len(folders) != 1:
            raise ConfigError("--truth", "belongs to one folder, or to the database; each folder may hold its own")
        yield _lazily(folders, truth, wish, progress)
        return
    truths = read_truth(truth) if truth else []
    with opened() as conn:
        yield [stored_world(conn, truths)]


def _lazily(folders: list[Path], truth: Path | None, wish: Simulation, progress: Progress) -> Iterator[World]:
    for folder in folders:
        yield folder_world(folder, truth, progress)
    yield from simulated_worlds(wish, progress)


def _seeds(text: str) -> list[int]:
    try:
        return [int(part) for part in text.split(",") if part.strip()]
    except ValueError as error:
        raise ConfigError("--seeds", f"{text!r} is no list of whole numbers; write for example 1,2,3") from error


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise InputFileError(f"cannot write {path}: {error.strerror}") from error


def _print(found: Evaluation) -> None:
    span = found.span
    console = Console(highlight=False, width=max(Console().width, _WIDTH))
    for kind in found.kinds:
        judged = found.of(kind)
        cases = judged[0].quality.cases
        title = f"{kind}: {cases} case{'' if cases == 1 else 's'}; {span.units} units, {span.start} to {span.end}"
        table = Table(title=title, box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
        table.add_column("")
        for head in _SHOWN.values():
            table.add_column(head, justify="right", no_wrap=True)
        for one in judged:
            table.add_row(one.name, *(figure(name, one.quality.figures.get(name)) for name in _SHOWN))
        console.print(table)
        _print_wrong(console, judged)
    console.print("¹ share of right ones among that many visits per 1,000 units and month  ² per 1,000 units and month")
    console.print("³ recall where that share of looks at honest homes is above the line  ⁴ of alarms' probabilities")


def _print_wrong(console: Console, judged: list[Judged]) -> None:
    for one in judged:
        if one.name == OWN and one.quality.false_by_name:
            classes = ", ".join(f"{name} {count}" for name, count in one.quality.false_by_name.items())
            console.print(f"{one.quality.kind}: false alarms by what was really so: {classes}")
