"""One entrance over one window of days: what its meters and doors say. A pure function of plan, entrance and window."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from device_sim.activities import act
from device_sim.clock import DAY_MIN, DAY_S, Window, date_of
from device_sim.concentrators import Outage, outages, without
from device_sim.doors import (
    Chances,
    DoorRecord,
    NumberedEvent,
    Way,
    alive,
    chances,
    come_in,
    go_out,
    wedged,
    without_pseudonym,
)
from device_sim.electricity import electricity_wh, standing_wh
from device_sim.gates import at_gate
from device_sim.lives import Lives, live
from device_sim.meters import Flow, Readings, amiss, first_dial, flow, read, rolled_over, unheard
from device_sim.passages import callers, passages
from device_sim.people import Key, Resident, Stay, Story
from device_sim.personas import Persona
from device_sim.records import Device, Dwelling
from device_sim.seeds import Stream, daily_uniforms
from device_sim.water import dripping_l, running_l, water_l
from device_sim.weather import temperatures_c
from device_sim.world import Entrance

_CLEANING_MIN = (7.4 * 60, 8.6 * 60)
_CLEANING_SPREAD_MIN = 30.0


@dataclass(frozen=True, slots=True)
class EntranceDays:
    """All that an entrance's devices say in a window, and what its meters counted up to its end."""

    readings: tuple[Readings, ...]
    events: tuple[NumberedEvent, ...]
    used: Mapping[str, int]
    """Millilitres or milliwatt-hours by device id since dials began to turn."""
    used_before_last_day: Mapping[str, int]
    """The same when the last day of the window began."""
    outages: tuple[Outage, ...]
    """When the building's concentrator was down."""


def simulate(seed: int, entrance: Entrance, window: Window, used: Mapping[str, int]) -> EntranceDays:
    """The entrance's days; `used` is what the meters counted before the window (missing: nothing)."""
    readings: list[Readings] = []
    records = list(_staff(seed, entrance, window))
    counted: dict[str, int] = {}
    counted_before: dict[str, int] = {}
    down = outages(seed, entrance.estate_id, entrance.building, window)
    known = _known_persons(entrance)
    for dwelling in entrance.dwellings:
        lives = _lives(seed, dwelling, window)
        records += _records(seed, _way(entrance, dwelling, known), dwelling.story, lives, window)
        for device, use in _uses(seed, dwelling, lives, window):
            passing = flow(window, use, used.get(device.device_id, 0))
            counted[device.device_id] = passing.after
            counted_before[device.device_id] = passing.at_last_day
            readings.append(without(_heard(seed, dwelling.story, device, passing), down))
    records = wedged(records, entrance.door.device_id, _within(window, entrance.wedged_doors))
    records = alive(records, entrance.door.device_id, entrance.dead_doors)
    if entrance.gate:
        records += at_gate(seed, entrance.gate.device_id, entrance.door.device_id, tuple(records))
    if not entrance.pseudonyms:
        records = [without_pseudonym(record) for record in records]
    return EntranceDays(tuple(readings), tuple(_numbered(records, entrance)), counted, counted_before, down)


def count_up(seed: int, entrance: Entrance, window: Window) -> dict[str, int]:
    """What the meters count in a window, and nothing else: several times as fast as `simulate`."""
    return {
        device.device_id: flow(window, use, 0).after
        for dwelling in entrance.dwellings
        for device, use in _uses(seed, dwelling, _lives(seed, dwelling, window), window)
    }


def _lives(seed: int, dwelling: Dwelling, window: Window) -> list[Lives]:
    story = dwelling.story
    return [live(seed, story.index, number, group, window) for number, group in enumerate(story.groups)]


def _uses(
    seed: int, dwelling: Dwelling, lives: list[Lives], window: Window
) -> Iterator[tuple[Device, NDArray[np.float64]]]:
    story, weather = dwelling.story, temperatures_c(seed, window)
    water = running_l(story.building, window)
    power = standing_wh(seed, story.building, story.index, window)
    if story.registered:
        water += dripping_l(seed, story.index, story.building, window)
    for group in lives:
        acts = act(seed, group, weather)
        water += water_l(seed, group, acts)
        power += electricity_wh(seed, group, acts, weather)
    for device in dwelling.devices:
        if device.kind != "door":
            yield device, water if device.kind == "water" else power


