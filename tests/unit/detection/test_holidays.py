from datetime import date

from gateway.detection.holidays import holidays


def free(*days):
    return holidays([date.fromisoformat(day) for day in days])


def test_public_holidays_are_and_weekends_are_not():
    assert free("2026-10-01", "2026-10-07", "2026-11-21", "2026-11-22", "2026-11-23") == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_a_sunday_on_which_people_work_is_no_holiday():
    assert free("2026-09-20") == [False]


def test_people_travel_a_week_before_and_after_the_spring_festival():
    assert free("2026-02-07", "2026-02-08", "2026-02-17", "2026-03-02", "2026-03-03") == [
        False,
        True,
        True,
        True,
        False,
    ]


def test_years_that_are_not_announced_have_none():
    assert free("1999-10-01", "2090-10-01") == [False, False]
