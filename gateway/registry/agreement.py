"""Where the lists disagree with reality or with themselves (账实相符). Pure: lists and facts in, findings out.

A disagreement is information for whoever keeps the lists. It accuses nobody: a meter without data may be new, and
a person whom no list names may be a list that is late.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import TypeVar
from zoneinfo import ZoneInfo

from gateway.events import DeviceKind
from gateway.registry.facts import Facts
from gateway.registry.rows import Absence, Device, Household, Lists, Person, Role, Tenure, Unit

T = TypeVar("T")
K = TypeVar("K")

SILENT_AFTER = timedelta(days=7)
_METERS = (DeviceKind.WATER, DeviceKind.ELECTRICITY)
_RESIDENTS = (Role.TENANT, Role.MEMBER)
# A topic of the native dialect names the estate on its third level and the device on its fifth.
_NATIVE_LEVELS = 6


class Matter(StrEnum):
    """What kind of disagreement it is, in the order of reports."""

    UNIT_WITHOUT_METER = "unit without meter"
    DEVICE_WITHOUT_UNIT = "device without unit"
    DEVICE_SILENT = "device silent"
    DEVICE_NOT_LISTED = "device not listed"
    PERSON_NOT_LISTED = "person not listed"
    PERSON_LISTED_TOO_LONG = "person listed too long"
    TWO_LEASES = "two active leases"
    LEASES_OVERLAP = "leases overlap"
    TENURE = "tenure and lease"
    ABSENCES_OVERLAP = "absences overlap"
    SAME_ADDRESS = "same address"


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One thing to look into. `subject` is the id that it is about; `estate_id` is empty where none can be told."""

    matter: Matter
    estate_id: str
    subject: str
    text: str


@dataclass(frozen=True)
class _Books:
    """The lists, opened at the pages that the questions below need."""

    lists: Lists
    facts: Facts

    @cached_property
    def units(self) -> Mapping[str, Unit]:
        return {unit.unit_id: unit for unit in self.lists.units}

    @cached_property
    def households(self) -> Mapping[str, Household]:
        return {household.household_id: household for household in self.lists.households}

    @cached_property
    def leases(self) -> Mapping[str, list[Household]]:
        return _grouped(self.lists.households, lambda household: household.unit_id)

    @cached_property
    def zones(self) -> Mapping[str, ZoneInfo]:
        return {estate.estate_id: ZoneInfo(estate.timezone) for estate in self.lists.estates}

    def day(self, estate_id: str, moment: datetime) -> date:
        return moment.astimezone(self.zones[estate_id]).date()

    def today(self, unit: Unit) -> date:
        return self.day(unit.estate_id, self.facts.now)


def compare(lists: Lists, facts: Facts) -> tuple[Disagreement, ...]:
    """Every disagreement, by estate, then by matter, then by subject."""
    books = _Books(lists, facts)
    found = [
        *_units_without_meters(books),
        *_devices_without_units(books),
        *_silent_devices(books),
        *_refused_devices(books),
        *_unlisted_persons(books),
        *_persons_beyond_leases(books),
        *_overlapping_leases(books),
        *_tenures(books),
        *_overlapping_absences(books),
        *_same_addresses(books),
    ]
    order = {matter: place for place, matter in enumerate(Matter)}
    return tuple(sorted(found, key=lambda item: (item.estate_id, order[item.matter], item.subject, item.text)))


def _units_without_meters(books: _Books) -> Iterator[Disagreement]:
    """A kind of meter that no unit of the estate has is the estate's way, and not each unit's fault."""
    metered = {(device.unit_id, device.kind) for device in books.lists.devices if device.unit_id}
    usual = {(device.estate_id, device.kind) for device in books.lists.devices if device.unit_id}
    for unit in books.lists.units:
        lacking = [kind for kind in _METERS if (unit.unit_id, kind) not in metered]
        if len(lacking) == len(_METERS):
            text = "has no meter"
        elif lacking and (unit.estate_id, lacking[0]) in usual:
            text = f"has no {lacking[0]} meter"
        else:
            continue
        yield Disagreement(Matter.UNIT_WITHOUT_METER, unit.estate_id, unit.unit_id, text)


