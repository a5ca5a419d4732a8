"""Weeks of one shared door: which faces are looked at, who came with whom, what the dials did."""

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from gateway.detection.attributing import (
    ELSEWHERE,
    HOURS,
    NOBODYS,
    DoorWeeks,
    attribute,
    candidates,
    company,
    free_days,
    hourly_use,
    hours_since,
    places,
    week_ends,
)

SECOND_US = 1_000_000


def weeks(days, unit=NOBODYS, stranger=7, units=3):
    hours = np.array(days) * 24 + 18
    return DoorWeeks(
        stranger=np.full(len(hours), stranger),
        hour=hours,
        direction=np.ones(len(hours), np.intp),
        unit=np.full(len(hours), unit),
        company=np.empty((0, 2), np.intp),
        registered=np.zeros(units, np.float32),
        use=(),
        free_day=free_days(date(2026, 11, 2)),
    )


def joined(*parts):
    columns = ("stranger", "hour", "direction", "unit")
    return replace(parts[0], **{name: np.concatenate([getattr(part, name) for part in parts]) for name in columns})


def test_weeks_end_on_the_estates_weekday_with_four_weeks_before_and_a_day_after():
    assert list(week_ends("e1", date(2026, 10, 1), date(2026, 11, 7))) == [date(2026, 10, 29), date(2026, 11, 5)]
    assert list(week_ends("e1", date(2026, 10, 2), date(2026, 10, 29))) == []
    assert list(week_ends("e1", date(2026, 10, 3), date(2026, 11, 6))) == [date(2026, 11, 5)]
    ends = {next(week_ends(f"e{number}", date(2026, 1, 1), date(2026, 3, 1))).weekday() for number in range(60)}
    assert len(ends) == 7


def test_faces_that_came_unnamed_on_five_days_are_looked_at():
    assert candidates(joined(weeks([1, 2, 3, 4]), weeks([1, 2, 3, 4, 5], stranger=9))).tolist() == [9]
    assert candidates(weeks([1, 1, 2, 3, 4])).tolist() == []
    assert candidates(joined(weeks([1, 2, 3, 4]), weeks([5], unit=2))).tolist() == []
    assert candidates(joined(weeks([1, 2, 3, 4]), weeks([5], unit=ELSEWHERE))).tolist() == []


def test_whoever_the_intercom_let_in_as_one_homes_is_that_homes():
    chance = attribute(joined(weeks(range(6)), weeks([1, 9, 17], unit=2)), np.array([7]))
    assert chance.shape == (1, 3)
    assert chance[0, 2] > 0.8
    assert chance[0, :2].tolist() == [0, 0]


def test_one_day_names_a_home_once_however_often_the_intercom_rang():
    once, daily = weeks([1, 1, 1, 1, 1, 1, 1], unit=2), weeks([2, 3, 4, 5], unit=1)
    chance = attribute(joined(weeks(range(6)), once, daily), np.array([7]))
    assert chance[0, 1] > 0.5 > chance[0, 2]


def test_company_is_within_a_minute_and_counts_a_passage_once():
    times = np.array([100, 500]) * SECOND_US
    near = np.array([40, 90, 161, 560]) * SECOND_US
    assert company(times, np.array([7, 8]), near, np.array([0, 0, 1, 2])).tolist() == [[7, 0], [8, 2]]
    assert company(times, np.array([7, 8]), np.array([], "i8"), np.array([], np.intp)).shape == (0, 2)


def test_units_of_other_doors_have_no_place():
    place = places(np.array([4, 6]), 8)
    assert place[[4, 6, 5, NOBODYS, ELSEWHERE]].tolist() == [0, 1, ELSEWHERE, NOBODYS, ELSEWHERE]


def test_use_of_hours_is_known_between_two_dials_that_rise_as_a_homes_may():
    hour = np.array([-1, 0, 1, 3, 4, 5])
    dial = np.array([10, 12, 15, 20, 18, 9999.0])
    use = hourly_use(np.zeros(6, np.intp), hour, dial, (1, HOURS), 2000)
    assert use[0, :2].tolist() == [2, 3]
    assert np.isnan(use[0, 2:]).all()


def test_hours_are_counted_from_the_first_midnight():
    start = datetime(2026, 11, 2, tzinfo=UTC)
    begins_us = round(start.timestamp()) * SECOND_US
    assert hours_since(np.array([begins_us - 1, begins_us, begins_us + 7200 * SECOND_US]), start).tolist() == [-1, 0, 2]


@pytest.mark.parametrize(("first", "free"), [(date(2026, 11, 2), [5, 6]), (date(2026, 9, 28), [3, 4, 5, 6])])
def test_weekends_and_holidays_are_free(first, free):
    assert np.flatnonzero(free_days(first)[:7]).tolist() == free
