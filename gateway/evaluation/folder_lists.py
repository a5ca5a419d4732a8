"""The lists of a folder, as a panel needs them: who leases what, who is listed when, which door serves whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from gateway.registry.checking import Known, check
from gateway.registry.faults import FaultyRegistryError
from gateway.registry.parsing import parse_lists
from gateway.registry.reading import read_registry
from gateway.registry.rows import Care, Device, Household, Lists, Person, Role, Unit
from gateway.store.panels import Lease, Stay

_RESIDENTS = (Role.TENANT, Role.MEMBER)


def read_lists(path: Path) -> Lists:
    """Read the two lists of a folder or workbook.

    Raises:
        InputFileError: there is none.
        FaultyRegistryError: with every fault.
    """
    raw = read_registry(path)
    lists, faults = check(raw, parse_lists(raw), Known())
    if faults:
        raise FaultyRegistryError(faults)
    return lists


@dataclass(frozen=True)
class EstateLists:
    """One estate of the lists; its units stand in the order of their ids, as they do in a panel."""

    estate_id: str
    timezone: str
    lists: Lists

    @cached_property
    def units(self) -> list[Unit]:
        """Its units."""
        own = (unit for unit in self.lists.units if unit.estate_id == self.estate_id)
        return sorted(own, key=lambda unit: unit.unit_id)

    @cached_property
    def place(self) -> dict[str, int]:
        """Row of each unit."""
        return {unit.unit_id: row for row, unit in enumerate(self.units)}

    @cached_property
    def devices(self) -> list[Device]:
        """Its devices."""
        return [device for device in self.lists.devices if device.estate_id == self.estate_id]

    @cached_property
    def households(self) -> dict[str, Household]:
        """The households of its units, the one whose lease began last at the end."""
        own = (household for household in self.lists.households if household.unit_id in self.place)
        return {household.household_id: household for household in sorted(own, key=_began)}

    @cached_property
    def persons(self) -> dict[str, Person]:
        """Everybody whom a list names, whatever the estate."""
        return {person.person_id: person for person in self.lists.persons}

    @cached_property
    def home_of(self) -> dict[str, str]:
        """The unit of each household, whatever the estate."""
        return {household.household_id: household.unit_id for household in self.lists.households}

    def leases(self) -> list[Lease]:
        """Every lease."""
        return [
            Lease(
                unit=self.place[household.unit_id],
                start=household.lease_start,
                end=household.lease_end,
                size=household.size,
                lone_elder=household.care is Care.LONE_ELDER,
            )
            for household in self.households.values()
        ]

    def enrolled(self) -> list[Stay]:
        """When each resident with an enrolled face is listed, within the lease."""
        return [
            Stay(
                unit=self.place[home.unit_id],
                start=_later(person.valid_from, home.lease_start),
                end=_earlier(person.valid_to, home.lease_end),
            )
            for person in self.lists.persons
            if person.role in _RESIDENTS and person.face_enrolled
            if (home := self.households.get(person.household_id or ""))
        ]

    def absences(self) -> list[Stay]:
        """Declared absences."""
        return [
            Stay(unit=self.place[home.unit_id], start=absence.start, end=absence.end)
            for absence in self.lists.absences
            if (home := self.households.get(absence.household_id))
        ]

    def served_by(self, door: Device) -> list[int]:
        """Give the rows of the units that one of its doors serves; none for a door of another estate."""
        if door.estate_id != self.estate_id:
            return []
        if door.unit_id is not None:
            return [self.place[door.unit_id]] if door.unit_id in self.place else []
        return [
            row
            for (building, entrance), rows in self._by_entrance.items()
            if door.building in ("", building) and door.entrance in ("", entrance)
            for row in rows
        ]

    @cached_property
    def _by_entrance(self) -> Mapping[tuple[str, str], list[int]]:
        found: dict[tuple[str, str], list[int]] = defaultdict(list)
        for row, unit in enumerate(self.units):
            found[unit.building, unit.entrance].append(row)
        return found


def estates_of(lists: Lists) -> list[EstateLists]:
    """The lists estate by estate."""
    return [EstateLists(estate.estate_id, estate.timezone, lists) for estate in lists.estates]


def _began(household: Household) -> tuple[date, date, str]:
    return household.lease_start or date.min, household.lease_end or date.max, household.household_id


def _later(one: date | None, other: date | None) -> date | None:
    return max(one, other) if one and other else one or other


def _earlier(one: date | None, other: date | None) -> date | None:
    return min(one, other) if one and other else one or other
