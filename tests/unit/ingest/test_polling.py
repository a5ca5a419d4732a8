"""When which meter is asked: one question a line, patience with the mute, nobody forgotten."""

from collections import Counter
from itertools import pairwise

import pytest

from gateway.ingest.polling import MUTE_AFTER, Schedule, Target

EVERY_S, TIMEOUT_S, NOW = 900.0, 10.0, 1_795_000_000.0


def target(number, line="a", ways=(b"2007", b"1997")):
    return Target(number, f"m{number}", line, ways, EVERY_S, TIMEOUT_S)


def schedule(*targets, heard_at=None):
    made = Schedule()
    made.take(targets, heard_at or {}, NOW)
    return made


def asked(made, now):
    return [question.target.device_no for question in made.ask(now)]


def play(made, answers, seconds, step=1.0):
    """Let time pass, the meters of `answers` answering within a step; gives device and time of every question."""
    log = []
    for tick in range(int(seconds / step)):
        now = NOW + 100 + tick * step
        made.settle({q.target.device_no for q in made.waiting()} & set(answers), now)
        log += [(question.target.device_no, now - NOW) for question in made.ask(now)]
    return log


def test_one_question_at_a_time_on_a_line_and_lines_beside_each_other():
    made = schedule(target(1), target(2), target(3, "b"))
    assert sorted(asked(made, NOW + 100)) in ([1, 3], [2, 3])
    assert asked(made, NOW + 101) == []
    made.settle({1, 2, 3}, NOW + 102)
    assert asked(made, NOW + 102) in ([1], [2])


def test_every_meter_is_asked_once_an_interval_more_or_less():
    numbers = range(1, 31)
    log = play(schedule(*map(target, numbers)), numbers, 3 * EVERY_S)
    times = {number: [at for device, at in log if device == number] for number in numbers}
    assert all(len(at) in (3, 4) for at in times.values())
    gaps = [later - earlier for at in times.values() for earlier, later in pairwise(at)]
    assert all(EVERY_S * 0.94 <= gap <= EVERY_S * 1.06 + len(numbers) for gap in gaps)
    assert len({round(gap) for gap in gaps}) > 10  # not all in step


def test_what_was_heard_lately_is_not_asked_at_once():
    made = schedule(target(1), target(2, "b"), heard_at={1: NOW - 300, 2: NOW - 3000})
    assert asked(made, NOW + 100) == [2]
    assert asked(made, NOW + 599) == []
    assert asked(made, NOW + 600) == [1]


def test_a_mute_meter_is_asked_less_and_less_and_is_named_once():
    made = schedule(target(1), target(2))
    log = play(made, {2}, 100 * EVERY_S, step=5.0)
    count = Counter(device for device, _ in log)
    assert count[2] > 95
    assert 8 <= count[1] <= 12
    times = [at for device, at in log if device == 1]
    gaps = [round((later - earlier) / EVERY_S) for earlier, later in pairwise(times)]
    assert gaps == pytest.approx([1, 2, 4, 8, *[16] * (len(gaps) - 4)], abs=1)


def test_falling_mute_and_speaking_again_are_told_once():
    made = schedule(target(1))
    told = []
    now = NOW + 100
    for _ in range(6):
        made.ask(now)
        settled = made.settle((), now + TIMEOUT_S)
        told += [one.device_no for one in settled.fell_mute]
        assert (settled.answered, settled.timed_out) == (0, 1)
        now += 20 * EVERY_S
    assert told == [1]
    made.ask(now)
    assert [one.device_no for one in made.settle({1}, now + 1).spoke_again] == [1]
    now += 2 * EVERY_S
    made.ask(now)
    assert made.settle({1}, now + 1).spoke_again == ()


def test_another_way_of_asking_is_tried_until_one_is_answered():
    made = schedule(target(1))
    payloads, now = [], NOW + 100
    for answers in ((), (), (), {1}, {1}, ()):
        (question,) = made.ask(now)
        payloads.append(question.payload)
        made.settle(answers, now + TIMEOUT_S)
        now += 20 * EVERY_S
    assert payloads == [b"2007", b"1997", b"2007", b"1997", b"1997", b"1997"]


def test_an_answer_that_comes_with_the_timeout_counts():
    made = schedule(target(1))
    made.ask(NOW + 100)
    assert made.settle((), NOW + 100 + TIMEOUT_S - 0.1).timed_out == 0
    assert made.settle({1}, NOW + 100 + TIMEOUT_S).answered == 1


def test_what_could_not_be_heard_is_asked_again_and_blames_nobody():
    made = schedule(target(1))
    for second in range(20):
        (question,) = made.ask(NOW + 100 + second)
        assert question.payload == b"2007"
        made.withdraw()


def test_new_lists_keep_what_is_known():
    made = schedule(target(1), target(2), target(3))
    now = NOW + 100
    for _ in range(MUTE_AFTER * 3):
        made.ask(now)
        made.settle((), now + TIMEOUT_S)
        now += TIMEOUT_S
    open_one = made.ask(now + 40 * EVERY_S)[0].target.device_no
    left = [number for number in (1, 2, 3) if number != open_one]
    made.take([target(open_one), target(left[0]), target(4)], {}, now + 40 * EVERY_S)
    assert [question.target.device_no for question in made.waiting()] == [open_one]
    made.settle((), now + 41 * EVERY_S)
    seen = set()
    for tick in range(200):
        seen.update(asked(made, now + 41 * EVERY_S + tick * EVERY_S))
        made.settle({4, left[0]}, now + 41 * EVERY_S + tick * EVERY_S + TIMEOUT_S)
    assert seen == {open_one, left[0], 4}


def test_an_open_question_to_a_meter_that_no_list_has_any_more_frees_its_line():
    made = schedule(target(1))
    made.ask(NOW + 100)
    made.take([target(2)], {}, NOW + 100)
    assert asked(made, NOW + 200) == []
    assert made.settle((), NOW + 200).timed_out == 1
    assert asked(made, NOW + 200) == [2]


@pytest.mark.parametrize("now", [NOW - 10_000, NOW])
def test_a_clock_that_was_set_back_is_waited_out(now):
    made = schedule(target(1), heard_at={1: NOW + 500})
    assert asked(made, now) == []
    assert asked(made, NOW + EVERY_S) == [1]
