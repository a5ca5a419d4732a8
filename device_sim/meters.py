"""Meters: a cumulative dial that starts somewhere, is read about every hour, and is not always heard."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from device_sim.clock import DAY_S, HOUR_S, SLOT_MIN, SLOTS_A_DAY, Window
from device_sim.people import Mishap, Stay
from device_sim.records import Device
from device_sim.seeds import Stream, daily_uniforms, dice

_LONGEST_OFFSET_S, _LONGEST_JITTER_S = 90, 10
_LOST, _REPEATED = 0.008, 0.003
_QUIET_DAY, _QUIET_LONGEST_H = 0.006, 14.0
_HOURS_A_DAY = 24
_JUMPS_ONE_IN = 37
_FIRST_DIAL = {"water": (15_000, 900_000), "electricity": (30_000, 2_500_000)}
_PARTS_A_STEP = {"water": 1000, "electricity": 10_000}
_STEPS_A_WHOLE = {"water": 1000, "electricity": 100}
_SLOT_S = SLOT_MIN * 60
DIGITS_UNLISTED = 5
"""Of a dial whose digits the lists do not tell."""
_STREAM = {"water": Stream.WATER_METER, "electricity": Stream.ELECTRICITY_METER}


@dataclass(frozen=True, slots=True)
class Flow:
    """What passes a meter in a window: `parts` is (S,) millilitres or milliwatt-hours."""

    window: Window
    parts: NDArray[np.int64]
    before: int
    """Parts that passed before the window."""

    @property
    def after(self) -> int:
        """What has passed when the window ends."""
        return self.before + int(self.parts.sum())

    @property
    def at_last_day(self) -> int:
        """What has passed when the window's last day begins."""
        return self.before + int(self.parts[:-SLOTS_A_DAY].sum())


def flow(window: Window, use: NDArray[np.float64], before: int) -> Flow:
    """The flow of (S,) litres or watt-hours. A dial counts whole parts, so that no sum depends on how it is taken."""
    return Flow(window, np.rint(use * 1000).astype(np.int64), before)


@dataclass(frozen=True, slots=True)
class Readings:
    """What was heard of one meter, oldest first; a repeated reading stands there twice.

    `seconds` are local; `steps` is the dial in its smallest steps: litres, or hundredths of a kilowatt-hour.
    """

    device: Device
    seconds: NDArray[np.int64]
    steps: NDArray[np.int64]
    clock_s: NDArray[np.int64]
    """What the meter's own clock said."""

    def only(self, kept: NDArray[np.bool_] | slice) -> Readings:
        """Some of them."""
        return Readings(self.device, self.seconds[kept], self.steps[kept], self.clock_s[kept])


def read(seed: int, unit_index: int, device: Device, flow: Flow) -> Readings:
    """Readings of the window of a flow."""
    window = flow.window
    stream = _STREAM[device.kind]
    habits = dice(seed, stream, unit_index)
    first_dial, offset_s = habits.integers(*_FIRST_DIAL[device.kind]), habits.integers(0, _LONGEST_OFFSET_S)
    shape = (_HOURS_A_DAY + 1, 3)
    draws = daily_uniforms(seed, stream, unit_index, window, shape)
    hourly = draws[:, :_HOURS_A_DAY].reshape(-1, 3)
    hours = window.first_day * DAY_S + 3600 * np.arange(window.days * _HOURS_A_DAY)
    seconds = hours + offset_s + (hourly[:, 0] * _LONGEST_JITTER_S).astype(np.int64)
    dial = _counted(flow, seconds) // _PARTS_A_STEP[device.kind]
    heard = (hourly[:, 1] >= _LOST) & ~_quiet(draws[:, _HOURS_A_DAY])
    times = np.where(heard, 1 + (hourly[:, 2] < _REPEATED), 0)
    seconds = np.repeat(seconds, times)
    return Readings(device, seconds, np.repeat(first_dial + dial, times), seconds)


def amiss(readings: Readings, mishap: Mishap, began_at: int) -> Readings:
    """The same of a meter to which something happens; `began_at` is what it showed when the world began."""
    seconds, steps, after = readings.seconds, readings.steps, readings.seconds >= mishap.from_s
    during, clock_s = after & (seconds < mishap.until_s), readings.clock_s
    match mishap.what:
        case "swap" | "reset" | "end":  # The dial has counted what passed since the world began, and no more.
            steps = np.where(after, steps - began_at + mishap.amount, steps)
        case "jumps":
            steps = np.where(during & (seconds // HOUR_S % _JUMPS_ONE_IN == 0), steps + mishap.amount, steps)
        case _:
            clock_s = np.where(during, clock_s - mishap.amount, clock_s)
    return Readings(readings.device, seconds, steps, clock_s)


def rolled_over(readings: Readings) -> Readings:
    """The same as the dial shows them, which begins again at zero when all its digits are used up."""
    device = readings.device
    turn = steps_of_a_turn(device.kind, device.register_digits or DIGITS_UNLISTED)
    return Readings(device, readings.seconds, readings.steps % turn, readings.clock_s)


def steps_of_a_turn(kind: str, digits: int) -> int:
    """How many of its smallest steps a dial of so many digits left of the point counts before it shows zero again."""
    return int(_STEPS_A_WHOLE[kind] * 10**digits)


def first_dial(seed: int, unit_index: int, kind: str) -> int:
    """What a unit's dial showed when the world began, in its smallest steps."""
    return dice(seed, _STREAM[kind], unit_index).integers(*_FIRST_DIAL[kind])


def unheard(readings: Readings, silent: Stay) -> Readings:
    """The same without what fell into a silence."""
    minutes = readings.seconds / 60
    kept = (minutes < silent[0]) | (minutes >= silent[1])
    return readings.only(kept)


def between(readings: Readings, after_s: int, until_s: int) -> Readings:
    """The readings after one local second, up to another and with it."""
    first, last = np.searchsorted(readings.seconds, [after_s, until_s], side="right")
    return readings.only(slice(first, last))


def register_texts(readings: Readings) -> list[str]:
    """The dial as the meter writes it, in its own unit, with all its digits."""
    steps = readings.steps.tolist()
    match readings.device.dial_unit:
        case "m3":
            return [f"{step // 1000}.{step % 1000:03d}" for step in steps]
        case "kWh":
            return [f"{step // 100}.{step % 100:02d}" for step in steps]
        case "Wh":
            return [f"{step}0" for step in steps]
        case _:
            return [str(step) for step in steps]


def _counted(flow: Flow, seconds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Parts that have passed at each local second, which all lie within the flow's window."""
    slots, within = np.divmod(seconds - flow.window.start_min * 60, _SLOT_S)
    passed = flow.before + np.cumsum(flow.parts) - flow.parts
    counted: NDArray[np.int64] = passed[slots] + flow.parts[slots] * within // _SLOT_S
    return counted


def _quiet(draws: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(days * 24,) True in hours of a longer loss of radio."""
    clock = np.arange(_HOURS_A_DAY)
    begins = draws[:, 1, None] * _HOURS_A_DAY
    lasts = 2 + draws[:, 2, None] * _QUIET_LONGEST_H
    quiet = (draws[:, 0, None] < _QUIET_DAY) & (clock >= begins) & (clock < begins + lasts)
    result: NDArray[np.bool_] = quiet.ravel()
    return result
