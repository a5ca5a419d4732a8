"""What the gateway is there to find: sublets, vacancies, leaks, and people in a unit that should be empty."""

from __future__ import annotations

from dataclasses import replace
from math import inf

from device_sim.clock import DAY_MIN
from device_sim.fates import Fate
from device_sim.households import draw_kind, draw_strangers
from device_sim.people import Key, Resident, Story, away_group
from device_sim.plan import Plan
from device_sim.records import Dwelling, TruthRow
from device_sim.seeds import Dice

_EARLIEST_DAYS_AGO, _LATEST_DAYS_AGO = 45, 20
_FULL_HISTORY_DAYS = 60
_RENT_CALL_EVERY_DAYS = 15
_VACANCIES = {"cleared_out": 0.45, "standby": 0.35, "drip": 0.2}
_SUBTENANTS = ("single", "couple", "family", "colleagues")
_SQUATTERS = ("single", "couple", "colleagues")


def draw_start(rng: Dice, plan: Plan) -> int:
    """The day on which a case begins: 45 to 20 days before the end of history, nearer where history is short."""
    scale = min(1.0, plan.days / _FULL_HISTORY_DAYS)
    return plan.end_day - rng.integers(round(_LATEST_DAYS_AGO * scale), round(_EARLIEST_DAYS_AGO * scale) + 1)


def whole_sublet(rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """The household hands its keys over and others move in; one of the household still calls now and then."""
    start = draw_start(rng, plan)
    handover = start * DAY_MIN + rng.uniform(9 * 60, 18 * 60)
    moved_out = handover - rng.uniform(0, 3) * DAY_MIN
    story = dwelling.story
    tenants = away_group(story.groups[0], moved_out, inf)
    tenants = replace(tenants, residents=(_rent_calls(rng, tenants.residents[0], start, plan), *tenants.residents[1:]))
    others = draw_strangers(rng, draw_kind(rng, _SUBTENANTS), (Key.UNIT_CARD, Key.UNIT_CARD, Key.PIN, Key.INTERCOM))
    others = away_group(others, -inf, handover + 60)
    story = replace(story, groups=(tenants, others))
    return _told(dwelling, story, "sublet", "whole", start)


def vacancy(rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """The household moves out and keeps the lease: with the power off, with some standby, with a dripping tap."""
    start = draw_start(rng, plan)
    moved_out = start * DAY_MIN - rng.uniform(2 * 60, 12 * 60)
    subtype = rng.pick_by_share(tuple(_VACANCIES), tuple(_VACANCIES.values()))
    story = dwelling.story
    building = replace(story.building, power_off_from=moved_out)
    standby_w = rng.uniform(500, 1500) / 24
    if subtype == "standby" or (subtype == "drip" and rng.random() < 0.5):  # noqa: PLR2004
        building = replace(building, idle_from=moved_out, idle_w=standby_w)
    if subtype == "drip":
        building = replace(building, flow_from=moved_out, flow_l_per_h=rng.uniform(0.3, 1.5))
    story = replace(story, groups=(away_group(story.groups[0], moved_out, inf),), building=building)
    return _told(dwelling, replace(story, calls=0.1), "vacancy", subtype, start)


def leak(rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """Water runs day and night while people live on."""
    start = draw_start(rng, plan)
    toilet = rng.random() < 0.6  # noqa: PLR2004
    flow = float(rng.uniform(8, 40) if toilet else rng.uniform(3, 10))
    begins = start * DAY_MIN + rng.uniform(0, DAY_MIN)
    building = replace(dwelling.story.building, flow_from=begins, flow_l_per_h=flow)
    subtype = "running_toilet" if toilet else "pipe"
    return _told(dwelling, replace(dwelling.story, building=building), "leak", subtype, start)


def squatting(rng: Dice, dwelling: Dwelling, plan: Plan) -> Dwelling:
    """People live in a unit that is let to nobody."""
    start = draw_start(rng, plan)
    moved_in = start * DAY_MIN + rng.uniform(9 * 60, 20 * 60)
    others = draw_strangers(rng, draw_kind(rng, _SQUATTERS), (Key.UNIT_CARD, Key.PIN, Key.INTERCOM, Key.NOTHING))
    story = dwelling.story
    # The unit's own fridge and standby are those of an empty flat; the people bring theirs.
    building = replace(story.building, idle_from=moved_in, idle_w=rng.uniform(25, 60))
    story = replace(story, groups=(away_group(others, -inf, moved_in),), building=building, calls=0.5)
    return _told(dwelling, story, "misuse", "squatting", start)


MISUSES = {
    Fate.SUBLET: whole_sublet,
    Fate.VACANCY: vacancy,
    Fate.LEAK: leak,
    Fate.SQUATTING: squatting,
}


def _rent_calls(rng: Dice, tenant: Resident, start: int, plan: Plan) -> Resident:
    stays = list(tenant.stays)
    day = start + rng.integers(4, _RENT_CALL_EVERY_DAYS)
    while day < plan.horizon_day:
        begins = day * DAY_MIN + rng.uniform(10 * 60, 20 * 60)
        stays.append((begins, begins + rng.uniform(20, 70)))
        day += rng.integers(_RENT_CALL_EVERY_DAYS // 2, 2 * _RENT_CALL_EVERY_DAYS)
    return replace(tenant, stays=tuple(stays))


def _told(dwelling: Dwelling, story: Story, kind: str, subtype: str, start: int) -> Dwelling:
    row = TruthRow(dwelling.unit.unit_id, kind, subtype, start, None)
    return replace(dwelling, story=story, truth=(*dwelling.truth, row))
