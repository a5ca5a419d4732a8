"""Pulling the levers of a running world: from a command, or from a prompt that shows how they stand."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from rich.console import Console

from device_sim.clock import DAY_S, local_second, utc_now
from device_sim.errors import BadParameterError, SimulatorError
from device_sim.plan import Plan
from device_sim.records import TruthRow
from device_sim.switches import NAMES, Levers, Move, read_levers, with_settings, write_levers
from device_sim.truth import append_truth
from device_sim.world import build_world

_HELP = """NAME=VALUE   switch a fault: duplicates, disorder, corruption, cut (shares), flood (messages a second)
off          switch all faults off
out UNIT     everybody leaves the unit for good
in UNIT      strangers move in
ENTER        say again how it stands
quit"""
_TRUTHS = {"out": ("vacancy", "moved_out"), "in": ("sublet", "moved_in")}


def pull(folder: Path, settings: Iterable[str]) -> Levers:
    """Set switches and say how all of them stand.

    Raises:
        BadParameterError: a setting is not one.
    """
    levers, wanted = read_levers(folder), list(settings)
    if wanted:
        levers = replace(levers, switches=with_settings(levers.switches, wanted))
        write_levers(folder, levers)
    return levers


def move(folder: Path, plan: Plan, unit_id: str, way: str, now: datetime) -> None:
    """Move people, and write it down in the truth.

    Raises:
        BadParameterError: there is no such unit, or no such way.
    """
    dwelling = next((one for one in build_world(plan).dwellings if one.unit.unit_id == unit_id), None)
    if dwelling is None:
        raise BadParameterError(f"{unit_id}: no unit of this world; registry/units.csv has them")
    if way not in _TRUTHS:
        raise BadParameterError(f"{way}: write out or in")
    levers, at_s = read_levers(folder), local_second(now)
    write_levers(folder, replace(levers, moves=(*levers.moves, Move(unit_id, way, at_s))))
    kind, subtype = _TRUTHS[way]
    if dwelling.unit.tenure == "leased":
        append_truth(folder / "truth", TruthRow(unit_id, kind, subtype, at_s // DAY_S, None))
    elif way == "in":
        append_truth(folder / "truth", TruthRow(unit_id, "misuse", "squatting", at_s // DAY_S, None))


def described(levers: Levers) -> str:
    """How they stand, in lines."""
    switches = "  ".join(f"{name}={getattr(levers.switches, name):g}" for name in NAMES)
    return "\n".join([switches, *(f"{move.unit_id}: moved {move.way}" for move in levers.moves)])


def prompt(folder: Path, plan: Plan, console: Console) -> None:
    """Take one line after the other until `quit` or the end of input."""
    console.print(_HELP)
    while True:
        console.print(f"{_counts(folder)}\n{described(read_levers(folder))}")
        try:
            words = console.input("> ").split()
        except EOFError:
            return
        if words == ["quit"]:
            return
        try:
            _obey(folder, plan, words)
        except SimulatorError as error:
            console.print(str(error))


def _obey(folder: Path, plan: Plan, words: list[str]) -> None:
    match words:
        case [("in" | "out") as way, unit_id]:
            move(folder, plan, unit_id, way, utc_now())
        case _:
            pull(folder, words)


def _counts(folder: Path) -> str:
    try:
        counts = json.loads((folder / "sim" / "counts.json").read_text("utf-8"))
    except (OSError, ValueError):
        return "not running yet"
    return (
        f"{counts['connected']} entrances connected, {counts['sent']} messages sent, {counts['reconnects']} reconnects"
    )
