"""The command line of the simulator: `python -m device_sim`, also `estate sim`."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from device_sim.clock import parse_end, utc_now
from device_sim.errors import SimulatorError
from device_sim.history import write_history
from device_sim.plan import Plan
from device_sim.registry import write_registry
from device_sim.state import save_plan
from device_sim.truth import write_truth
from device_sim.world import World, build_world

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
_console = Console(stderr=True)


@app.callback()
def simulator() -> None:
    """A simulated estate: households with water, electricity and doors, as files of history and live over MQTT."""


@app.command()
def history(
    out: Annotated[Path, typer.Option(help="folder for registry/, history/, truth/ and sim/")],
    units: Annotated[int, typer.Option(help="how many units (套)")] = 200,
    days: Annotated[int, typer.Option(help="days of history")] = 60,
    seed: Annotated[int, typer.Option(help="same seed, same --end: same bytes")] = 1,
    end: Annotated[
        str | None, typer.Option(help="date (through its end) or time at which history ends; default: last full hour")
    ] = None,
    misuse_rate: Annotated[float, typer.Option(help="share of units with misuse or a leak")] = 0.06,
) -> None:
    """Write an estate with its past: lists, readings and door events, and the truth in a folder of its own."""
    plan = Plan(seed, units, days, parse_end(end, utc_now()), misuse_rate)
    plan.check()
    world = build_world(plan)
    write_registry(out / "registry", world)
    write_truth(out / "truth", world.truth)
    with Progress(console=_console) as progress:
        task = progress.add_task("simulating", total=len(world.entrances))
        written = write_history(out / "history", world, lambda _: progress.advance(task))
    save_plan(out, plan)
    _console.print(_summary(world, out), f"{written.readings} readings, {written.events} door events")


def main() -> None:
    """Run the command line; an error of the user's prints as one line."""
    try:
        app(prog_name="python -m device_sim")
    except SimulatorError as error:
        print(f"device_sim: {error}", file=sys.stderr)  # noqa: T201
        raise SystemExit(error.exit_code) from None


def _summary(world: World, out: Path) -> str:
    begins = datetime.fromtimestamp(world.plan.end.timestamp() - world.plan.days * 86_400, world.plan.end.tzinfo)
    return f"{out}: {world.plan.units} units, {begins:%Y-%m-%d %H:%M} to {world.plan.end:%Y-%m-%d %H:%M},"
