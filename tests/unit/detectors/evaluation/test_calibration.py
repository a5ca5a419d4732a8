import numpy as np
import pytest

from detectors.evaluation.calibration import expected_error, reliability

SCORE = np.array([0.05, 0.05, 0.95, 1.0], np.float32)
SO = np.array([False, True, True, True])


def test_bins_tell_what_was_said_and_what_was_so():
    low, high = reliability(SCORE, SO)
    assert (low.count, low.was, high.count, high.was) == (2, 0.5, 2, 1)
    assert (low.said, high.said) == (pytest.approx(0.05), pytest.approx(0.975))


def test_the_expected_error_weighs_what_is_in_each_bin():
    assert expected_error(SCORE, SO, np.ones(4)) == pytest.approx((0.45 + 0.025) / 2)
    assert expected_error(SCORE, SO, np.array([0.0, 1.0, 1.0, 1.0])) == pytest.approx((0.95 + 0.05) / 3)
    assert expected_error(SCORE, SO, np.zeros(4)) is None
