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


def test_the_shape_of_a_day():
    """A litre an hour, but 13 L from seven to eight and 61 L from eight at night to nine."""
    used = np.ones(24)
    used[7], used[20] = 13, 61
    result = days(range(25), [0.5, *(0.5 + np.cumsum(used) / 1000)])
    assert result.night[0] == pytest.approx(6)
    assert result.morning[0] == pytest.approx(18)
    assert result.evening[0] == pytest.approx(66)
    assert result.roughness[0] == pytest.approx((2 * 12 + 2 * 60) / 23)
    assert result.peak_hour[0] == 20


def test_the_shape_of_a_day_with_a_gap_is_that_of_its_known_hours():
    """From three to seven the meter was silent: too long to say when it was, short enough for the day."""
    used = np.ones(24)
    used[2], used[20] = 30, 61
    hours = [hour for hour in range(25) if hour not in {4, 5, 6}]
    dial = 0.5 + np.concatenate(([0], np.cumsum(used))) / 1000
    result = days(hours, dial[hours])
    assert result.hours_known[0] == 20
    assert result.roughness[0] == pytest.approx((2 * 29 - 29 + 2 * 60) / 18)
    assert result.peak_hour[0] == 20
    assert np.isnan(result.morning[0])
    assert result.evening[0] == pytest.approx(66)


def rhythm(used, hours=range(25)):
    dial = 0.5 + np.concatenate(([0], np.cumsum(used))) / 1000
    result = days(hours, dial[list(hours)])
    return np.array([getattr(result, f"rhythm_{name}")[0] for name in ("cos", "sin", "cos2", "sin2")])


def busy_at(hour, litres=30):
    used = np.zeros(24)
    used[hour] = litres
    return used


def test_the_rhythm_of_a_day_says_when_it_is_busy():
    """A litre more is as much as any other tenth of what there is: logarithms."""
    angle = np.pi * 15 / 12
    waves = [np.cos(angle / 2), np.sin(angle / 2), np.cos(angle), np.sin(angle)]
    np.testing.assert_allclose(rhythm(busy_at(7)), np.log(31) / 24 * np.array(waves), atol=1e-9)
    np.testing.assert_allclose(rhythm(np.full(24, 3.0)), 0, atol=1e-9)
    np.testing.assert_allclose(rhythm(busy_at(7, 960)), 2 * rhythm(busy_at(7)), rtol=1e-2)


def test_the_same_day_an_hour_later_is_its_rhythm_turned():
    before, after = rhythm(busy_at(7) + busy_at(20)), rhythm(busy_at(8) + busy_at(21))
    turned = (before.reshape(2, 2) @ [1, 1j]) * np.exp(1j * np.pi / 12 * np.array([1, 2]))
    np.testing.assert_allclose(after.reshape(2, 2) @ [1, 1j], turned, atol=1e-9)


def test_an_hour_that_is_not_known_counts_in_the_rhythm_as_the_others_do():
    used = np.full(24, 5.0)
    used[8] = 50
    gap = [hour for hour in range(25) if hour not in {14, 15, 16}]
    known = np.delete(np.arange(24), [13, 14, 15, 16])
    mean = np.log1p(used)[known].mean()
    expected = ((np.log1p(used) - mean)[known] * np.cos(np.pi / 12 * (known + 0.5))).sum() / 24
    assert rhythm(used, gap)[0] == pytest.approx(expected)


def test_a_day_of_which_less_is_known_or_without_use_has_no_shape():
    hours = [*range(13), *range(19, 25)]
    result = days(hours, steady(hours))
    assert np.isnan([result.roughness[0], result.peak_hour[0], result.rhythm_cos[0], result.rhythm_sin2[0]]).all()
    nothing = days(range(25), [100.0] * 25)
    assert nothing.roughness[0] == nothing.rhythm_cos[0] == 0
    assert np.isnan(nothing.peak_hour[0])


@pytest.mark.parametrize("length", [23, 25])
def test_a_day_on_which_clocks_change_has_a_shape(length):
    """Hours count from midnight; the last one of a long day belongs to no part of it."""
    used = np.ones(48)
    used[9] = 40
    result = days(range(49), [0.5, *(0.5 + np.cumsum(used) / 1000)], midnights=(0, length, 48))
    assert result.peak_hour[0] == 9
    assert result.morning[0] == pytest.approx(45)
    assert result.roughness[0] == pytest.approx(2 * 39 / (length - 1))
    assert np.isnan(result.evening[0]) == (length == 23)


