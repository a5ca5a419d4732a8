"""The same people or others: weeks of made-up manners compared."""

from dataclasses import replace

import numpy as np
import pytest
from unit.detectors.homes import home, panel_of

from detectors.occupants import (
    ELECTRICITY,
    MOST_WEEKS,
    RHYTHM,
    Manner,
    View,
    change,
    clock_moves,
    compare,
    electricity_manners,
    electricity_rhythm,
    lived_in,
    splits,
    water_manners,
)
from detectors.policy import Policy
from detectors.presence import presence

DAYS = 70
POLICY = Policy()
HERE = np.array([2.0, -2.0, 0.5, -1.5, -0.5])
OTHERS = HERE + np.array([0.8, 1.0, 0.7, 0.9, 0.9])


def days(manner=HERE, *, seed=1, noise=0.15, length=DAYS):
    drawn = np.random.default_rng(seed).normal(0, noise, (1, length, len(HERE)))
    return (manner + drawn).astype(np.float32)


def moved(on, **given):
    return np.concatenate([days(**given)[:, :on], days(OTHERS, **given)[:, on:]], axis=1)


def said(manners, lived_in=None):
    shown = np.ones(manners.shape[:2], bool) if lived_in is None else lived_in
    return float(compare([View(manners, ELECTRICITY)], shown)[0])


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
    trip[0, 52:70] = (0, -3, -2, -4, 0)
    away = np.zeros((1, DAYS), bool)
    away[0, 52:70] = True
    assert said(trip) > 0
    assert said(trip, ~away) < -1


def test_a_restless_home_needs_more():
    calm, restless = (moved(45, noise=noise) for noise in (0.1, 0.5))
    assert said(restless) < said(calm)


def one_figure(*, others, noise, step):
    """A view of one figure that changes its mean after 45 days."""
    told = np.random.default_rng(3).normal(0, noise, (1, DAYS, 1)) + step * (np.arange(DAYS) >= 45)[None, :, None]
    one = np.ones(1, np.float32)
    return View(told.astype(np.float32), Manner(axes=one[:, None], others=others * one, weekly=one, usual=0 * one))


def together(*views):
    return float(compare(views, np.ones((1, DAYS), bool))[0])


def test_who_is_restless_in_one_figure_is_less_sure_to_have_gone_by_another():
    moved, calm, restless = (one_figure(others=20, noise=n, step=s) for n, s in ((1, 5), (1, 0), (9, 0)))
    assert together(moved, restless) - together(restless) < together(moved, calm) - together(calm) - 1


def test_no_figure_decides_alone_by_which_households_differ_most():
    assert 0 < together(one_figure(others=1000, noise=1, step=30)) < 10


def test_where_few_households_live_a_home_is_more_likely_to_be_itself():
    """The same difference, once in the midst of households and once far from them."""
    step, usual = np.zeros((1, DAYS, 5), np.float32), ELECTRICITY.usual
    step[:, 45:, 0] = 4
    within = step + days(np.zeros(5), noise=0.5)
    back = np.linalg.inv(ELECTRICITY.axes.astype(float))
    midst, far = (((within + usual + off) @ back).astype(np.float32) for off in (np.zeros(5), np.full(5, 6)))
    assert said(far) < said(midst) - 1


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


def test_possible_dates_leave_three_weeks_before_and_two_after():
    assert list(splits(4)) == []
    assert list(splits(5)) == [(slice(0, 3), slice(3, 5))]
    for before, after in splits(10):
        assert before.stop >= 3
        assert 2 <= after.stop - after.start <= 6
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
    panel = panel_of(others_since(home()))
    there = presence(panel, POLICY)
    days = lived_in(there.electricity_share, panel.leased)
    manners, rhythm = View(electricity_manners(panel, POLICY), ELECTRICITY), View(electricity_rhythm(panel), RHYTHM)
    alone = [float(compare([view], days)[0]) for view in (manners, rhythm)]
    assert compared(panel)[1] == pytest.approx(sum(alone), rel=0.2)
    for figure, left in (("electricity_rhythm_cos", alone[0]), ("electricity_roughness_kwh", alone[1])):
        lost = others_since(home()).set(slice(None), **{figure: np.nan})
        assert compared(panel_of(lost))[1] == pytest.approx(left, rel=0.2)


def in_rhythm(*told, seed=1):
    """Weeks of days with these rhythms, the two waves of each as complex numbers."""
    days = np.repeat([[z.real, z.imag, w.real, w.imag] for z, w in told], 7, axis=0)
    drawn = np.random.default_rng(seed).normal(0, 0.04, days.shape)
    return (days + drawn).astype(np.float32)[None]


EVENING = np.array([-0.1 - 0.3j, 0.2j])
SHIFT_WORKERS = np.array([0.25 + 0.1j, -0.1 - 0.1j])


def told_by_rhythm(manners):
    return float(compare([View(manners, RHYTHM)], np.ones(manners.shape[:2], bool))[0])


@pytest.mark.parametrize("seed", range(3))
def test_people_of_another_rhythm_are_told_apart(seed):
    assert told_by_rhythm(in_rhythm(*[EVENING] * 10, seed=seed)) < 0
    assert told_by_rhythm(in_rhythm(*[EVENING] * 7, *[SHIFT_WORKERS] * 3, seed=seed)) > 3


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_that_is_set_by_an_hour_is_no_change_of_people(hours):
    later = EVENING * np.exp(1j * np.pi / 12 * np.array([1, 2]) * hours)
    four_later = EVENING * np.exp(1j * np.pi / 12 * np.array([4, 8]) * hours)
    clock_set = in_rhythm(*[EVENING] * 7, *[later] * 3)
    assert told_by_rhythm(clock_set) < 0.5
    blind = replace(RHYTHM, moves=())
    assert float(compare([View(clock_set, blind)], np.ones((1, 70), bool))[0]) > told_by_rhythm(clock_set) + 1
    assert told_by_rhythm(in_rhythm(*[EVENING] * 7, *[four_later] * 3)) > 3


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
    expected = [np.log(5.6), np.log(0.12), np.log(1.02), np.log(0.22), np.cos(np.pi)]
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
    "electricity_peak_hour": 11.5,
}


def test_a_manner_of_peaks_by_night_is_far_from_one_by_day():
    night, noon = (panel_of(home(days=1).set(slice(None), electricity_peak_hour=hour)) for hour in (0, 12))
    apart = electricity_manners(night, POLICY)[0, 0, 4] - electricity_manners(noon, POLICY)[0, 0, 4]
    assert apart == pytest.approx(2, abs=0.05)


def test_a_long_past_gives_the_manners_of_its_latest_weeks():
    panel = panel_of(others_since(home(days=200)))
    assert water_manners(panel, POLICY).shape == (1, 7 * MOST_WEEKS, 6)
    assert (compared(panel) > 3).all()
