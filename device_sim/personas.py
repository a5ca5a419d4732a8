"""Kinds of people by how their days run: when they sleep, and when they are out.

A day type has three possible outings, each with a chance, an hour of leaving and a length, both with their
spread from day to day. A persona says which day type a person lives on which day.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

OUTINGS_A_DAY = 3


@dataclass(frozen=True, slots=True)
class Outing:
    """One time out of the home: `chance` that it happens, hour it starts, length in hours; spreads are day to day."""

    chance: float
    leave_h: float
    leave_spread_h: float
    length_h: float
    length_spread: float


@dataclass(frozen=True, slots=True)
class DayType:
    """A day's outings in order, and the hours of waking up and going to sleep."""

    outings: tuple[Outing, Outing, Outing]
    wake_h: float
    sleep_h: float


_NO = Outing(0, 12, 0, 1, 0)
_FRIENDS = Outing(0.18, 19.6, 0.6, 1.6, 0.4)

DAY_TYPES = {
    "office": DayType((Outing(0.96, 7.9, 0.35, 10.6, 0.11), _NO, _FRIENDS), 6.9, 23.4),
    "office_near": DayType(
        (Outing(0.96, 8.0, 0.35, 3.9, 0.1), Outing(0.92, 13.5, 0.3, 4.6, 0.14), _FRIENDS), 7.0, 23.4
    ),
    "irregular": DayType(
        (Outing(0.5, 9.8, 1.4, 3.2, 0.4), Outing(0.55, 14.3, 1.4, 3.4, 0.4), Outing(0.45, 18.9, 1.0, 2.4, 0.5)),
        8.1,
        24.2,
    ),
    "weekend": DayType(
        (Outing(0.55, 9.8, 1.2, 2.6, 0.6), Outing(0.45, 14.2, 1.2, 2.8, 0.5), Outing(0.25, 18.9, 0.8, 1.8, 0.5)),
        8.2,
        23.9,
    ),
    "school": DayType((Outing(0.97, 7.2, 0.15, 9.3, 0.06), _NO, _NO), 6.6, 22.0),
    "school_off": DayType((Outing(0.4, 9.3, 0.8, 2.4, 0.4), Outing(0.4, 14.4, 1.0, 2.2, 0.5), _NO), 7.9, 22.7),
    "elder": DayType(
        (Outing(0.72, 7.2, 0.6, 1.3, 0.4), Outing(0.5, 15.0, 0.7, 1.5, 0.4), Outing(0.25, 18.8, 0.4, 1.2, 0.3)),
        6.1,
        21.9,
    ),
    "homemaker": DayType(
        (Outing(0.7, 8.6, 0.5, 1.4, 0.4), Outing(0.6, 15.9, 0.4, 1.1, 0.3), Outing(0.15, 19.2, 0.4, 1.2, 0.3)),
        6.7,
        23.0,
    ),
    "infant": DayType((Outing(0.3, 9.6, 0.6, 1.1, 0.3), Outing(0.35, 15.6, 0.6, 1.2, 0.3), _NO), 6.2, 20.4),
    "shift_day": DayType((Outing(0.98, 7.1, 0.2, 9.4, 0.05), _NO, _NO), 6.1, 22.4),
    "shift_evening": DayType((Outing(0.3, 10.5, 0.8, 1.5, 0.4), Outing(0.98, 15.0, 0.2, 8.9, 0.04), _NO), 9.0, 25.0),
    "shift_night": DayType((Outing(0.2, 10.0, 0.8, 1.3, 0.4), _NO, Outing(0.98, 23.0, 0.2, 9.4, 0.04)), 9.0, 23.9),
    "shift_after": DayType((_NO, _NO, Outing(0.98, 23.0, 0.2, 9.4, 0.04)), 15.0, 23.9),
    "shift_home": DayType((_NO, Outing(0.4, 16.0, 0.8, 2.0, 0.4), _FRIENDS), 14.5, 23.5),
}
_INDEX = {name: number for number, name in enumerate(DAY_TYPES)}


class Persona(StrEnum):
    """Kinds of people."""

    WORKER = "worker"
    NEAR_WORKER = "near_worker"
    """Works near by and comes home at noon."""
    FREELANCER = "freelancer"
    """Works at home or by the hour, deliveries or shops: out at any time, seldom for long."""
    EVENING_WORKER = "evening_worker"
    PUPIL = "pupil"
    ELDER = "elder"
    HOMEMAKER = "homemaker"
    INFANT = "infant"
    SHIFT = "shift"
    GUEST = "guest"


# The day types of a persona: on workdays and on days off, or one after the other in a rota.
_WEEK = {
    Persona.WORKER: ("office", "weekend"),
    Persona.NEAR_WORKER: ("office_near", "weekend"),
    Persona.FREELANCER: ("irregular", "irregular"),
    Persona.EVENING_WORKER: ("shift_evening", "weekend"),
    Persona.PUPIL: ("school", "school_off"),
    Persona.ELDER: ("elder", "elder"),
    Persona.HOMEMAKER: ("homemaker", "weekend"),
    Persona.INFANT: ("infant", "infant"),
    Persona.GUEST: ("weekend", "weekend"),
}
# Four crews share three shifts of eight hours: two early, two late, two nights, two days off.
_ROTA = (
    *("shift_day", "shift_day", "shift_evening", "shift_evening"),
    *("shift_night", "shift_after", "shift_home", "weekend"),
)

_OUTINGS = np.array(
    [
        [(o.chance, o.leave_h, o.leave_spread_h, o.length_h, o.length_spread) for o in kind.outings]
        for kind in DAY_TYPES.values()
    ]
)
_SLEEP = np.array([(kind.wake_h, kind.sleep_h) for kind in DAY_TYPES.values()])


def day_types(persona: Persona, phase: int, first_day: int, off: NDArray[np.bool_]) -> NDArray[np.intp]:
    """(days,) number of the day type lived on each day; `phase` is where in a rota the person stands."""
    if persona is Persona.SHIFT:
        rota = np.array([_INDEX[name] for name in _ROTA])
        return rota[(np.arange(first_day, first_day + len(off)) + phase) % len(rota)]
    workday, free = _WEEK[persona]
    return np.where(off, _INDEX[free], _INDEX[workday])


def outing_table(types: NDArray[np.intp]) -> NDArray[np.float64]:
    """(..., 3, 5) chance, leaving hour, its spread, length, its spread of each day's outings."""
    table: NDArray[np.float64] = _OUTINGS[types]
    return table


def sleep_table(types: NDArray[np.intp]) -> NDArray[np.float64]:
    """(..., 2) hour of waking up and of going to sleep."""
    table: NDArray[np.float64] = _SLEEP[types]
    return table
