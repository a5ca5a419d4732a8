"""Panels straight from a folder of lists and history, without a database: outside data, or a simulated world.

The rules are the store's: its arithmetic of registers, its classes of people, its latest whole day. Only the age of the
readings is not asked about, for data that others have published are years old.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from detectors.panel import Panel
from gateway.codecs import history
from gateway.detection.panel import assemble
from gateway.errors import InputFileError
from gateway.evaluation import folder_doors as doors
from gateway.evaluation import folder_meters as meters
from gateway.evaluation.folder_lists import EstateLists, estates_of, read_lists
from gateway.evaluation.folder_meters import Ints, Registers
from gateway.evaluation.folder_strangers import Dials, attributed
from gateway.events import DeviceKind
from gateway.registry.rows import Device
from gateway.store.panels import Figures, Window

_HEARD_COVERAGE = 0.5
_LATELY_DAYS = 60
_DEVICES_SHARE = 0.5


def panels_of(
    path: Path, progress: Callable[[int], None] = lambda _: None, note: Callable[[str], None] = lambda _: None
) -> list[Panel]:
    """One panel an estate of the folder; `progress` is told how many rows were read since the last time.

    `note` is told in a sentence which rows were left out.

    Raises:
        InputFileError: the lists or the history are not there, or cannot be read.
        FaultyRegistryError: the lists have faults.
    """
    lists = estates_of(read_lists(_lists_inside(path)))
    readings, events = (_inside(path, "history") / name for name in (history.READINGS, history.EVENTS))
    if not readings.is_file() and not events.is_file():
        raise InputFileError(f"{path}: no history there ({history.READINGS}, {history.EVENTS})")
    meter_list = [device for estate in lists for device in estate.devices if device.kind is not DeviceKind.DOOR]
    door_list = doors.doors_of(lists)
    registers = (
        meters.read_registers(readings, meter_list, progress) if readings.is_file() else _no_registers(len(meter_list))
    )
    numbers = {door.device_id: at for at, door in enumerate(door_list)}
    seen = doors.read_door_events(events, numbers, progress) if events.is_file() else _no_events()
    _tell_skipped(
        note, readings, registers.skipped, "of no meter on the lists, or their time, register or unit is none"
    )
    _tell_skipped(note, events, seen.skipped, "of no door on the lists, or their time, id or kind is none")
    built = (_panel(estate, registers, meter_list, seen, door_list) for estate in lists)
    return [panel for panel in built if panel is not None]


def _tell_skipped(note: Callable[[str], None], path: Path, rows: int, why: str) -> None:
    if rows:
        note(f"{path}: {rows:,} rows left out: they are {why}")


def _lists_inside(path: Path) -> Path:
    workbook = path / "registry.xlsx"
    return workbook if workbook.is_file() else _inside(path, "registry")


def _inside(path: Path, name: str) -> Path:
    return path / name if (path / name).is_dir() else path


def _no_registers(meters: int) -> Registers:
    return Registers(ts_us=np.array([], "i8"), register=np.array([]), first=np.zeros(meters + 1, "i8"), skipped=0)


def _no_events() -> doors.DoorEvents:
    empty = np.array([], "i4")
    return doors.DoorEvents(
        door=empty,
        ts_us=np.array([], "i8"),
        passage=np.array([], bool),
        direction=np.array([], "i1"),
        face=np.array([], bool),
        who=empty,
        named=[],
        skipped=0,
    )


def _panel(
    estate: EstateLists,
    registers: Registers,
    meter_list: Sequence[Device],
    events: doors.DoorEvents,
    door_list: list[Device],
) -> Panel | None:
    own = [
        (at, device, estate.place[device.unit_id])
        for at, device in enumerate(meter_list)
        if device.estate_id == estate.estate_id and device.unit_id in estate.place
        if registers.of(at).stop > registers.of(at).start
    ]
    times = [registers.ts_us[registers.of(at)][[0, -1]] for at, _, _ in own]
    of_estate = np.array([door.estate_id == estate.estate_id for door in door_list] or [False], bool)
    heard = events.ts_us[of_estate[events.door]] if len(events.door) else events.ts_us
    times += [np.array([heard.min(), heard.max()])] if len(heard) else []
    if not times or not estate.units:
        return None
    midnights = _midnights(estate.timezone, int(np.min(times)), int(np.max(times)))
    water, electricity = (
        meters.meter_days_of(registers, own, midnights, kind) for kind in (DeviceKind.WATER, DeviceKind.ELECTRICITY)
    )
    days = len(midnights) - 1
    start = datetime.fromtimestamp(int(midnights[0]) / 1e6, UTC).astimezone(ZoneInfo(estate.timezone)).date()
    unnamed = attributed(estate, events, door_list, Dials(registers, own, midnights), start)
    passed = doors.passages_of(estate, events, door_list, midnights, unnamed)
    heard_on = [of.day[of.figures["coverage"] >= _HEARD_COVERAGE] for of in (water, electricity)]
    spoke = np.unique(np.stack([passed.doors.spoke, passed.doors.day]), axis=1)[1]
    last = _latest(np.bincount(np.concatenate([*heard_on, spoke]), minlength=days))
    figures = Figures(
        water=water,
        electricity=electricity,
        doors=passed.doors,
        passages=passed.passages,
        leases=estate.leases(),
        enrolled=estate.enrolled(),
        absences=estate.absences(),
    )
    window = Window(
        estate_id=estate.estate_id,
        unit_ids=tuple(unit.unit_id for unit in estate.units),
        first=start,
        last=start + timedelta(days=days - 1),
    )
    panel = assemble(window, [unit.tenure.value for unit in estate.units], figures)
    return panel.until(panel.days[last])


def _latest(devices: Ints) -> int:
    """The latest day on which at least half as many devices spoke as on the best of the last days."""
    spoken = np.flatnonzero(devices)
    if not len(spoken):
        return 0
    lately = spoken[spoken > spoken[-1] - _LATELY_DAYS]
    return int(lately[devices[lately] >= _DEVICES_SHARE * devices[lately].max()][-1])


def _midnights(timezone: str, first_us: int, last_us: int) -> Ints:
    """The local midnights around the times, in microseconds since 1970."""
    zone = ZoneInfo(timezone)
    first, last = (datetime.fromtimestamp(us / 1e6, zone).date() for us in (first_us, last_us))
    return np.array([_midnight_us(first + timedelta(days=at), timezone) for at in range((last - first).days + 2)], "i8")


@cache
def _midnight_us(day: date, timezone: str) -> int:
    return round(datetime.combine(day, time(), ZoneInfo(timezone)).timestamp()) * 1_000_000
