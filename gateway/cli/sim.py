"""`estate sim`: the device simulator, which is a program of its own and knows nothing of the gateway."""

from __future__ import annotations

import os
import sys

import typer

app = typer.Typer()


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
)
def sim(context: typer.Context) -> None:
    """Simulate an estate's devices: same as `python -m device_sim`."""
    command = [sys.executable, "-m", "device_sim", *context.args]
    os.execv(sys.executable, command)  # noqa: S606 - our own module, which every signal then reaches