def test_a_meter_that_reports_daily_gives_days_but_no_hours():
    result = days([-1, 23, 47, 71, 95, 97], steady([-1, 23, 47, 71, 95, 97]))
    assert result.use == pytest.approx([120] * DAYS)
    assert result.hours_known.tolist()[:3] == [0, 0, 0]
    assert np.isnan(result.min_hour[:3]).all()


def test_a_meter_that_reports_every_four_hours_tells_whether_water_ever_stopped():
    """12 L in each stretch of four hours, but 4 L in the second, and a clock that is ten minutes late."""
    used = np.full(12, 0.012)
    used[1] = used[7] = 0.004
    result = days([4 * at + 1 / 6 for at in range(-1, 12)], [0.5, *(0.5 + np.cumsum(used))], midnights=(0, 24, 48))
    assert np.isnan(result.min_hour).all()
    assert result.least_flow[0] == pytest.approx(1)


def test_the_least_flow_is_the_least_hour_where_hours_are_known_and_daily_readings_have_none():
    hours = range(DAYS * 24 + 1)
    hourly = days(hours, steady(hours))
    assert hourly.least_flow.tolist() == hourly.min_hour.tolist()
    daily = [-1, 23, 47, 71, 95, 97]
    assert np.isnan(days(daily, steady(daily)).least_flow[:3]).all()


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


def test_a_roll_over_after_a_silent_night_counts_on():
    hours = [*range(8), *range(20, 25)]
    register = [value % 100_000 for value in steady(hours, start=99_999.95)]
    result = days(hours, register, digits=5)
    assert result.use[0] == pytest.approx(120, abs=1e-3)
    assert result.flags[0] == Flag.ROLL_OVER


def test_a_fall_that_would_be_too_much_for_a_roll_over_is_a_reset():
    hours = list(range(25))
    result = days(hours, steady(hours[:12], start=95_000) + steady(range(13), start=0.0), digits=5)
    assert result.flags[0] == Flag.RESET
    assert result.use[0] == pytest.approx(115)


def test_the_same_digits_elsewhere_on_the_dial_are_a_reset():
    hours = list(range(25))
    result = days(hours, steady(hours[:12], start=500.0) + steady(range(13), start=3.0), digits=5)
    assert result.flags[0] == Flag.RESET


def test_a_new_meter_that_is_set_to_its_start_counts_from_there():
    hours = list(range(25))
    result = days(hours, [0.0, 0.0, *steady(hours[2:], start=3.0)])  # 3 m³: less than a pipe allows in an hour
    assert result.flags[0] == Flag.PRESET
    assert result.use[0] == pytest.approx(22 * 5)
    assert result.coverage[0] == pytest.approx(23 / 24)


def test_a_serviced_meter_that_is_set_after_its_reset_counts_neither_way():
    hours = list(range(25))
    register = [*steady(hours[:10]), 20.0, *steady(hours[11:], start=23.0)]
    result = days(hours, register)
    assert result.flags[0] == Flag.RESET | Flag.PRESET
    assert result.use[0] == pytest.approx(22 * 5)


def test_values_that_contradict_each_other_say_nothing_around_them():
    """A clock was set back by hours: in order of the device's time the dial goes up and down."""
    hours = list(range(25))
    register = steady(hours)
    register[10:13] = [100.2, 100.06, 100.21]
    result = days(hours, register)
    assert result.flags[0] == Flag.DISORDER
    assert result.coverage[0] == pytest.approx(20 / 24)
    assert result.use[0] == pytest.approx(20 * 5)


def test_what_is_noticed_stands_on_its_own_day():
    hours = list(range(49))
    register = steady(hours)
    register[23] = 900.0
    assert days(hours, register).flags.tolist() == [Flag.SPIKE, 0, 0, 0]


