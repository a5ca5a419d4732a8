"""What always runs, and what of it is left while nobody is there."""

import numpy as np
import pytest
from unit.detectors.homes import home, panel_of

from detectors.absence import absence
from detectors.base_load import base_kept
from detectors.policy import Policy
from detectors.presence import presence

POLICY = Policy()


def kept(one):
    panel = panel_of(one)
    there = presence(panel, POLICY)
    return float(base_kept(panel, there, absence(panel, there, POLICY).run, POLICY)[0])


def test_a_fridge_that_runs_on_keeps_all_and_a_home_without_power_nothing():
    assert kept(home().away(10)) == pytest.approx(1, abs=0.05)
    assert kept(home().cleared_out(10)) == 0


def test_a_lamp_in_the_evening_is_not_the_base():
    lamp = home().cleared_out(10)
    for name in ("electricity_kwh", "electricity_evening_kwh"):
        lamp.rows[name][80:] += 0.4
    assert kept(lamp) == 0
    assert kept(lamp.set(slice(80, None), electricity_evening_kwh=np.nan)) == pytest.approx(0.4 / 24 / 0.05)


def test_somebody_who_looks_in_does_not_hide_that_nothing_runs():
    assert kept(home().cleared_out(20).lived_in(slice(75, 76))) == 0


def test_earlier_days_away_say_what_is_left_on_a_journey():
    """The router is unplugged on journeys: half of the base is left, now as before."""
    half = {"electricity_kwh": 0.6, "electricity_min_hour_kwh": 0.02, "electricity_evening_kwh": 0.15}
    assert kept(home().away(10).set(slice(80, None), **half)) == pytest.approx(0.5)
    before = home().empty(slice(40, 44)).set(slice(40, 44), **half)
    assert kept(before.away(10).set(slice(80, None), **half)) == pytest.approx(1)


@pytest.mark.parametrize(
    "one",
    [
        home(),
        home().away(2),
        home().without("electricity").away(10).without("electricity"),
        home().moved_in(40).away(39),
        home().set(slice(None), electricity_min_hour_kwh=0).cleared_out(10),
    ],
    ids=["somebody is there", "two days", "no meter", "two lived-in days", "nothing ever ran all day"],
)
def test_without_enough_to_compare_nothing_is_said(one):
    assert np.isnan(kept(one))
