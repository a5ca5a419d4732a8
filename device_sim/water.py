"""Water from what people do at home, in litres each ten minutes.

Volumes are those of common fixtures. One factor for each size of household brings the means to the published
litres a day (127, 228, 244, 319, 373 for one to five people), which include what is not modelled here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from device_sim.activities import Activities
from device_sim.clock import SLOT_MIN, SLOTS_A_DAY, Window
from device_sim.lives import Lives
from device_sim.people import Building
from device_sim.personas import Persona
from device_sim.seeds import Stream, daily_uniforms, powers_of_e
from device_sim.slowly import episodes

_SLOTS_AN_HOUR = 60 // SLOT_MIN
_TOILET_AWAKE_PER_H, _TOILET_ASLEEP_PER_H, _ELDERS_ASLEEP_PER_H = 0.42, 0.07, 0.2
_TOILET_L, _HANDS_L = 5.5, 2.0
_TAP_CHANCE, _TAP_L = 0.4, 2.6
_FRESHEN_UP_L = 4.0
"""Of each who gets up, comes home or goes to bed: nobody does without water then."""
_SHOWER_L_PER_MIN = 4.5
_MEAL_L, _MEAL_L_A_DINER = 5.0, 3.5
_LAUNDRY_L = (24.0, 0.0, 18.0, 0.0, 16.0)
_MEAL_SPREAD = (0.3, 0.2, 0.5)
_DRIP_EVERY_DAYS, _DRIP_DAYS, _DRIP_CHANCE = 60, (2.0, 20.0), 0.17
_DRIP_L_PER_H, _DRIP_POWERS_L_PER_H = 0.5, (2.0, 5.5)
"""Least flow, and what grows with the draw and with its ninth power: few run as fast as a toilet's valve that hangs."""
_FACTOR_BY_SIZE = (0.579, 0.634, 0.45, 0.51, 0.435)


def water_l(seed: int, lives: Lives, acts: Activities) -> NDArray[np.float64]:
    """(S,) litres that a group uses."""
    window = lives.window
    draws = daily_uniforms(seed, Stream.HOME_SLOT, lives.key, window, (SLOTS_A_DAY, 4))
    toilet, tap, amount, bath = draws.reshape(-1, 4).T
    visits = (lives.people_awake * _TOILET_AWAKE_PER_H + _visits_asleep(lives)) / _SLOTS_AN_HOUR
    use = np.where(toilet < 1 - powers_of_e(-visits), _TOILET_L + _HANDS_L * 2 * bath, 0.0)
    use += np.where(tap < _TAP_CHANCE, lives.people_awake * _TAP_L * 2 * amount, 0.0)
    use += _freshen_up(lives) * _FRESHEN_UP_L
    use += acts.shower_min * _SHOWER_L_PER_MIN
    use += _drawn_out(_MEAL_L * acts.meals + _MEAL_L_A_DINER * acts.portions, _MEAL_SPREAD)
    use += _drawn_out(acts.laundries, _LAUNDRY_L)
    size = min(len(lives.group.residents), len(_FACTOR_BY_SIZE))
    gain = np.repeat(lives.moods.water, SLOTS_A_DAY) * lives.group.habits.water_gain
    return use * gain * _FACTOR_BY_SIZE[size - 1]


def dripping_l_per_h(seed: int, unit_index: int, window: Window) -> NDArray[np.float64]:
    """(D,) litres an hour of a tap or a valve that is not quite tight for some days, as in every home now and then."""
    drips = episodes(
        seed, Stream.DRIP, unit_index, window, about_days=_DRIP_EVERY_DAYS, lasts=_DRIP_DAYS, chance=_DRIP_CHANCE
    )
    cubes = drips * drips * drips
    flow = _DRIP_L_PER_H + _DRIP_POWERS_L_PER_H[0] * drips + _DRIP_POWERS_L_PER_H[1] * cubes * cubes * cubes
    return np.where(drips > 0, flow, 0.0)


def dripping_l(seed: int, unit_index: int, building: Building, window: Window) -> NDArray[np.float64]:
    """(S,) litres of it, while somebody lives there who has not shut the water off."""
    flow = np.repeat(dripping_l_per_h(seed, unit_index, window) / _SLOTS_AN_HOUR, SLOTS_A_DAY)
    return np.where(building.nobody_lives_here(window.minutes), 0.0, flow)


def running_l(building: Building, window: Window) -> NDArray[np.float64]:
    """(S,) litres that run by themselves: a leak or a dripping tap."""
    running = building.since(building.flow_from, window.minutes)
    return np.where(running, building.flow_l_per_h / _SLOTS_AN_HOUR, 0.0)


def _visits_asleep(lives: Lives) -> NDArray[np.float64]:
    """(S,) how often an hour those who sleep get up."""
    asleep = lives.at_home & ~lives.awake
    elders = np.array([person.persona is Persona.ELDER for person in lives.group.residents])
    rates = np.where(elders, _ELDERS_ASLEEP_PER_H, _TOILET_ASLEEP_PER_H)
    visits: NDArray[np.float64] = np.sum(asleep * rates[:, None], axis=0, dtype=np.float64)
    return visits


def _freshen_up(lives: Lives) -> NDArray[np.float64]:
    """(S,) how many get up, come home or go to bed in each ten minutes, each day by itself."""
    shape = (len(lives.at_home), lives.window.days, SLOTS_A_DAY)
    home, awake = lives.at_home.reshape(shape), lives.awake.reshape(shape)
    moments = np.zeros(shape, dtype=np.bool_)
    moments[..., 1:] = (awake[..., 1:] & ~awake[..., :-1]) | (home[..., 1:] & ~home[..., :-1])
    moments[..., :-1] |= awake[..., :-1] & ~awake[..., 1:] & home[..., 1:]
    count: NDArray[np.float64] = moments.sum(axis=0, dtype=np.float64).ravel()
    return count


def _drawn_out(begun: NDArray[np.float64], shape: tuple[float, ...]) -> NDArray[np.float64]:
    drawn = np.zeros_like(begun)
    for delay, share in enumerate(shape):
        drawn[delay:] += share * begun[: len(begun) - delay]
    return drawn
