"""Past readings and door events as the CSV files that the gateway imports (contract, section 3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np

from device_sim.clock import DAY_S, Window, texts
from device_sim.doors import NumberedEvent
from device_sim.engine import simulate
from device_sim.meters import Readings, between, register_texts
from device_sim.parallel import in_order
from device_sim.plan import Plan
from device_sim.world import Entrance, World

READINGS = ("device_id", "ts", "register", "unit")
EVENTS = (
    "device_id",
    "ts",
    "event_id",
    "kind",
    "method",
    "direction",
    "person_id",
    "stranger_id",
    "unit_id",
    "similarity",
)


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows a history has."""

    readings: int
    events: int
    dials: Mapping[str, int]
    """What each meter had counted when the day began on which history ends."""


def history_window(plan: Plan) -> Window:
    """The whole days that a plan's history touches."""
    return Window(plan.first_day, plan.end_day - plan.first_day)


@dataclass(frozen=True, slots=True)
class Part:
    """An entrance's lines of the two files."""

    readings: bytes
    events: bytes
    dials: Mapping[str, int]
    """What its meters had counted when the day began on which history ends."""


def write_history(folder: Path, world: World, progress: Callable[[Entrance], None], processes: int = 1) -> Written:
    """Write readings.csv and events.csv, an entrance at a time, so that memory does not grow with the world.

    The files are the same however many processes make them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    readings, events, dials = 0, 0, dict[str, int]()
    with _table(folder / "readings.csv", READINGS) as reading_file, _table(folder / "events.csv", EVENTS) as event_file:
        parts = in_order(partial(part_of, world.plan), world.entrances, processes)
        for entrance, part in zip(world.entrances, parts, strict=True):
            reading_file.write(part.readings)
            event_file.write(part.events)
            readings += part.readings.count(b"\n")
            events += part.events.count(b"\n")
            dials |= part.dials
            progress(entrance)
    return Written(readings, events, dials)


def part_of(plan: Plan, entrance: Entrance) -> Part:
    """What the devices of an entrance said in a plan's history."""
    days = simulate(plan.seed, entrance, history_window(plan), {})
    dials = days.used_before_last_day if plan.end_s % DAY_S else days.used
    readings = "".join(line for meter in days.readings for line in _reading_lines(plan, meter))
    return Part(readings.encode(), "".join(_event_lines(plan, days.events)).encode(), dials)


def _table(path: Path, columns: tuple[str, ...]) -> BinaryIO:
    file = path.open("wb")
    file.write((",".join(columns) + "\n").encode())
    return file


def _reading_lines(plan: Plan, meter: Readings) -> list[str]:
    meter = between(meter, plan.start_s, plan.end_s)
    head, tail = f"{meter.device.device_id},", f",{meter.device.dial_unit}\n"
    rows = zip(texts(meter.clock_s), register_texts(meter), strict=True)
    return [f"{head}{ts},{register}{tail}" for ts, register in rows]


def _event_lines(plan: Plan, events: tuple[NumberedEvent, ...]) -> list[str]:
    start_s, end_s = plan.start_s, plan.end_s
    kept = [event for event in events if start_s < event.record.second <= end_s]
    stamps = texts(np.array([event.record.second for event in kept], dtype=np.int64))
    return [_event_line(event, stamp) for event, stamp in zip(kept, stamps, strict=True)]


def _event_line(event: NumberedEvent, stamp: str) -> str:
    record = event.record
    who = f"{record.person_id or ''},{record.stranger_id or ''},{record.unit_id or ''}"
    similarity = "" if record.similarity is None else record.similarity
    how = f"{record.kind},{record.method},{record.direction}"
    return f"{record.device_id},{stamp},{event.event_id},{how},{who},{similarity}\n"
