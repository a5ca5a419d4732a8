from dataclasses import replace

import numpy as np
import pytest
from unit.device_sim.conftest import PLAN, well_within

from device_sim.clock import DAY_S, Window
from device_sim.electricity import standing_wh
from device_sim.engine import simulate
from device_sim.fates import Fate
from device_sim.history import history_window
from device_sim.lives import SLOTS_A_DAY
from device_sim.misuse import MISUSES
from device_sim.people import Building
from device_sim.world import build_world


def daily(heard, first_day: int, days: int) -> np.ndarray:
    """Use of each day by the dial, in steps."""
    midnights = (first_day + np.arange(days + 1)) * DAY_S
    return np.diff(np.interp(midnights, heard.seconds, heard.steps))


def dials(dwelling, days_of, window):
    _, days = days_of(dwelling)
    return {
        heard.device.kind: daily(heard, window.first_day, window.days)
        for heard in days.readings
        if heard.device.unit_id == dwelling.unit.unit_id
    }


def start_of(dwelling, window) -> int:
    return dwelling.truth[0].start - window.first_day


def all_cases(world):
    return [row for dwelling in world.dwellings for row in dwelling.truth if row.kind != "honest"]


def test_cases_begin_before_the_history_and_at_any_time_of_it_most_of_them_long_enough_ago_to_be_found(plan):
    world = build_world(replace(plan, units=2000, days=200))
    starts = np.array([row.start for row in all_cases(world)])
    begun = (starts - world.plan.first_day) / world.plan.days
    assert 0.08 < (begun < 0).mean() < 0.25
    assert 0.08 < (starts > plan.end_day - 20).mean() < 0.25
    assert (np.histogram(begun, bins=5, range=(0, 1))[0] > 8).all()


def test_of_a_short_history_most_cases_are_older_than_its_last_third(plan):
    cases = all_cases(build_world(replace(plan, units=1000, days=6)))
    assert np.mean([row.start <= plan.end_day - 2 for row in cases]) > 0.6
    assert max(row.start for row in cases) < plan.end_day


def test_some_cases_end_within_the_history_and_none_before_it(plan):
    world = build_world(replace(plan, units=2000, days=200))
    ends = [row.end for row in all_cases(world) if row.end is not None]
    assert min(ends) > world.plan.first_day
    assert 0.1 < sum(end < plan.end_day for end in ends) / len(all_cases(world)) < 0.5


def test_the_truth_tells_the_disguise_of_those_who_hide(world):
    hidden = {(row.kind, row.subtype): set() for row in all_cases(world)}
    for row in all_cases(world):
        hidden[row.kind, row.subtype].add(row.disguise)
    assert hidden["sublet", "whole"] == {"plain", "careful", "registered"}
    assert hidden["vacancy", "cleared_out"] == {"plain"}
    assert hidden["misuse", "overstay"] == hidden["leak", "pipe"] == hidden["sublet", "short_let"] == {""}
    assert {row.disguise for row in world.truth if row.kind == "honest"} == {""}


def test_a_vacancy_has_flat_water(world, days_of, window):
    seen = set()
    for dwelling in world.dwellings:
        if not dwelling.truth or dwelling.truth[0].kind != "vacancy" or not well_within(dwelling.truth[0]):
            continue
        seen.add(dwelling.truth[0].subtype)
        start, use = start_of(dwelling, window), dials(dwelling, days_of, window)
        before, after = use["water"][: start - 2], use["water"][start + 1 :]
        assert before.mean() > 30
        most = {"drip": 40, "timer_lamp": 60}.get(dwelling.truth[0].subtype, 0)
        assert after.max() <= most
        assert np.median(after) <= min(most, 40)
    assert "cleared_out" in seen


def test_a_cleared_out_flat_takes_no_power_and_standby_a_little(told, days_of, window):
    for subtype, least, most in (("cleared_out", 0, 0), ("standby", 0.4, 1.6)):
        dwelling = told("vacancy", subtype)
        kwh = dials(dwelling, days_of, window)["electricity"][start_of(dwelling, window) + 1 :] / 100
        assert least <= kwh.min()
        assert kwh.max() <= most


