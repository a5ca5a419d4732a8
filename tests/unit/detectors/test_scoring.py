import numpy as np
import pytest

from detectors.findings import Level
from detectors.policy import Policy
from detectors.scoring import held_back, level, prior_log_odds, probability


def test_the_prior_is_the_fields():
    assert probability(np.float32([prior_log_odds(Policy())]))[0] == pytest.approx(0.005)


def test_probabilities_stay_below_certainty_and_unknown_stays_unknown():
    found = probability(np.float32([-1e6, 0, 1e6, np.nan]))
    np.testing.assert_allclose(found[:3], [0, 0.5, 0.99], atol=1e-3)
    assert np.isnan(found[3])


def test_what_is_not_complete_stays_just_below_the_alert_line():
    policy = Policy(yellow_probability=0.7)
    held = held_back(np.float32([5, 5, -5]), np.array([True, False, False]), policy)
    chances = probability(held)
    assert chances[0] > 0.9
    assert 0.65 < chances[1] < 0.7
    assert chances[2] == pytest.approx(probability(np.float32([-5]))[0], rel=0.1)


def test_what_is_held_back_keeps_its_order():
    log_odds = np.linspace(-6, 6, 50, dtype=np.float32)
    held = held_back(log_odds, np.zeros(50, bool), Policy())
    assert (np.diff(held) > 0).all()
    assert held[-1] < 0


@pytest.mark.parametrize(("value", "expected"), [(0.5, Level.YELLOW), (0.89, Level.YELLOW), (0.9, Level.RED)])
def test_levels(value, expected):
    assert level(value, Policy()) is expected
