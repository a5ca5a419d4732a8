import numpy as np
import pytest
from unit.detectors.homes import home, panel_of

from detectors.policy import Policy
from detectors.sublet.case import faceless, read_case
from detectors.sublet.signals import MOST_EXCUSED, excess_persons, read_signals, returning_habit, usual_for_size

POLICY = Policy()


def case(one):
    return read_case(panel_of(one), POLICY)


def signal(one, name):
    return float(getattr(read_signals(case(one)), name)[0])


def test_window_and_past_share_the_tenancy_out():
    days = case(home().moved_in(60))
    assert days.window[0].sum() == 21
    assert days.past[0].sum() == 40
    assert not (days.window & days.past).any()


def test_silence_on_lived_in_days_speaks_and_an_absence_does_not():
    assert signal(home().unseen(10), "silence") < 1 < signal(home().unseen(20), "silence") < POLICY.silence_cap
    assert signal(home().away(20), "silence") < 1
    assert signal(home(), "silence") < -POLICY.silence_cap


def test_a_household_that_passes_a_third_as_often_still_lives_there():
    seldom, once = (home().unseen(21) for _ in range(2))
    seldom.set(slice(69, 90, 2), registered_passages=3)
    once.set(slice(69, 90, 10), registered_passages=1)
    assert signal(seldom, "silence") < 0
    assert signal(once, "silence") > 1


def test_the_past_excuses_strangers_where_a_face_is_missing_but_hardly_where_all_have_one():
    always = range(90)
    assert returning_habit(case(home().strangers(always)))[0] == pytest.approx(MOST_EXCUSED)
    some = home(size=3).set(slice(None), enrolled_persons=2)
    assert returning_habit(case(some.strangers(always)))[0] > 0.8
    assert returning_habit(case(home().faceless()))[0] == pytest.approx(8.4 / 83)


@pytest.mark.parametrize(("size", "enrolled", "without"), [(3, 3, 0), (3, 1, 2), (1, 0, 1), (2, 4, 0), (np.nan, 0, 1)])
def test_members_without_a_face(size, enrolled, without):
    one = home().about(household_size=size).set(slice(None), enrolled_persons=enrolled)
    assert faceless(panel_of(one))[0] == without


def test_strangers_beyond_the_members_without_a_face():
    assert excess_persons(case(home().strangers(range(60, 90), 5)))[0] == 5
    assert excess_persons(case(home(size=4).set(slice(None), enrolled_persons=2).strangers(range(60, 90), 5)))[0] == 3
    assert np.isnan(excess_persons(case(home()))[0])


@pytest.mark.parametrize(("size", "litres"), [(1, 127), (3, 244), (9, 373), (np.nan, np.nan)])
def test_usual_water_by_registered_size(size, litres):
    assert usual_for_size(case(home().about(household_size=size)))[0] == pytest.approx(litres, nan_ok=True)


def test_meters_say_lived_in_empty_or_nothing():
    assert signal(home(), "lived_in") == 1
    assert signal(home().away(21), "lived_in") == pytest.approx(-2.4)
    assert signal(home().without("water", "electricity"), "lived_in") == 0
    assert signal(home().without("door"), "lived_in") == 0
    assert signal(home().away(21).without("door"), "lived_in") == 0


def test_habits_change_in_either_direction_and_only_on_lived_in_days():
    for as_ever in (home(), home().away(12)):
        assert signal(as_ever, "water") == 0
    assert signal(home().lived_in(slice(62, None), litres=900), "water") > 1
    assert signal(home().lived_in(slice(62, None), litres=80), "water") > 1
    assert signal(home().lived_in(slice(62, None), kwh=20), "electricity") > 1


def test_water_beyond_the_registered_size():
    crowded = home(size=1).lived_in(slice(None), litres=600)
    assert signal(crowded, "size") == pytest.approx(1, abs=0.3)
    assert signal(home(size=5).lived_in(slice(None), litres=600), "size") == 0


def test_strangers_of_a_shared_door_count_from_an_expected_half_on():
    def expected(share):
        return home().strangers(range(66, 90)).set(slice(67, 90), strangers=share, returning_strangers=share)

    assert case(expected(0.6)).returned[0].sum() == 23
    assert case(expected(0.3)).returned[0].sum() == 0
    assert (
        signal(expected(0.6), "returning") > 3 > signal(expected(0.3).set(slice(None), late_strangers=0), "returning")
    )


def test_new_faces_are_news_on_days_on_which_nobody_of_the_household_is_seen():
    guests = home().strangers(range(62, 90, 2), returning=False)
    assert signal(guests, "changing") == signal(guests, "returning") < 0, "they visit the household"
    guests.unseen(28)
    assert signal(guests, "changing") > 3
    assert signal(guests, "returning") < 0


def test_strangers_who_left_a_week_ago_are_past():
    assert signal(home().strangers(range(62, 87)), "returning") > 3
    assert signal(home().strangers(range(62, 83)), "returning") == 0


def test_a_second_face_that_only_likely_came_to_this_home_is_none():
    two, one_and_a_half = (home().strangers(range(62, 90)) for _ in range(2))
    one_and_a_half.set(slice(62, 90), late_strangers=1.6, returning_strangers=1.6)
    assert signal(two, "pairs") > 3
    assert signal(one_and_a_half, "pairs") == 0


def test_several_who_still_come_in_a_week_of_holidays_are_still_several():
    panel = panel_of(home().strangers(range(62, 90)), holidays=slice(83, None))
    assert float(read_signals(read_case(panel, POLICY)).pairs[0]) > 3
