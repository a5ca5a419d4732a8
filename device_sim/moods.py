"""How a group's life changes from day to day and month to month, without anybody moving in or out.

Real households are hard to tell apart because each is unlike itself: hours, cooking and comfort change with a new job,
a child's timetable, a season of work; people fall ill and stay at home, guests sleep on the sofa, an appliance is
replaced. All of it hangs on the calendar day alone, so that any window of days can be computed apart.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from device_sim.clock import Window
from device_sim.people import Group
from device_sim.personas import Persona
from device_sim.seeds import Stream, daily_normals, powers_of_e
from device_sim.slowly import episodes, phases, wandering

_PHASE_DAYS, _APPLIANCE_DAYS, _WANDER_DAYS = 55, 110, 21
_LATER_H = (0.45, 0.3, 0.45)
_STAYS_IN, _STAYS_IN_SPREAD = 0.2, 0.3
_LENGTH_SPREAD = 0.16
_WATER, _POWER, _STANDBY = (0.055, 0.05, 0.2), (0.13, 0.12, 0.1), (0.28, 0.1, 0.04)
_ILL_EVERY_DAYS, _ILL_DAYS, _ILL_CHANCE = 40, (1.0, 7.0), 0.4
_GUESTS_EVERY_DAYS, _GUEST_DAYS, _GUEST_CHANCE = 60, (1.0, 16.0), 0.5
_BOUND = frozenset({Persona.PUPIL, Persona.SHIFT})
_GROUP_ROWS = 3


@dataclass(frozen=True, slots=True)
class Moods:
    """Of D days: (D, R) of each person, (D,) of the home."""

    later_h: NDArray[np.float64]
    """How much later a person lives than usual."""
    stays_in: NDArray[np.float64]
    """Chance that the day's first outing does not happen: work from home, a day off, illness."""
    length: NDArray[np.float64]
    """Factor of how long a person is out."""
    evening: NDArray[np.float64]
    """About normal; high: showers in the evening."""
    water: NDArray[np.float64]
    power: NDArray[np.float64]
    """Factors of use."""
    cooks: NDArray[np.float64]
    washes: NDArray[np.float64]
    """About normal; high: more meals cooked, more laundry."""

    def from_second_day(self) -> Moods:
        """Without the first day."""
        return Moods(*(getattr(self, field.name)[1:] for field in fields(self)))


def moods(seed: int, key: int, group: Group, window: Window) -> Moods:
    """How the group lives in a window."""
    people = len(group.residents)
    shape = (people + _GROUP_ROWS, 3)
    lasting = phases(seed, Stream.PHASE, key, window, about_days=_PHASE_DAYS, shape=shape)
    slow = wandering(seed, Stream.WANDERING, key, window, every_days=_WANDER_DAYS, shape=shape)
    daily = daily_normals(seed, Stream.MOOD, key, window, shape)
    own, home = np.s_[:, :people], np.s_[:, people:]
    guests, unsteady = _guests(seed, key, people, window), group.habits.unsteady
    return Moods(
        later_h=_mixed(lasting[own], slow[own], daily[own], _LATER_H)[..., 0],
        stays_in=np.maximum(_stays_in(group, lasting[own][..., 1]), _ill(seed, key, people, window)),
        length=powers_of_e(_LENGTH_SPREAD * lasting[own][..., 2]),
        evening=(lasting[own][..., 0] + slow[own][..., 1] + daily[own][..., 1]) / 2.0,
        water=guests * powers_of_e(unsteady * _mixed(lasting[home], slow[home], daily[home], _WATER)[:, 0, 0]),
        power=guests * powers_of_e(_mixed(lasting[home], slow[home], daily[home], _POWER)[:, 1, 0]),
        cooks=lasting[home][:, 2, 0],
        washes=lasting[home][:, 2, 1],
    )


def always_on(seed: int, unit_index: int, window: Window) -> NDArray[np.float64]:
    """(D,) factor of what a lived-in unit always takes: appliances are replaced, unplugged, forgotten."""
    lasting = phases(seed, Stream.APPLIANCES, unit_index, window, about_days=_APPLIANCE_DAYS, shape=())
    slow = wandering(seed, Stream.APPLIANCES, unit_index, window, every_days=_WANDER_DAYS, shape=())
    daily = daily_normals(seed, Stream.APPLIANCES, unit_index + (1 << 40), window, ())
    return powers_of_e(_mixed(lasting, slow, daily, _STANDBY))


def _mixed(
    lasting: NDArray[np.float64], slow: NDArray[np.float64], daily: NDArray[np.float64], spreads: tuple[float, ...]
) -> NDArray[np.float64]:
    return spreads[0] * lasting + spreads[1] * slow + spreads[2] * daily


def _stays_in(group: Group, lasting: NDArray[np.float64]) -> NDArray[np.float64]:
    free = np.array([person.persona not in _BOUND for person in group.residents])
    return np.where(free, np.clip(_STAYS_IN + _STAYS_IN_SPREAD * lasting, 0, 0.9), 0.02)


def _ill(seed: int, key: int, people: int, window: Window) -> NDArray[np.float64]:
    """(D, R) 1 on the days on which a person is ill."""
    columns = [_ill_days(seed, key + (person << 40), window) > 0 for person in range(people)]
    return np.stack(columns, axis=1).astype(np.float64)


def _ill_days(seed: int, key: int, window: Window) -> NDArray[np.float64]:
    return episodes(seed, Stream.ILLNESS, key, window, about_days=_ILL_EVERY_DAYS, lasts=_ILL_DAYS, chance=_ILL_CHANCE)


def _guests(seed: int, key: int, people: int, window: Window) -> NDArray[np.float64]:
    """(D,) factor of use while one or two guests sleep here."""
    there = episodes(
        seed, Stream.GUESTS, key, window, about_days=_GUESTS_EVERY_DAYS, lasts=_GUEST_DAYS, chance=_GUEST_CHANCE
    )
    return 1 + np.ceil(2 * there) * 0.6 / (people + 1)
