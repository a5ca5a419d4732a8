"""The command line of the simulator: `python -m device_sim`, also `estate sim`."""

from __future__ import annotations

import asyncio
import sys
from functools import partial
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import Progress, TaskID

from device_sim import levers, runs
from device_sim.broker import parse_broker
from device_sim.clock import last_full_hour, local_second, parse_end, utc_now
from device_sim.errors import BadParameterError, SimulatorError
from device_sim.load import encode, send
from device_sim.makes import parse_shares
from device_sim.plan import Plan
from device_sim.publisher import Wishes, check_reach
from device_sim.scenario import known_mode, read_scenario, ready, template
from device_sim.state import load_plan
from device_sim.switches import Levers, read_levers, write_levers
from device_sim.world import build_world

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
_console = Console(stderr=True)
# Also from the environment: a command line shows a password to everybody on the machine.
_BROKER = typer.Option(envvar="ESTATE_MQTT_URL", help="broker: mqtt://host:port or mqtts://user:password@host:port")
_PROCESSES = typer.Option(min=0, help="how many at once; 0: as many as there are processors")


@app.callback()
def simulator() -> None:
    """A simulated estate: households with water, electricity and doors, as files of history and live over MQTT."""


@app.command()
def run(
    scenario: Annotated[str, typer.Option(help="a file (`init` writes one), or the name of a ready one (`list`)")],
    out: Annotated[Path | None, typer.Option(help="folder of the world instead of the scenario's")] = None,
    mode: Annotated[str | None, typer.Option(help="live, history or replay instead of the scenario's")] = None,
    mqtt: Annotated[str | None, _BROKER] = None,
    processes: Annotated[int, _PROCESSES] = 0,
) -> None:
    """Run a scenario: make its world where there is none yet, and go on with it live if the scenario says so."""
    wanted = read_scenario(scenario, utc_now())
    folder, address, mode = out or wanted.out, mqtt or wanted.mqtt, known_mode(mode or wanted.mode)
    if mode != "history" and not address:
        raise BadParameterError("a live scenario needs a broker: give --mqtt, or write mqtt under [run]")
    _console.print(wanted.title)
    if runs.is_there(folder):
        plan = load_plan(folder)
        _console.print(f"{folder}: a world is there already, and goes on; another --out makes a new one")
    else:
        plan = wanted.plan
        runs.make(plan, folder, processes, _console)
        write_levers(folder, Levers(wanted.faults))
    if mode != "history":
        wishes = Wishes(wanted.speed, replay=mode == "replay")
        runs.live(folder, plan, parse_broker(str(address)), wishes, _console)


@app.command()
def init(
    file: Annotated[Path, typer.Argument(help="where to write it")] = Path("scenario.toml"),
) -> None:
    """Write a scenario with every key explained, to be changed and run."""
    if file.exists():
        raise BadParameterError(f"{file}: is there already; delete it or name another file")
    file.write_text(template(), "utf-8")
    _console.print(f"{file}: change it, then `run --scenario {file}`")


@app.command(name="list")
def list_() -> None:
    """Show the ready scenarios, which `run --scenario NAME` takes by name."""
    for name, title in ready():
        print(f"{name:16} {title}")  # noqa: T201


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
    processes: Annotated[int, _PROCESSES] = 0,
) -> None:
    """Write an estate with its past: lists, readings and door events, and the truth in a folder of its own."""
    plan = Plan(seed, units, days, parse_end(end, utc_now()), misuse_rate, parse_shares(dialect or ()))
    plan.check()
    runs.make(plan, out, processes, _console)


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
    runs.live(world, plan, broker, Wishes(speed), _console)


@app.command()
def switch(
    world: Annotated[Path, typer.Option(help="folder of the world")],
    settings: Annotated[list[str] | None, typer.Argument(help="duplicates=0.1 cut=1 …, or off")] = None,
) -> None:
    """Switch faults on and off while `live` or `run` goes on; without settings, say how they stand."""
    load_plan(world)
    print(levers.described(levers.pull(world, settings or [])))  # noqa: T201


@app.command()
def move(
    world: Annotated[Path, typer.Option(help="folder of the world")],
    unit: Annotated[str, typer.Argument(help="unit_id as in registry/units.csv")],
    way: Annotated[str, typer.Argument(help="out: everybody leaves for good; in: strangers move in")],
) -> None:
    """Move people into or out of a unit while `live` or `run` goes on. It is written down in truth/ as well."""
    levers.move(world, load_plan(world), unit, way, utc_now())
    print(levers.described(read_levers(world)))  # noqa: T201


@app.command()
def tui(world: Annotated[Path, typer.Option(help="folder of the world that runs")]) -> None:
    """Watch a running world, switch its faults and move its people from one prompt."""
    levers.prompt(world, load_plan(world), Console())


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
        sys.exit(app(prog_name="python -m device_sim", standalone_mode=False))
    except typer.TyperException as error:
        _end(_usage(error), error.exit_code)
    except typer.Abort:
        _end("stopped", 130)
    except SimulatorError as error:
        _end(str(error), error.exit_code)
    except OSError as error:  # a folder that is a file, a full disk, no permission
        _end(f"{error.filename or 'cannot write'}: {error.strerror}", 1)


def _end(message: str, code: int) -> NoReturn:
    if message:
        print(f"device_sim: {message}", file=sys.stderr)  # noqa: T201
    raise SystemExit(code) from None


def _usage(error: typer.TyperException) -> str:
    """What is wrong with the words of a command, and where its right ones stand; nothing where its help was shown."""
    context = getattr(error, "ctx", None)
    said = " ".join(error.format_message().split()).replace("Value error, ", "").rstrip(".")
    return f"{said}; see {context.command_path} --help" if context and said else said


def _advance(progress: Progress, task: TaskID, done: int) -> None:
    progress.update(task, completed=done)
