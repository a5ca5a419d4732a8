from dataclasses import replace

import numpy as np
import pytest

from device_sim.clock import DAY_S, Window
from device_sim.meters import Readings, between, flow, read, register_texts, rolled_over, unheard
from device_sim.records import Device

WINDOW = Window(20_000, 200)


def meter(kind: str = "water", unit: str = "m3") -> Device:
    return Device("x000001", "e01", kind, "u", "b", "1", "native", 5, unit)


def readings(kind: str = "water", per_slot: float = 1.5, before: float = 0.0, window: Window = WINDOW) -> Readings:
    return read(1, 1, meter(kind), flow(window, np.full(window.slots, per_slot), round(before * 1000)))


def test_the_dial_never_falls_and_counts_what_was_used():
    heard = readings()
    assert (np.diff(heard.steps) >= 0).all()
    hours = (heard.seconds[-1] - heard.seconds[0]) / 3600
    assert heard.steps[-1] - heard.steps[0] == pytest.approx(hours * 9, abs=2)


def test_electricity_is_counted_in_hundredths_of_a_kilowatt_hour():
    heard = readings("electricity", per_slot=100)
    hours = (heard.seconds[-1] - heard.seconds[0]) / 3600
    assert heard.steps[-1] - heard.steps[0] == pytest.approx(hours * 60, abs=2)


def test_readings_come_about_hourly_with_jitter_loss_and_repeats():
    heard = readings()
    distinct = np.unique(heard.seconds)
    offsets = distinct % 3600
    assert np.ptp(offsets) > 5
    assert offsets.max() < 100
    assert 0.97 < len(distinct) / (WINDOW.days * 24) < 0.999
    assert 0 < len(heard.seconds) - len(distinct) < 0.01 * len(distinct)
    assert np.diff(distinct).max() > 3 * 3600  # a longer loss of radio


def test_a_repeat_says_the_same():
    heard = readings()
    repeats = np.flatnonzero(np.diff(heard.seconds) == 0)
    assert np.array_equal(heard.steps[repeats], heard.steps[repeats + 1])


def test_a_later_window_goes_on_where_the_first_ended():
    whole = readings()
    start = 150
    later = readings(before=start * 144 * 1.5, window=Window(WINDOW.first_day + start, 50))
    same = between(whole, (WINDOW.first_day + start) * DAY_S - 1, later.seconds[-1])
    assert np.array_equal(same.seconds, later.seconds)
    assert np.array_equal(same.steps, later.steps)


def test_what_falls_into_a_silence_is_not_heard():
    heard = readings()
    start_min = (WINDOW.first_day + 10) * 1440.0
    rest = unheard(heard, (start_min, start_min + 3 * 1440))
    assert 60 <= len(heard.seconds) - len(rest.seconds) <= 74
    assert not ((rest.seconds >= start_min * 60) & (rest.seconds < (start_min + 3 * 1440) * 60)).any()


def test_between_is_after_one_second_up_to_the_other():
    some = Readings(meter(), np.array([10, 20, 30]), np.array([1, 2, 3]), np.array([10, 20, 30]))
    assert between(some, 10, 30).seconds.tolist() == [20, 30]


@pytest.mark.parametrize(("unit", "text"), [("m3", "12.034"), ("L", "12034"), ("kWh", "120.34"), ("Wh", "120340")])
def test_registers_are_written_in_the_meters_own_unit(unit, text):
    some = Readings(meter("any", unit), np.array([0]), np.array([12034]), np.array([0]))
    assert register_texts(some) == [text]


def test_a_dial_that_has_used_up_its_digits_begins_again_at_zero():
    listed = Readings(
        meter(), *(np.array(row) for row in ([0, 1, 2], [99_999_998, 99_999_999, 100_000_001], [0, 1, 2]))
    )
    assert register_texts(rolled_over(listed)) == ["99999.998", "99999.999", "0.001"]
    unlisted = replace(listed, device=replace(listed.device, register_digits=None))
    assert rolled_over(unlisted).steps.tolist() == rolled_over(listed).steps.tolist()
    short = replace(listed, device=replace(listed.device, kind="electricity", dial_unit="kWh", register_digits=4))
    assert register_texts(rolled_over(short)) == ["9999.98", "9999.99", "0.01"]
