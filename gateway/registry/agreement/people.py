"""People at the doors, and people whose lease is over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from gateway.registry.agreement.books import Books, Disagreement, Matter, counted, grouped
from gateway.registry.rows import Person, Role

_RESIDENTS = (Role.TENANT, Role.MEMBER)


def unlisted_persons(books: Books) -> Iterator[Disagreement]:
    """Ids that the doors know and the lists do not, or do not any more."""
    listed = {person.person_id: person for person in books.lists.persons}
    for seen in books.facts.seen:
        last = books.day(seen.estate_id, seen.last_at)
        person = listed.get(seen.person_id)
        if person is None:
            text = f"no list names this person; {counted(seen.events, 'event')} up to {last}, at {seen.device_id}"
            yield Disagreement(Matter.PERSON_NOT_LISTED, seen.estate_id, seen.person_id, text)
        elif person.valid_to and person.valid_to < last:
            text = f"listed until {person.valid_to}, seen until {last}, at {seen.device_id}"
            yield Disagreement(Matter.PERSON_NOT_LISTED, seen.estate_id, seen.person_id, text)


def persons_beyond_leases(books: Books) -> Iterator[Disagreement]:
    """Tenants and members still listed although the lease is over; the doors would take them for residents."""
    for household_id, persons in _residents(books).items():
        household = books.households[household_id]
        unit = books.units[household.unit_id]
        today, lease_end = books.today(unit), household.lease_end
        if lease_end and lease_end < today and (still := [person for person in persons if _valid(person, today)]):
            who = ", ".join(person.person_id for person in still)
            text = f"the lease ended on {lease_end}, the list still has {who}"
            yield Disagreement(Matter.PERSON_LISTED_TOO_LONG, unit.estate_id, household.household_id, text)


def households_too_small(books: Books) -> Iterator[Disagreement]:
    """More tenants and members listed today than the household has registered people: a newborn, or a lodger."""
    for household_id, persons in _residents(books).items():
        household = books.households[household_id]
        unit = books.units[household.unit_id]
        listed = sum(_valid(person, books.today(unit)) for person in persons)
        if household.size is not None and listed > household.size:
            text = f"{counted(household.size, 'person')} registered, {listed} tenants and members listed today"
            yield Disagreement(Matter.MORE_PERSONS, unit.estate_id, household.household_id, text)


def _residents(books: Books) -> Mapping[str, list[Person]]:
    """Tenants and members by household."""
    residents = [person for person in books.lists.persons if person.role in _RESIDENTS and person.household_id]
    return grouped(residents, lambda person: person.household_id or "")


def _valid(person: Person, day: date) -> bool:
    return (person.valid_from or date.min) <= day <= (person.valid_to or date.max)
