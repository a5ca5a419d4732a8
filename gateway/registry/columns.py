"""What each list holds: its columns, its key, and the rules within a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from gateway.events import DeviceKind
from gateway.registry import cells
from gateway.registry.rows import (
    Absence,
    Care,
    Device,
    Estate,
    Household,
    ListName,
    Person,
    Role,
    Tenure,
    Unit,
)
from gateway.registry.tables import Cell

Values: TypeAlias = Mapping[str, Any]
"""A row's values by column; columns whose cell is faulty are not there."""

Rule: TypeAlias = Callable[[Values], tuple[str, str] | None]
"""What is wrong between the values of one row: a column and a problem."""


@dataclass(frozen=True, slots=True)
class ListSpec:
    """How to understand one list. All columns must be in the header, in any order."""

    name: ListName
    columns: Mapping[str, Callable[[Cell], Any]]
    key: tuple[str, ...]
    make: Callable[..., Any]
    rules: tuple[Rule, ...] = ()
    about_people: bool = False


def _in_order(start: str, end: str) -> Rule:
    def ends_after_start(values: Values) -> tuple[str, str] | None:
        first, last = values.get(start), values.get(end)
        if first and last and last < first:
            return end, f"{last} is before {start} {first}"
        return None

    return ends_after_start


def _lives_somewhere(values: Values) -> tuple[str, str] | None:
    if values.get("role") in {Role.TENANT, Role.MEMBER} and values.get("household_id", "") is None:
        return "household_id", f"is empty; a {values['role']} belongs to a household"
    return None


_ID = cells.required(cells.identifier)
_ID_OR_NONE = cells.optional(cells.identifier)
_TEXT = cells.required(cells.free_text)
_TEXT_OR_EMPTY = cells.optional(cells.free_text, "")

SPECS: Mapping[ListName, ListSpec] = {
    spec.name: spec
    for spec in (
        ListSpec(
            ListName.ESTATES,
            {"estate_id": _ID, "name": _TEXT, "timezone": cells.required(cells.time_zone)},
            key=("estate_id",),
            make=Estate,
        ),
        ListSpec(
            ListName.UNITS,
            {
                "unit_id": _ID,
                "estate_id": _ID,
                "building": _TEXT,
                "entrance": _TEXT_OR_EMPTY,
                "floor": cells.optional(cells.whole(-99, 999)),
                "room": _TEXT,
                "area_m2": cells.optional(cells.positive(100_000)),
                "tenure": cells.required(cells.one_of(Tenure)),
            },
            key=("unit_id",),
            make=Unit,
        ),
        ListSpec(
            ListName.HOUSEHOLDS,
            {
                "household_id": _ID,
                "unit_id": _ID,
                "size": cells.optional(cells.whole(1, 1000)),
                "lease_start": cells.day,
                "lease_end": cells.day,
                "category": _TEXT_OR_EMPTY,
                "care": cells.optional(cells.one_of(Care), Care.NONE),
            },
            key=("household_id",),
            make=Household,
            rules=(_in_order("lease_start", "lease_end"),),
            about_people=True,
        ),
        ListSpec(
            ListName.PERSONS,
            {
                "person_id": _ID,
                "household_id": _ID_OR_NONE,
                "role": cells.required(cells.one_of(Role)),
                "valid_from": cells.day,
                "valid_to": cells.day,
                "face_enrolled": cells.required(cells.flag),
            },
            key=("person_id",),
            make=Person,
            rules=(_in_order("valid_from", "valid_to"), _lives_somewhere),
            about_people=True,
        ),
        ListSpec(
            ListName.DEVICES,
            {
                "device_id": _ID,
                "estate_id": _ID,
                "kind": cells.required(cells.one_of(DeviceKind)),
                "unit_id": _ID_OR_NONE,
                "building": _TEXT_OR_EMPTY,
                "entrance": _TEXT_OR_EMPTY,
                "codec": cells.optional(cells.identifier, "native"),
                "register_digits": cells.optional(cells.whole(1, 12)),
            },
            key=("device_id",),
            make=Device,
        ),
        ListSpec(
            ListName.ABSENCES,
            {"household_id": _ID, "start": cells.first_day, "end": cells.day, "reason": _TEXT_OR_EMPTY},
            key=("household_id", "start"),
            make=Absence,
            rules=(_in_order("start", "end"),),
            about_people=True,
        ),
    )
}
