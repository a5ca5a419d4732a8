"""The same people or others: weeks of made-up manners compared."""

import numpy as np
import pytest

from detectors.occupants import ELECTRICITY, MOST_WEEKS, compare, splits

DAYS = 70
HERE = np.array([2.0, -2.0, 0.5])
OTHERS = HERE + np.array([0.8, 1.0, 0.7])


def days(manner=HERE, *, seed=1, noise=0.15, length=DAYS):
    return (manner + np.random.default_rng(seed).normal(0, noise, (1, length, 3))).astype(np.float32)


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
    trip[0, 50:64] = (0, -3, -2)
    away = np.zeros((1, DAYS), bool)
    away[0, 50:64] = True
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
    assert np.isnan(said(np.full((1, DAYS, 3), np.nan, np.float32)))
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
