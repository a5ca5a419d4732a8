"""The console script `estate`, also `python -m gateway`. One file a group of commands."""

from __future__ import annotations

import sys
import traceback

import psycopg
import typer

from gateway import log
from gateway.cli import (
    db,
    demo,
    detect,
    device,
    evaluate,
    history,
    ingest,
    registry,
    report,
    run,
    serve,
    sim,
    user,
    visits,
)
from gateway.errors import DatabaseUnavailableError, GatewayError
from gateway.settings import load
from gateway.store.database import in_one_line

app = typer.Typer(
    name="estate",
    help="Monitoring gateway for public rental housing: finds homes that are probably sublet, empty or misused.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    add_completion=False,
)

app.add_typer(demo.app)
app.add_typer(run.app)
app.add_typer(ingest.app)
app.add_typer(db.app, name="db")
app.add_typer(registry.app, name="registry")
app.add_typer(history.app, name="history")
app.add_typer(device.app, name="device")
app.add_typer(sim.app)
app.add_typer(serve.app)
app.add_typer(detect.app, name="detect")
app.add_typer(visits.app, name="visits")
app.add_typer(report.app, name="report")
app.add_typer(user.app, name="user")
app.add_typer(evaluate.app)


def main() -> None:
    """Run a command; whatever goes wrong ends in one line, never in a traceback (contract, section 3)."""
    try:
        log.configure(load().log_level)
        app()
    except GatewayError as error:
        _end(str(error), error.exit_code)
    except psycopg.OperationalError as error:
        _end(f"database: {in_one_line(error)}", DatabaseUnavailableError.exit_code)
    except KeyboardInterrupt:
        _end("stopped", 130)
    except Exception as error:  # noqa: BLE001 - the last line of defence between a fault of ours and the user's screen
        _end(f"{_keep_traceback()}: {type(error).__name__}: {error}", 1)


def _end(message: str, code: int) -> None:
    print(f"estate: {message}", file=sys.stderr)  # noqa: T201
    sys.exit(code)


def _keep_traceback() -> str:
    path = load().home / "error.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            traceback.print_exc(file=file)
    except OSError:
        return "unexpected error"
    return f"unexpected error (details in {path})"
