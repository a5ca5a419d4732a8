"""The two lists as the gateway imports them: the contract's six CSV files."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from device_sim.clock import date_of
from device_sim.world import World

ESTATES = ("estate_id", "name", "timezone")
UNITS = ("unit_id", "estate_id", "building", "entrance", "floor", "room", "area_m2", "tenure")
HOUSEHOLDS = ("household_id", "unit_id", "size", "lease_start", "lease_end", "category", "care")
PERSONS = ("person_id", "household_id", "role", "valid_from", "valid_to", "face_enrolled")
DEVICES = ("device_id", "estate_id", "kind", "unit_id", "building", "entrance", "codec", "register_digits")
ABSENCES = ("household_id", "start", "end", "reason")


def write_registry(folder: Path, world: World) -> None:
    """Write the lists of a world into a folder, which is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(folder / "estates.csv", ESTATES, ((e.estate_id, e.name, e.timezone) for e in world.estates))
    write_csv(folder / "units.csv", UNITS, _units(world))
    write_csv(folder / "households.csv", HOUSEHOLDS, _households(world))
    write_csv(folder / "persons.csv", PERSONS, _persons(world))
    write_csv(folder / "devices.csv", DEVICES, _devices(world))
    write_csv(folder / "absences.csv", ABSENCES, _absences(world))


def write_csv(path: Path, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    """Write a CSV file with a header row; None becomes an empty field."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def date_text(day: int | None) -> str:
    """YYYY-MM-DD of a day since 1970, or empty."""
    return "" if day is None else date_of(day).isoformat()


def _units(world: World) -> Iterable[tuple[object, ...]]:
    for unit in (dwelling.unit for dwelling in world.dwellings):
        place = (unit.unit_id, unit.estate_id, unit.building, unit.entrance, unit.floor, unit.room)
        yield *place, unit.area_m2, unit.tenure


def _households(world: World) -> Iterable[tuple[object, ...]]:
    for home in (home for dwelling in world.dwellings for home in dwelling.households):
        lease = (date_text(home.lease_start), date_text(home.lease_end))
        yield home.household_id, home.unit_id, home.size, *lease, home.category, home.care


def _persons(world: World) -> Iterable[tuple[object, ...]]:
    for person in world.persons:
        validity = (date_text(person.valid_from), date_text(person.valid_to))
        yield person.person_id, person.household_id, person.role, *validity, int(person.face_enrolled)


def _devices(world: World) -> Iterable[tuple[object, ...]]:
    for device in world.devices:
        place = (device.unit_id, device.building, device.entrance)
        yield device.device_id, device.estate_id, device.kind, *place, device.codec, device.register_digits


def _absences(world: World) -> Iterable[tuple[object, ...]]:
    for absence in world.absences:
        yield absence.household_id, date_text(absence.start), date_text(absence.end), absence.reason
