"""`estate sim`: the device simulator, which is a program of its own and knows nothing of the gateway."""

from __future__ import annotations

import subprocess
import sys

import typer

app = typer.Typer()


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
)
def sim(context: typer.Context) -> None:
    """Simulate an estate's devices: same as `python -m device_sim`."""
    command = [sys.executable, "-m", "device_sim", *context.args]
    raise typer.Exit(subprocess.call(command))  # noqa: S603 - our own module
