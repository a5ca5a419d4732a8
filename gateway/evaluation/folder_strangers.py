"""Whose visitors are the faces that a shared door let in without naming a unit? From files, week by week."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache

import numpy as np

from detectors.panel import Floats
from gateway.detection.attributing import (
    ELSEWHERE,
    HOURS,
    MOST_KWH,
    MOST_L,
    NOBODYS,
    WEEK_DAYS,
    WINDOW_DAYS,
    DoorWeeks,
    attribute,
    candidates,
    company,
    free_days,
    hourly_use,
    places,
    week_ends,
)
from gateway.evaluation.folder_doors import DoorEvents
from gateway.evaluation.folder_lists import EstateLists
from gateway.evaluation.folder_meters import Ints, Registers
from gateway.events import DeviceKind
from gateway.registry.rows import Device, Role
from gateway.rollup.use import HOUR_US

_RESIDENTS = (Role.TENANT, Role.MEMBER)
_LITRES = 1000.0


@dataclass(frozen=True, slots=True)
class Dials:
    """Registers, the meters of an estate in them (place, device, row of the unit), and the local midnights."""

    registers: Registers
    meters: Sequence[tuple[int, Device, int]]
    midnights_us: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class _Named:
    """What the triples of the doors' events mean, (T,) each, -1 for nobody."""

    stranger: Ints
    """Numbers of faces that no list names."""
    unit: Ints
    """Rows of the units that were named; `NOBODYS` for none, `ELSEWHERE` for one that is not on the lists."""
    registered: Ints
    """Rows of the units in which the person is registered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Door:
    """Passages of one shared door, (N,) each, and the rows of the units that it serves."""

    ts_us: Ints
    direction: Ints
    stranger: Ints
    unit: Ints
    registered: Ints
    served: Ints
    units: int

    def weeks(self, start_us: int, end: date) -> DoorWeeks:
        """The four weeks from a midnight on, without the dials."""
        hour = (self.ts_us - start_us) // HOUR_US
        inside, place = (hour >= 0) & (hour < HOURS), places(self.served, self.units)
        faces, homes = inside & (self.stranger >= 0), place[self.registered]
        near = inside & (homes >= 0)
        return DoorWeeks(
            stranger=self.stranger[faces],
            hour=hour[faces].astype(np.intp),
            direction=self.direction[faces],
            unit=place[self.unit[faces]],
            company=company(self.ts_us[faces], self.stranger[faces], self.ts_us[near], homes[near]),
            registered=np.bincount(homes[near], minlength=len(self.served)).astype(np.float32),
            use=(),
            free_day=free_days(end - timedelta(days=WINDOW_DAYS - 1)),
        )

    def unnamed(self, midnights_us: Ints, day: int) -> Counter[tuple[int, int]]:
        """Passages that named no unit, by face and day, in the week from `day` on."""
        ends_us = midnights_us[min(day + WEEK_DAYS, len(midnights_us) - 1)]
        inside = (self.ts_us >= midnights_us[day]) & (self.ts_us < ends_us)
        inside &= (self.stranger >= 0) & (self.unit == NOBODYS)
        on = np.searchsorted(midnights_us, self.ts_us[inside], "right") - 1
        return Counter(zip(self.stranger[inside].tolist(), on.tolist(), strict=True))


def attributed(
    estate: EstateLists, events: DoorEvents, doors: list[Device], dials: Dials, first: date
) -> Iterator[tuple[int, int, str, int, float]]:
    """Unit, day, stranger, passages and how likely they are the unit's; what a week says holds for the next."""
    ids = sorted({stranger for _, _, stranger in events.named if stranger})
    meaning = _meaning(estate, events.named, {stranger: at for at, stranger in enumerate(ids)})
    use = cache(lambda: _use(estate, dials))
    last = first + timedelta(days=len(dials.midnights_us) - 2)
    for door in _shared(estate, events, doors, meaning):
        for end in week_ends(estate.estate_id, first, last):
            day = (end - first).days + 1
            weeks = door.weeks(int(dials.midnights_us[day - WINDOW_DAYS]), end)
            faces = candidates(weeks)
            if not len(faces):
                continue
            hours = slice((day - WINDOW_DAYS) * 24, day * 24)
            chance = attribute(replace(weeks, use=tuple(of[door.served, hours] for of in use())), faces)
            row_of = {face: row for row, face in enumerate(faces.tolist())}
            for (face, on), passages in door.unnamed(dials.midnights_us, day).items():
                for unit in np.flatnonzero(chance[row_of[face]]) if face in row_of else ():
                    yield int(door.served[unit]), on, ids[face], passages, float(chance[row_of[face], unit])


def _shared(estate: EstateLists, events: DoorEvents, doors: list[Device], meaning: _Named) -> Iterator[_Door]:
    for at, door in enumerate(doors):
        served = np.sort(np.array(estate.served_by(door), np.intp))
        if door.estate_id == estate.estate_id and not door.unit_id and len(served):
            here = np.flatnonzero((events.door == at) & events.passage)
            who = events.who[here]
            yield _Door(
                ts_us=events.ts_us[here],
                direction=events.direction[here].astype(np.intp),
                stranger=meaning.stranger[who],
                unit=meaning.unit[who],
                registered=meaning.registered[who],
                served=served,
                units=len(estate.units),
            )


def _meaning(estate: EstateLists, named: list[tuple[str, str, str]], numbers: dict[str, int]) -> _Named:
    stranger, unit, registered = (np.full(len(named), NOBODYS, np.intp) for _ in range(3))
    for at, (unit_id, person_id, stranger_id) in enumerate(named):
        person = estate.persons.get(person_id) if person_id else None
        unit[at] = estate.place.get(unit_id, ELSEWHERE) if unit_id else NOBODYS
        if person is not None and person.role in _RESIDENTS:
            registered[at] = estate.place.get(estate.home_of.get(person.household_id or "", ""), NOBODYS)
        elif person is None and stranger_id:
            stranger[at] = numbers[stranger_id]
    return _Named(stranger=stranger, unit=unit, registered=registered)


def _use(estate: EstateLists, dials: Dials) -> list[Floats]:
    """Water in litres and electricity in kWh of each hour since the first midnight, (U, H) each."""
    shape = len(estate.units), (len(dials.midnights_us) - 1) * 24
    found = []
    for kind, most, size in ((DeviceKind.WATER, MOST_L, _LITRES), (DeviceKind.ELECTRICITY, MOST_KWH, 1.0)):
        spans = [(row, dials.registers.of(at)) for at, device, row in dials.meters if device.kind is kind]
        ts_us = np.concatenate([np.array([], "i8"), *(dials.registers.ts_us[span] for _, span in spans)])
        register = np.concatenate([np.array([]), *(dials.registers.register[span] for _, span in spans)])
        unit = np.repeat([row for row, _ in spans], [span.stop - span.start for _, span in spans]).astype(np.intp)
        hour = (ts_us - dials.midnights_us[0]) // HOUR_US
        inside = (hour >= -1) & (hour < shape[1])
        found.append(hourly_use(unit[inside], hour[inside], register[inside] * size, shape, most))
    return found
