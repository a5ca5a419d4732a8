import pytest

from gateway.visits.hours import FALLBACK, best_hours

NONE = [0.0] * 24


def at(**hours):
    return [float(hours.get(f"h{hour}", 0)) for hour in range(24)]


def test_a_home_whose_use_is_not_known_is_visited_after_work():
    assert best_hours(NONE, NONE) == FALLBACK == ((18, 20),)


def test_the_standby_of_an_empty_home_says_nothing():
    fridge = [0.03 + 0.01 * (hour % 2) for hour in range(24)]
    assert best_hours(NONE, fridge) == FALLBACK


def test_the_two_best_windows_do_not_overlap():
    assert best_hours(at(h12=9, h19=8, h20=9), NONE) == ((19, 21), (12, 14))


def test_a_second_window_must_be_half_as_good():
    assert best_hours(at(h10=2, h19=8), NONE) == ((19, 21),)


def test_nobody_is_visited_at_night():
    windows = best_hours(at(h2=50, h6=50, h23=50, h11=1), NONE)
    assert all(9 <= first < last <= 21 for first, last in windows)
    assert windows == ((11, 13),)


@pytest.mark.parametrize(("kwh", "expected"), [(0.0, (10, 12)), (3.0, (10, 12))])
def test_doors_count_more_than_meters(kwh, expected):
    assert best_hours(at(h10=5, h11=5), at(h18=kwh, h19=kwh))[0] == expected


def test_a_meter_tells_where_no_door_does():
    base = [0.1] * 24
    cooking = [*base[:15], 1.5, 2.0, *base[17:]]
    assert best_hours(NONE, cooking)[0] == (15, 17)
