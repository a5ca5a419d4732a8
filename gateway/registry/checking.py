"""Whether an import may be done: what the lists say, against each other and against what the database knows.

Pure. Every fault of every file comes out at once; a faulty row still counts as being there, so that one mistake
is reported once and not again by everything that refers to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.registry.cells import quoted
from gateway.registry.faults import Fault
from gateway.registry.parsing import ParsedList, ParsedRow
from gateway.registry.rows import ListName, Lists
from gateway.registry.tables import RawRegistry


class KnownDevice(NamedTuple):
    """What the database says about a device."""

    kind: str
    estate_id: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the database already holds. `estates` maps to the time zone, `units` to the estate.

    `never_spoke` are devices without any stored rows, of those that `doubtful_devices` names.
    """

    estates: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    households: frozenset[str] = frozenset()
    devices: Mapping[str, KnownDevice] = field(default_factory=dict)
    never_spoke: frozenset[str] = frozenset()


_REFERENCES = (
    (ListName.UNITS, "estate_id", ListName.ESTATES),
    (ListName.HOUSEHOLDS, "unit_id", ListName.UNITS),
    (ListName.PERSONS, "household_id", ListName.HOUSEHOLDS),
    (ListName.DEVICES, "estate_id", ListName.ESTATES),
    (ListName.DEVICES, "unit_id", ListName.UNITS),
    (ListName.ABSENCES, "household_id", ListName.HOUSEHOLDS),
)


def check(raw: RawRegistry, parsed: Mapping[ListName, ParsedList], known: Known) -> tuple[Lists, tuple[Fault, ...]]:
    """The lists to write, and all faults; where there is a fault, the lists are not whole and not to be written."""
    faults = [
        *raw.faults,
        *(fault for table in parsed.values() for fault in table.faults),
        *_dangling(raw, parsed, known),
        *_devices_in_other_estates(parsed, known),
        *_changed_zones(parsed, known),
        *_moved_units(parsed, known),
        *_changed_devices(parsed, known),
    ]
    lists = Lists(**{name.value: tuple(table.typed()) for name, table in parsed.items()})
    return lists, _in_order(faults, parsed)


def doubtful_devices(parsed: Mapping[ListName, ParsedList], known: Known) -> frozenset[str]:
    """Devices that would change their kind, their estate or their days, which only those may that never spoke."""
    changed = {row.values["device_id"] for _, row, _, _ in _device_changes(parsed, known)}
    estates = {row.values["estate_id"] for _, row, _ in _zone_changes(parsed, known)}
    return frozenset(changed).union(*(_devices_of(estate_id, known) for estate_id in estates))


def _dangling(raw: RawRegistry, parsed: Mapping[ListName, ParsedList], known: Known) -> Iterator[Fault]:
    for source, column, target in _REFERENCES:
        if target in raw.unreadable or (target in parsed and not parsed[target].has_key):
            continue
        there = _known_ids(known, target) | _given_ids(parsed, target)
        for table, row in _rows(parsed, source):
            wanted = row.values.get(column)
            if wanted is not None and wanted not in there:
                problem = f"{quoted(wanted)} is neither in {target} nor in the database"
                yield Fault(table.file, row.line, column, problem)


def _known_ids(known: Known, target: ListName) -> frozenset[str]:
    match target:
        case ListName.ESTATES:
            return frozenset(known.estates)
        case ListName.UNITS:
            return frozenset(known.units)
        case _:
            return known.households


def _given_ids(parsed: Mapping[ListName, ParsedList], target: ListName) -> frozenset[str]:
    return frozenset(
        row.values[table.spec.key[0]] for table, row in _rows(parsed, target) if table.spec.key[0] in row.values
    )


def _devices_in_other_estates(parsed: Mapping[ListName, ParsedList], known: Known) -> Iterator[Fault]:
    given = {row.values.get("unit_id"): row.values.get("estate_id") for _, row in _rows(parsed, ListName.UNITS)}
    for table, row in _rows(parsed, ListName.DEVICES):
        unit_id, estate_id = row.values.get("unit_id"), row.values.get("estate_id")
        home = given.get(unit_id, known.units.get(unit_id)) if unit_id else None
        if unit_id and home and estate_id and home != estate_id:
            problem = f"{quoted(unit_id)} is in estate {quoted(home)}, the device in {quoted(estate_id)}"
            yield Fault(table.file, row.line, "unit_id", problem)


def _moved_units(parsed: Mapping[ListName, ParsedList], known: Known) -> Iterator[Fault]:
    """A unit's alerts and visits stay with the estate whose staff saw them, so a unit cannot change sides."""
    for table, row in _rows(parsed, ListName.UNITS):
        estate_id = row.values.get("estate_id")
        home = known.units.get(row.values.get("unit_id", ""))
        if home and estate_id and home != estate_id:
            problem = f"the database has this unit in estate {quoted(home)}; a unit stays in its estate, use another id"
            yield Fault(table.file, row.line, "estate_id", problem)


def _changed_zones(parsed: Mapping[ListName, ParsedList], known: Known) -> Iterator[Fault]:
    """Daily figures are of days in the old zone, and some outlive the readings that they were made from."""
    for table, row, before in _zone_changes(parsed, known):
        if not _devices_of(row.values["estate_id"], known) <= known.never_spoke:
            problem = f"this estate has data in days of {quoted(before)}; its timezone cannot change any more"
            yield Fault(table.file, row.line, "timezone", problem)


def _zone_changes(parsed: Mapping[ListName, ParsedList], known: Known) -> Iterator[tuple[ParsedList, ParsedRow, str]]:
    for table, row in _rows(parsed, ListName.ESTATES):
        before = known.estates.get(row.values.get("estate_id", ""))
        if before and row.values.get("timezone", before) != before:
            yield table, row, before


def _devices_of(estate_id: str, known: Known) -> frozenset[str]:
    return frozenset(device_id for device_id, device in known.devices.items() if device.estate_id == estate_id)


def _changed_devices(parsed: Mapping[ListName, ParsedList], known: Known) -> Iterator[Fault]:
    """Stored registers mean m³ or kWh, in days of one estate; neither can change under them."""
    for table, row, column, before in _device_changes(parsed, known):
        if row.values["device_id"] not in known.never_spoke:
            problem = f"this device has sent data as {quoted(before)}; its {column} cannot change any more"
            yield Fault(table.file, row.line, column, problem)


def _device_changes(
    parsed: Mapping[ListName, ParsedList], known: Known
) -> Iterator[tuple[ParsedList, ParsedRow, str, str]]:
    for table, row in _rows(parsed, ListName.DEVICES):
        before = known.devices.get(row.values.get("device_id", ""))
        if before:
            for column, value in (("estate_id", before.estate_id), ("kind", before.kind)):
                if row.values.get(column, value) != value:
                    yield table, row, column, value


def _rows(parsed: Mapping[ListName, ParsedList], name: ListName) -> Iterator[tuple[ParsedList, ParsedRow]]:
    if table := parsed.get(name):
        for row in table.rows:
            yield table, row


def _in_order(faults: list[Fault], parsed: Mapping[ListName, ParsedList]) -> tuple[Fault, ...]:
    files = [parsed[name].file for name in ListName if name in parsed]
    rank = {file: place for place, file in enumerate(files)}
    return tuple(sorted(faults, key=lambda fault: (rank.get(fault.file, len(files)), fault.file, fault.line)))
