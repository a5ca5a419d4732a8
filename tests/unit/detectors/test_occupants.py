"""The same people or others: weeks of made-up manners compared."""

from dataclasses import replace

import numpy as np
import pytest
from unit.detectors.homes import home, panel_of

from detectors.occupants import (
    ELECTRICITY,
    MOST_WEEKS,
    RHYTHM,
    change,
    clock_moves,
    compare,
    electricity_manners,
    electricity_rhythm,
    lived_in,
    splits,
    together,
    water_manners,
)
from detectors.policy import Policy
from detectors.presence import presence

DAYS = 70
POLICY = Policy()
HERE = np.array([2.0, -2.0, 0.5, -1.5, 0.25, -0.5])
OTHERS = HERE + np.array([0.8, 1.0, 0.7, 0.9, 0.1, 0.5])
UNREST = np.array([1, 1, 1, 1, 0.2, 1])
"""How much each figure differs from day to day, beside the others."""


def days(manner=HERE, *, seed=1, noise=0.15, length=DAYS):
    drawn = np.random.default_rng(seed).normal(0, noise, (1, length, len(HERE)))
    return (manner + drawn * UNREST).astype(np.float32)


def moved(on, **given):
    return np.concatenate([days(**given)[:, :on], days(OTHERS, **given)[:, on:]], axis=1)


def said(manners, lived_in=None):
    shown = np.ones(manners.shape[:2], bool) if lived_in is None else lived_in
    return float(compare(manners, shown, ELECTRICITY)[0])


@pytest.mark.parametrize("seed", range(5))
def test_the_same_people_live_on(seed):
    assert said(days(seed=seed)) < -1


@pytest.mark.parametrize("on", [30, 38, 45, 52, 56])
def test_others_moved_in_on_any_day_that_leaves_two_weeks(on):
    assert said(moved(on)) > 3


def test_a_change_within_the_last_week_is_not_yet_told():
    assert said(moved(DAYS - 6)) < 1


def test_days_that_nobody_lived_in_are_left_out():
    trip = days()
    trip[0, 52:70] = (0, -3, -2, -4, 0.25, 0)
    away = np.zeros((1, DAYS), bool)
    away[0, 52:70] = True
    assert said(trip) > 0
    assert said(trip, ~away) < -1


def test_a_restless_home_needs_more():
    calm, restless = (moved(45, noise=noise) for noise in (0.1, 0.5))
    assert said(restless) < said(calm)


def test_unknown_days_and_too_few_weeks():
    gaps = moved(45)
    gaps[0, ::3] = np.nan
    assert said(gaps) > 3
    assert np.isnan(said(days()[:, :27]))
    assert np.isnan(said(np.full((1, DAYS, len(HERE)), np.nan, np.float32)))
    assert np.isnan(said(days(), np.zeros((1, DAYS), bool)))


def test_only_the_latest_weeks_are_compared():
    old = np.concatenate([days(OTHERS, length=40), days(length=7 * MOST_WEEKS)], axis=1)
    assert said(old) < -1


def test_possible_dates_leave_two_weeks_on_either_side():
    assert list(splits(3)) == []
    assert list(splits(4)) == [(slice(0, 2), slice(2, 4))]
    for before, after in splits(10):
        assert before.stop >= 2 <= after.stop - after.start <= 6
        assert before.stop <= after.start


def compared(panel):
    found = change(panel, presence(panel, POLICY), POLICY, panel.leased)
    return np.stack([found.water, found.electricity])


def others_since(one, ago=28):
    """People of another kind: they use as much, but cook at noon, bathe in the morning, and have a steady load."""
    when = slice(one.days - ago, None)
    water, kwh = one.rows["water_l"][when], one.rows["electricity_kwh"][when]
    return one.set(
        when,
        water_morning_l=water * 0.8,
        water_evening_l=water * 0.05,
        water_roughness_l=water / 40,
        electricity_morning_kwh=kwh * 0.6,
        electricity_roughness_kwh=kwh / 200,
        electricity_peak_hour=12,
    )


def estate():
    homes = [home(f"u{number}") for number in range(6)]
    others_since(homes[2])
    homes[3].without("water")
    homes[4].without("electricity", when=slice(20, 40))
    return panel_of(*homes)


def test_other_people_show_in_the_shape_of_their_days_alone():
    panel = estate()
    said = compared(panel)
    assert (said[:, 2] > 3).all()
    assert np.nanmax(np.delete(said, 2, axis=1)) < 0


def test_a_channel_that_is_missing_says_nothing_and_a_gap_changes_little():
    said = compared(estate())
    assert np.isnan(said[0, 3])
    assert said[1, 3] < 0
    assert said[1, 4] < 0


def test_no_home_is_judged_by_another():
    panel = estate()
    order = np.array([4, 2, 0, 5, 1, 3])
    np.testing.assert_array_equal(compared(panel.take(order)), compared(panel)[:, order])
    np.testing.assert_array_equal(compared(panel.take(order[:1])), compared(panel)[:, order[:1]])


