"""What a comparison comes to, and the lists opened at the pages that it needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import TypeVar
from zoneinfo import ZoneInfo

from gateway.registry.facts import Facts
from gateway.registry.rows import Household, Lists, Unit

T = TypeVar("T")
K = TypeVar("K")


class Matter(StrEnum):
    """What kind of disagreement it is, in the order of reports."""

    UNIT_WITHOUT_METER = "unit without meter"
    DEVICE_WITHOUT_UNIT = "device without unit"
    DEVICE_SILENT = "device silent"
    DEVICE_NOT_LISTED = "device not listed"
    PERSON_NOT_LISTED = "person not listed"
    PERSON_LISTED_TOO_LONG = "person listed too long"
    MORE_PERSONS = "more persons than size"
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
class Books:
    """The lists, opened at the pages that the questions below need."""

    lists: Lists
    facts: Facts

    @cached_property
    def units(self) -> Mapping[str, Unit]:
        """Units by id."""
        return {unit.unit_id: unit for unit in self.lists.units}

    @cached_property
    def households(self) -> Mapping[str, Household]:
        """Households by id."""
        return {household.household_id: household for household in self.lists.households}

    @cached_property
    def leases(self) -> Mapping[str, list[Household]]:
        """The households of each unit id that has any."""
        return grouped(self.lists.households, lambda household: household.unit_id)

    @cached_property
    def zones(self) -> Mapping[str, ZoneInfo]:
        """Each estate's time zone."""
        return {estate.estate_id: ZoneInfo(estate.timezone) for estate in self.lists.estates}

    def day(self, estate_id: str, moment: datetime) -> date:
        """The day that a moment falls on in an estate."""
        return moment.astimezone(self.zones[estate_id]).date()

    def today(self, unit: Unit) -> date:
        """The day that it is where the unit stands."""
        return self.day(unit.estate_id, self.facts.now)


def grouped(items: Iterable[T], key: Callable[[T], K]) -> Mapping[K, list[T]]:
    """Items by key, in the order in which they come."""
    groups: dict[K, list[T]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return groups


def overlaps(items: Iterable[T], span: Callable[[T], tuple[date, date]]) -> Iterator[tuple[T, T]]:
    """Pairs that follow each other in time and share a day, the one that reaches furthest standing for those before."""
    ordered = sorted(items, key=span)
    furthest = ordered[0]
    for _, item in pairwise(ordered):
        if span(item)[0] <= span(furthest)[1]:
            yield furthest, item
        furthest = max(furthest, item, key=lambda one: span(one)[1])


def counted(count: int, what: str) -> str:
    """A number with its noun."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
