"""`estate history`: readings and door events from before the gateway."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from gateway.embedded import database_url
from gateway.ingest.history import Phase, Step, files_of, import_history
from gateway.settings import load
from gateway.store.database import connect

app = typer.Typer(help="Past readings and door events from CSV files.", no_args_is_help=True)


@app.callback()
def history() -> None:
    """Past readings and door events from CSV files."""


@app.command("import")
def import_command(
    path: Annotated[Path, typer.Argument(help="folder with readings.csv and events.csv, or one of the two")],
) -> None:
    """Store past rows with the same rules as messages. Start it again after an interruption: it goes on from there."""
    files = files_of(path)
    with database_url(load()) as url, connect(url) as conn, _bar() as bar:
        told = _Told(bar, sum(file.stat().st_size for file in files))
        done = import_history(conn, files, told.step)
    print(f"{done.stored} stored, {done.duplicate} duplicate, {done.quarantined} in quarantine")  # noqa: T201
    if done.quarantined:
        typer.echo("each with its reason on the page /devices and at GET /api/v1/quarantine", err=True)


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TextColumn("{task.fields[pace]}"))
    return Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True))


class _Told:
    """What the bar shows of an import."""

    def __init__(self, bar: Progress, size: int) -> None:
        self._bar = bar
        self._task: TaskID = bar.add_task(Phase.READING.value, total=size, pace="")
        self._rows = 0

    def step(self, step: Step) -> None:
        """Go on by a step."""
        if step.phase is Phase.GOING_ON:
            self._bar.console.print(f"going on after {step.rows:,} rows that an earlier import has stored")
            self._bar.advance(self._task, step.size)
            return
        self._rows += step.rows
        elapsed_s = self._bar.tasks[self._task].elapsed or 0.0
        pace = f"{self._rows / elapsed_s:,.0f} rows/s" if elapsed_s else ""
        self._bar.update(self._task, advance=step.size, description=step.phase.value, pace=pace)