def test_nobody_of_a_vacancy_passes_the_door(told, days_of):
    dwelling = told("vacancy", "cleared_out")
    persons = {person.person_id for person in dwelling.persons}
    _, days = days_of(dwelling)
    seen = [e.record.second // DAY_S for e in days.events if e.record.person_id in persons]
    start = dwelling.truth[0].start
    assert len([day for day in seen if day < start]) > 10
    assert len([day for day in seen if day > start]) <= 1  # a neighbour's face may be mistaken


def test_a_leak_raises_the_least_hour_and_people_live_on(told, days_of, lives_of, window):
    dwelling = told("leak")
    _, days = days_of(dwelling)
    (heard,) = (r for r in days.readings if r.device.kind == "water" and r.device.unit_id == dwelling.unit.unit_id)
    hours = window.first_day * DAY_S + 3600 * np.arange(window.days * 24 + 1)
    hourly = np.diff(np.interp(hours, heard.seconds, heard.steps)).reshape(-1, 24)
    start = start_of(dwelling, window)
    assert np.median(hourly[:start].min(axis=1)) < 1
    assert np.median(hourly[start + 1 :].min(axis=1)) >= 2
    (lives,) = lives_of(dwelling, window)
    assert lives.at_home[:, (start + 1) * SLOTS_A_DAY :].any(axis=0).mean() > 0.3


def test_a_sublet_changes_the_people(told, lives_of, window):
    dwelling = told("sublet", "whole")
    tenants, others = lives_of(dwelling, window)
    handover = start_of(dwelling, window)
    before, after = slice(0, (handover - 3) * SLOTS_A_DAY), slice((handover + 1) * SLOTS_A_DAY, None)
    assert tenants.at_home[:, before].any(axis=0).mean() > 0.3
    assert not others.at_home[:, before].any()
    assert tenants.at_home[:, after].any(axis=0).mean() < 0.02
    assert others.at_home[:, after].any(axis=0).mean() > 0.3


def test_a_sublet_changes_the_faces_at_the_door(told, days_of):
    dwelling = told("sublet", "whole")
    handover = dwelling.truth[0].start
    tenants = {person.person_id for person in dwelling.persons}
    others = {name for resident in dwelling.story.groups[1].residents for name in resident.pseudonyms}
    _, days = days_of(dwelling)
    of_tenants = [e.record.second // DAY_S for e in days.events if e.record.person_id in tenants]
    of_others = [e.record.second // DAY_S for e in days.events if e.record.stranger_id in others]
    assert len([day for day in of_tenants if day < handover - 3]) > 10
    assert len([day for day in of_tenants if day > handover]) < 15
    assert of_others
    assert min(of_others) >= handover
    assert len(set(of_others)) > 5


def test_squatters_live_in_a_unit_that_nobody_leases(told, lives_of, days_of, window):
    dwelling = told("misuse", "squatting")
    assert dwelling.unit.tenure != "leased"
    start, use = start_of(dwelling, window), dials(dwelling, days_of, window)
    assert use["water"][: start - 1].max() == 0
    assert use["electricity"][: start - 1].max() == 0
    assert use["water"][start + 1 :].mean() > 30
    assert use["electricity"][start + 1 :].mean() > 100
    assert all(resident.person_id is None for group in dwelling.story.groups for resident in group.residents)


@pytest.mark.parametrize(("kind", "subtype"), [("sublet", "short_let"), ("vacancy", ""), ("leak", "")])
def test_the_lists_know_nothing_of_it(told, kind, subtype):
    dwelling = told(kind, subtype)
    assert dwelling.unit.tenure == "leased"
    assert dwelling.households[0].lease_end is None or dwelling.households[0].lease_end > dwelling.truth[0].start
    assert dwelling.absences == ()


def disguised(level: int):
    """What happens in the first hundred units, all of it disguised so well; rates high enough to see everything."""
    own = tuple((fate, 0.08) for fate in MISUSES)
    plan = replace(PLAN, units=100, disguise=level, lookalike_rate=0.0, own_rates=own)
    return plan, [dwelling for dwelling in build_world(plan).dwellings if dwelling.truth]


def of_kind(dwellings, subtype):
    return [dwelling for dwelling in dwellings if dwelling.truth[0].subtype == subtype]


def test_a_room_sublet_adds_people_and_the_tenants_stay(told, lives_of, window):
    dwelling = told("sublet", "room")
    tenants, lodgers = lives_of(dwelling, window)
    start = start_of(dwelling, window)
    assert tenants.at_home[:, start * SLOTS_A_DAY :].any(axis=0).mean() > 0.3
    assert not lodgers.at_home[:, : start * SLOTS_A_DAY].any()
    assert lodgers.at_home[:, (start + 1) * SLOTS_A_DAY :].any(axis=0).mean() > 0.2


def test_guests_of_a_short_let_each_have_a_face_and_stay_some_nights(told, days_of, lives_of, window):
    dwelling = told("sublet", "short_let")
    _, seats = lives_of(dwelling, window)
    first = seats.group.residents[0]
    assert all(0.4 < (end - start) / 1440 < 6 for start, end in first.stays)  # one night to five
    known = {name for resident in seats.group.residents for name in resident.pseudonyms}
    _, days = days_of(dwelling)
    unit = dwelling.unit.unit_id
    faces = {
        e.record.stranger_id
        for e in days.events
        if e.record.unit_id == unit and e.record.method == "pin" and e.record.stranger_id
    }
    assert len(faces) >= 4
    assert not faces & known  # each stay has a face of its own


def test_a_group_rental_has_more_people_than_the_list(told):
    dwelling = told("sublet", "group")
    assert len(dwelling.story.groups[1].residents) >= 6 > dwelling.households[0].size - 1


def test_an_overstay_is_a_lease_that_ended_in_a_home_that_is_lived_in(told, lives_of, window):
    dwelling = told("misuse", "overstay")
    start = dwelling.truth[0].start
    assert dwelling.unit.tenure == "vacant"
    assert dwelling.households[-1].lease_end == start - 1
    assert {person.valid_to for person in dwelling.persons} == {start - 1}
    assert lives_of(dwelling, window)[0].at_home[:, (start - window.first_day) * SLOTS_A_DAY :].any()


def test_plain_cases_are_on_no_list_and_leave_an_empty_flat_dark():
    _, cases = disguised(0)
    assert {d.truth[0].subtype for d in cases if d.truth[0].kind == "vacancy"} == {"cleared_out"}
    for dwelling in of_kind(cases, "whole"):
        assert not any(resident.person_id for resident in dwelling.story.groups[1].residents)


def test_the_best_disguise_is_a_relative_on_the_list_and_a_lamp_with_a_weekly_visit():
    plan, cases = disguised(2)
    for dwelling in of_kind(cases, "whole") + of_kind(cases, "room"):
        relative = next(r.person_id for r in dwelling.story.groups[1].residents if r.enrolled)
        (row,) = (person for person in dwelling.persons if person.person_id == relative)
        assert (row.role, row.valid_from, row.face_enrolled) == ("member", dwelling.truth[0].start, True)
        assert dwelling.households[-1].size == len(dwelling.persons)
    lamps = of_kind(cases, "timer_lamp")
    assert lamps
    for dwelling in lamps:
        assert dwelling.story.building.lamp_w > 0
        (relative,) = dwelling.story.groups[1].residents
        case, last = dwelling.truth[0], min(dwelling.truth[0].end or plan.end_day, plan.end_day)
        past = [start for start, _ in relative.stays if start < last * 1440]
        assert len(past) >= (last - case.start - 7) // 8


def test_a_lamp_burns_in_the_evening_only():
    window = Window(20_000, 3)
    watts = standing_wh(1, Building(0, 0, power_off_from=0, lamp_from=0, lamp_w=60), 1, window).reshape(3, 144)
    assert np.allclose(watts[:, 19 * 6 : 22 * 6], 10)
    assert not watts[:, : 17 * 6].any()


def ended(kind: str, subtype: str):
    """A home in which a case ended ten days and more before the end of the history, and its world."""
    plan = replace(PLAN, units=600, days=120, own_rates=((Fate(kind), 0.1),), misuse_rate=0.0, lookalike_rate=0.0)
    for entrance in build_world(plan).entrances:
        for dwelling in entrance.dwellings:
            for row in dwelling.truth:
                within = plan.first_day + 14 < row.start and (row.end or plan.end_day) < plan.end_day - 14
                if within and row.subtype == subtype:
                    return plan, replace(entrance, dwellings=(dwelling,)), row
    raise LookupError(kind)


def water_of(plan, entrance, row):
    """Litres a day before, during and after a case."""
    window = history_window(plan)
    heard = next(r for r in simulate(plan.seed, entrance, window, {}).readings if r.device.kind == "water")
    use = daily(heard, window.first_day, window.days)
    start, end = row.start - window.first_day, row.end - window.first_day
    return use[: start - 3], use[start + 1 : end - 1], use[end + 4 :]


def test_a_household_comes_back_to_a_home_that_was_empty():
    before, during, after = water_of(*ended("vacancy", "cleared_out"))
    assert during.max() == 0
    assert after.mean() > 0.4 * before.mean() > 10


def test_a_leak_is_mended():
    before, during, after = water_of(*ended("leak", "running_toilet"))
    assert during.mean() > before.mean() + 100
    assert after.mean() < during.mean() - 100


def test_after_a_sublet_the_tenants_live_there_again(lives_of):
    plan, entrance, row = ended("sublet", "whole")
    tenants, others = lives_of(entrance.dwellings[0], history_window(plan))
    end = (row.end - plan.first_day + 4) * SLOTS_A_DAY
    assert tenants.at_home[:, end:].any(axis=0).mean() > 0.3
    assert not others.at_home[:, end:].any()


def test_squatters_and_those_who_stayed_on_leave():
    for subtype in ("squatting", "overstay"):
        _, during, after = water_of(*ended(subtype, subtype))
        assert during.mean() > 30
        assert after.max() == 0
