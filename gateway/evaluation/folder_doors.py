"""Passages from a file of door events, attributed and classed as the view `daily_passages` does it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import repeat
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from gateway.codecs.history_columns import read_times
from gateway.evaluation.folder_lists import EstateLists
from gateway.events import DeviceKind, DoorEventKind, Method
from gateway.ingest.history_file import opened
from gateway.registry.rows import Device, Role
from gateway.store.panels import CLASSES, Doors, Passages

Ints: TypeAlias = NDArray[np.int64]
_KINDS = {kind.value: number for number, kind in enumerate(DoorEventKind)}
_PASSAGE = _KINDS[DoorEventKind.PASSAGE.value]
_DIRECTIONS = {"in": 1, "out": -1}
_FACE = Method.FACE.value
_RESIDENTS = (Role.TENANT, Role.MEMBER)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorEvents:
    """Door events, (N,) each, once each; `who` numbers the triples of unit, person and stranger in `named`."""

    door: NDArray[np.int32]
    ts_us: Ints
    passage: NDArray[np.bool_]
    direction: NDArray[np.int8]
    """1 in, -1 out, 0 not known."""
    face: NDArray[np.bool_]
    """Whether it was by a face."""
    who: NDArray[np.int32]
    named: list[tuple[str, str, str]]
    skipped: int


def read_door_events(path: Path, doors: dict[str, int], progress: Callable[[int], None]) -> DoorEvents:
    """Read `events.csv`; `doors` numbers the listed doors by id."""
    numbers: dict[tuple[str, str, str], int] = defaultdict(lambda: len(numbers))
    parts: list[tuple[NDArray[Any], ...]] = []
    rows = kept = 0
    with opened(path) as file:
        wanted = file.places
        for piece in file.pieces():
            ids, times, keys, kinds, methods, directions, persons, strangers, units, _ = (
                piece.columns[at] for at in wanted
            )
            door = np.fromiter(map(doors.get, ids, repeat(-1)), "i4", len(ids))
            ts_us, read = read_times(times)
            kind = np.fromiter(map(_KINDS.get, kinds, repeat(-1)), "i8", len(ids))
            named = np.fromiter(map(bool, keys), bool, len(ids))
            fit = np.flatnonzero(read & named & (door >= 0) & (kind >= 0))
            event = np.fromiter(map(hash, keys), "i8", len(keys))
            who = np.fromiter((numbers[three] for three in zip(units, persons, strangers, strict=True)), "i4", len(ids))
            way = np.fromiter(map(_DIRECTIONS.get, directions, repeat(0)), "i1", len(ids))
            face = np.fromiter((method == _FACE for method in methods), bool, len(ids))
            parts.append(tuple(column[fit] for column in (door, ts_us, kind, event, who, way, face)))
            rows, kept = rows + len(ids) + len(piece.uneven), kept + len(fit)
            progress(len(ids))
    empty = tuple(np.array([], kind) for kind in ("i4", "i8", "i8", "i8", "i4", "i1", "?"))
    door, ts_us, kind, event, who, way, face = (
        np.concatenate(column) for column in zip(*(parts or [empty]), strict=True)
    )
    once = np.sort(np.unique(np.rec.fromarrays([door, event]), return_index=True)[1])
    return DoorEvents(
        door=door[once],
        ts_us=ts_us[once],
        passage=kind[once] == _PASSAGE,
        direction=way[once],
        face=face[once],
        who=who[once],
        named=list(numbers),
        skipped=rows - kept,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """An estate's passages by unit and day, and which door spoke on which day."""

    passages: Passages
    doors: Doors


Attributed: TypeAlias = Iterable[tuple[int, int, str, int, float]]
"""Unit, day, stranger, how many passages, how likely the unit's."""


def passages_of(
    estate: EstateLists, events: DoorEvents, doors: list[Device], midnights_us: Ints, attributed: Attributed = ()
) -> Passed:
    """Attribute an estate's passages to its units, day by day; `attributed` are those that name no unit."""
    own = np.array([door.estate_id == estate.estate_id for door in doors], bool)
    day = np.searchsorted(midnights_us, events.ts_us, "right") - 1
    inside = (day >= 0) & (day < len(midnights_us) - 1)
    chosen = np.flatnonzero(inside & own[events.door]) if len(doors) else np.array([], np.intp)
    passed = chosen[events.passage[chosen]]
    told = (events.door[passed], day[passed], events.who[passed], events.face[passed])
    counted = Counter(zip(*(column.tolist() for column in told), strict=True))
    first = np.datetime64(int(midnights_us[0]) + 12 * 3_600_000_000, "us").astype("M8[D]").item()
    numbers: dict[str, int] = defaultdict(lambda: len(numbers))
    rows = [
        (*place, numbers[who], count, 1.0)
        for *place, who, count in _classed(estate, doors, events.named, counted, first)
    ]
    stranger = CLASSES.index("stranger")
    rows += [(unit, on, stranger, numbers[who], count, chance) for unit, on, who, count, chance in attributed]
    table = np.array(rows, np.float64).reshape(-1, 6).T
    unit, on, kind, who = table[:4].astype(np.intp)
    passages, chance = table[4:].astype("f4")
    return Passed(
        passages=Passages(unit=unit, day=on, kind=kind, who=who, passages=passages, chance=chance),
        doors=_doors(estate, doors, events.door[chosen], day[chosen]),
    )


def _doors(estate: EstateLists, doors: list[Device], spoke: NDArray[np.int32], day: Ints) -> Doors:
    pairs = [(row, at) for at, door in enumerate(doors) for row in estate.served_by(door)]
    unit, serving = np.array(pairs, np.intp).reshape(-1, 2).T
    return Doors(unit=unit, serving=serving, spoke=spoke.astype(np.intp), day=day)


def _classed(
    estate: EstateLists,
    doors: list[Device],
    named: list[tuple[str, str, str]],
    counted: Counter[tuple[int, int, int, bool]],
    first: date,
) -> Iterator[tuple[int, int, int, str, int]]:
    """Unit, day, class, who, how many."""
    start = first.toordinal()
    for (door, day, number, face), passages in counted.items():
        unit_id, person_id, stranger_id = named[number]
        person = estate.persons.get(person_id) if person_id else None
        home = estate.home_of.get(person.household_id or "") if person else None
        unit = unit_id or doors[door].unit_id or home
        if unit is None or unit not in estate.place:
            continue
        on = date.fromordinal(start + day)
        if person and (person.valid_from or date.min) <= on <= (person.valid_to or date.max):
            kind = "registered" if person.role in _RESIDENTS and home == unit else "visitor"
        elif stranger_id or person_id:
            kind = "stranger"
        else:
            kind = "unnamed" if face else "unidentified"
        who = person_id if kind == "registered" else stranger_id or person_id
        yield estate.place[unit], day, CLASSES.index(kind), who, passages


def doors_of(lists: list[EstateLists]) -> list[Device]:
    """Every door of the lists."""
    return [device for estate in lists for device in estate.devices if device.kind is DeviceKind.DOOR]
