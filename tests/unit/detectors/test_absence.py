import numpy as np
from unit.detectors.homes import home, panel_of

from detectors.absence import absence
from detectors.policy import Policy
from detectors.presence import presence

POLICY = Policy(vacancy_clock_days=14, vacancy_one_channel_days=28)


def away(one, **panel):
    built = panel_of(one, **panel)
    return absence(built, presence(built, POLICY), POLICY)


def test_somebody_is_there():
    run = away(home())
    assert run.start[0] == 90
    assert not run.run.any()
    assert run.effective_days[0] == run.channels[0] == 0


def test_days_count_whole_with_two_channels_and_less_with_one():
    assert away(home().away(20)).clock_days[0] == 20
    assert away(home().away(20).without("door")).clock_days[0] == 20
    alone = away(home().away(20).without("door", "water"))
    assert alone.clock_days[0] == 10
    assert alone.effective_days[0] == 20


def test_the_run_reaches_from_its_first_absent_day_to_the_day_judged():
    run = away(home().away(20))
    assert run.start[0] == 70
    np.testing.assert_array_equal(np.flatnonzero(run.run[0]), np.arange(70, 90))


def test_holidays_and_declared_days_belong_to_the_run_and_count_half_or_not_at_all():
    one = home().away(20).set(slice(85, 90), declared_absence=True)
    run = away(one, holidays=slice(72, 75))
    assert run.start[0] == 70
    assert run.counted[0].sum() == 15
    assert run.counted_days[0] == run.effective_days[0] == run.clock_days[0] == 13.5


def test_unknown_days_neither_count_nor_end_it():
    run = away(home().away(20).without("water", "electricity", "door", when=slice(75, 80)))
    assert run.start[0] == 70
    assert run.effective_days[0] == 15


def test_a_lone_day_of_presence_is_a_visit_and_a_second_within_a_fortnight_ends_it():
    once = home().away(20).lived_in(slice(75, 76))
    assert away(once).start[0] == 70
    twice = home().away(20).lived_in(slice(75, 76)).lived_in(slice(80, 81))
    assert away(twice).start[0] == 81
    far_apart = home().away(40).lived_in(slice(55, 56)).lived_in(slice(75, 76))
    assert away(far_apart).start[0] == 50


def test_a_visit_or_an_unclear_day_takes_a_day_off():
    visited = away(home().away(20).lived_in(slice(75, 76)))
    assert visited.counted[0].sum() == 19
    assert visited.effective_days[0] == 18
    unclear = home().away(20).without("electricity", "door").set(slice(75, 76), water_l=95, water_active_hours=5)
    assert away(unclear).clock_days[0] == 19 / 2 - 1


def test_two_days_together_are_no_visit():
    assert away(home().away(20).lived_in(slice(75, 77))).start[0] == 77


def test_never_lived_in_looks_at_this_tenancy_only():
    assert away(home().away(90)).never_lived_in[0]
    assert away(home().moved_in(40).away(41)).never_lived_in[0]
    assert not away(home().away(89)).never_lived_in[0]
