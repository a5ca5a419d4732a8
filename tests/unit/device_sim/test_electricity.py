from dataclasses import replace
from datetime import date
from math import inf

import numpy as np
import pytest

from device_sim.activities import act
from device_sim.clock import DAY_MIN, Window, day_of
from device_sim.electricity import electricity_wh, standing_wh
from device_sim.households import Kind, draw_registered
from device_sim.lives import live
from device_sim.people import Building, away_group
from device_sim.personas import Persona
from device_sim.seeds import Stream, dice
from device_sim.weather import temperatures_c

WINDOW = Window(20_000, 28)


def kwh_a_day(story_building: Building) -> float:
    return float(standing_wh(1, story_building, 3, WINDOW).sum()) / 1000 / WINDOW.days


def test_fridge_and_standby_run_all_day():
    assert kwh_a_day(Building(standby_w=0, fridge_w=30)) == pytest.approx(30 * 24 / 1000, rel=0.05)
    assert kwh_a_day(Building(standby_w=20, fridge_w=30)) == pytest.approx(50 * 24 / 1000, rel=0.25)


def test_with_the_power_off_nothing_runs():
    assert kwh_a_day(Building(standby_w=20, fridge_w=30, power_off_from=0)) == 0


def test_what_is_left_on_runs_evenly():
    power = standing_wh(1, Building(20, 30, power_off_from=0, idle_from=0, idle_w=42), 3, WINDOW)
    assert np.allclose(power, 7)


def heater_kw(*, heats_ahead: bool) -> np.ndarray:
    """(28, 144) kilowatts of the water heater of a home-maker who is gone after two weeks."""
    group = draw_registered(dice(1, Stream.UNIT, 1), 1, Kind("some", (Persona.HOMEMAKER,)))
    left = (WINDOW.first_day + 14) * DAY_MIN
    group = away_group(group, left, inf)
    kwh = []
    for heater in (True, False):
        habits = replace(group.habits, electric_heater=heater, heats_ahead=heats_ahead, electricity_gain=1.0)
        lives = live(1, 1, 0, replace(group, habits=habits), WINDOW)
        mild = np.full(WINDOW.slots, 18.0)
        kwh.append(electricity_wh(1, lives, act(1, lives, mild), mild).reshape(28, 144) / 1000 * 6)
    return kwh[0] - kwh[1]


def test_a_water_heater_that_is_left_on_heats_again_for_an_hour_and_keeps_warm_while_somebody_lives_there():
    kilowatts = heater_kw(heats_ahead=False)
    assert kilowatts[:13].min() > 0.02
    assert 0.3 < kilowatts[:13].max() < 2.5
    assert (kilowatts[15:] == 0).all()


def test_one_that_is_switched_on_for_a_shower_heats_in_the_hour_before():
    ahead, after = (heater_kw(heats_ahead=way)[:13].ravel() for way in (True, False))
    assert np.median(ahead) == pytest.approx(0, abs=1e-9)
    assert np.flatnonzero(ahead > 0.1).tolist() == (np.flatnonzero(after > 0.1) - 6).tolist()


def test_lights_are_lit_earlier_in_winter_and_rooms_are_heated_less_in_the_morning():
    at_home = draw_registered(dice(1, Stream.UNIT, 1), 1, Kind("some", (Persona.INFANT,)))
    watts = {}
    for month, outdoors_c in ((6, 20.0), (12, 20.0), (1, 4.0)):
        window = Window(day_of(date(2026, month, 5)), 14)
        cold, lives = np.full(window.slots, outdoors_c), live(1, 1, 0, at_home, window)
        use = electricity_wh(1, lives, act(1, lives, cold), cold) * 6
        use = np.where(lives.people_awake > 0, use, np.nan).reshape(14, 24, 6)
        watts[month] = {hour: np.nanmedian(use[:, hour]) for hour in (7, 17)}
    assert watts[12][17] > watts[6][17] + 20
    assert watts[1][7] < 0.6 * watts[1][17]


def test_summer_evenings_take_more_than_autumn_ones(world, lives_of, plan):
    dwelling = next(d for d in world.dwellings if not d.truth and d.unit.tenure == "leased")
    kwh = []
    for month in (7, 10):
        window = Window(day_of(date(2027, month, 9)), 20)
        (lives,) = lives_of(dwelling, window)
        weather = temperatures_c(plan.seed, window)
        kwh.append(electricity_wh(plan.seed, lives, act(plan.seed, lives, weather), weather).sum())
    assert kwh[0] > 1.3 * kwh[1]
