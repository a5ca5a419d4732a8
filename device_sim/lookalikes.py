"""Honest households that look like misuse to a rule that is too simple."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from device_sim.clock import DAY_MIN, DAY_S, HOUR_S
from device_sim.fates import Fate
from device_sim.households import Kind, draw_strangers
from device_sim.meters import DIGITS_UNLISTED, steps_of_a_turn
from device_sim.people import Group, Habits, Key, Mishap, Stay, away, away_group
from device_sim.personas import Persona
from device_sim.plan import Plan
from device_sim.records import Absence, Dwelling, Person, TruthRow
from device_sim.seeds import Dice
from device_sim.trips import leave_and_back

_SATURDAY, _MONDAY, _WEEK = 2, 4, 7  # 1970-01-03 was a Saturday
_MISHAPS = {"swap": (0, 3000), "reset": (0, 1), "jumps": (40_000, 900_000), "clock": (1900, 30 * HOUR_S)}
_ROLLS_AFTER, _STEPS_A_DAY, _ROLLS_UNLISTED = (0.05, 1.3), {"water": 230, "electricity": 450}, 0.2
_ELDERS = ("lone_elder", "elder_couple")

HOUSEHOLD_KINDS: dict[Fate, tuple[str, ...]] = {
    Fate.ELDER_WITH_DAUGHTER: _ELDERS,
    Fate.HOSPITAL: ("lone_elder", "single", "elder_couple"),
    Fate.BUSINESS_TRIPS: ("single",),
    Fate.SHIFT_WORKER: ("shift",),
    Fate.WEEKEND_RELATIVES: (*_ELDERS, "couple", "family"),
    Fate.CARER: _ELDERS,
    Fate.NEWBORN: ("couple",),
    Fate.NEW_SPOUSE: ("single",),
}
"""Which households a look-alike happens to; any where none is named."""


def elder_with_daughter(rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """The elders stay with their daughter for about two weeks; some tell the office."""
    nights = rng.integers(12, 18)
    return _everyone_away(rng, dwelling, _draw_day(rng, plan), nights, declared=0.3, reason="family")


def hospital(rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """One to two and a half weeks in a ward."""
    nights = rng.integers(7, 18)
    return _everyone_away(rng, dwelling, _draw_day(rng, plan), nights, declared=0.4, reason="medical")


def business_trips(rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """Away for work every other week, from its first days to its last, unless a trip is called off."""
    story = dwelling.story
    stays = story.groups[0].residents[0].stays
    monday = plan.first_day - (plan.first_day - _MONDAY) % _WEEK + _WEEK * rng.integers(0, 2)
    for day in range(monday, plan.horizon_day, 2 * _WEEK):
        if rng.random() < 0.85:  # noqa: PLR2004
            stays = away(stays, *leave_and_back(rng, day + rng.integers(0, 2), rng.integers(3, 6)))
    worker = replace(story.groups[0].residents[0], stays=stays)
    story = replace(story, groups=(replace(story.groups[0], residents=(worker,)),))
    return _honest(replace(dwelling, story=story), Fate.BUSINESS_TRIPS, plan.first_day, None)


def shift_worker(_rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """The household's rota is its look-alike: at home by day, out by night."""
    return _honest(dwelling, Fate.SHIFT_WORKER, plan.first_day, None)


