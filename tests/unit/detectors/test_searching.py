"""Searches find what asking about every number and every day would find, and ask about a day only once for all."""

from itertools import count

import numpy as np
import pytest

from detectors.searching import FORTNIGHT_DAYS, LONGEST_DAYS, all_or_nothing, fewest, first_row, together


def asked_alone(search, is_gone):
    """What a search returns where `is_gone(day, ways)` tells the truth."""

    def answer(_, asked):
        return [[is_gone(question.day, ways) for ways in question.tries] for _, question in asked]

    return together([search], answer)[0]


def row_by_days(gone, gone_days):
    """Day after day, as runs of detection would see it."""
    row = 0
    for number, is_gone in enumerate(gone, start=1):
        row = row + 1 if is_gone else 0
        if row >= gone_days:
            return number
    return 0


@pytest.mark.parametrize("gone_days", [1, 2, 7])
def test_the_first_row_is_what_day_after_day_would_show(gone_days):
    random = np.random.default_rng(gone_days)
    for share in np.linspace(0.3, 1, 200):
        gone = random.random(LONGEST_DAYS) < share
        found = asked_alone(first_row(gone_days), lambda day, _, gone=gone: gone[day - 1])
        assert found == row_by_days(gone, gone_days)


def days_told(ways):
    """How many days a remedy lies on, the same in all ways."""
    (number,) = {int(way.sum()) for way in ways}
    return number


@pytest.mark.parametrize(("gone_days", "spare"), [(1, 0), (3, 0), (7, 1)])
def test_the_fewest_are_the_least_that_are_enough_on_every_day_until_the_alert_ends(gone_days, spare):
    random = np.random.default_rng(gone_days)
    for _ in range(200):
        asked = random.integers(1, FORTNIGHT_DAYS + 3, gone_days)
        least = int(asked.max())
        found = asked_alone(
            fewest(gone_days, spare), lambda day, ways, asked=asked: days_told(ways) >= asked[day - FORTNIGHT_DAYS]
        )
        assert found == (min(least + spare, FORTNIGHT_DAYS) if least <= FORTNIGHT_DAYS else 0)


def test_scattered_days_are_tried_spread_and_at_the_end():
    tried = {}

    def is_gone(_, ways):
        tried[days_told(ways)] = [np.flatnonzero(way).tolist() for way in ways]
        return True

    assert asked_alone(fewest(3, 0), is_gone) == 1
    assert tried[2] == [[6, 13], [12, 13]]


def test_of_the_lists_all_days_are_needed_or_none():
    assert asked_alone(all_or_nothing(3, 40), lambda *_: True) == 40
    assert asked_alone(all_or_nothing(3, 40), lambda day, _: day != 3) == 0


def test_what_many_ask_about_a_day_is_answered_at_once():
    def calls(*searches):
        numbers = count()

        def answer(day, asked):
            next(numbers)
            assert {question.day for _, question in asked} == {day}
            return [[True for _ in question.tries] for _, question in asked]

        assert together(searches, answer) == [7] * len(searches)
        return next(numbers)

    assert calls(*(first_row(7) for _ in range(50))) == calls(first_row(7))
    assert calls(first_row(7), all_or_nothing(7, 7)) <= 7 + 6


def test_each_search_gets_its_own_answers():
    def answer(day, asked):
        return [[day > number for _ in question.tries] for number, question in asked]

    assert together([first_row(2) for _ in range(6)], answer) == [2, 3, 4, 5, 6, 7]
