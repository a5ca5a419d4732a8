"""A stuck meter is not an empty home, and an empty home is not a stuck meter."""

import numpy as np
import pytest

from gateway.rollup.stuck import stuck_days

DAYS = 30
STILL = slice(20, 30)


def judged(kwh=None, water=None, hours=None, coverage=None):
    """Thirty days of a home in which 6 kWh and 150 L are used, but for what the test says."""
    return stuck_days(
        electricity_kwh=np.full(DAYS, 6.0) if kwh is None else kwh,
        electricity_coverage=np.ones(DAYS) if coverage is None else coverage,
        water_l=np.full(DAYS, 150.0) if water is None else water,
        water_hours=np.full(DAYS, 8.0) if hours is None else hours,
    )


def with_still_days(days=STILL, before=6.0):
    kwh = np.full(DAYS, before)
    kwh[days] = 0.0
    return kwh


def test_still_to_the_last_digit_while_water_is_drawn_is_stuck():
    assert np.flatnonzero(judged(with_still_days())).tolist() == list(range(20, 30))


def test_a_home_that_somebody_left_is_not_a_stuck_meter():
    water = np.full(DAYS, 150.0)
    water[STILL] = 0.0
    assert not judged(with_still_days(), water).any()


def test_water_that_runs_round_the_clock_is_a_leak_and_no_life():
    water, hours = np.full(DAYS, 150.0), np.full(DAYS, 8.0)
    water[STILL], hours[STILL] = 500.0, 24
    assert not judged(with_still_days(), water, hours).any()


def test_a_home_whose_switch_is_usually_off_is_not_stuck():
    kwh = with_still_days()
    kwh[15] = 0.0
    assert not judged(kwh).any()


def test_the_least_that_a_standby_lamp_takes_moves_the_register():
    assert not judged(with_still_days() + 0.01).any()


@pytest.mark.parametrize(("days", "stuck"), [(slice(20, 22), 0), (slice(20, 23), 3), (slice(3, 30), 0)])
def test_it_needs_days_of_standstill_and_days_of_movement(days, stuck):
    assert judged(with_still_days(days)).sum() == stuck


def test_unknown_days_say_neither():
    kwh, coverage = with_still_days(), np.ones(DAYS)
    kwh[STILL], coverage[STILL] = np.nan, 0.0
    assert not judged(kwh, coverage=coverage).any()
    assert not judged(with_still_days(), water=np.full(DAYS, np.nan), hours=np.full(DAYS, np.nan)).any()
