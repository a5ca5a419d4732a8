import numpy as np
import pytest

from device_sim.clock import Window
from device_sim.seeds import Stream, daily_normals, daily_uniforms, dice, power_of_e, powers_of_e

FIRST_THROWS = (0.39200366897805006, 11.800713331862568, 719, 1.2064348190583838, 2, [0, 3, 1, 4, 2])
FIRST_WORDS = [[0.7167873383624486, 0.5949046197240452], [0.2020695890269999, 0.7761332690176392]]
FIRST_NORMALS = [-0.7766425275209646, 0.5732978189268619, -0.32972817577593255]


def test_a_day_has_the_same_numbers_in_every_window():
    long = daily_uniforms(1, Stream.LIVES, 5, Window(20_000, 30), (3,))
    short = daily_uniforms(1, Stream.LIVES, 5, Window(20_011, 4), (3,))
    assert np.array_equal(long[11:15], short)
    normals = daily_normals(1, Stream.LIVES, 5, Window(20_000, 30), ())
    assert np.array_equal(normals[6:8], daily_normals(1, Stream.LIVES, 5, Window(20_006, 2), ()))


def test_seed_stream_and_thing_each_have_numbers_of_their_own():
    base = dice(1, Stream.LIVES, 5).random()
    others = [dice(2, Stream.LIVES, 5), dice(1, Stream.TRIPS, 5), dice(1, Stream.LIVES, 6)]
    assert base == dice(1, Stream.LIVES, 5).random()
    assert base not in [other.random() for other in others]


def test_the_numbers_are_these_on_every_machine_and_in_every_version():
    rng = dice(1, Stream.UNIT, 7)
    thrown = rng.random(), rng.normal(10, 2), rng.integers(0, 1000), rng.factor(0.5), rng.times(3), rng.order(5)
    assert thrown == FIRST_THROWS
    words = daily_uniforms(1, Stream.LIVES, 5, Window(20_000, 2), (2,)).tolist()
    assert words == FIRST_WORDS
    assert daily_normals(1, Stream.LIVES, 5, Window(20_000, 1), (3,)).tolist() == [FIRST_NORMALS]


def test_numbers_are_spread_as_they_say():
    uniforms = daily_uniforms(3, Stream.LIVES, 1, Window(20_000, 200), (144,)).ravel()
    assert np.allclose(np.histogram(uniforms, 10, (0, 1))[0] / len(uniforms), 0.1, atol=0.01)
    assert abs(np.corrcoef(uniforms[1:], uniforms[:-1])[0, 1]) < 0.02
    normals = daily_normals(3, Stream.LIVES, 1, Window(20_000, 200), (144,))
    assert abs(normals.mean()) < 0.02
    assert normals.std() == pytest.approx(1, abs=0.02)


def test_dice_keep_to_means_and_shares():
    rng = dice(1, Stream.UNIT, 1)
    assert np.mean([rng.times(2.5) for _ in range(4000)]) == pytest.approx(2.5, abs=0.1)
    assert np.mean([rng.pick_by_share("ab", (1, 3)) == "b" for _ in range(4000)]) == pytest.approx(0.75, abs=0.03)
    assert np.median([rng.factor(0.4) for _ in range(4000)]) == pytest.approx(1, abs=0.03)
    assert sorted(rng.order(9)) == list(range(9))


def test_powers_of_e_are_near_enough():
    exponents = np.linspace(-3, 1.5, 50)
    assert np.allclose(powers_of_e(exponents), np.exp(exponents), rtol=0.02)
    assert powers_of_e(exponents).tolist() == [power_of_e(exponent) for exponent in exponents.tolist()]