def _heard(seed: int, story: Story, device: Device, passing: Flow) -> Readings:
    heard = read(seed, story.index, device, passing)
    for kind, silence in story.silent_meters:
        if kind == device.kind:
            heard = unheard(heard, silence)
    for mishap in story.mishaps:
        if mishap.kind == device.kind:
            heard = amiss(heard, mishap, first_dial(seed, story.index, device.kind))
    return rolled_over(heard)


def _way(entrance: Entrance, dwelling: Dwelling, known: tuple[str, ...]) -> Way:
    locks = [device.device_id for device in dwelling.devices if device.kind == "door"]
    lock_id = locks[0] if locks else None
    door_id, unit_id = entrance.door.device_id, dwelling.unit.unit_id
    return Way(door_id, entrance.two_way, lock_id, unit_id, known, entrance.couriers)


def _records(seed: int, way: Way, story: Story, lives: list[Lives], window: Window) -> Iterator[DoorRecord]:
    at_home = np.zeros(window.slots + 1, dtype=np.bool_)
    for group in lives:
        at_home[:-1] |= group.people_at_home > 0
        yield from passages(seed, way, group)
    yield from callers(seed, way, story, window, at_home)


def _known_persons(entrance: Entrance) -> tuple[str, ...]:
    enrolled = [p.person_id for dwelling in entrance.dwellings for p in dwelling.persons if p.face_enrolled]
    return (*enrolled, *(person.person_id for person in entrance.staff))


def _staff(seed: int, entrance: Entrance, window: Window) -> Iterator[DoorRecord]:
    """A cleaner comes every morning."""
    key = entrance.dwellings[0].story.index
    draws = daily_uniforms(seed, Stream.STAFF, key, window, (2, 7))
    way = Way(entrance.door.device_id, entrance.two_way, None, "", (entrance.staff[0].person_id,), ())
    cleaner = _cleaner(entrance)
    for number, day in enumerate(draws):
        for side, begins in enumerate(_CLEANING_MIN):
            minute = (window.first_day + number) * DAY_MIN + begins + _CLEANING_SPREAD_MIN * float(day[side, 6])
            chance: Chances = chances(day[side : side + 1, :6])[0]
            yield from (go_out if side else come_in)(way, cleaner, int(minute * 60), chance)


def _within(window: Window, stays: tuple[Stay, ...]) -> tuple[Stay, ...]:
    first, last = window.start_min, window.start_min + window.days * DAY_MIN
    cut = ((max(start, first), min(end, last)) for start, end in stays)
    return tuple(stay for stay in cut if stay[0] < stay[1])


def _cleaner(entrance: Entrance) -> Resident:
    return Resident(
        persona=Persona.HOMEMAKER,
        key=Key.NOTHING,
        person_id=entrance.staff[0].person_id,
        enrolled=True,
        pseudonyms=(entrance.cleaner_pseudonym,),
        shift_h=0.0,
        wake_shift_h=0.0,
        evening=0.0,
        phase=0,
    )


def _numbered(records: list[DoorRecord], entrance: Entrance) -> Iterator[NumberedEvent]:
    """Every door numbers its events anew each day, in the order of their times; a gate those of each entrance."""
    lane = entrance.gate.device_id if entrance.gate else ""
    for (device_id, day), events in groupby(sorted(records, key=_order), key=_door_and_day):
        head = f"{device_id}-{date_of(day):%Y%m%d}-" + (f"{entrance.entrance}-" if device_id == lane else "")
        for number, record in enumerate(events, start=1):
            yield NumberedEvent(f"{head}{number:04d}", record)


def _door_and_day(record: DoorRecord) -> tuple[str, int]:
    return record.device_id, record.second // DAY_S


def _order(record: DoorRecord) -> tuple[str, int, str, str]:
    return record.device_id, record.second, record.unit_id or "", record.person_id or record.stranger_id or ""