def weekend_relatives(rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """One or two relatives come nearly every weekend, with a key or through the intercom, and stay the night."""
    kind = Kind("relatives", (Persona.HOMEMAKER, Persona.WORKER)[: rng.integers(1, 3)])
    relatives = draw_strangers(rng, kind, (Key.UNIT_CARD, Key.INTERCOM))
    stays = _weekends(rng, plan)
    guests = tuple(replace(person, stays=stays) for person in relatives.residents)
    story = dwelling.story.with_group(replace(relatives, habits=_light(relatives), residents=guests))
    return _honest(replace(dwelling, story=story), Fate.WEEKEND_RELATIVES, plan.first_day, None)


def carer(rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """Somebody looks after the elders on most days; half of them are on the list with an enrolled face."""
    listed = rng.random() < 0.5  # noqa: PLR2004
    helper = draw_strangers(rng, Kind("helper", (Persona.HOMEMAKER,)), (Key.UNIT_CARD, Key.INTERCOM))
    person = replace(helper.residents[0], stays=_mornings(rng, plan))
    if listed:
        household = dwelling.households[-1].household_id
        row = Person(f"{dwelling.persons[-1].person_id}c", household, "caregiver", None, None, face_enrolled=True)
        person = replace(person, person_id=row.person_id, enrolled=True)
        dwelling = replace(dwelling, persons=(*dwelling.persons, row))
    story = dwelling.story.with_group(replace(helper, habits=_light(helper), residents=(person,)))
    return _honest(replace(dwelling, story=story), Fate.CARER, plan.first_day, None)


def no_faces(_rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """The household enrolled no face, as is its right, and opens with cards."""
    group = dwelling.story.groups[0]
    people = tuple(replace(person, enrolled=False) for person in group.residents)
    persons = tuple(replace(person, face_enrolled=False) for person in dwelling.persons)
    story = replace(dwelling.story, groups=(replace(group, residents=people), *dwelling.story.groups[1:]))
    return _honest(replace(dwelling, story=story, persons=persons), Fate.NO_FACES, plan.first_day, None)


def new_move_in(rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """The lease began days ago; the household moved in some days after that."""
    start = plan.end_day - rng.integers(6, 16)
    moved_in = (start + rng.integers(0, 4)) * DAY_MIN + rng.uniform(9 * 60, 17 * 60)
    story = dwelling.story
    habits_building = replace(story.building, power_off_from=-inf, idle_from=moved_in)
    building = replace(habits_building, idle_w=story.building.fridge_w + story.building.standby_w)
    story = replace(story, groups=(away_group(story.groups[0], -inf, moved_in),), building=building)
    households = tuple(replace(household, lease_start=start) for household in dwelling.households[-1:])
    persons = tuple(
        replace(person, valid_from=start)
        for person in dwelling.persons
        if person.household_id == households[0].household_id
    )
    dwelling = replace(dwelling, story=story, households=households, persons=persons)
    return _honest(dwelling, Fate.NEW_MOVE_IN, start, None)


def newborn(rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """A child is born that no list names yet, and a grandmother comes to help for weeks."""
    start = _draw_day(rng, plan)
    kind = Kind("helpers", (Persona.INFANT, Persona.ELDER))
    added = draw_strangers(rng, kind, (Key.UNIT_CARD, Key.INTERCOM))
    child, grandmother = added.residents
    begins = start * DAY_MIN + rng.uniform(10 * 60, 16 * 60)
    leaves = begins + rng.integers(25, 45) * DAY_MIN
    people = (replace(child, stays=((begins, inf),)), replace(grandmother, stays=((begins, leaves),)))
    story = dwelling.story.with_group(replace(added, habits=_light(added), residents=people))
    return _honest(replace(dwelling, story=story), Fate.NEWBORN, start, None)


def new_spouse(rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """A partner moves in whom no list names yet; the tenant stays."""
    start = _draw_day(rng, plan)
    partner = draw_strangers(rng, Kind("partner", (Persona.WORKER,)))
    partner = away_group(partner, -inf, start * DAY_MIN + rng.uniform(9 * 60, 20 * 60))
    story = dwelling.story.with_group(replace(partner, habits=_light(partner)))
    return _honest(replace(dwelling, story=story), Fate.NEW_SPOUSE, start, None)


def dead_door(rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """The entrance's door controller says nothing for some days."""
    start = _draw_day(rng, plan)
    days = rng.integers(3, 11)
    dwelling = replace(dwelling, dead_door=_outage(rng, start, days))
    return _honest(dwelling, Fate.DEAD_DOOR, start, start + days)


def meter_outage(rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """A meter is not heard for some days; its dial goes on."""
    start = _draw_day(rng, plan)
    days = rng.integers(5, 15)
    silent = ((rng.pick(("water", "electricity")), _outage(rng, start, days)),)
    story = replace(dwelling.story, silent_meters=silent)
    return _honest(replace(dwelling, story=story), Fate.METER_OUTAGE, start, start + days)


def wedged_door(rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """Somebody wedges the entrance open by day for some days: whoever passes leaves no record."""
    start = _draw_day(rng, plan)
    days = rng.integers(2, 8)
    dwelling = replace(dwelling, wedged_door=(start * DAY_MIN, (start + days) * DAY_MIN))
    return _honest(dwelling, Fate.WEDGED_DOOR, start, start + days)


def meter_swap(rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """A meter is changed; the new one goes by the old id and shows little."""
    return _mishap(rng, dwelling, plan, Fate.METER_SWAP, "swap")


def meter_reset(rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """A meter loses its memory and begins anew."""
    return _mishap(rng, dwelling, plan, Fate.METER_RESET, "reset")


def meter_jumps(rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """A reading in some dozens is far too high, and the next is right again."""
    return _mishap(rng, dwelling, plan, Fate.METER_JUMPS, "jumps")


def meter_rolls(rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """A dial of four or five digits is near its end, and begins again at zero during history or later.

    One list in ten does not know how many digits it has.
    """
    kind, digits = rng.pick(("water", "electricity")), rng.pick((4, 5))
    usual_days = plan.days * rng.uniform(*_ROLLS_AFTER)
    shown = steps_of_a_turn(kind, digits) - 1 - int(usual_days * _STEPS_A_DAY[kind])
    listed = None if digits == DIGITS_UNLISTED and rng.random() < _ROLLS_UNLISTED else digits
    devices = tuple(replace(d, register_digits=listed) if d.kind == kind else d for d in dwelling.devices)
    mishap = Mishap(kind, "end", plan.first_day * DAY_S, plan.horizon_day * DAY_S, shown)
    dwelling = replace(dwelling, devices=devices, story=replace(dwelling.story, mishaps=(mishap,)))
    return _honest(dwelling, Fate.METER_ROLLS, plan.first_day, None)


def clock_wrong(rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """A meter's clock is hours behind until somebody sets it."""
    return _mishap(rng, dwelling, plan, Fate.CLOCK_WRONG, "clock")


LOOKALIKES = {
    Fate.ELDER_WITH_DAUGHTER: elder_with_daughter,
    Fate.HOSPITAL: hospital,
    Fate.BUSINESS_TRIPS: business_trips,
    Fate.SHIFT_WORKER: shift_worker,
    Fate.WEEKEND_RELATIVES: weekend_relatives,
    Fate.CARER: carer,
    Fate.NO_FACES: no_faces,
    Fate.NEW_MOVE_IN: new_move_in,
    Fate.NEWBORN: newborn,
    Fate.NEW_SPOUSE: new_spouse,
    Fate.DEAD_DOOR: dead_door,
    Fate.METER_OUTAGE: meter_outage,
    Fate.WEDGED_DOOR: wedged_door,
    Fate.METER_SWAP: meter_swap,
    Fate.METER_RESET: meter_reset,
    Fate.METER_JUMPS: meter_jumps,
    Fate.CLOCK_WRONG: clock_wrong,
    Fate.METER_ROLLS: meter_rolls,
}


def _everyone_away(rng: Dice, dwelling: Dwelling, start: int, nights: int, *, declared: float, reason: str) -> Dwelling:
    story = dwelling.story
    group = away_group(story.groups[0], *leave_and_back(rng, start, nights))
    if rng.random() < declared:
        row = Absence(dwelling.households[-1].household_id, start, start + nights, reason)
        dwelling = replace(dwelling, absences=(*dwelling.absences, row))
    fate = Fate.ELDER_WITH_DAUGHTER if reason == "family" else Fate.HOSPITAL
    return _honest(replace(dwelling, story=replace(story, groups=(group,))), fate, start, start + nights)


def _honest(dwelling: Dwelling, fate: Fate, start: int, end: int | None) -> Dwelling:
    row = TruthRow(dwelling.unit.unit_id, "honest", fate.value, start, end)
    return replace(dwelling, truth=(*dwelling.truth, row))


def _draw_day(rng: Dice, plan: Plan) -> int:
    """At any time of the history, so that it began a while after it and some of it lies before its end."""
    return plan.end_day - round(rng.uniform(0.1, 0.95) * plan.days)


def _light(group: Group) -> Habits:
    return replace(group.habits, cooks=0.0, laundry_chance=0.05, aircon_w=0.0)


def _weekends(rng: Dice, plan: Plan) -> tuple[Stay, ...]:
    first = plan.first_day - (plan.first_day - _SATURDAY) % _WEEK
    stays = []
    for saturday in range(first, plan.horizon_day, _WEEK):
        if rng.random() < 0.85:  # noqa: PLR2004
            begins = saturday * DAY_MIN + rng.uniform(8.5 * 60, 12 * 60)
            stays.append((begins, (saturday + 1) * DAY_MIN + rng.uniform(14 * 60, 20 * 60)))
    return tuple(stays)


def _mornings(rng: Dice, plan: Plan) -> tuple[Stay, ...]:
    stays = []
    for day in range(plan.first_day, plan.horizon_day):
        if rng.random() < 0.8:  # noqa: PLR2004
            begins = day * DAY_MIN + rng.normal(8.5 * 60, 15)
            stays.append((begins, begins + rng.normal(4 * 60, 30)))
    return tuple(stays)


def _mishap(rng: Dice, dwelling: Dwelling, plan: Plan, fate: Fate, what: str) -> Dwelling:
    start, days = _draw_day(rng, plan), rng.integers(3, 12)
    lasting = what in {"swap", "reset"}
    least, most = _MISHAPS[what]
    begins = start * DAY_S + rng.integers(9 * HOUR_S, 17 * HOUR_S)
    until = plan.horizon_day if lasting else start + days
    mishap = Mishap(rng.pick(("water", "electricity")), what, begins, until * DAY_S, rng.integers(least, most))
    story = replace(dwelling.story, mishaps=(mishap,))
    return _honest(replace(dwelling, story=story), fate, start, None if lasting else start + days)


def _outage(rng: Dice, start: int, days: int) -> Stay:
    begins = start * DAY_MIN + rng.uniform(0, DAY_MIN)
    return begins, begins + days * DAY_MIN
