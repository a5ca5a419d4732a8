"""Electricity from what people do at home and what runs by itself, in watt-hours each ten minutes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from device_sim.activities import Activities
from device_sim.clock import DAY_MIN, SLOT_MIN, SLOTS_A_DAY, Window
from device_sim.lives import Lives
from device_sim.moods import always_on
from device_sim.people import Building
from device_sim.seeds import Stream, daily_uniforms
from device_sim.weather import dark

_SLOTS_AN_HOUR = 60 // SLOT_MIN
_LIGHT_W, _LIGHT_W_A_PERSON, _SCREENS_W_A_PERSON = 25.0, 14.0, 54.0
_MORNING_H, _MORNING_SCREENS, _MORNING_HEAT = (7.0, 10.5), 0.5, 0.4
"""Who gets up washes, eats and leaves: screens are off and rooms stay cold more often than later in the day."""
_MEAL_WH, _MEAL_WH_A_DINER = 170.0, 60.0
_MEAL_SPREAD = (0.25, 0.25, 0.2, 0.15, 0.15)
_LAUNDRY_WH = (90.0, 80.0, 60.0, 50.0, 70.0)
_SHOWER_L_PER_MIN, _SHOWER_C = 4.5, 39.0
_WH_PER_L_AND_C = 1.163
_TAP_WATER_C = (6.0, 27.0)
_REHEATING = (0.15, 0.2, 0.2, 0.2, 0.15, 0.1)
_KEEP_WARM_W = 36.0
"""What a water heater of 60 L loses that is left on. Nobody there all day: switched off."""
_COOLING_RANGE_C, _HEATING_RANGE_C = 6.0, 8.0
_SWING_FELT = 0.4
"""Share of the day's swing that comes through walls: evenings are felt about as cold as noons."""
_AIRCON_LEAST, _AIRCON_ROOMS = 0.3, (0.7, 0.25)
_FRIDGE_CYCLE_SLOTS = 7
_FRIDGE_DUTY = 3
_LAMP_MIN = (18 * 60, 22 * 60 + 30)


def electricity_wh(
    seed: int, lives: Lives, acts: Activities, temperature_c: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(S,) watt-hours that a group uses; `temperature_c` is (S,) outdoors."""
    habits, window = lives.group.habits, lives.window
    awake = lives.people_awake
    power_w = np.where(dark(window) & (awake > 0), _LIGHT_W + _LIGHT_W_A_PERSON * awake, 0.0)
    wobble = daily_uniforms(seed, Stream.FRIDGE, lives.key, window, (SLOTS_A_DAY,)).ravel()
    power_w += _after_morning(window, _MORNING_SCREENS) * _SCREENS_W_A_PERSON * awake * 2 * wobble
    power_w += _aircon_w(lives, temperature_c)
    use = power_w / _SLOTS_AN_HOUR
    use += _drawn_out(_MEAL_WH * acts.meals + _MEAL_WH_A_DINER * acts.portions, _MEAL_SPREAD)
    use += _drawn_out(acts.laundries, _LAUNDRY_WH)
    if habits.electric_heater:
        rise = _SHOWER_C - np.clip(temperature_c, *_TAP_WATER_C)
        heat = _drawn_out(acts.shower_min * _SHOWER_L_PER_MIN * rise * _WH_PER_L_AND_C, _REHEATING)
        if habits.heats_ahead:  # nobody showers in the first hour of a day
            use += np.roll(heat, -len(_REHEATING))
        else:
            use += heat + np.repeat(_lived_in(lives), SLOTS_A_DAY) * _KEEP_WARM_W / _SLOTS_AN_HOUR
    return use * np.repeat(lives.moods.power, SLOTS_A_DAY) * habits.electricity_gain


def standing_wh(seed: int, building: Building, unit_index: int, window: Window) -> NDArray[np.float64]:
    """(S,) watt-hours of fridge and standby, or of what is left on when nobody should live there."""
    minutes = window.minutes
    turn = (minutes // SLOT_MIN + unit_index) % _FRIDGE_CYCLE_SLOTS < _FRIDGE_DUTY
    fridge_w = building.fridge_w * _FRIDGE_CYCLE_SLOTS / _FRIDGE_DUTY
    usual_w = building.standby_w * np.repeat(always_on(seed, unit_index, window), SLOTS_A_DAY)
    usual_w += np.where(turn, fridge_w, 0.0)
    power_w = np.where(building.nobody_lives_here(minutes), 0.0, usual_w)
    power_w += np.where(building.since(building.idle_from, minutes), building.idle_w, 0.0)
    evening = (minutes % DAY_MIN >= _LAMP_MIN[0]) & (minutes % DAY_MIN < _LAMP_MIN[1])
    power_w += np.where(evening & building.since(building.lamp_from, minutes), building.lamp_w, 0.0)
    return power_w / _SLOTS_AN_HOUR


def _lived_in(lives: Lives) -> NDArray[np.bool_]:
    """(D,) days on which somebody is at home at some time."""
    there: NDArray[np.bool_] = lives.people_at_home.reshape(-1, SLOTS_A_DAY).max(axis=1) > 0
    return there


def _aircon_w(lives: Lives, temperature_c: NDArray[np.float64]) -> NDArray[np.float64]:
    habits = lives.group.habits
    mean_c = np.repeat(temperature_c.reshape(-1, SLOTS_A_DAY).mean(axis=1), SLOTS_A_DAY)
    felt_c = mean_c + _SWING_FELT * (temperature_c - mean_c)
    hot = np.clip((felt_c - habits.cooling_from_c) / _COOLING_RANGE_C, 0, 1)
    cold = np.clip((habits.heating_below_c - felt_c) / _HEATING_RANGE_C, 0, 1)
    cold *= _after_morning(lives.window, _MORNING_HEAT)
    wanted = np.where(lives.people_at_home > 0, hot, 0.0) + np.where(lives.people_awake > 0, cold, 0.0)
    rooms = _AIRCON_ROOMS[0] + _AIRCON_ROOMS[1] * lives.people_at_home
    return np.where(wanted > 0, np.maximum(wanted, _AIRCON_LEAST) * rooms * habits.aircon_w, 0.0)


def _after_morning(window: Window, at_first: float) -> NDArray[np.float64]:
    """(S,) a share that grows to 1 in the course of each morning."""
    begins, ends = _MORNING_H
    grown = np.clip((np.arange(SLOTS_A_DAY) / _SLOTS_AN_HOUR - begins) / (ends - begins), 0, 1)
    return np.tile(at_first + (1 - at_first) * grown, window.days)


def _drawn_out(begun: NDArray[np.float64], shape: tuple[float, ...]) -> NDArray[np.float64]:
    drawn = np.zeros_like(begun)
    for delay, share in enumerate(shape):
        drawn[delay:] += share * begun[: len(begun) - delay]
    return drawn
