import numpy as np
import pytest

from device_sim.clock import Window
from device_sim.concentrators import Outage, outages, sent_at, without
from device_sim.meters import Readings

YEAR = Window(20_000, 365)


def test_outages_are_the_same_in_every_window():
    whole = [outage for number in range(1, 30) for outage in outages(1, "e01", f"b{number:02d}", YEAR)]
    parts = [
        outage
        for number in range(1, 30)
        for window in (Window(20_000, 100), Window(20_100, 265))
        for outage in outages(1, "e01", f"b{number:02d}", window)
    ]
    assert set(parts) == set(whole)
    assert len(whole) / 29 == pytest.approx(0.25 * 365 / 40, rel=0.5)
    assert {outage.stored for outage in whole} == {True, False}


def test_what_a_concentrator_forgot_is_not_heard_and_what_it_stored_comes_late():
    heard = Readings(None, np.array([0, 3600, 7200, 10_800]), np.array([1, 2, 3, 4]), np.array([0, 3600, 7200, 10_800]))
    lost, stored = Outage(3000, 8000, stored=False), Outage(3000, 8000, stored=True)
    assert without(heard, (lost,)).steps.tolist() == [1, 4]
    assert without(heard, (stored,)).steps.tolist() == [1, 2, 3, 4]
    assert [sent_at(second, (stored,)) for second in (0, 3600, 8000)] == [0, 8000, 8000]