def test_days_whose_shape_is_not_known_are_left_out():
    """As on the days before an upgrade: what is left decides, and without any shape nothing is said."""
    shaped = others_since(home()).set(slice(0, 30), electricity_roughness_kwh=np.nan, water_morning_l=np.nan)
    assert (compared(panel_of(shaped)) > 3).all()
    bare = home().set(slice(None), electricity_peak_hour=np.nan, water_roughness_l=np.nan)
    bare.set(slice(None), electricity_rhythm_sin2=np.nan)
    assert np.isnan(compared(panel_of(bare))).all()


def test_without_a_rhythm_the_other_figures_of_electricity_tell_alone():
    """As where days are older than the upgrade and their readings are gone; and the other way round."""
    both = others_since(home())
    panel = panel_of(both)
    there = presence(panel, POLICY)
    days = lived_in(there.electricity_share, panel.leased)
    manners = compare(electricity_manners(panel, POLICY), days, ELECTRICITY)
    rhythm = compare(electricity_rhythm(panel), days, RHYTHM)
    assert compared(panel)[1] == (manners + rhythm) / 2
    assert compared(panel_of(both.set(slice(None), electricity_rhythm_cos=np.nan)))[1] == manners
    nothing = np.full(1, np.nan, np.float32)
    assert together(nothing, rhythm) == rhythm
    assert np.isnan(together(nothing, nothing))


def in_rhythm(*told, seed=1):
    """Weeks of days with these rhythms, the two waves of each as complex numbers."""
    days = np.repeat([[z.real, z.imag, w.real, w.imag] for z, w in told], 7, axis=0)
    drawn = np.random.default_rng(seed).normal(0, 0.04, days.shape)
    return (days + drawn).astype(np.float32)[None]


EVENING = np.array([-0.1 - 0.3j, 0.2j])
SHIFT_WORKERS = np.array([0.25 + 0.1j, -0.1 - 0.1j])


def told_by_rhythm(manners):
    return float(compare(manners, np.ones(manners.shape[:2], bool), RHYTHM)[0])


@pytest.mark.parametrize("seed", range(3))
def test_people_of_another_rhythm_are_told_apart(seed):
    assert told_by_rhythm(in_rhythm(*[EVENING] * 10, seed=seed)) < 0
    assert told_by_rhythm(in_rhythm(*[EVENING] * 7, *[SHIFT_WORKERS] * 3, seed=seed)) > 3


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_that_is_set_by_an_hour_is_no_change_of_people(hours):
    later = EVENING * np.exp(1j * np.pi / 12 * np.array([1, 2]) * hours)
    three_later = EVENING * np.exp(1j * np.pi / 12 * np.array([3, 6]) * hours)
    clock_set = in_rhythm(*[EVENING] * 7, *[later] * 3)
    assert told_by_rhythm(clock_set) < 0.5
    blind = replace(RHYTHM, moves=())
    assert float(compare(clock_set, np.ones((1, 70), bool), blind)[0]) > told_by_rhythm(clock_set) + 1
    assert told_by_rhythm(in_rhythm(*[EVENING] * 7, *[three_later] * 3)) > 3


def test_an_hour_turns_a_rhythm_to_the_hour_after():
    """On the axes as off them: what is moved there is what the day of an hour later shows."""
    at = np.pi / 12 * np.array([7.5, 8.5])
    before, after = (np.array([np.cos(a), np.sin(a), np.cos(2 * a), np.sin(2 * a)]) for a in at)
    forward, back = clock_moves(RHYTHM.axes)
    np.testing.assert_allclose(before @ RHYTHM.axes @ forward, after @ RHYTHM.axes, atol=1e-4)
    np.testing.assert_allclose(after @ RHYTHM.axes @ back, before @ RHYTHM.axes, atol=1e-4)


def test_manners_of_a_day():
    day = panel_of(home(days=1))
    day = replace(day, **{name: np.full((1, 1), value, np.float32) for name, value in TOLD.items()})
    expected = [np.log(125), 2, np.log(41), np.log(6), 48 / 144, 36 / 144]
    np.testing.assert_allclose(water_manners(day, POLICY)[0, 0], expected, rtol=1e-5)
    expected = [np.log(5.6), np.log(0.12), np.log(1.02), np.log(0.22), 0.2, np.cos(np.pi)]
    np.testing.assert_allclose(electricity_manners(day, POLICY)[0, 0], expected, rtol=1e-5)


TOLD = {
    "water_l": 120,
    "water_active_hours": 8,
    "water_max_hour_l": 40,
    "water_roughness_l": 5,
    "water_morning_l": 48,
    "water_evening_l": 36,
    "electricity_kwh": 5.5,
    "electricity_min_hour_kwh": 0.1,
    "electricity_max_hour_kwh": 1.0,
    "electricity_roughness_kwh": 0.2,
    "electricity_morning_kwh": 1.2,
    "electricity_peak_hour": 11.5,
}


def test_a_manner_of_peaks_by_night_is_far_from_one_by_day():
    night, noon = (panel_of(home(days=1).set(slice(None), electricity_peak_hour=hour)) for hour in (0, 12))
    apart = electricity_manners(night, POLICY)[0, 0, 5] - electricity_manners(noon, POLICY)[0, 0, 5]
    assert apart == pytest.approx(2, abs=0.05)


def test_a_long_past_gives_the_manners_of_its_latest_weeks():
    panel = panel_of(others_since(home(days=200)))
    assert water_manners(panel, POLICY).shape == (1, 7 * MOST_WEEKS, 6)
    assert (compared(panel) > 3).all()
