"""`estate history`: readings and door events from before the gateway."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from gateway.embedded import database_url
from gateway.ingest.history import files_of, import_history
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
    """Store past rows with the same rules as messages. Start it again after an interruption: rows are stored once."""
    files = files_of(path)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with database_url(load()) as url, connect(url) as conn, Progress(*columns) as bar:
        task = bar.add_task("importing", total=sum(file.stat().st_size for file in files))
        done = import_history(conn, files, lambda size: bar.advance(task, size))
    print(f"{done.stored} stored, {done.duplicate} duplicate, {done.quarantined} in quarantine")  # noqa: T201
