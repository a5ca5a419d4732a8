"""How long the watch waits between rollups."""

import pytest

from gateway.detection import watch


@pytest.mark.parametrize(("took_s", "waits_s"), [(0.1, 10.0), (2.0, 40.0), (240.0, 600.0)])
def test_a_long_rollup_makes_the_next_wait_but_never_for_an_hour(took_s, waits_s):
    assert watch._wait_s(10.0, took_s) == waits_s
