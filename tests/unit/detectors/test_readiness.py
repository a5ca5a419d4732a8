import numpy as np
from unit.detectors.homes import home, panel_of

from detectors.policy import Policy
from detectors.readiness import data_reasons, first_reason, lease_reasons


def test_the_first_reason_is_the_one_given():
    reasons = [("one", np.array([True, False, False])), ("two", np.array([True, True, False]))]
    ready, not_ready = first_reason(reasons, ("a", "b", "c"))
    np.testing.assert_array_equal(ready, [False, False, True])
    assert not_ready == {"a": "one", "b": "two"}


def test_reasons_of_the_lease():
    panel = panel_of(home("a"), home("b").unleased(5), home("c").moved_in(29), home("d").moved_in(30))
    _, not_ready = first_reason(lease_reasons(panel, Policy()), panel.unit_ids)
    assert not_ready == {"b": "no_lease", "c": "moved_in_lately"}


def test_reasons_of_the_data():
    panel = panel_of(home("a"), home("b"), home("c"), home("d"))
    known = np.ones(panel.shape, bool)
    known[1] = False
    known[2, -3:] = False
    known[3, :-13] = False
    _, not_ready = first_reason(data_reasons(panel, known, "no_door", Policy()), panel.unit_ids)
    assert not_ready == {"b": "no_door", "c": "data_stale", "d": "too_few_days"}
