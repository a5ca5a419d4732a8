"""Times away from home that everybody has: Spring Festival, National Day, holidays, business trips."""

from __future__ import annotations

from dataclasses import replace

from device_sim.clock import DAY_MIN
from device_sim.holidays import national_days, spring_festivals
from device_sim.people import Group, Resident, Stay, away, away_group
from device_sim.personas import Persona
from device_sim.seeds import Dice

_SPRING_FESTIVAL = 0.5
_NATIONAL_DAY = 0.3
_HOUSEHOLD_TRIPS_A_DAY = 1 / 72
_NIGHTS = ((1, 4), (4, 7), (7, 12), (13, 20), (21, 27))
_NIGHTS_SHARES = (0.48, 0.435, 0.065, 0.007, 0.013)
_FOND_OF_TRAVEL = 0.5
_MINDED_A_DAY = 0.2 / 365
_MINDED_NIGHTS = (12, 31)
_MINDED_CHANCE, _MINDED_MIN = 0.75, (40.0, 200.0)
_BUSINESS_TRIPS_A_DAY = 1 / 75
_TRAVELLERS = frozenset({Persona.WORKER, Persona.SHIFT})


def plan_trips(rng: Dice, group: Group, first_day: int, last_day: int) -> Group:
    """The group with its trips from `first_day` to `last_day` taken out of its stays."""
    for day in spring_festivals(first_day, last_day):
        if rng.random() < _SPRING_FESTIVAL:
            group = _leave_together(rng, group, day - rng.integers(1, 7), rng.integers(5, 15))
    for day in national_days(first_day, last_day):
        if rng.random() < _NATIONAL_DAY:
            group = _leave_together(rng, group, day, rng.integers(3, 8))
    span = last_day - first_day
    for _ in range(rng.times(span * _HOUSEHOLD_TRIPS_A_DAY * rng.factor(_FOND_OF_TRAVEL))):
        nights = rng.integers(*rng.pick_by_share(_NIGHTS, _NIGHTS_SHARES))
        group = _leave_together(rng, group, first_day + rng.integers(0, span), nights)
    for _ in range(rng.times(span * _MINDED_A_DAY)):
        group = _minded(rng, group, first_day + rng.integers(0, span))
    return replace(group, residents=tuple(_business(rng, person, first_day, last_day) for person in group.residents))


def leave_and_back(rng: Dice, day: int, nights: int) -> tuple[float, float]:
    """Local minutes of leaving in the morning and coming back in the evening `nights` days later."""
    leave = day * DAY_MIN + rng.uniform(7 * 60, 11 * 60)
    back = (day + nights) * DAY_MIN + rng.uniform(15 * 60, 21.5 * 60)
    return leave, back


def _leave_together(rng: Dice, group: Group, day: int, nights: int) -> Group:
    return away_group(group, *leave_and_back(rng, day, nights))


def _minded(rng: Dice, group: Group, day: int) -> Group:
    """Away for weeks, while one of the household drops by on most days: plants, post, a cat."""
    nights = rng.integers(*_MINDED_NIGHTS)
    group = _leave_together(rng, group, day, nights)
    visits = [
        (begins, begins + rng.uniform(*_MINDED_MIN))
        for begins in ((day + night) * DAY_MIN + rng.uniform(9 * 60, 20 * 60) for night in range(1, nights))
        if rng.random() < _MINDED_CHANCE
    ]
    first, *others = group.residents
    stays = tuple(sorted((*first.stays, *(visit for visit in visits if not _overlap(first.stays, visit)))))
    return replace(group, residents=(replace(first, stays=stays), *others))


def _overlap(stays: tuple[Stay, ...], visit: Stay) -> bool:
    return any(start < visit[1] and visit[0] < end for start, end in stays)


def _business(rng: Dice, resident: Resident, first_day: int, last_day: int) -> Resident:
    if resident.persona not in _TRAVELLERS:
        return resident
    stays = resident.stays
    for _ in range(rng.times((last_day - first_day) * _BUSINESS_TRIPS_A_DAY)):
        day = first_day + rng.integers(0, last_day - first_day)
        stays = away(stays, *leave_and_back(rng, day, rng.integers(1, 5)))
    return replace(resident, stays=stays)
