"""Water dials that count whole cubic metres."""

import numpy as np
import pytest

from gateway.detection.coarse import counts_whole

UNKNOWN = np.nan


def coarse(*days):
    return bool(counts_whole(np.array([days], np.float32))[0])


def test_a_dial_that_turns_by_whole_cubic_metres():
    assert coarse(0, 0, 1000, 0, 0, 0, 1000, 0)
    assert coarse(0, 997.2, 2.8, 0, 0, 412.5, 1587.5, 0)


def test_a_home_of_weekends_is_not_a_coarse_dial():
    assert not coarse(0, 0, 220, 180, 0, 0, 0, 0, 0, 310, 95, 0)


def test_one_part_of_a_cubic_metre_between_two_still_days_tells_a_finer_dial():
    assert not coarse(0, 1000, 0, 1000, 0, 999, 0.5, 1000, 40, 0)


@pytest.mark.parametrize("days", [(0,) * 9, (0, 0, 1000, 0, 0), (120, 80, 95, 130), (UNKNOWN,) * 4])
def test_a_dial_that_never_or_once_turned_or_never_stands_still_is_not_told(days):
    assert not coarse(*days)


def test_what_was_drawn_over_unknown_days_proves_nothing():
    assert not coarse(0, 1000, UNKNOWN, 0, 0, 1000, UNKNOWN, 0)
    assert coarse(0, 1000, 0, UNKNOWN, 350, 0, 1000, 0)
