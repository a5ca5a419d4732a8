"""Walking order: estate, building, entrance, floor downwards, room; numbers in names sort as numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a unit lies. `floor` may be unknown."""

    estate_id: str
    building: str
    entrance: str
    floor: int | None
    room: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Place:
        """The place in a row that names its parts."""
        return cls(
            estate_id=row["estate_id"],
            building=row["building"],
            entrance=row["entrance"],
            floor=row["floor"],
            room=row["room"],
        )


def walking_key(place: Place) -> tuple[object, ...]:
    """Sort key of a place. An unknown floor comes last in its entrance."""
    floor = (1, 0) if place.floor is None else (0, -place.floor)
    return place.estate_id, _natural(place.building), _natural(place.entrance), floor, _natural(place.room)


def _natural(name: str) -> tuple[tuple[int, int, str], ...]:
    parts = (part for part in _DIGITS.split(name) if part)
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts)
