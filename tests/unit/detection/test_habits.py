"""What a device usually does, and when nobody listened."""

import numpy as np
import pytest

from gateway.detection.habits import Ears, HabitPolicy, Words, clock_behind_s, ears, learn

NOW = 1_800_000_000.0
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0
POLICY = HabitPolicy()
ALWAYS = Ears()


def words(arrived, told=None):
    arrived = np.array(arrived, "f8")
    return Words(arrived_s=arrived, told_s=arrived - 2 if told is None else np.array(told, "f8"))


def every(step_s, count, *, until=NOW):
    return until - step_s * np.arange(count)[::-1]


@pytest.mark.parametrize("step_s", [15 * MINUTE, HOUR, DAY])
def test_a_regular_meter_has_its_interval_and_three_of_them_patience(step_s):
    habit = learn(words(every(step_s, 20)), ALWAYS, POLICY)
    assert (habit.interval_s, habit.patience_s) == (step_s, 3 * step_s)


def test_one_outage_teaches_nothing():
    times = np.concatenate((every(HOUR, 50, until=NOW - 6 * DAY), every(HOUR, 50)))
    assert learn(words(times), ALWAYS, POLICY).patience_s == 3 * HOUR


def test_a_door_is_quiet_every_night_and_that_is_its_habit():
    days = [midnight + hour * HOUR for midnight in every(DAY, 10) for hour in np.arange(7, 23, 0.25)]
    habit = learn(words(days), ALWAYS, POLICY)
    assert habit.patience_s == pytest.approx(1.5 * 8.25 * HOUR)


def test_a_meter_that_reads_hourly_and_sends_once_a_day_is_not_expected_every_hour():
    sent = np.repeat(every(DAY, 8), 24)
    read = (every(DAY, 8)[:, None] - HOUR * np.arange(24)[::-1]).ravel()
    habit = learn(words(sent, read), ALWAYS, POLICY)
    assert (habit.interval_s, habit.patience_s) == (HOUR, 3 * DAY)


def test_messages_of_one_minute_are_one_word():
    times = np.concatenate([every(HOUR, 20) + second for second in (0, 5, 10)])
    assert learn(words(times), ALWAYS, POLICY).patience_s == pytest.approx(3 * HOUR, rel=0.01)


def test_old_readings_that_are_imported_tell_the_interval_and_no_patience():
    habit = learn(words(np.full(300, NOW), every(HOUR, 300, until=NOW - 3 * DAY)), ALWAYS, POLICY)
    assert (habit.interval_s, habit.patience_s) == (HOUR, None)


def test_an_import_in_pieces_teaches_no_haste():
    pieces = np.repeat(every(10 * MINUTE, 6), 50)
    habit = learn(words(pieces, every(HOUR, 300, until=NOW - 3 * DAY)), ALWAYS, POLICY)
    assert habit.patience_s is None


def test_a_device_of_yesterday_has_no_habits_yet():
    habit = learn(words([NOW - 2 * HOUR, NOW - HOUR, NOW]), ALWAYS, POLICY)
    assert (habit.interval_s, habit.patience_s) == (None, None)
    assert learn(words([]), ALWAYS, POLICY).interval_s is None


def test_time_in_which_nobody_listened_is_in_no_gap():
    """Two nights without a gateway do not make a meter patient."""
    deaf = [(NOW - 5 * DAY, NOW - 4 * DAY), (NOW - 2 * DAY, NOW - DAY)]
    times = [at for at in every(HOUR, 150) if not any(start < at < end for start, end in deaf)]
    assert learn(words(times), Ears(tuple(deaf)), POLICY).patience_s == pytest.approx(3 * HOUR)
    assert learn(words(times), ALWAYS, POLICY).patience_s > DAY


# When nobody listened


def test_gaps_between_stretches_are_deaf_and_so_is_the_time_after_the_last():
    hearing = ears([(NOW - 9 * DAY, NOW - 5 * DAY), (NOW - 4 * DAY, NOW - DAY)], [], NOW, 600)
    assert hearing.listened_s(NOW - 6 * DAY, NOW) == 4 * DAY
    hearing = ears([(NOW - 9 * DAY, NOW - 60)], [], NOW, 600)
    assert hearing.listened_s(NOW - DAY, NOW) == DAY


def test_between_the_imported_past_and_the_first_day_live_nothing_could_be_heard():
    hearing = ears([(NOW - HOUR, NOW)], [NOW - 30 * DAY, NOW - 4 * DAY], NOW, 600)
    assert hearing.listened_s(NOW - 4 * DAY, NOW) == HOUR
    assert hearing.listened_s(NOW - 30 * DAY, NOW) == 26 * DAY + HOUR


def test_where_there_are_only_files_their_last_word_is_the_present():
    hearing = ears([], [NOW - 30 * DAY, NOW - 20 * DAY], NOW, 600)
    assert hearing.listened_s(NOW - 30 * DAY, NOW) == 10 * DAY
    assert ears([], [], NOW, 600).listened_s(NOW - DAY, NOW) == DAY


# Clocks


def test_a_clock_that_is_eight_hours_behind_shows_in_every_word():
    sent = every(HOUR, 24)
    assert clock_behind_s(words(sent, sent - 8 * HOUR - 3), POLICY) == pytest.approx(8 * HOUR, abs=60)


def test_a_backlog_that_is_being_emptied_is_no_wrong_clock():
    sent = every(15 * MINUTE, 40)
    told = NOW - DAY + np.arange(40) * 30 * MINUTE  # twice as fast as it grows
    assert clock_behind_s(words(sent, told), POLICY) is None
    assert clock_behind_s(words(np.full(300, NOW), every(HOUR, 300)), POLICY) is None


def test_a_meter_that_sends_yesterdays_readings_every_morning_is_late_by_habit():
    sent = every(DAY, 30)
    assert clock_behind_s(words(sent, sent - 8 * HOUR), POLICY) is None


def test_a_clock_that_is_right_is_not_blamed_for_a_slow_network():
    sent = every(HOUR, 24)
    assert clock_behind_s(words(sent, sent - 40 * MINUTE), POLICY) is None
