"""Door events from comings and goings: what the controller of an entrance and the lock of a unit make of a person.

Most are known by face, some use a card, some walk in behind others and leave no record. A face that the controller
does not know gets a pseudonym of the controller's own, and now and then a second one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from device_sim.clock import DAY_MIN, DAY_S, HOUR_S
from device_sim.people import Key, Resident

_TAILGATED_IN, _TAILGATED_OUT = 0.12, 0.16
_FACE_FIRST = 0.86
_FACE_MISSED, _FACE_MISTAKEN = 0.03, 0.002
_SECOND_NAME = 0.3
_CAMERA_IN, _CAMERA_OUT = 0.78, 0.6
_CARD_CAMERA = 0.5
_LOCK_USED = 0.9
_LOCK_BY_FINGER = 0.7
_UNLOCKS_AFTER_S = 60
_DENIED_BEFORE_S = 4
_SIMILARITY, _SIMILARITY_RANGE = 0.81, 0.18
_PSEUDONYMS = 2**24
_WEDGED_S = (8 * HOUR_S + 95, 19 * HOUR_S)


@dataclass(frozen=True, slots=True)
class DoorRecord:
    """One event of a door, before the controller numbers it; `second` is local."""

    second: int
    device_id: str
    kind: str
    method: str
    direction: str
    person_id: str | None = None
    stranger_id: str | None = None
    unit_id: str | None = None
    similarity: float | None = None


@dataclass(frozen=True, slots=True)
class NumberedEvent:
    """A door's record with the event id that the door gave it."""

    event_id: str
    record: DoorRecord


@dataclass(frozen=True, slots=True)
class Way:
    """The doors between the street and one unit."""

    door_id: str
    two_way: bool
    lock_id: str | None
    unit_id: str
    neighbours: tuple[str, ...]
    """Persons whom the controller knows, for whom it may mistake somebody."""
    couriers: tuple[str, ...]
    """Pseudonyms of the couriers who come here."""


@dataclass(frozen=True, slots=True)
class Chances:
    """Uniform numbers of one passage."""

    seen: float
    method: float
    face: float
    name: float
    lock: float
    detail: float


def come_in(way: Way, resident: Resident, second: int, chance: Chances) -> Iterator[DoorRecord]:
    """What the doors say when a resident comes home. Those without any key walk in with somebody else."""
    if chance.seen >= _TAILGATED_IN:
        yield from _enter(way, resident, second, chance)
    if way.lock_id and chance.lock < _LOCK_USED and resident.key is not Key.NOTHING:
        yield _unlock(way, way.lock_id, resident, within_day(second, second + _UNLOCKS_AFTER_S), chance)


def go_out(way: Way, resident: Resident, second: int, chance: Chances) -> Iterator[DoorRecord]:
    """What the entrance says when a resident leaves; most entrances have only a button on the inside."""
    if not way.two_way or chance.seen < _TAILGATED_OUT:
        return
    if resident.enrolled and chance.method < _FACE_FIRST:
        yield _face(way, resident, second, "out", chance)
    elif resident.enrolled or resident.key is not Key.NOTHING:
        stranger = None if resident.enrolled or chance.face >= _CAMERA_OUT else _pseudonym(resident, chance)
        yield DoorRecord(second, way.door_id, "passage", "button", "out", stranger_id=stranger)


def visit(way: Way, stranger: str, second: int, *, intercom: bool, seen: bool) -> DoorRecord:
    """A visitor or courier is let in: by the intercom of the unit, or with the code of the building."""
    return DoorRecord(
        second,
        way.door_id,
        "passage",
        "remote" if intercom else "pin",
        "in",
        stranger_id=stranger if seen else None,
        unit_id=way.unit_id if intercom else None,
    )


def leave_after_visit(way: Way, stranger: str, second: int) -> DoorRecord:
    """A visitor leaves by the button."""
    return DoorRecord(second, way.door_id, "passage", "button", "out", stranger_id=stranger)


def new_face(chance: float) -> str:
    """A pseudonym for somebody who never came before."""
    return f"s{int(chance * _PSEUDONYMS):06x}"