def test_service_begins_and_ends_with_the_readings():
    hours = range(6, 31)
    result = days(hours, steady(hours))
    assert result.service_from.tolist() == [0.25, 0, 0, 0]
    assert result.service_to.tolist() == [1, 0.25, 0, 0]
    assert result.in_service.tolist() == [True, True, False, False]


def test_meters_do_not_see_each_other():
    """Two meters on one axis give what each gives alone."""
    hours = np.arange(25)
    one, other = np.array(steady(hours)), np.array(steady(hours, per_hour=0.5, start=7.0))
    alone = [days(hours, one).use[:1], days(hours, other, ELECTRICITY).use[:1]]
    bounds = np.array(MIDNIGHTS[:2], "i8") * HOUR_US
    both = meter_days(
        Points(meter=np.repeat([0, 1], 25), ts_us=np.tile(hours * HOUR_US, 2), register=np.concatenate((one, other))),
        Days(meter=np.array([0, 1]), start_us=np.repeat(bounds[0], 2), end_us=np.repeat(bounds[1], 2)),
        [Meter(commodity=WATER, register_digits=None), Meter(commodity=ELECTRICITY, register_digits=None)],
    )
    assert both.use.tolist() == np.concatenate(alone).tolist()


@given(st.sets(st.integers(0, DAYS * 24 * 4), min_size=2, max_size=120))
def test_what_is_known_never_exceeds_what_the_dial_says(quarters):
    hours = sorted(quarter / 4 for quarter in quarters)
    result = days(hours, steady(hours))
    total = (hours[-1] - hours[0]) * 5
    assert np.nansum(result.use) <= total + 1e-6
    assert ((result.coverage >= 0) & (result.coverage <= 1)).all()
    assert (np.isnan(result.use) == (result.coverage == 0)).all()


rises = st.lists(st.tuples(st.integers(1, 40), st.integers(0, 40)), min_size=2, max_size=80)
"""Quarters of an hour that pass, and hundredths of a m³ that flow in them: never more than a pipe allows."""


@given(rises, st.sampled_from([None, 3, 5]), st.integers(0, 99_999))
def test_known_use_is_true_use_where_readings_bound_it(played, digits, start):
    """What flowed in a known stretch is counted once: over roll-overs, and whatever is not known beside it."""
    quarters = np.cumsum([0] + [quarter for quarter, _ in played])
    flowed = np.cumsum([0] + [hundredths for _, hundredths in played]) / 100
    dial = np.inf if digits is None else 10.0**digits
    shown = (start % min(dial, 1e5) + 1 + flowed) % dial if digits else start + 1 + flowed
    result = days(quarters / 4, shown, digits=digits)
    truth = np.interp(np.array(MIDNIGHTS) * 4, quarters, flowed) * 1000
    known = np.isclose(result.coverage, 1)
    assert np.nan_to_num(result.use, nan=0).min() >= 0
    assert result.use[known] == pytest.approx(np.diff(truth)[known], abs=1e-4)
    assert np.nansum(result.use) <= flowed[-1] * 1000 + 1e-4


@given(rises, st.lists(st.tuples(st.integers(0, 79), st.floats(0, 1e5)), max_size=6))
def test_no_rubbish_on_the_dial_makes_negative_use_or_more_than_a_pipe_allows(played, rubbish):
    quarters = np.cumsum([0] + [quarter for quarter, _ in played])
    shown = 50 + np.cumsum([0] + [hundredths for _, hundredths in played]) / 100
    for at, value in rubbish:
        shown[at % len(shown)] = value
    result = days(quarters / 4, shown, digits=5)
    assert np.nan_to_num(result.use, nan=0).min() >= 0
    assert np.nan_to_num(result.use, nan=0).max() <= WATER.most_per_hour * 24 + 1e-6
    assert (np.isnan(result.use) == (result.coverage == 0)).all()


@given(rises)
def test_more_flow_is_never_less_use(played):
    quarters = np.cumsum([0] + [quarter for quarter, _ in played]) / 4
    flow = np.array([0] + [hundredths for _, hundredths in played]) / 100
    less, more = days(quarters, 50 + np.cumsum(flow)), days(quarters, 50 + np.cumsum(flow * 1.5))
    assert (np.nan_to_num(more.use, nan=0) >= np.nan_to_num(less.use, nan=0) - 1e-6).all()
