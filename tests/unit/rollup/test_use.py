"""Use is a difference of registers, taken with care. Times in hours from a local midnight."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.rollup.use import ELECTRICITY, HOUR_US, WATER, Days, Flag, Meter, Points, meter_days

DAYS = 4
MIDNIGHTS = tuple(range(0, DAYS * 24 + 1, 24))


def days(hours, register, commodity=WATER, digits=None, midnights=MIDNIGHTS):
    ts_us = np.rint(np.array(hours, float) * HOUR_US).astype("i8")
    bounds = np.array(midnights, "i8") * HOUR_US
    return meter_days(
        Points(meter=np.zeros(len(ts_us), "i8"), ts_us=ts_us, register=np.array(register, float)),
        Days(meter=np.zeros(len(bounds) - 1, "i8"), start_us=bounds[:-1], end_us=bounds[1:]),
        [Meter(commodity=commodity, register_digits=digits)],
    )


def steady(hours, per_hour=0.005, start=100.0):
    return [start + per_hour * hour for hour in hours]


def test_hourly_readings_give_days_and_hours():
    hours = range(DAYS * 24 + 1)
    result = days(hours, steady(hours))
    assert result.use == pytest.approx([120] * DAYS)
    assert result.coverage == pytest.approx([1] * DAYS)
    assert result.hours_known.tolist() == [24] * DAYS
    assert result.active_hours.tolist() == [24] * DAYS
    assert result.min_hour == pytest.approx([5] * DAYS)
    assert result.evening == pytest.approx([30] * DAYS)


def test_a_meter_that_reports_daily_gives_days_but_no_hours():
    result = days([-1, 23, 47, 71, 95, 97], steady([-1, 23, 47, 71, 95, 97]))
    assert result.use == pytest.approx([120] * DAYS)
    assert result.hours_known.tolist()[:3] == [0, 0, 0]
    assert np.isnan(result.min_hour[:3]).all()


def test_no_data_is_not_no_use():
    hours = [*range(25), *range(72, 97)]
    result = days(hours, steady(hours))
    assert result.coverage == pytest.approx([1, 0, 0, 1])
    assert np.isnan(result.use[1:3]).all()
    assert result.in_service.all()


def test_part_of_a_day_is_covered_in_part():
    result = days(range(13), steady(range(13)))
    assert result.coverage == pytest.approx([0.5, 0, 0, 0])
    assert result.use[0] == pytest.approx(60)
    assert result.in_service.tolist() == [True, False, False, False]


def test_a_roll_over_counts_on():
    hours = range(25)
    register = [value % 100_000 for value in steady(hours, start=99_999.96)]
    result = days(hours, register, digits=5)
    assert result.use[0] == pytest.approx(120, abs=1e-3)
    assert result.flags[0] & Flag.ROLL_OVER


def test_a_reset_is_unknown_for_its_hour_only():
    hours = list(range(25))
    register = steady(hours[:12]) + steady(range(13), start=0.0)
    result = days(hours, register)
    assert result.use[0] == pytest.approx(115)
    assert result.coverage[0] == pytest.approx(23 / 24)
    assert result.flags[0] == Flag.RESET


@pytest.mark.parametrize(("wrong", "flag"), [(3.0, Flag.DIP), (900.0, Flag.SPIKE)])
def test_a_single_wrong_value_changes_nothing(wrong, flag):
    hours = list(range(25))
    register = steady(hours)
    register[12] = wrong
    result = days(hours, register)
    assert result.use[0] == pytest.approx(120)
    assert result.flags[0] == flag


def test_a_jump_that_no_pipe_allows_is_unknown():
    hours = list(range(25))
    register = steady(hours[:12]) + steady(hours[12:], start=9000.0)
    result = days(hours, register)
    assert result.use[0] == pytest.approx(115)
    assert result.flags[0] == Flag.JUMP


def test_electricity_counts_in_kilowatt_hours():
    hours = range(25)
    assert days(hours, steady(hours, per_hour=0.25), ELECTRICITY).use[0] == pytest.approx(6)


def test_one_reading_says_nothing():
    result = days([5], [1.0])
    assert np.isnan(result.use).all()
    assert result.in_service.tolist() == [True, False, False, False]


def test_a_day_of_23_hours_is_a_whole_day():
    hours = range(48)
    result = days(hours, steady(hours), midnights=(0, 23, 47))
    assert result.coverage == pytest.approx([1, 1])
    assert result.use == pytest.approx([115, 120])


@given(st.sets(st.integers(0, DAYS * 24 * 4), min_size=2, max_size=120))
def test_what_is_known_never_exceeds_what_the_dial_says(quarters):
    hours = sorted(quarter / 4 for quarter in quarters)
    result = days(hours, steady(hours))
    total = (hours[-1] - hours[0]) * 5
    assert np.nansum(result.use) <= total + 1e-6
    assert ((result.coverage >= 0) & (result.coverage <= 1)).all()
    assert (np.isnan(result.use) == (result.coverage == 0)).all()
