"""Times away: Spring Festival, National Day, holidays, business trips, children's summers, weeks half elsewhere."""

from __future__ import annotations

from dataclasses import replace

from device_sim.clock import DAY_MIN
from device_sim.holidays import national_days, school_summers, spring_festivals
from device_sim.people import Group, Resident, Stay, away, away_group
from device_sim.personas import Persona
from device_sim.seeds import Dice

_SPRING_FESTIVAL = 0.5
_NATIONAL_DAY = 0.3
_TRIPS_A_DAY, _TRIPS_A_DAY_ALONE = 1 / 72, 1 / 500
_NIGHTS = ((1, 4), (4, 7), (7, 12), (13, 20), (21, 27))
_NIGHTS_SHARES = (0.47, 0.42, 0.075, 0.013, 0.022)
_FOND_OF_TRAVEL = 0.5
_MINDED_A_DAY = 0.2 / 365
_MINDED_NIGHTS = (12, 31)
_MINDED_CHANCE, _MINDED_MIN = 0.75, (40.0, 200.0)
_ELSEWHERE_A_DAY, _ELSEWHERE_A_DAY_ALONE = 0.6 / 365, 0.04 / 365
_ELSEWHERE_DAYS, _ELSEWHERE_NIGHTS, _BACK_DAYS = (20, 75), (2, 6), (1, 4)
_SUMMER, _SUMMER_STARTS, _SUMMER_NIGHTS = 0.35, (0, 25), (18, 45)
_BUSINESS_TRIPS_A_DAY, _BUSINESS_TRIPS_A_DAY_ALONE = 1 / 75, 1 / 500
_TRAVELLERS = frozenset({Persona.WORKER, Persona.SHIFT})
_CHILDREN = frozenset({Persona.PUPIL, Persona.INFANT})


def plan_trips(rng: Dice, group: Group, first_day: int, last_day: int) -> Group:
    """The group with its trips from `first_day` to `last_day` taken out of its stays."""
    for day in spring_festivals(first_day, last_day):
        if rng.random() < _SPRING_FESTIVAL:
            group = _leave_together(rng, group, day - rng.integers(1, 7), rng.integers(5, 15))
    for day in national_days(first_day, last_day):
        if rng.random() < _NATIONAL_DAY:
            group = _leave_together(rng, group, day, rng.integers(3, 8))
    span = last_day - first_day
    alone = len(group.residents) == 1
    often = _TRIPS_A_DAY_ALONE if alone else _TRIPS_A_DAY
    for _ in range(rng.times(span * often * rng.factor(_FOND_OF_TRAVEL))):
        nights = rng.integers(*rng.pick_by_share(_NIGHTS, _NIGHTS_SHARES))
        group = _leave_together(rng, group, first_day + rng.integers(0, span), nights)
    for _ in range(rng.times(span * _MINDED_A_DAY)):
        group = _minded(rng, group, first_day + rng.integers(0, span))
    if any(person.persona in _CHILDREN for person in group.residents):
        group = _summers_away(rng, group, first_day, last_day)
    else:
        for _ in range(rng.times(span * (_ELSEWHERE_A_DAY_ALONE if alone else _ELSEWHERE_A_DAY))):
            group = _half_elsewhere(rng, group, first_day + rng.integers(0, span))
    often = _BUSINESS_TRIPS_A_DAY_ALONE if alone else _BUSINESS_TRIPS_A_DAY
    return replace(
        group, residents=tuple(_business(rng, person, first_day, last_day, often) for person in group.residents)
    )


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


def _half_elsewhere(rng: Dice, group: Group, day: int) -> Group:
    """Weeks in which the home is lived in now and then: a partner's flat, parents who need care, a site far away."""
    last = day + rng.integers(*_ELSEWHERE_DAYS)
    while day < last:
        nights = rng.integers(*_ELSEWHERE_NIGHTS)
        group = _leave_together(rng, group, day, nights)
        day += nights + rng.integers(*_BACK_DAYS)
    return group


def _summers_away(rng: Dice, group: Group, first_day: int, last_day: int) -> Group:
    """Children spend some summers with their grandparents, one of the adults with them."""
    for july in school_summers(first_day, last_day):
        if rng.random() < _SUMMER:
            leave, back = leave_and_back(rng, july + rng.integers(*_SUMMER_STARTS), rng.integers(*_SUMMER_NIGHTS))
            gone = [
                replace(person, stays=away(person.stays, leave, back))
                if position == 1 or person.persona in _CHILDREN
                else person
                for position, person in enumerate(group.residents)
            ]
            group = replace(group, residents=tuple(gone))
    return group


def _overlap(stays: tuple[Stay, ...], visit: Stay) -> bool:
    return any(start < visit[1] and visit[0] < end for start, end in stays)


def _business(rng: Dice, resident: Resident, first_day: int, last_day: int, often: float) -> Resident:
    if resident.persona not in _TRAVELLERS:
        return resident
    stays = resident.stays
    for _ in range(rng.times((last_day - first_day) * often)):
        day = first_day + rng.integers(0, last_day - first_day)
        stays = away(stays, *leave_and_back(rng, day, rng.integers(1, 5)))
    return replace(resident, stays=stays)
