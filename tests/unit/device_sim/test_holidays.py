from datetime import date

from device_sim.clock import Window, day_of
from device_sim.holidays import days_off, national_days, school_summers, spring_festivals


def off(*when: int) -> bool:
    return bool(days_off(Window(day_of(date(*when)), 1))[0])


def test_weekends_and_public_holidays_are_off():
    assert off(2026, 11, 21)  # a Saturday
    assert off(2026, 11, 22)
    assert not off(2026, 11, 23)
    assert off(2026, 10, 1)  # National Day
    assert off(2026, 2, 16)  # the eve of the Spring Festival
    assert off(2026, 2, 17)
    assert not off(2026, 3, 17)


def test_a_weekend_day_that_makes_up_for_a_holiday_is_worked():
    assert not off(2026, 2, 14)  # a Saturday before the Spring Festival
    assert not off(2026, 10, 10)
    assert off(2026, 10, 11)
    for made_up in ((2025, 1, 26), (2024, 9, 29), (2023, 6, 25), (2026, 2, 28)):
        assert date(*made_up).weekday() >= 5
        assert not off(*made_up)


def test_festivals_are_found_within_a_span_only():
    assert spring_festivals(day_of(date(2026, 1, 1)), day_of(date(2027, 12, 31))) == [
        day_of(date(2026, 2, 17)),
        day_of(date(2027, 2, 6)),
    ]
    assert spring_festivals(day_of(date(2026, 3, 1)), day_of(date(2026, 12, 31))) == []
    assert national_days(day_of(date(2026, 3, 1)), day_of(date(2026, 12, 31))) == [day_of(date(2026, 10, 1))]
    assert school_summers(day_of(date(2026, 7, 2)), day_of(date(2027, 12, 31))) == [day_of(date(2027, 7, 1))]
