"""Others in a leased home: a whole flat handed on, a room let, guests by the night, beds by the head.

Each has a disguise. Plain: no list names the newcomers and the tenants hardly show themselves. Careful: the tenants
call every week or so. Registered: one of the newcomers stands on the lists as a relative, face and all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import inf

from device_sim.cases import Disguise, Span, draw_disguise, draw_span, told
from device_sim.clock import DAY_MIN
from device_sim.households import Kind, draw_kind, draw_strangers
from device_sim.people import Group, Key, Resident, Stay, away_group
from device_sim.personas import Persona
from device_sim.plan import Plan
from device_sim.records import Dwelling, Person
from device_sim.seeds import Dice

_CALLS_EVERY_DAYS = {Disguise.PLAIN: 15, Disguise.CAREFUL: 6, Disguise.REGISTERED: 15}
_SUBTENANTS = ("single", "couple", "family", "colleagues")
_LODGERS = ("single", "single", "couple")
_KEYS = (Key.UNIT_CARD, Key.UNIT_CARD, Key.PIN, Key.INTERCOM)
_BEDS = (6, 10)
_SEATS = (2, 5)
_SEAT_TAKEN = 0.75
_NIGHTS, _PAUSE_DAYS = (1, 6), (0, 4)


def whole(rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """The household hands its keys over and others move in; one of the household still calls now and then.

    Where it ends, the others go and the household comes back within three days.
    """
    others = draw_strangers(rng, draw_kind(rng, _SUBTENANTS), _KEYS)
    return _handed_over(rng, dwelling, plan, others, "whole")


def group_rental(rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """Beds let by the head (群租): more people than the flat is for, most of them out all day."""
    beds = rng.integers(*_BEDS)
    kinds = (Persona.WORKER, Persona.WORKER, Persona.EVENING_WORKER, Persona.SHIFT)
    others = draw_strangers(rng, Kind("beds", tuple(rng.pick(kinds) for _ in range(beds))), (Key.PIN, Key.UNIT_CARD))
    return _handed_over(rng, dwelling, plan, others, "group")


def short_let(rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """Guests for some nights at a time, each with a code and a face of their own."""
    span = draw_span(rng, plan)
    seats = draw_strangers(rng, Kind("guests", (Persona.GUEST,) * rng.integers(*_SEATS)), (Key.PIN,))
    nights = tuple(_nights(rng, span.start, span.last_day(plan.horizon_day)))
    guests = tuple(_guest(rng, seat, nights, number) for number, seat in enumerate(seats.residents))
    moved_out, back = span.start_min(-rng.uniform(1, 48)), span.end_min(rng.uniform(13, 80))
    tenants = away_group(dwelling.story.groups[0], moved_out, back)
    story = replace(dwelling.story, groups=(tenants, replace(seats, residents=guests)))
    return told(dwelling, story, "sublet", "short_let", span)


def room(rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """The tenants stay and let a room."""
    span, disguise = draw_span(rng, plan), draw_disguise(rng, plan)
    moved_in, gone = span.start_min(rng.uniform(9, 20)), span.end_min(rng.uniform(9, 20))
    lodgers = draw_strangers(rng, draw_kind(rng, _LODGERS), _KEYS)
    lodgers = away_group(away_group(lodgers, -inf, moved_in), gone, inf)
    habits = replace(lodgers.habits, cooks=lodgers.habits.cooks / 2)
    dwelling, lodgers = _disguised(dwelling, replace(lodgers, habits=habits), span.start, disguise)
    return told(dwelling, dwelling.story.with_group(lodgers), "sublet", "room", span, disguise=disguise)


def _handed_over(rng: Dice, dwelling: Dwelling, plan: Plan, others: Group, subtype: str) -> Dwelling:
    span, disguise = draw_span(rng, plan), draw_disguise(rng, plan)
    handover, gone = span.start_min(rng.uniform(9, 18)), span.end_min(rng.uniform(9, 18))
    moved_out, back = handover - rng.uniform(0, 3) * DAY_MIN, gone + rng.uniform(0, 3) * DAY_MIN
    tenants = away_group(dwelling.story.groups[0], moved_out, back)
    first, *rest = tenants.residents
    first = _calls(rng, first, span, plan.horizon_day, _CALLS_EVERY_DAYS[disguise])
    others = away_group(away_group(others, -inf, handover + 60), gone, inf)
    dwelling, others = _disguised(dwelling, others, span.start, disguise)
    story = replace(dwelling.story, groups=(replace(tenants, residents=(first, *rest)), others))
    return told(dwelling, story, "sublet", subtype, span, disguise=disguise)


def _disguised(dwelling: Dwelling, others: Group, start: int, disguise: Disguise) -> tuple[Dwelling, Group]:
    """One of the others becomes a relative on the lists, if that is the disguise."""
    if disguise is not Disguise.REGISTERED:
        return dwelling, others
    household, last = dwelling.households[-1], dwelling.persons[-1]
    row = Person(f"{last.person_id}r", household.household_id, "member", start, None, face_enrolled=True)
    listed = replace(household, size=household.size + 1, care="")
    first = replace(others.residents[0], person_id=row.person_id, enrolled=True)
    others = replace(others, residents=(first, *others.residents[1:]))
    households = (*dwelling.households[:-1], listed)
    return replace(dwelling, households=households, persons=(*dwelling.persons, row)), others


def _calls(rng: Dice, tenant: Resident, span: Span, horizon_day: int, every_days: int) -> Resident:
    """For the rent, or to be seen."""
    stays, last_day = list(tenant.stays), span.last_day(horizon_day)
    day = span.start + rng.integers(4, max(every_days, 5))
    while day < last_day:
        begins = day * DAY_MIN + rng.uniform(10 * 60, 20 * 60)
        stays.append((begins, begins + rng.uniform(20, 70)))
        day += rng.integers(every_days // 2, 2 * every_days)
    return replace(tenant, stays=tuple(sorted(stays)))


def _nights(rng: Dice, start: int, last_day: int) -> Iterator[Stay]:
    day = start
    while day < last_day:
        nights = min(rng.integers(*_NIGHTS), last_day - day)
        yield day * DAY_MIN + rng.uniform(14 * 60, 21 * 60), (day + nights) * DAY_MIN + rng.uniform(8 * 60, 12 * 60)
        day += nights + rng.integers(*_PAUSE_DAYS)


def _guest(rng: Dice, seat: Resident, nights: tuple[Stay, ...], number: int) -> Resident:
    taken = tuple(stay for stay in nights if number == 0 or rng.random() < _SEAT_TAKEN)
    return replace(seat, stays=taken, new_face_each_stay=True)
