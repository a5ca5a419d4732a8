"""What people do at home that takes water or power: showers, cooked meals, laundry; each where somebody is there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from device_sim.clock import SLOTS_A_DAY
from device_sim.lives import Lives
from device_sim.personas import Persona
from device_sim.seeds import Stream, daily_uniforms

# When a shower is wished for, and when else if one is out or asleep then: of early, midday and evening people.
_SHOWER_H = ((7.6, 8.8, 10.5, 19.5, 22.0), (12.5, 14.5, 17.0, 20.0, 22.5), (20.8, 21.7, 22.6, 19.2, 8.2))
_MIDDAY_FROM, _EVENING_FROM = -0.1, 0.25
_OWN_EVENING = 0.9
_SHOWER_SPREAD_H = 3.0
_SHOWER_IN_THE_COLD, _SHOWER_IN_THE_HEAT = 0.55, 0.98
_SHOWER_MIN, _SHOWER_SPREAD_MIN = 3.5, 7.0
_INFANT_SHOWER = 0.5
_MEALS_H = (7.0, 11.6, 17.8)
_MEAL_COOKED = (0.55, 0.9, 1.0)
_MEAL_SIZES = (0.35, 0.85, 1.0)
_MEAL_DELAYS_H = (0.0, 0.8, 1.6)
_MEAL_SPREAD_H = 1.6
_COOKS_BY_MOOD, _WASHES_BY_MOOD = 0.15, 0.3
_LAUNDRY_H = ((9.5, 15.5, 20.5), (15.5, 20.5, 9.5), (20.5, 10.5, 15.5))
_LAUNDRY_SPREAD_H = 5.0
_DRAWS = 4


@dataclass(frozen=True, slots=True)
class Activities:
    """Of S ten minutes each: minutes of showering, cooked meals and their portions, machines of laundry begun."""

    shower_min: NDArray[np.float64]
    meals: NDArray[np.float64]
    """Cooked meals begun; 1 is a dinner, breakfast is less."""
    portions: NDArray[np.float64]
    """The same times who eats them."""
    laundries: NDArray[np.float64]


def act(seed: int, lives: Lives, temperature_c: NDArray[np.float64]) -> Activities:
    """What the group does at home; `temperature_c` is (S,) outdoors."""
    people, window = len(lives.group.residents), lives.window
    shape = (people + len(_MEALS_H) + 1, _DRAWS)
    draws = daily_uniforms(seed, Stream.HOME_DAY, lives.key, window, shape)
    warmth = np.clip((temperature_c.reshape(-1, SLOTS_A_DAY).mean(axis=1) - 5) / 20, 0, 1)
    meals, portions = _meals(lives, draws[:, people:-1])
    return Activities(
        shower_min=_showers(lives, draws[:, :people], warmth),
        meals=meals,
        portions=portions,
        laundries=_laundries(lives, draws[:, -1]),
    )


def _showers(lives: Lives, draws: NDArray[np.float64], warmth: NDArray[np.float64]) -> NDArray[np.float64]:
    prefers = lives.moods.evening + np.array([person.evening * _OWN_EVENING for person in lives.group.residents])
    wished = np.array(_SHOWER_H)[(prefers >= _MIDDAY_FROM).astype(np.intp) + (prefers >= _EVENING_FROM)]
    chance = _SHOWER_IN_THE_COLD + (_SHOWER_IN_THE_HEAT - _SHOWER_IN_THE_COLD) * warmth[:, None]
    hours = wished + _SHOWER_SPREAD_H * (draws[..., 1, None] - 0.5)
    slots = _slots(hours)
    there = lives.awake[np.arange(draws.shape[1])[None, :, None], slots]
    taken = (draws[..., 0] < chance) & there.any(axis=-1)
    chosen = np.take_along_axis(slots, there.argmax(axis=-1)[..., None], axis=-1)[..., 0]
    small = np.array([_INFANT_SHOWER if r.persona is Persona.INFANT else 1.0 for r in lives.group.residents])
    minutes = (_SHOWER_MIN + _SHOWER_SPREAD_MIN * draws[..., 2]) * small
    return _sum_at(lives, chosen[taken], minutes[taken])


def _meals(lives: Lives, draws: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    usual_h = np.array(_MEALS_H) + lives.group.habits.eats_later_h
    hours = usual_h + _MEAL_SPREAD_H * (draws[..., 1] - 0.5)
    slots = _slots(hours[..., None] + np.array(_MEAL_DELAYS_H))
    there = lives.people_awake[slots]
    chosen = np.take_along_axis(slots, there.argmax(axis=-1)[..., None], axis=-1)[..., 0]
    cooks = np.clip(lives.group.habits.cooks + _COOKS_BY_MOOD * lives.moods.cooks, 0.05, 0.98)
    cooked = draws[..., 0] < cooks[:, None] * np.array(_MEAL_COOKED)
    diners = there.max(axis=-1)
    cooked &= diners > 0
    sizes = np.broadcast_to(_MEAL_SIZES, cooked.shape)[cooked]
    return _sum_at(lives, chosen[cooked], sizes), _sum_at(lives, chosen[cooked], sizes * diners[cooked])


def _laundries(lives: Lives, draws: NDArray[np.float64]) -> NDArray[np.float64]:
    first = (draws[:, 2] * len(_LAUNDRY_H)).astype(np.intp)
    slots = _slots(np.array(_LAUNDRY_H)[first] + _LAUNDRY_SPREAD_H * (draws[:, 1, None] - 0.5))
    there = lives.people_awake[slots] > 0
    chance = lives.group.habits.laundry_chance * (1 + _WASHES_BY_MOOD * lives.moods.washes)
    begun = (draws[:, 0] < chance) & there.any(axis=-1)
    chosen = np.take_along_axis(slots, there.argmax(axis=-1)[:, None], axis=-1)[:, 0]
    return _sum_at(lives, chosen[begun], np.ones(int(begun.sum())))


def _slots(hours: NDArray[np.float64]) -> NDArray[np.intp]:
    """Number of the ten minutes in the window of hours of the day, whose first axis is the day."""
    within = np.clip(np.floor(hours * SLOTS_A_DAY / 24), 0, SLOTS_A_DAY - 1).astype(np.intp)
    days = np.arange(len(hours)).reshape(-1, *[1] * (hours.ndim - 1))
    return days * SLOTS_A_DAY + within


def _sum_at(lives: Lives, slots: NDArray[np.intp], values: NDArray[np.float64]) -> NDArray[np.float64]:
    summed: NDArray[np.float64] = np.bincount(slots, values, minlength=lives.window.slots).astype(np.float64)
    return summed