def _devices_without_units(books: _Books) -> Iterator[Disagreement]:
    places = {place for unit in books.lists.units for place in _places(unit)}
    for device in books.lists.devices:
        if device.unit_id:
            continue
        if device.kind in _METERS:
            text = f"this {device.kind} meter belongs to no unit"
        elif (device.estate_id, device.building, device.entrance) not in places:
            text = f"no unit is behind this door: {_door_place(device)} has none"
        else:
            continue
        yield Disagreement(Matter.DEVICE_WITHOUT_UNIT, device.estate_id, device.device_id, text)


def _places(unit: Unit) -> Iterator[tuple[str, str, str]]:
    """Where a shared door may hang to serve a unit; an empty building or entrance means all of them."""
    for building in ("", unit.building):
        for entrance in ("", unit.entrance):
            yield unit.estate_id, building, entrance


def _door_place(device: Device) -> str:
    place = [f"building {device.building}"] if device.building else []
    place += [f"entrance {device.entrance}"] if device.entrance else []
    return ", ".join(place) or "the estate"


def _silent_devices(books: _Books) -> Iterator[Disagreement]:
    for estate_id, devices in _grouped(books.lists.devices, lambda device: device.estate_id).items():
        heard = [(device, books.facts.last_heard.get(device.device_id)) for device in devices]
        if not any(last for _, last in heard):
            text = f"none of the estate's {len(devices)} devices has sent anything yet"
            yield Disagreement(Matter.DEVICE_SILENT, estate_id, estate_id, text)
            continue
        for device, last in heard:
            if last is None:
                yield Disagreement(Matter.DEVICE_SILENT, estate_id, device.device_id, "has never sent anything")
            elif books.facts.now - last >= SILENT_AFTER:
                text = f"has sent nothing since {books.day(estate_id, last)}"
                yield Disagreement(Matter.DEVICE_SILENT, estate_id, device.device_id, text)


def _refused_devices(books: _Books) -> Iterator[Disagreement]:
    for refused in books.facts.refused:
        levels = refused.topic.split("/")
        native = len(levels) == _NATIVE_LEVELS and refused.topic.startswith("estate/")
        estate_id, subject = (levels[2], levels[4]) if native else ("", refused.topic)
        count = "1 message is" if refused.messages == 1 else f"{refused.messages} messages are"
        text = f"{count} in quarantine ({refused.reason.replace('_', ' ')})"
        yield Disagreement(Matter.DEVICE_NOT_LISTED, estate_id, subject, text)


def _unlisted_persons(books: _Books) -> Iterator[Disagreement]:
    listed = {person.person_id: person for person in books.lists.persons}
    for seen in books.facts.seen:
        last = books.day(seen.estate_id, seen.last_at)
        person = listed.get(seen.person_id)
        if person is None:
            text = f"no list names this person; seen {_times(seen.events)} until {last}, at {seen.device_id}"
            yield Disagreement(Matter.PERSON_NOT_LISTED, seen.estate_id, seen.person_id, text)
        elif person.valid_to and person.valid_to < last:
            text = f"listed until {person.valid_to}, seen until {last}, at {seen.device_id}"
            yield Disagreement(Matter.PERSON_NOT_LISTED, seen.estate_id, seen.person_id, text)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _persons_beyond_leases(books: _Books) -> Iterator[Disagreement]:
    residents = [person for person in books.lists.persons if person.role in _RESIDENTS and person.household_id]
    for household_id, persons in _grouped(residents, lambda person: person.household_id).items():
        household = books.households[household_id or ""]
        unit = books.units[household.unit_id]
        today, lease_end = books.today(unit), household.lease_end
        if lease_end and lease_end < today and (still := [person for person in persons if _valid(person, today)]):
            who = ", ".join(person.person_id for person in still)
            text = f"the lease ended on {lease_end}, the list still has {who}"
            yield Disagreement(Matter.PERSON_LISTED_TOO_LONG, unit.estate_id, household.household_id, text)


