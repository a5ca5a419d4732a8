import numpy as np

from device_sim.clock import Window
from device_sim.seeds import Stream, daily_normals, daily_uniforms, generator


def test_a_day_has_the_same_numbers_in_every_window():
    long = daily_uniforms(1, Stream.LIVES, 5, Window(20_000, 30), (3,))
    short = daily_uniforms(1, Stream.LIVES, 5, Window(20_011, 4), (3,))
    assert np.array_equal(long[11:15], short)
    normals = daily_normals(1, Stream.LIVES, 5, Window(20_000, 30), ())
    assert np.array_equal(normals[6:8], daily_normals(1, Stream.LIVES, 5, Window(20_006, 2), ()))


def test_seed_stream_and_thing_each_have_numbers_of_their_own():
    base = generator(1, Stream.LIVES, 5).random()
    others = [generator(2, Stream.LIVES, 5), generator(1, Stream.TRIPS, 5), generator(1, Stream.LIVES, 6)]
    assert base == generator(1, Stream.LIVES, 5).random()
    assert base not in [other.random() for other in others]
