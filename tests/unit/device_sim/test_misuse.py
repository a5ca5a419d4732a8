from dataclasses import replace

import numpy as np
import pytest
from unit.device_sim.conftest import PLAN

from device_sim.clock import DAY_S, Window
from device_sim.electricity import standing_wh
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


def test_cases_begin_20_to_45_days_before_the_end(world, plan):
    starts = [row.start for row in world.truth if row.kind != "honest"]
    assert all(20 <= plan.end_day - start <= 45 for start in starts)
    assert len(set(starts)) > 5


def test_a_vacancy_has_flat_water(world, days_of, window):
    seen = set()
    for dwelling in world.dwellings:
        if not dwelling.truth or dwelling.truth[0].kind != "vacancy":
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
    assert all(1 <= round((end - start) / 1440) <= 6 for start, end in first.stays)
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
        past = [start for start, _ in relative.stays if start < plan.end_day * 1440]
        assert len(past) >= (plan.end_day - dwelling.truth[0].start) // 8


def test_a_lamp_burns_in_the_evening_only():
    window = Window(20_000, 3)
    watts = standing_wh(1, Building(0, 0, power_off_from=0, lamp_from=0, lamp_w=60), 1, window).reshape(3, 144)
    assert np.allclose(watts[:, 19 * 6 : 22 * 6], 10)
    assert not watts[:, : 17 * 6].any()
