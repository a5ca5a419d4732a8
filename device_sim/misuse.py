"""What the gateway is there to find: sublets, vacancies, leaks, and people in a unit that should be empty."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from device_sim import sublets
from device_sim.cases import Disguise, draw_disguise, draw_span, told
from device_sim.clock import DAY_MIN
from device_sim.fates import Fate
from device_sim.households import Kind, draw_kind, draw_strangers
from device_sim.people import Building, Key, Stay, away_group
from device_sim.personas import Persona
from device_sim.plan import Plan
from device_sim.records import Dwelling
from device_sim.seeds import Dice

_VACANCIES = {
    Disguise.PLAIN: {"cleared_out": 1.0},
    Disguise.CAREFUL: {"standby": 0.65, "drip": 0.35},
    Disguise.REGISTERED: {"timer_lamp": 1.0},
}
_SQUATTERS = ("single", "couple", "colleagues")
_WEEK_DAYS = 7
_REPAIRED, _REPAIRED_AFTER_DAYS = 0.6, (5, 60)


def vacancy(rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """The household moves out and keeps the lease; some come back.

    The power is off; or something stays on or a tap drips; or a lamp burns every evening and a relative comes weekly.
    """
    span, disguise = draw_span(rng, plan), draw_disguise(rng, plan)
    moved_out, back = span.start_min(-rng.uniform(2, 12)), span.end_min(rng.uniform(9, 20))
    kinds = _VACANCIES[disguise]
    subtype = rng.pick_by_share(tuple(kinds), tuple(kinds.values()))
    story = dwelling.story
    empty = replace(story.building, power_off_from=moved_out, until=back)
    building = _left_behind(rng, empty, subtype, moved_out)
    household = away_group(story.groups[0], moved_out, back)
    story = replace(story, groups=(household,), building=building, hardly_called=(moved_out, back))
    if subtype == "timer_lamp":
        relative = draw_strangers(rng, Kind("relative", (Persona.HOMEMAKER,)), (Key.UNIT_CARD,))
        visits = _weekly_visits(rng, span.start, span.last_day(plan.horizon_day))
        story = story.with_group(replace(relative, residents=(replace(relative.residents[0], stays=visits),)))
    return told(dwelling, story, "vacancy", subtype, span, disguise=disguise)


def leak(rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """Water runs day and night while people live on, until somebody mends it."""
    span = draw_span(rng, plan, ends=_REPAIRED, lasts_days=_REPAIRED_AFTER_DAYS)
    toilet = rng.random() < 0.6  # noqa: PLR2004
    flow = rng.uniform(8, 40) if toilet else rng.uniform(3, 10)
    begins, mended = span.start_min(rng.uniform(0, 24)), span.end_min(rng.uniform(9, 18))
    building = replace(dwelling.story.building, flow_from=begins, flow_l_per_h=flow, until=mended)
    subtype = "running_toilet" if toilet else "pipe"
    return told(dwelling, replace(dwelling.story, building=building), "leak", subtype, span)


def squatting(rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """People live in a unit that is let to nobody; the careful ones walk in behind others."""
    span = draw_span(rng, plan)
    moved_in, gone = span.start_min(rng.uniform(9, 20)), span.end_min(rng.uniform(9, 20))
    disguise = Disguise.PLAIN if draw_disguise(rng, plan) is Disguise.PLAIN else Disguise.CAREFUL
    plain = disguise is Disguise.PLAIN
    keys = (Key.UNIT_CARD, Key.PIN, Key.INTERCOM, Key.NOTHING) if plain else (Key.NOTHING,)
    others = draw_strangers(rng, draw_kind(rng, _SQUATTERS), keys)
    story = dwelling.story
    # The unit's own fridge and standby are those of an empty flat; the people bring theirs.
    building = replace(story.building, idle_from=moved_in, idle_w=rng.uniform(25, 60), until=gone)
    others = away_group(away_group(others, -inf, moved_in), gone, inf)
    story = replace(story, groups=(others,), building=building, calls=0.5)
    return told(dwelling, story, "misuse", "squatting", span, disguise=disguise)


def overstay(rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """The lease has ended, the unit stands on the list as vacant, and the household lives on in it."""
    span = draw_span(rng, plan)
    lease, moves_out, story = dwelling.households[-1], span.end_min(rng.uniform(9, 20)), dwelling.story
    ended = replace(lease, lease_start=min(lease.lease_start, span.start - 365), lease_end=span.start - 1)
    persons = tuple(
        replace(person, valid_from=ended.lease_start, valid_to=ended.lease_end)
        for person in dwelling.persons
        if person.household_id == lease.household_id
    )
    unit = replace(dwelling.unit, tenure="vacant")
    dwelling = replace(dwelling, unit=unit, households=(*dwelling.households[:-1], ended), persons=persons)
    building, household = replace(story.building, power_off_from=moves_out), away_group(story.groups[0], moves_out, inf)
    story = replace(story, groups=(household,), building=building, hardly_called=(moves_out, inf))
    return told(dwelling, story, "misuse", "overstay", span)


MISUSES = {
    Fate.SUBLET: sublets.whole,
    Fate.ROOM_SUBLET: sublets.room,
    Fate.SHORT_LET: sublets.short_let,
    Fate.GROUP_RENTAL: sublets.group_rental,
    Fate.VACANCY: vacancy,
    Fate.LEAK: leak,
    Fate.SQUATTING: squatting,
    Fate.OVERSTAY: overstay,
}


def _left_behind(rng: Dice, building: Building, subtype: str, moved_out: float) -> Building:
    standby_w = rng.uniform(500, 1500) / 24
    if subtype == "standby" or (subtype == "drip" and rng.random() < 0.5):  # noqa: PLR2004
        building = replace(building, idle_from=moved_out, idle_w=standby_w)
    if subtype == "drip":
        building = replace(building, flow_from=moved_out, flow_l_per_h=rng.uniform(0.3, 1.5))
    if subtype == "timer_lamp":
        building = replace(building, idle_from=moved_out, idle_w=standby_w / 3)
        building = replace(building, lamp_from=moved_out, lamp_w=rng.uniform(25, 90))
    return building


def _weekly_visits(rng: Dice, start: int, last_day: int) -> tuple[Stay, ...]:
    visits = []
    for day in range(start + rng.integers(1, _WEEK_DAYS), last_day - 1, _WEEK_DAYS):
        begins = (day + rng.integers(0, 2)) * DAY_MIN + rng.uniform(9 * 60, 19 * 60)
        visits.append((begins, begins + rng.uniform(30, 90)))
    return tuple(visits)
