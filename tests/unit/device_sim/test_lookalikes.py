from dataclasses import replace

import numpy as np
import pytest

from device_sim.clock import DAY_MIN, DAY_S
from device_sim.engine import simulate
from device_sim.lives import SLOTS_A_DAY
from device_sim.lookalikes import LOOKALIKES
from device_sim.personas import Persona


def lived_in_days(lives, days: int) -> np.ndarray:
    """(days,) whether anybody of a group was at home for an hour."""
    return lives.at_home.any(axis=0).reshape(days, SLOTS_A_DAY).sum(axis=1) >= 6


@pytest.mark.parametrize("fate", LOOKALIKES)
def test_every_lookalike_is_told_as_honest(told, fate):
    dwelling = told("honest", fate.value)
    (row,) = dwelling.truth
    assert dwelling.unit.tenure == "leased"
    assert row.unit_id == dwelling.unit.unit_id


@pytest.mark.parametrize(("fate", "least"), [("elder_with_daughter", 11), ("hospital", 6)])
def test_a_long_absence_is_whole_and_ends(told, lives_of, window, fate, least):
    dwelling = told("honest", fate)
    row = dwelling.truth[0]
    days = lived_in_days(lives_of(dwelling, window)[0], window.days)
    away = slice(row.start + 1 - window.first_day, min(row.end - window.first_day, window.days))
    assert not days[away].any()
    assert row.end - row.start > least
    assert days[: away.start - 1].any()


def test_business_trips_come_again_and_again(told, lives_of, window):
    days = lived_in_days(lives_of(told("honest", "business_trips"), window)[0], window.days)
    assert 0.1 < 1 - days.mean() < 0.5
    left = np.flatnonzero(np.diff(days.astype(int)) == -1)
    assert len(left) >= 3
    assert {round(days_between / 7) % 2 for days_between in np.diff(left)} == {0}  # every other week


def test_relatives_are_there_at_weekends_only(told, lives_of, window):
    guests = lives_of(told("honest", "weekend_relatives"), window)[1]
    days = lived_in_days(guests, window.days)
    weekend = (np.arange(window.first_day, window.first_day + window.days) - 4) % 7 >= 5
    assert days[weekend].mean() > 0.5
    assert not days[~weekend].any()


def test_a_carer_comes_by_day_and_does_not_sleep_there(told, lives_of, window):
    helper = lives_of(told("honest", "carer"), window)[1]
    assert lived_in_days(helper, window.days).mean() > 0.6
    assert not helper.at_home.reshape(-1, 24, 6)[:, :5].any()


def test_a_household_without_faces_is_never_named_by_one(told, days_of):
    dwelling = told("honest", "no_faces")
    assert not any(person.face_enrolled for person in dwelling.persons)
    persons = {person.person_id for person in dwelling.persons}
    _, days = days_of(dwelling)
    events = [event.record for event in days.events]
    assert not [record for record in events if record.person_id in persons and record.method == "face"]
    assert [record for record in events if record.unit_id == dwelling.unit.unit_id and record.method == "card"]


def test_before_a_new_household_moves_in_nobody_is_there(told, lives_of, days_of, window, plan):
    dwelling = told("honest", "new_move_in")
    start = dwelling.truth[0].start
    assert 6 <= plan.end_day - start <= 15
    assert dwelling.households[0].lease_start == start
    assert {person.valid_from for person in dwelling.persons} == {start}
    days = lived_in_days(lives_of(dwelling, window)[0], window.days)
    assert not days[: start - window.first_day].any()
    assert days[start - window.first_day :].any()
    _, found = days_of(dwelling)
    power = next(
        r for r in found.readings if r.device.kind == "electricity" and r.device.unit_id == dwelling.unit.unit_id
    )
    assert np.ptp(power.steps[power.seconds < start * DAY_S]) == 0


def test_a_newborn_and_a_grandmother_join(told, lives_of, window):
    dwelling = told("honest", "newborn")
    parents, added = lives_of(dwelling, window)
    start = dwelling.truth[0].start - window.first_day
    assert [resident.persona for resident in added.group.residents] == [Persona.INFANT, Persona.ELDER]
    assert not added.at_home[:, : start * SLOTS_A_DAY].any()
    assert added.at_home[:, (start + 1) * SLOTS_A_DAY :].mean() > 0.5
    assert lived_in_days(parents, window.days)[start:].any()


