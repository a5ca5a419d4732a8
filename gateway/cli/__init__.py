"""The console script `estate`, also `python -m gateway`. One file a group of commands."""

from __future__ import annotations

import sys
import traceback
from importlib import import_module
from typing import Any

import psycopg
import typer
from typer.core import TyperGroup

from gateway import log, words
from gateway.errors import DatabaseUnavailableError, GatewayError
from gateway.registry.faults import FaultyRegistryError
from gateway.settings import load
from gateway.store.database import in_one_line
from gateway.words.own import read_own

_COMMANDS = (
    *("demo", "run", "ingest", "db", "registry", "history", "device", "sim", "serve", "detect", "visits", "report"),
    *("user", "evaluate"),
)
"""Modules of this package, each with an `app`; in the order of the help."""


class _Commands(TyperGroup):
    """Imports only the command that is called: some bring libraries that take a second and 100 MB."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401 - typer keeps the type to itself
        """Name the commands."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401
        """Import a command."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        command = typer.main.get_command(import_module(f"gateway.cli.{cmd_name}").app)
        command.name = cmd_name
        return command


app = typer.Typer(
    name="estate",
    cls=_Commands,
    help="Monitoring gateway for public rental housing: finds homes that are probably sublet, empty or misused.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    add_completion=False,
)


@app.callback()
def estate() -> None:
    """Monitoring gateway for public rental housing: finds homes that are probably sublet, empty or misused."""


def main() -> None:
    """Run a command; whatever goes wrong ends in one line, never in a traceback (contract, section 3)."""
    try:
        settings = load()
        log.configure(settings.log_level)
        words.use(read_own(settings.policy_file))
        sys.exit(app(prog_name="estate", standalone_mode=False))
    except typer.TyperException as error:
        _end(_usage(error), error.exit_code)
    except typer.Abort:
        _end("stopped", 130)
    except FaultyRegistryError as error:
        print(*error.faults, sep="\n", file=sys.stderr)  # noqa: T201
        _end(str(error), error.exit_code)
    except GatewayError as error:
        _end(str(error), error.exit_code)
    except psycopg.OperationalError as error:
        _end(f"database: {in_one_line(error)}", DatabaseUnavailableError.exit_code)
    except KeyboardInterrupt:
        _end("stopped", 130)
    except Exception as error:  # noqa: BLE001 - the last line of defence between a fault of ours and the user's screen
        _end(f"{_keep_traceback()}: {type(error).__name__}: {error}", 1)


def _end(message: str, code: int) -> None:
    if message:
        print(f"estate: {message}", file=sys.stderr)  # noqa: T201
    sys.exit(code)


def _usage(error: typer.TyperException) -> str:
    """What is wrong with the words of a command, and where its right ones stand; nothing where its help was shown."""
    context = getattr(error, "ctx", None)
    said = " ".join(error.format_message().split()).replace("Value error, ", "").rstrip(".")
    return f"{said}; see {context.command_path} --help" if context and said else said


def _keep_traceback() -> str:
    path = load().home / "error.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            traceback.print_exc(file=file)
    except OSError:
        return "unexpected error"
    return f"unexpected error (details in {path})"
