"""The command line of the simulator: `python -m device_sim`, also `estate sim`."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import Coroutine
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, TaskID

from device_sim.broker import parse_broker
from device_sim.clock import last_full_hour, local_second, parse_end, utc_now
from device_sim.errors import SimulatorError
from device_sim.history import write_history
from device_sim.load import encode, send
from device_sim.makes import parse_shares
from device_sim.parallel import usable_processors
from device_sim.plan import Plan
from device_sim.publisher import Counts, check_reach, run_live
from device_sim.registry import write_registry
from device_sim.state import load_plan, save_plan
from device_sim.truth import write_truth
from device_sim.world import World, build_world

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
_WORTH_PROCESSES = 20_000
"""Unit days; with fewer, starting processes takes longer than they save."""
_console = Console(stderr=True)
# Also from the environment: a command line shows a password to everybody on the machine.
_BROKER = typer.Option(envvar="ESTATE_MQTT_URL", help="broker: mqtt://host:port or mqtts://user:password@host:port")


@app.callback()
def simulator() -> None:
    """A simulated estate: households with water, electricity and doors, as files of history and live over MQTT."""


@app.command()
def history(
    *,
    out: Annotated[Path, typer.Option(help="folder for registry/, history/, truth/ and sim/")],
    units: Annotated[int, typer.Option(help="how many units (套)")] = 200,
    days: Annotated[int, typer.Option(help="days of history")] = 60,
    seed: Annotated[int, typer.Option(help="same seed, same --end: same bytes")] = 1,
    end: Annotated[
        str | None, typer.Option(help="date (through its end) or time at which history ends; default: last full hour")
    ] = None,
    misuse_rate: Annotated[float, typer.Option(help="share of units with misuse or a leak")] = 0.06,
    dialect: Annotated[
        list[str] | None,
        typer.Option(help="a share of the devices of a kind that speaks another dialect: facesluice=0.5"),
    ] = None,
    processes: Annotated[int, typer.Option(min=0, help="how many at once; 0: as many as there are processors")] = 0,
) -> None:
    """Write an estate with its past: lists, readings and door events, and the truth in a folder of its own."""
    plan = Plan(seed, units, days, parse_end(end, utc_now()), misuse_rate, parse_shares(dialect or ()))
    plan.check()
    processes = processes or (usable_processors() if units * days > _WORTH_PROCESSES else 1)
    world = build_world(plan)
    write_registry(out / "registry", world)
    write_truth(out / "truth", world.truth)
    with Progress(console=_console) as progress:
        task = progress.add_task("simulating", total=len(world.entrances))
        written = write_history(out / "history", world, lambda _: progress.advance(task), processes)
    save_plan(out, plan)
    _console.print(_summary(world, out), f"{written.readings} readings, {written.events} door events")


@app.command()
def live(
    world: Annotated[Path, typer.Option(help="folder that `history --out` wrote")],
    mqtt: Annotated[str, _BROKER],
    speed: Annotated[
        float, typer.Option(min=1, help="play the time since the end of history this much faster, then go on at 1")
    ] = 1,
) -> None:
    """Go on with a world live over MQTT: first what happened since its history ended, then as it happens."""
    broker, plan = parse_broker(mqtt), load_plan(world)
    check_reach(plan, utc_now())
    counts = Counts()
    _console.print(f"live: {plan.units} units to {broker.host}:{broker.port}; Ctrl-C stops")
    asyncio.run(_until_told(run_live(build_world(plan), broker, speed, _console.print, counts)))
    _console.print(f"{counts.sent} messages sent, {counts.reconnects} reconnects")


@app.command()
def load(
    *,
    mqtt: Annotated[str, _BROKER],
    count: Annotated[int, typer.Option("--messages", min=1, help="how many messages")] = 100_000,
    rate: Annotated[float, typer.Option(min=0, help="messages a second; 0: as fast as the broker takes them")] = 0,
    world: Annotated[Path | None, typer.Option(help="use the meters of this world; else of --units and --seed")] = None,
    units: Annotated[int, typer.Option(help="meters of a world of so many units")] = 200,
    seed: Annotated[int, typer.Option(help="meters of a world of this seed")] = 1,
    start: Annotated[
        str | None, typer.Option(help="time of the first reading; default: so that the last is now")
    ] = None,
    in_flight: Annotated[int, typer.Option(min=1, max=60_000, help="unacknowledged messages at most")] = 2000,
) -> None:
    """Send valid readings, encoded beforehand, for benchmarks. The registers are made up: use a database of its own."""
    broker, now = parse_broker(mqtt), utc_now()
    plan = load_plan(world) if world else Plan(seed, units, 1, last_full_hour(now), 0)
    plan.check()
    meters = [device for device in build_world(plan).devices if device.kind != "door"]
    first_s = local_second(parse_end(start, now)) if start else local_second(now) - -(-count // len(meters))
    _console.print(f"encoding {count} readings of {len(meters)} meters")
    blocks = encode(meters, count, first_s)
    with Progress(console=_console) as progress:
        task = progress.add_task("sending", total=count)
        update = partial(_advance, progress, task)
        done = asyncio.run(send(broker, blocks, count, rate=rate, in_flight=in_flight, progress=update))
    print(f"{done.messages} messages in {done.seconds:.2f} s: {done.messages / done.seconds:.0f} a second")  # noqa: T201


def main() -> None:
    """Run the command line; an error of the user's prints as one line."""
    try:
        app(prog_name="python -m device_sim")
    except SimulatorError as error:
        print(f"device_sim: {error}", file=sys.stderr)  # noqa: T201
        raise SystemExit(error.exit_code) from None


async def _until_told(work: Coroutine[object, object, None]) -> None:
    """Run until Ctrl-C or SIGTERM, then let it say goodbye."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for told in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(told, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _advance(progress: Progress, task: TaskID, done: int) -> None:
    progress.update(task, completed=done)


def _summary(world: World, out: Path) -> str:
    begins = datetime.fromtimestamp(world.plan.end.timestamp() - world.plan.days * 86_400, world.plan.end.tzinfo)
    return f"{out}: {world.plan.units} units, {begins:%Y-%m-%d %H:%M} to {world.plan.end:%Y-%m-%d %H:%M},"
