"""`estate report`: the monthly report from the shell."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.opened import opened
from gateway.errors import ConfigError, InputFileError
from gateway.reports.month import Month, MonthError
from gateway.reports.monthly import monthly
from gateway.reports.rendering import Format, render
from gateway.settings import load

app = typer.Typer(help="Reports.", no_args_is_help=True)


@app.callback()
def report() -> None:
    """Reports."""


@app.command("monthly")
def monthly_command(
    month: Annotated[str, typer.Option(metavar="YYYY-MM", help="The month; of the present one, up to now.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where to; ends with .docx, .xlsx or .json.")],
    estate: Annotated[str | None, typer.Option(metavar="ID", help="Only this estate.")] = None,
) -> None:
    """Write the monthly report (月报): homes, alerts, visits, cases, devices, quarantine, privacy."""
    settings = load()
    wanted, form = _month(month), _form(out)
    with opened() as conn:
        made = monthly(
            conn,
            wanted,
            now=datetime.now(UTC),
            passages_days=settings.passages_days,
            estate_ids=None if estate is None else [estate],
        )
    content = render(settings.language, made, form)
    try:
        out.write_bytes(content)
    except OSError as error:
        raise InputFileError(f"cannot write {out}: {error.strerror}") from error
    typer.echo(f"{out}: {wanted}, {len(made.estates)} estates")


def _form(out: Path) -> Format:
    try:
        return Format(out.suffix.removeprefix(".").lower())
    except ValueError as error:
        raise ConfigError("--out", f"{out} has to end with .docx, .xlsx or .json") from error


def _month(text: str) -> Month:
    try:
        return Month.parse(text)
    except MonthError as error:
        raise ConfigError("--month", str(error)) from error
