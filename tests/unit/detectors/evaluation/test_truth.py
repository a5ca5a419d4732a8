import numpy as np
from unit.detectors.evaluation.made import FIRST, case

from detectors.evaluation.truth import holding

DAYS = np.datetime64(FIRST) + np.arange(0, 90, 10)


def test_a_truth_holds_from_its_first_to_its_last_day_and_a_while_after():
    held = holding([case("b", 20, 40)], ("a", "b"), DAYS)
    assert not held[0].any()
    assert held[1].tolist() == [False, False, True, True, True, True, True, True, False]
    assert holding([case("b", 20, 40)], ("a", "b"), DAYS, grace_days=0)[1].sum() == 3


def test_an_open_end_goes_on_and_unknown_units_are_left_out():
    held = holding([case("a", 75), case("elsewhere", 0)], ("a",), DAYS)
    assert held.tolist() == [[False] * 8 + [True]]