def without_pseudonym(record: DoorRecord) -> DoorRecord:
    """The record of a terminal that tells no face that it does not know from another: somebody passed by face."""
    if record.stranger_id is None:
        return record
    return replace(record, stranger_id=None, method="face" if record.kind == "passage" else record.method)


def alive(records: list[DoorRecord], door_id: str, dead: tuple[tuple[float, float], ...]) -> list[DoorRecord]:
    """The records without those of the door in the times when it was dead (local minutes)."""
    if not dead:
        return records
    return [
        record
        for record in records
        if record.device_id != door_id or not any(start <= record.second / 60 < end for start, end in dead)
    ]


def wedged(records: list[DoorRecord], door_id: str, stays: tuple[tuple[float, float], ...]) -> list[DoorRecord]:
    """The records without those of a door that stood open, which only says each morning that it does."""
    for start, end in stays:
        opened_s = (minute * 60 + _WEDGED_S[0] for minute in range(int(start), int(end), DAY_MIN))
        records = [record for record in records if record.device_id != door_id or not _open(record.second, start, end)]
        records += [DoorRecord(second, door_id, "held_open", "unknown", "unknown") for second in opened_s]
    return records


def _open(second: int, start: float, end: float) -> bool:
    return start <= second / 60 < end and _WEDGED_S[0] <= second % DAY_S < _WEDGED_S[1]


def within_day(second: int, other: int) -> int:
    """`other` within the day of `second`: doors number their events by day, so no passage spans two."""
    midnight = second - second % DAY_S
    return min(max(other, midnight), midnight + DAY_S - 1)


def chances(numbers: NDArray[np.float64]) -> list[Chances]:
    """Chances of n passages from (n, 6) uniform numbers."""
    return [Chances(*row) for row in numbers.tolist()]


def _enter(way: Way, resident: Resident, second: int, chance: Chances) -> Iterator[DoorRecord]:
    if resident.enrolled and chance.method < _FACE_FIRST:
        if chance.face >= _FACE_MISSED:
            yield _face(way, resident, second, "in", chance)
            return
        tried = within_day(second, second - _DENIED_BEFORE_S)
        yield DoorRecord(tried, way.door_id, "denied", "face", "in", stranger_id=_pseudonym(resident, chance))
    if resident.key is not Key.NOTHING:
        yield _by_key(way, resident, second, chance)


def _face(way: Way, resident: Resident, second: int, direction: str, chance: Chances) -> DoorRecord:
    who = resident.person_id
    if chance.name < _FACE_MISTAKEN:
        who = way.neighbours[int(chance.detail * len(way.neighbours))]
    similarity = round(_SIMILARITY + _SIMILARITY_RANGE * chance.detail, 2)
    return DoorRecord(second, way.door_id, "passage", "face", direction, person_id=who, similarity=similarity)


def _by_key(way: Way, resident: Resident, second: int, chance: Chances) -> DoorRecord:
    method = {Key.PIN: "pin", Key.INTERCOM: "remote"}.get(resident.key, "card")
    camera = _CARD_CAMERA if resident.person_id else _CAMERA_IN
    unknown = not resident.enrolled and chance.face < camera
    return DoorRecord(
        second,
        way.door_id,
        "passage",
        method,
        "in",
        person_id=resident.person_id if resident.key is Key.OWN_CARD else None,
        stranger_id=_pseudonym(resident, chance) if unknown else None,
        unit_id=way.unit_id,
    )


def _unlock(way: Way, lock_id: str, resident: Resident, second: int, chance: Chances) -> DoorRecord:
    finger = resident.person_id is not None and chance.detail < _LOCK_BY_FINGER
    return DoorRecord(
        second,
        lock_id,
        "passage",
        "fingerprint" if finger else "pin",
        "in",
        person_id=resident.person_id if finger else None,
        unit_id=way.unit_id,
    )


def _pseudonym(resident: Resident, chance: Chances) -> str:
    return resident.pseudonyms[-1 if chance.name < _SECOND_NAME else 0]
