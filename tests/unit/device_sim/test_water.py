import numpy as np
import pytest

from device_sim.activities import act
from device_sim.clock import Window
from device_sim.electricity import electricity_wh, standing_wh
from device_sim.households import Kind, draw_registered
from device_sim.lives import live
from device_sim.people import Building
from device_sim.personas import Persona
from device_sim.seeds import Stream, dice
from device_sim.water import dripping_l, running_l, water_l
from device_sim.weather import temperatures_c

LITRES_A_DAY = {1: 127, 2: 228, 3: 244, 4: 319, 5: 373}
WINDOW = Window(20_000, 28)


@pytest.fixture(scope="module")
def ordinary_use(world, lives_of, plan, window):
    """Litres and kilowatt-hours a day of households to which nothing happens, by size."""
    found = {size: [] for size in LITRES_A_DAY}
    weather = temperatures_c(plan.seed, window)
    for dwelling in world.dwellings:
        if dwelling.truth or dwelling.unit.tenure != "leased":
            continue
        (lives,) = lives_of(dwelling, window)
        acts = act(plan.seed, lives, weather)
        litres = water_l(plan.seed, lives, acts)
        power = electricity_wh(plan.seed, lives, acts, weather) + standing_wh(
            plan.seed, dwelling.story.building, 1, window
        )
        figures = litres.sum() / window.days, power.sum() / 1000 / window.days
        found[dwelling.households[0].size].append((litres, *figures))
    return found


@pytest.mark.parametrize("size", LITRES_A_DAY)
def test_litres_a_day_are_those_of_real_households_of_the_size(ordinary_use, size):
    mean = np.mean([litres for _, litres, _ in ordinary_use[size]])
    assert mean == pytest.approx(LITRES_A_DAY[size], rel=0.2)


def test_households_of_one_size_differ(ordinary_use):
    litres = [litres for _, litres, _ in ordinary_use[2]]
    assert 0.15 < np.std(litres) / np.mean(litres) < 0.75  # 0.55 in Alicante


def test_electricity_is_3_to_10_kwh_a_day_for_most(ordinary_use):
    kwh = [kwh for homes in ordinary_use.values() for _, _, kwh in homes]
    assert 3.5 < np.mean(kwh) < 7
    assert np.mean([2 < value < 11 for value in kwh]) > 0.9


def test_water_is_used_in_the_morning_and_evening_rather_than_at_night(ordinary_use):
    hourly = sum(litres.reshape(-1, 24, 6).sum(axis=(0, 2)) for litres, _, _ in ordinary_use[3])
    assert hourly[2:5].mean() < 0.15 * hourly.mean()
    assert hourly[18:22].mean() > 1.5 * hourly.mean()


def test_a_leak_runs_in_every_hour_from_its_start():
    start = WINDOW.start_min + 3 * 1440
    litres = running_l(Building(0, 0, flow_from=start, flow_l_per_h=6), WINDOW).reshape(28, 24, 6).sum(axis=2)
    assert (litres[:3] == 0).all()
    assert np.allclose(litres[3:], 6)


def test_elders_get_up_at_night_more_often_than_others():
    weather = temperatures_c(1, WINDOW)
    nights = []
    for persona in (Persona.ELDER, Persona.HOMEMAKER):
        used = []
        for unit in range(20):
            group = draw_registered(dice(1, Stream.UNIT, unit), unit, Kind("some", (persona,)))
            lives = live(1, unit, 0, group, WINDOW)
            used.append(water_l(1, lives, act(1, lives, weather)).reshape(28, 144)[:, 6:24] > 0)
        nights.append(np.mean(np.any(used, axis=2)))
    assert nights[0] > nights[1] + 0.15


def test_a_valve_drips_in_some_homes_for_days_and_seldom_runs():
    year = Window(20_000, 360)
    lived_in = Building(30.0, 30.0)
    flows = np.array([dripping_l(1, unit, lived_in, year).reshape(360, 144).sum(axis=1) / 24 for unit in range(300)])
    assert 0.01 < (flows > 0).mean() < 0.06
    assert 0.03 < (flows > 5).sum() / (flows > 0).sum() < 0.2
    assert flows.max() < 8.1


def test_nobody_gets_up_or_comes_home_without_water():
    lives = live(1, 1, 0, draw_registered(dice(1, Stream.UNIT, 1), 1, Kind("some", (Persona.WORKER,))), WINDOW)
    used = water_l(1, lives, act(1, lives, temperatures_c(1, WINDOW))).reshape(28, 144) > 0
    home, awake = lives.at_home.reshape(28, 144), lives.awake.reshape(28, 144)
    up, back = awake[:, 1:] & ~awake[:, :-1], home[:, 1:] & ~home[:, :-1]
    assert up.sum() >= 28
    assert back.sum() >= 15
    assert used[:, 1:][up | back].all()
