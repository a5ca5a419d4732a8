"""What the gateway is there to find: sublets, vacancies, leaks, and people in a unit that should be empty."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from device_sim import sublets
from device_sim.cases import Disguise, draw_disguise, draw_start, told
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


def vacancy(rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """The household moves out and keeps the lease.

    The power is off; or something stays on or a tap drips; or a lamp burns every evening and a relative comes weekly.
    """
    start = draw_start(rng, plan)
    moved_out = start * DAY_MIN - rng.uniform(2 * 60, 12 * 60)
    kinds = _VACANCIES[draw_disguise(rng, plan)]
    subtype = rng.pick_by_share(tuple(kinds), tuple(kinds.values()))
    story = dwelling.story
    building = _left_behind(rng, replace(story.building, power_off_from=moved_out), subtype, moved_out)
    story = replace(story, groups=(away_group(story.groups[0], moved_out, inf),), building=building, calls=0.1)
    if subtype == "timer_lamp":
        relative = draw_strangers(rng, Kind("relative", (Persona.HOMEMAKER,)), (Key.UNIT_CARD,))
        visits = _weekly_visits(rng, start, plan.horizon_day)
        story = story.with_group(replace(relative, residents=(replace(relative.residents[0], stays=visits),)))
    return told(dwelling, story, "vacancy", subtype, start)


def leak(rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """Water runs day and night while people live on."""
    start = draw_start(rng, plan)
    toilet = rng.random() < 0.6  # noqa: PLR2004
    flow = rng.uniform(8, 40) if toilet else rng.uniform(3, 10)
    begins = start * DAY_MIN + rng.uniform(0, DAY_MIN)
    building = replace(dwelling.story.building, flow_from=begins, flow_l_per_h=flow)
    subtype = "running_toilet" if toilet else "pipe"
    return told(dwelling, replace(dwelling.story, building=building), "leak", subtype, start)


def squatting(rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """People live in a unit that is let to nobody; the careful ones walk in behind others."""
    start = draw_start(rng, plan)
    moved_in = start * DAY_MIN + rng.uniform(9 * 60, 20 * 60)
    plain = draw_disguise(rng, plan) is Disguise.PLAIN
    keys = (Key.UNIT_CARD, Key.PIN, Key.INTERCOM, Key.NOTHING) if plain else (Key.NOTHING,)
    others = draw_strangers(rng, draw_kind(rng, _SQUATTERS), keys)
    story = dwelling.story
    # The unit's own fridge and standby are those of an empty flat; the people bring theirs.
    building = replace(story.building, idle_from=moved_in, idle_w=rng.uniform(25, 60))
    story = replace(story, groups=(away_group(others, -inf, moved_in),), building=building, calls=0.5)
    return told(dwelling, story, "misuse", "squatting", start)


def overstay(rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """The lease has ended, the unit stands on the list as vacant, and the household lives on in it."""
    start = draw_start(rng, plan)
    lease = dwelling.households[-1]
    ended = replace(lease, lease_start=min(lease.lease_start, start - 365), lease_end=start - 1)
    persons = tuple(
        replace(person, valid_from=ended.lease_start, valid_to=ended.lease_end)
        for person in dwelling.persons
        if person.household_id == lease.household_id
    )
    unit = replace(dwelling.unit, tenure="vacant")
    dwelling = replace(dwelling, unit=unit, households=(*dwelling.households[:-1], ended), persons=persons)
    return told(dwelling, dwelling.story, "misuse", "overstay", start)


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


def _weekly_visits(rng: Dice, start: int, horizon_day: int) -> tuple[Stay, ...]:
    visits = []
    for day in range(start + rng.integers(1, _WEEK_DAYS), horizon_day, _WEEK_DAYS):
        begins = (day + rng.integers(0, 2)) * DAY_MIN + rng.uniform(9 * 60, 19 * 60)
        visits.append((begins, begins + rng.uniform(30, 90)))
    return tuple(visits)
