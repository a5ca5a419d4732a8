"""Faults that can be switched on and off, and people who are moved, while the estate lives.

Both stand in one small file of the world's folder, `sim/switches.json`. `live` reads it again when it has changed;
`sim switch`, `sim move` and `sim tui` write it: a scenario, a shell, a page of one's own pull the same levers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from device_sim.errors import BadParameterError, WorldFileError


@dataclass(frozen=True, slots=True)
class Switches:
    """What goes wrong on demand; everything off by default."""

    duplicates: float = 0.0
    """Share of messages that are sent twice."""
    disorder: float = 0.0
    """Share of messages that are held back behind later ones."""
    corruption: float = 0.0
    """Share of messages whose bytes are spoilt."""
    flood: float = 0.0
    """Messages a second that one mad device of each entrance repeats."""
    cut: float = 0.0
    """Share of the entrances whose network is gone without a goodbye; 1: as if the broker were gone."""

    def check(self) -> None:
        """Refuse what cannot be.

        Raises:
            BadParameterError: a value is out of range.
        """
        for name, most in _MOST.items():
            value = getattr(self, name)
            if not 0 <= value <= most:
                raise BadParameterError(f"{name} {value}: must be 0 to {most:g}")


_MOST = {"duplicates": 1.0, "disorder": 1.0, "corruption": 1.0, "flood": 1000.0, "cut": 1.0}
NAMES = tuple(_MOST)


@dataclass(frozen=True, slots=True)
class Move:
    """At a local second, everybody leaves a unit for good (`out`), or strangers move in (`in`)."""

    unit_id: str
    way: str
    at_s: int


@dataclass(frozen=True, slots=True)
class Levers:
    """All that somebody who watches can pull."""

    switches: Switches = field(default_factory=Switches)
    moves: tuple[Move, ...] = ()


def with_settings(switches: Switches, settings: Iterable[str]) -> Switches:
    """The switches after `duplicates=0.1`, `cut=1` and the like; `off` turns all of them off.

    Raises:
        BadParameterError: a setting is of another form, or out of range.
    """
    for setting in settings:
        if setting == "off":
            switches = Switches()
            continue
        name, _, value = setting.partition("=")
        switches = replace(switches, **{_known(name): _number(setting, value)})
    switches.check()
    return switches


def read_levers(folder: Path) -> Levers:
    """The levers of a world's folder; none are pulled where there is no file.

    Raises:
        WorldFileError: the file is not one of this form.
    """
    path = levers_file(folder)
    try:
        content = json.loads(path.read_text("utf-8"))
        return Levers(Switches(**content["switches"]), tuple(Move(**move) for move in content["moves"]))
    except FileNotFoundError:
        return Levers()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise WorldFileError(f"{path}: not a file of switches ({error}); delete it to begin anew") from error


def write_levers(folder: Path, levers: Levers) -> None:
    """Write the file in one go, so that nobody reads half of it."""
    path = levers_file(folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"switches": asdict(levers.switches), "moves": [asdict(move) for move in levers.moves]}
    new = path.with_suffix(".new")
    new.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
    new.replace(path)


def levers_file(folder: Path) -> Path:
    """Where they stand."""
    return folder / "sim" / "switches.json"


def from_table(table: Mapping[str, Any]) -> Switches:
    """The switches of a scenario's table.

    Raises:
        BadParameterError: there is no such switch, or it is out of range.
    """
    return with_settings(Switches(), [f"{name}={value}" for name, value in table.items()])


@dataclass(slots=True)
class Board:
    """The levers as they are now; `folder` None: nobody pulls them."""

    folder: Path | None
    now: Levers = field(default_factory=Levers)
    _seen: tuple[int, int] | None = None

    def look(self) -> bool:
        """Read the file if it changed; whether it did."""
        if self.folder is None or (stamp := _stamp(levers_file(self.folder))) == self._seen:
            return False
        self._seen, self.now = stamp, read_levers(self.folder)
        return True


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        known = path.stat()
    except FileNotFoundError:
        return None
    return known.st_mtime_ns, known.st_ino


def _known(name: str) -> str:
    if name not in {one.name for one in fields(Switches)}:
        raise BadParameterError(f"{name}: no such switch; there are {', '.join(NAMES)}")
    return name


def _number(setting: str, value: str) -> float:
    try:
        return float(value)
    except ValueError as error:
        raise BadParameterError(f"{setting}: write a switch and its value, duplicates=0.1") from error
