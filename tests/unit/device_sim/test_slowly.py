import numpy as np
import pytest

from device_sim.clock import Window
from device_sim.seeds import Stream
from device_sim.slowly import episodes, phases, wandering

LONG, PART = Window(20_000, 400), slice(120, 165)
SHORT = Window(20_120, 45)


@pytest.mark.parametrize(
    "of",
    [
        lambda window: wandering(1, Stream.WANDERING, 9, window, every_days=20, shape=(2,)),
        lambda window: phases(1, Stream.PHASE, 9, window, about_days=50, shape=(2,)),
        lambda window: episodes(1, Stream.GUESTS, 9, window, about_days=40, lasts=(2.0, 30.0), chance=0.9),
    ],
)
def test_a_day_is_the_same_in_every_window(of):
    assert np.array_equal(of(LONG)[PART], of(SHORT))


def test_what_wanders_moves_a_little_each_day_and_far_in_months():
    values = wandering(1, Stream.WANDERING, 9, LONG, every_days=20, shape=())
    assert np.abs(np.diff(values)).max() < 0.35
    assert np.ptp(values) > 1.5


def test_a_phase_lasts_for_weeks_and_ends_at_once():
    values = phases(1, Stream.PHASE, 9, LONG, about_days=50, shape=(1,))[:, 0]
    changes = np.flatnonzero(np.diff(values))
    assert 6 <= len(changes) <= 9
    assert np.ptp(values) > 1


def test_episodes_begin_as_often_and_last_as_long_as_they_may():
    began, lengths = 0, []
    for key in range(50):
        there = episodes(1, Stream.GUESTS, key, LONG, about_days=40, lasts=(3.0, 9.0), chance=0.5) > 0
        edges = np.flatnonzero(np.diff(there.astype(int)))
        began += int(np.sum(np.diff(there.astype(int)) == 1))
        lengths += np.diff(edges)[0::2].tolist() if not there[0] else np.diff(edges)[1::2].tolist()
    assert began / 50 == pytest.approx(0.5 * 400 / 40, rel=0.2)
    assert min(lengths) >= 2
