"""Past readings and door events as the CSV files that the gateway imports (contract, section 3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import numpy as np

from device_sim.clock import Window, texts
from device_sim.engine import EntranceDays, NumberedEvent, simulate
from device_sim.meters import Readings, between, register_texts
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


def history_window(plan: Plan) -> Window:
    """The whole days that a plan's history touches."""
    return Window(plan.first_day, plan.end_day - plan.first_day)


def days_of_history(world: World) -> Iterator[tuple[Entrance, EntranceDays]]:
    """Every entrance with its whole days from the first of history to the one on which it ends."""
    for entrance in world.entrances:
        yield entrance, simulate(world.plan.seed, entrance, history_window(world.plan), {})


def write_history(folder: Path, world: World, progress: Callable[[Entrance], None]) -> Written:
    """Write readings.csv and events.csv, entrance by entrance, so that memory does not grow with the world."""
    folder.mkdir(parents=True, exist_ok=True)
    readings = events = 0
    with _table(folder / "readings.csv", READINGS) as reading_file, _table(folder / "events.csv", EVENTS) as event_file:
        for entrance, days in days_of_history(world):
            readings += sum(_write_readings(reading_file, world.plan, meter) for meter in days.readings)
            events += _write_events(event_file, world.plan, days.events)
            progress(entrance)
    return Written(readings, events)


def _table(path: Path, columns: tuple[str, ...]) -> TextIO:
    file = path.open("w", encoding="utf-8", newline="")
    file.write(",".join(columns) + "\n")
    return file


def _write_readings(file: TextIO, plan: Plan, meter: Readings) -> int:
    meter = between(meter, plan.start_s, plan.end_s)
    head, tail = f"{meter.device.device_id},", f",{meter.device.dial_unit}\n"
    rows = zip(texts(meter.seconds), register_texts(meter), strict=True)
    file.writelines([f"{head}{ts},{register}{tail}" for ts, register in rows])
    return len(meter.seconds)


def _write_events(file: TextIO, plan: Plan, events: tuple[NumberedEvent, ...]) -> int:
    kept = [event for event in events if plan.start_s < event.record.second <= plan.end_s]
    stamps = texts(np.array([event.record.second for event in kept], dtype=np.int64))
    file.writelines([_event_line(event, stamp) for event, stamp in zip(kept, stamps, strict=True)])
    return len(kept)


def _event_line(event: NumberedEvent, stamp: str) -> str:
    record = event.record
    who = f"{record.person_id or ''},{record.stranger_id or ''},{record.unit_id or ''}"
    similarity = "" if record.similarity is None else record.similarity
    how = f"{record.kind},{record.method},{record.direction}"
    return f"{record.device_id},{stamp},{event.event_id},{how},{who},{similarity}\n"
