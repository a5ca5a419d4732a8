"""`estate registry`: load the two lists, and compare them with reality."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gateway.embedded import database_url
from gateway.errors import NotFoundError
from gateway.registry.agreement.books import Disagreement
from gateway.registry.agreement.compare import compare
from gateway.registry.importing import import_registry
from gateway.registry.reading import read_registry
from gateway.registry.rows import ListName
from gateway.settings import load
from gateway.store.database import Connection, connect
from gateway.store.migrate import check as check_schema
from gateway.store.registry import Counts, load_facts, load_lists

app = typer.Typer(
    help="Load the lists of homes, people and devices, and compare them with reality.", no_args_is_help=True
)


@app.callback()
def registry() -> None:
    """Load the lists of homes, people and devices, and compare them with reality."""


@app.command("import")
def import_command(
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="A folder of CSV files, or one XLSX workbook with the same names.")
    ],
) -> None:
    """Bring the lists in the database up to those in PATH; all or nothing.

    The lists are estates, units, households, persons, devices and absences; those that PATH does not have stay as
    they are. Importing again updates and never duplicates. If anything is wrong, every fault is printed with file,
    line and column, nothing is changed, and the exit code is 1.
    """
    raw = read_registry(path)
    for name in raw.ignored:
        typer.echo(f"{name}: is none of the lists, left aside", err=True)
    with _database() as conn:
        imported = import_registry(conn, raw)
    _print_counts(imported.counts)


@app.command("check")
def check_command(
    estate: Annotated[str | None, typer.Option(metavar="ID", help="Only this estate.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 if anything disagrees.")] = False,  # noqa: FBT002
) -> None:
    """Print where the lists disagree with reality or with themselves (账实相符).

    Units without meters; devices without units, silent for 7 days or unknown to the lists; persons at the doors whom
    no list names; two active leases on a unit; leases, absences and addresses that overlap; tenures that do not fit
    the lease. A table on a terminal, else one line each: estate, matter, id and text with tabs between.

    A disagreement is something to look into, not an error: the exit code is 0 unless --strict is given.
    """
    with _database() as conn:
        lists = load_lists(conn)
        if estate is not None and estate not in {row.estate_id for row in lists.estates}:
            raise NotFoundError(f"estate {estate}: no such estate")
        found = compare(lists, load_facts(conn, datetime.now(UTC)))
    shown = [item for item in found if estate in (None, item.estate_id)]
    _print_disagreements(shown)
    if shown and strict:
        raise typer.Exit(1)


@contextmanager
def _database() -> Iterator[Connection]:
    with database_url(load()) as url, connect(url) as conn:
        check_schema(conn)
        yield conn


def _print_counts(counts: Mapping[ListName, Counts]) -> None:
    for name, count in counts.items():
        removed = f", {count.removed} removed" if count.removed else ""
        typer.echo(f"{name}: {count.added} added, {count.updated} updated, {count.unchanged} unchanged{removed}")


def _print_disagreements(found: list[Disagreement]) -> None:
    console = Console(highlight=False)
    if console.is_terminal:
        _print_table(console, found)
        return
    for item in found:
        typer.echo(f"{item.estate_id}\t{item.matter}\t{item.subject}\t{item.text}")


def _print_table(console: Console, found: list[Disagreement]) -> None:
    if not found:
        console.print("lists and reality agree")
        return
    table = Table("estate", "matter", "id", "what", caption=f"{len(found)} to look into", box=None, header_style="bold")
    for item in found:
        table.add_row(*(Text(part) for part in (item.estate_id, item.matter, item.subject, item.text)))
    console.print(table)
