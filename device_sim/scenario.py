"""Scenarios: one file that says what a world is made from, how it is run, and what goes wrong."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from device_sim.clock import parse_end
from device_sim.errors import BadParameterError
from device_sim.fates import LOOKALIKE_RATES, MISUSE_SHARES, Fate, Rates
from device_sim.plan import Plan
from device_sim.switches import Switches, from_table

MODES = ("live", "history", "replay")
DISGUISES = ("plain", "careful", "registered", "mixed")
_TABLES: Mapping[str, frozenset[str]] = {
    "world": frozenset(
        {"units", "days", "seed", "end", "misuse_rate", "lookalike_rate", "disguise", "gates", "pseudonyms"}
    ),
    "misuse": frozenset(fate.value for fate in MISUSE_SHARES),
    "lookalikes": frozenset(fate.value for fate in LOOKALIKE_RATES),
    "dialects": frozenset(),  # checked by the plan
    "run": frozenset({"mode", "out", "mqtt", "speed"}),
    "faults": frozenset(Switches.__dataclass_fields__),
}


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a file says."""

    title: str
    plan: Plan
    mode: str
    out: Path
    mqtt: str | None
    speed: float
    faults: Switches


def ready() -> Iterator[tuple[str, str]]:
    """Name and title of each scenario that comes with the simulator."""
    for file in sorted(files("device_sim").joinpath("scenarios").iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            yield file.name.removesuffix(".toml"), str(tomllib.loads(file.read_text("utf-8"))["title"])


def template() -> str:
    """The commented scenario that `init` writes."""
    return files("device_sim").joinpath("scenarios", "example.toml").read_text("utf-8")


def read_scenario(name: str, now: datetime) -> Scenario:
    """The scenario of a file, or the ready one of a name.

    Raises:
        BadParameterError: there is none, or something in it is wrong; the message says what.
    """
    try:
        return parse_scenario(_text(name), now)
    except (BadParameterError, ValueError) as error:
        raise BadParameterError(f"{name}: {error}") from error


def parse_scenario(text: str, now: datetime) -> Scenario:
    """The scenario of a file's text.

    Raises:
        BadParameterError: a key is not known, or a value is out of range.
        ValueError: it is no TOML.
    """
    content = tomllib.loads(text)
    _check_keys(content)
    world, run = content.get("world", {}), content.get("run", {})
    scenario = Scenario(
        title=str(content.get("title", "")),
        plan=_plan(content, world, now),
        mode=known_mode(str(run.get("mode", "live"))),
        out=Path(str(run.get("out", "city"))),
        mqtt=run.get("mqtt"),
        speed=_number("run.speed", run.get("speed", 1)),
        faults=from_table(content.get("faults", {})),
    )
    scenario.plan.check()
    return scenario


def known_mode(mode: str) -> str:
    """The mode itself.

    Raises:
        BadParameterError: there is none of this name.
    """
    return _one_of("mode", mode, MODES)


def _text(name: str) -> str:
    path = Path(name)
    if not path.is_file() and name in dict(ready()):
        return files("device_sim").joinpath("scenarios", f"{name}.toml").read_text("utf-8")
    try:
        return path.read_text("utf-8")
    except OSError as error:
        known = ", ".join(name for name, _ in ready())
        raise BadParameterError(f"no such file ({error.strerror}), and none of the ready ones: {known}") from error


def _plan(content: Mapping[str, Any], world: Mapping[str, Any], now: datetime) -> Plan:
    units, dialects = int(_number("world.units", world.get("units", 200))), content.get("dialects", {})
    disguise = DISGUISES.index(_one_of("disguise", str(world.get("disguise", "mixed")), DISGUISES))
    return Plan(
        seed=int(_number("world.seed", world.get("seed", 1))),
        units=units,
        days=int(_number("world.days", world.get("days", 60))),
        end=parse_end(str(world["end"]) if "end" in world else None, now),
        misuse_rate=_number("world.misuse_rate", world.get("misuse_rate", 0.06)),
        dialects=tuple((name, _number(f"dialects.{name}", share)) for name, share in dialects.items()),
        lookalike_rate=_number("world.lookalike_rate", world.get("lookalike_rate", 1.0)),
        own_rates=_own_rates(content, max(units, 1)),
        disguise=None if disguise == DISGUISES.index("mixed") else disguise,
        gates=_yes_or_no("world.gates", world.get("gates", False)),
        pseudonyms=_yes_or_no("world.pseudonyms", world.get("pseudonyms", True)),
    )


def _own_rates(content: Mapping[str, Any], units: int) -> Rates:
    """From 1 on so many units, below 1 a share of them."""
    named = {name: value for table in ("misuse", "lookalikes") for name, value in content.get(table, {}).items()}
    numbers = {Fate(name): _number(name, value) for name, value in named.items()}
    return tuple((fate, value / units if value >= 1 else value) for fate, value in numbers.items())


def _check_keys(content: Mapping[str, Any]) -> None:
    for name, table in content.items():
        if name == "title":
            continue
        if name not in _TABLES or not isinstance(table, Mapping):
            raise BadParameterError(f"[{name}]: no such table; there are {', '.join(_TABLES)}")
        if name != "dialects" and (unknown := sorted(set(table) - _TABLES[name])):
            raise BadParameterError(f"[{name}] {unknown[0]}: not one of {', '.join(sorted(_TABLES[name]))}")


def _one_of(what: str, value: str, among: tuple[str, ...]) -> str:
    if value not in among:
        raise BadParameterError(f"{what} {value}: not one of {', '.join(among)}")
    return value


def _yes_or_no(what: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise BadParameterError(f"{what} {value}: must be true or false")
    return value


def _number(what: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadParameterError(f"{what} {value}: must be a number")
    return float(value)
