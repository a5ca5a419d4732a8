"""Every question that is asked of the lists, in one place.

A disagreement is information for whoever keeps the lists. It accuses nobody: a meter without data may be new, and
a person whom no list names may be a list that is late.
"""

from __future__ import annotations

from gateway.registry.agreement.books import Books, Disagreement, Matter
from gateway.registry.agreement.devices import refused_devices, silent_devices
from gateway.registry.agreement.homes import devices_without_units, same_addresses, units_without_meters
from gateway.registry.agreement.leases import overlapping_absences, overlapping_leases, tenures
from gateway.registry.agreement.people import households_too_small, persons_beyond_leases, unlisted_persons
from gateway.registry.facts import Facts
from gateway.registry.rows import Lists


def compare(lists: Lists, facts: Facts) -> tuple[Disagreement, ...]:
    """Every disagreement, by estate, then by matter, then by subject."""
    books = Books(lists, facts)
    found = [
        *units_without_meters(books),
        *devices_without_units(books),
        *silent_devices(books),
        *refused_devices(books),
        *unlisted_persons(books),
        *persons_beyond_leases(books),
        *households_too_small(books),
        *overlapping_leases(books),
        *tenures(books),
        *overlapping_absences(books),
        *same_addresses(books),
    ]
    order = {matter: place for place, matter in enumerate(Matter)}
    return tuple(sorted(found, key=lambda item: (item.estate_id, order[item.matter], item.subject, item.text)))
