import numpy as np
import pytest

from device_sim.clock import DAY_MIN, Window
from device_sim.households import Kind, draw_registered
from device_sim.lives import live, slot_of
from device_sim.people import away_group
from device_sim.personas import Persona
from device_sim.seeds import Stream, dice

MONDAY = 20_780  # 2026-11-23
WEEKS = Window(MONDAY, 28)


def group_of(*personas: Persona):
    return draw_registered(dice(1, Stream.UNIT, 1), 1, Kind("some", personas))


def hours_at_home(lives) -> np.ndarray:
    return lives.at_home[0].reshape(-1, 7, 24, 6).mean(axis=(0, 3))


def test_a_worker_is_out_on_workdays_and_asleep_at_home_at_night():
    many = [live(1, unit, 0, group_of(Persona.WORKER), WEEKS) for unit in range(30)]
    at_home = np.mean([hours_at_home(lives) for lives in many], axis=0)
    assert at_home[:5, 10:17].mean() < 0.4  # some of them ill, on holiday, or at work from home for weeks
    assert at_home[:, 0:6].mean() > 0.97
    assert at_home[5:, 10:17].mean() > 0.4
    assert np.mean([lives.awake[0].reshape(-1, 24, 6)[:, 2:5].mean() for lives in many]) < 0.05


def test_who_works_near_by_comes_home_at_noon():
    many = [live(1, unit, 0, group_of(Persona.NEAR_WORKER), WEEKS) for unit in range(30)]
    workdays = np.mean([hours_at_home(lives) for lives in many], axis=0)[:5]
    assert workdays[:, 12].mean() > workdays[:, 10].mean() + 0.2
    assert workdays[:, 12].mean() > workdays[:, 15].mean() + 0.2


def test_a_freelancer_is_out_at_any_time_and_seldom_for_long():
    many = [live(1, unit, 0, group_of(Persona.FREELANCER), WEEKS) for unit in range(30)]
    by_day = np.mean([hours_at_home(lives) for lives in many], axis=0)[:, 9:21]
    assert 0.5 < by_day.min() < by_day.max() < 0.98
    lengths = np.concatenate([(lives.back_min - lives.leave_min)[lives.goes] for lives in many])
    assert np.mean(lengths > 8 * 60) < 0.05


def test_an_elder_is_mostly_at_home():
    assert hours_at_home(live(1, 1, 0, group_of(Persona.ELDER), WEEKS)).mean() > 0.8


def test_a_shift_worker_is_out_on_some_nights_and_sleeps_by_day():
    lives = live(1, 1, 0, group_of(Persona.SHIFT), WEEKS)
    nights = lives.at_home[0].reshape(-1, 24, 6)[:, 1:5].mean(axis=(1, 2))
    assert 0.2 < (nights < 0.1).mean() < 0.5
    mornings = slice(9 * 6, 12 * 6)
    asleep = lives.at_home[0].reshape(-1, 144)[:, mornings] & ~lives.awake[0].reshape(-1, 144)[:, mornings]
    assert 0.2 < asleep.mean() < 0.5


def test_nobody_is_there_outside_the_stays():
    leave, back = (MONDAY + 3) * DAY_MIN + 600.0, (MONDAY + 10) * DAY_MIN + 900.0
    lives = live(1, 1, 0, away_group(group_of(Persona.ELDER), leave, back), WEEKS)
    first, last = (int(slot_of(WEEKS, np.array(minute))) for minute in (leave, back))
    assert not lives.at_home[0, first:last].any()
    assert lives.at_home[0, :first].mean() > 0.8
    assert lives.at_home[0, last:].mean() > 0.8
    outings = lives.leave_min[lives.goes]
    assert not ((outings >= leave) & (outings < back)).any()


@pytest.mark.parametrize("persona", Persona)
def test_days_are_the_same_in_every_window(persona):
    group = group_of(persona, Persona.WORKER)
    whole = live(1, 1, 0, group, WEEKS)
    part = live(1, 1, 0, group, Window(MONDAY + 9, 5))
    assert np.array_equal(whole.at_home[:, 9 * 144 : 14 * 144], part.at_home)
    assert np.array_equal(whole.awake[:, 9 * 144 : 14 * 144], part.awake)


def test_nobody_leaves_before_being_back():
    lives = live(1, 1, 0, group_of(*Persona), WEEKS)
    for person in range(len(Persona)):
        goes = lives.goes[:, person]
        leave, back = lives.leave_min[:, person][goes], lives.back_min[:, person][goes]
        assert (back > leave).all()
        same_day = np.floor(leave[1:] / DAY_MIN) == np.floor(leave[:-1] / DAY_MIN)
        assert (leave[1:] > back[:-1])[same_day].all()
