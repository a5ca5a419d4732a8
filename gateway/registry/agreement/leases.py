"""Leases, tenures and absences that do not fit each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from gateway.registry.agreement.books import Books, Disagreement, Matter, grouped, overlaps
from gateway.registry.rows import Absence, Household, Tenure


def overlapping_leases(books: Books) -> Iterator[Disagreement]:
    """More than one household with a lease today, or leases that overlapped or will."""
    for unit_id, households in books.leases.items():
        unit = books.units[unit_id]
        active = {household.household_id for household in households if _leased(household, books.today(unit))}
        if len(active) > 1:
            text = f"leased today to {' and '.join(sorted(active))}"
            yield Disagreement(Matter.TWO_LEASES, unit.estate_id, unit_id, text)
        for first, second in overlaps(households, _lease):
            if not {first.household_id, second.household_id} <= active:
                text = f"the leases of {first.household_id} and {second.household_id} share days"
                yield Disagreement(Matter.LEASES_OVERLAP, unit.estate_id, unit_id, text)


def tenures(books: Books) -> Iterator[Disagreement]:
    """Leased without a lease, or a lease on a unit that should be empty."""
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


def overlapping_absences(books: Books) -> Iterator[Disagreement]:
    """A household that is away twice at once."""
    for household_id, absences in grouped(books.lists.absences, lambda absence: absence.household_id).items():
        unit = books.units[books.households[household_id].unit_id]
        for _, second in overlaps(absences, _away):
            text = f"two absences of this household share days from {second.start}"
            yield Disagreement(Matter.ABSENCES_OVERLAP, unit.estate_id, household_id, text)


def _lease(household: Household) -> tuple[date, date]:
    return household.lease_start or date.min, household.lease_end or date.max


def _leased(household: Household, day: date) -> bool:
    start, end = _lease(household)
    return start <= day <= end


def _away(absence: Absence) -> tuple[date, date]:
    return absence.start, absence.end or date.max
