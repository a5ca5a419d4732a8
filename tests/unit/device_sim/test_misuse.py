import numpy as np
import pytest

from device_sim.clock import DAY_S
from device_sim.lives import SLOTS_A_DAY


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
        most = 40 if dwelling.truth[0].subtype == "drip" else 0
        assert after.max() <= most
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


@pytest.mark.parametrize("kind", ["sublet", "vacancy", "leak"])
def test_the_lists_know_nothing_of_it(told, kind):
    dwelling = told(kind)
    assert dwelling.unit.tenure == "leased"
    assert dwelling.households[0].lease_end is None or dwelling.households[0].lease_end > dwelling.truth[0].start
    assert dwelling.absences == ()
