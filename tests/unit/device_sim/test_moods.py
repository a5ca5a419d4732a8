from dataclasses import replace

import numpy as np
import pytest

from device_sim.clock import Window
from device_sim.households import Kind, draw_registered
from device_sim.moods import always_on, moods
from device_sim.personas import Persona
from device_sim.seeds import Stream, dice

YEAR = Window(20_000, 365)
GROUP = draw_registered(dice(1, Stream.UNIT, 1), 1, Kind("some", (Persona.WORKER, Persona.PUPIL)))


def test_a_home_is_unlike_itself_from_month_to_month():
    water = np.log([moods(1, key, GROUP, YEAR).water for key in range(30)])
    months = water[:, :360].reshape(30, 12, 30).mean(axis=2)
    assert 0.04 < np.median(np.abs(np.diff(months, axis=1))) < 0.25
    assert abs(months.mean()) < 0.1


def test_an_unsteady_home_changes_more_from_day_to_day():
    steady, unsteady = (replace(GROUP, habits=replace(GROUP.habits, unsteady=factor)) for factor in (0.5, 2.0))
    spread = [np.std([np.log(moods(1, key, group, YEAR).water) for key in range(9)]) for group in (steady, unsteady)]
    assert spread[1] > 2 * spread[0]


def test_a_pupil_goes_to_school_and_a_worker_has_weeks_at_home():
    stays_in = np.array([moods(1, key, GROUP, YEAR).stays_in for key in range(30)])
    assert np.median(stays_in[..., 1]) < 0.05
    assert 0.15 < stays_in[..., 0].mean() < 0.5
    assert (stays_in[..., 0] == 1).mean() == pytest.approx(0.04, abs=0.02)  # ill


def test_what_is_always_on_changes_when_appliances_do():
    factors = np.array([always_on(1, unit, YEAR) for unit in range(30)])
    assert np.median(factors.max(axis=1) / factors.min(axis=1)) > 1.3
    assert np.abs(np.diff(np.log(factors), axis=1)).mean() < 0.1