def test_a_new_spouse_joins_a_tenant_who_stays(told, lives_of, window):
    dwelling = told("honest", "new_spouse")
    tenant, partner = lives_of(dwelling, window)
    start = dwelling.truth[0].start - window.first_day
    assert lived_in_days(tenant, window.days)[start:].mean() > 0.5
    assert lived_in_days(partner, window.days)[start + 1 :].all()
    assert not lived_in_days(partner, window.days)[:start].any()


def test_a_dead_controller_is_silent_for_days_while_people_live_on(told, days_of, lives_of, window):
    dwelling = told("honest", "dead_door")
    entrance, days = days_of(dwelling)
    start, end = dwelling.dead_door
    seconds = np.array([e.record.second for e in days.events if e.record.device_id == entrance.door.device_id])
    assert not ((seconds >= start * 60) & (seconds < end * 60)).any()
    assert (seconds < start * 60).any()
    assert (seconds >= end * 60).any()
    assert end - start >= 3 * DAY_MIN
    assert lived_in_days(lives_of(dwelling, window)[0], window.days)[dwelling.truth[0].start - window.first_day :].any()


def heard_of(told, days_of, fate: str):
    dwelling = told("honest", fate)
    (mishap,) = dwelling.story.mishaps
    _, days = days_of(dwelling)
    (heard,) = (r for r in days.readings if r.device.kind == mishap.kind and r.device.unit_id == dwelling.unit.unit_id)
    return mishap, heard


@pytest.mark.parametrize("fate", ["meter_swap", "meter_reset"])
def test_a_new_dial_begins_low_and_counts_on(told, days_of, fate):
    mishap, heard = heard_of(told, days_of, fate)
    before, after = heard.steps[heard.seconds < mishap.from_s], heard.steps[heard.seconds >= mishap.from_s]
    assert after[0] < before[-1]
    assert (np.diff(after) >= 0).all()


def test_a_reading_that_jumps_is_right_again_at_once(told, days_of):
    mishap, heard = heard_of(told, days_of, "meter_jumps")
    jumps = np.flatnonzero(np.diff(heard.steps) >= mishap.amount)
    falls = np.flatnonzero(np.diff(heard.steps) < 0)
    assert len(jumps) >= 1
    assert len(falls) == len(jumps)
    assert (falls - jumps <= 2).all()


def test_a_clock_that_is_behind_is_set_right(told, days_of):
    mishap, heard = heard_of(told, days_of, "clock_wrong")
    wrong = (heard.seconds >= mishap.from_s) & (heard.seconds < mishap.until_s)
    assert wrong.sum() > 24
    assert set((heard.seconds - heard.clock_s)[wrong]) == {mishap.amount}
    assert (heard.clock_s[~wrong] == heard.seconds[~wrong]).all()
    assert (np.diff(heard.steps) >= 0).all()


def test_a_wedged_door_says_so_each_morning_and_sees_nobody_by_day(told, world, plan, window):
    dwelling = replace(told("honest", "wedged_door"), dead_door=None)
    entrance = next(e for e in world.entrances if dwelling.unit in [d.unit for d in e.dwellings])
    alone = replace(entrance, dwellings=(dwelling,))
    days = simulate(plan.seed, alone, window, {})
    start, end = (minute * 60 for minute in dwelling.wedged_door)
    at_door = [e.record for e in days.events if e.record.device_id == entrance.door.device_id]
    by_day = [r for r in at_door if start <= r.second < end and 9 <= r.second % DAY_S / 3600 < 19]
    assert not by_day
    held = [r for r in at_door if r.kind == "held_open"]
    assert len(held) == (end - start) // DAY_S
    assert any(start <= r.second < end and r.kind == "passage" for r in at_door)


def test_an_unheard_meters_dial_goes_on(told, days_of):
    dwelling = told("honest", "meter_outage")
    ((kind, (start, end)),) = dwelling.story.silent_meters
    _, days = days_of(dwelling)
    heard = next(r for r in days.readings if r.device.kind == kind and r.device.unit_id == dwelling.unit.unit_id)
    minutes = heard.seconds / 60
    assert not ((minutes >= start) & (minutes < end)).any()
    assert heard.steps[minutes >= end][0] > heard.steps[minutes < start][-1]