def _valid(person: Person, day: date) -> bool:
    return (person.valid_from or date.min) <= day <= (person.valid_to or date.max)


def _overlapping_leases(books: _Books) -> Iterator[Disagreement]:
    for unit_id, households in books.leases.items():
        unit = books.units[unit_id]
        active = {household.household_id for household in households if _leased(household, books.today(unit))}
        if len(active) > 1:
            text = f"leased today to {' and '.join(sorted(active))}"
            yield Disagreement(Matter.TWO_LEASES, unit.estate_id, unit_id, text)
        for first, second in _overlaps(households, _lease):
            if not {first.household_id, second.household_id} <= active:
                text = f"the leases of {first.household_id} and {second.household_id} share days"
                yield Disagreement(Matter.LEASES_OVERLAP, unit.estate_id, unit_id, text)


def _tenures(books: _Books) -> Iterator[Disagreement]:
    for unit in books.lists.units:
        households = books.leases.get(unit.unit_id, [])
        today = books.today(unit)
        active = [household.household_id for household in households if _leased(household, today)]
        if unit.tenure is Tenure.LEASED and not active:
            yield Disagreement(Matter.TENURE, unit.estate_id, unit.unit_id, _why_no_lease(households, today))
        elif unit.tenure is not Tenure.LEASED and active:
            text = f"listed as {unit.tenure}, but {active[0]} has a lease today"
            yield Disagreement(Matter.TENURE, unit.estate_id, unit.unit_id, text)


def _why_no_lease(households: list[Household], today: date) -> str:
    if not households:
        return "listed as leased, but no household has it"
    last = max(households, key=_lease)
    start, end = _lease(last)
    if start > today:
        return f"listed as leased, but the lease of {last.household_id} begins on {start}"
    return f"listed as leased, but the lease of {last.household_id} ended on {end}"


def _overlapping_absences(books: _Books) -> Iterator[Disagreement]:
    for household_id, absences in _grouped(books.lists.absences, lambda absence: absence.household_id).items():
        unit = books.units[books.households[household_id].unit_id]
        for _, second in _overlaps(absences, _away):
            text = f"two absences of this household share days from {second.start}"
            yield Disagreement(Matter.ABSENCES_OVERLAP, unit.estate_id, household_id, text)


def _same_addresses(books: _Books) -> Iterator[Disagreement]:
    addresses = Counter(_address(unit) for unit in books.lists.units)
    for unit in books.lists.units:
        if addresses[_address(unit)] > 1:
            text = f"another unit has the same address: building {unit.building}, entrance {unit.entrance}, {unit.room}"
            yield Disagreement(Matter.SAME_ADDRESS, unit.estate_id, unit.unit_id, text)


def _address(unit: Unit) -> tuple[str, str, str, int | None, str]:
    return unit.estate_id, unit.building, unit.entrance, unit.floor, unit.room


def _lease(household: Household) -> tuple[date, date]:
    return household.lease_start or date.min, household.lease_end or date.max


def _leased(household: Household, day: date) -> bool:
    start, end = _lease(household)
    return start <= day <= end


def _away(absence: Absence) -> tuple[date, date]:
    return absence.start, absence.end or date.max


def _overlaps(items: Iterable[T], span: Callable[[T], tuple[date, date]]) -> Iterator[tuple[T, T]]:
    """Pairs that follow each other in time and share a day, the one that reaches furthest standing for those before."""
    ordered = sorted(items, key=span)
    furthest = ordered[0]
    for _, item in pairwise(ordered):
        if span(item)[0] <= span(furthest)[1]:
            yield furthest, item
        furthest = max(furthest, item, key=lambda one: span(one)[1])


def _grouped(items: Iterable[T], key: Callable[[T], K]) -> Mapping[K, list[T]]:
    groups: dict[K, list[T]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return groups
