from datetime import date

import numpy as np

from device_sim.clock import Window, day_of
from device_sim.weather import dark, temperatures_c


def test_july_is_hot_january_is_cold_and_afternoons_are_warmest():
    july = temperatures_c(3, Window(day_of(date(2026, 7, 1)), 31)).reshape(31, 144)
    january = temperatures_c(3, Window(day_of(date(2026, 1, 1)), 31)).reshape(31, 144)
    assert 25 < july.mean() < 33
    assert 0 < january.mean() < 10
    assert july.mean(axis=0).argmax() == 15 * 6


def test_a_day_is_as_warm_in_every_window():
    day = day_of(date(2026, 7, 1))
    assert np.allclose(temperatures_c(3, Window(day, 10))[3 * 144 :], temperatures_c(3, Window(day + 3, 7)))


def test_nights_are_long_in_december_and_the_same_in_every_window():
    june, december = (dark(Window(day_of(date(2026, month, 15)), 10)) for month in (6, 12))
    assert 9 < june.mean() * 24 < 10.5
    assert 13.5 < december.mean() * 24 < 14.5
    assert (june[3 * 144 :] == dark(Window(day_of(date(2026, 6, 18)), 7))).all()
