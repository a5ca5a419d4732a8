from datetime import date

import numpy as np
import pytest

from device_sim.clock import DAY_MIN, day_of
from device_sim.households import Kind, draw_registered
from device_sim.personas import Persona
from device_sim.seeds import Stream, dice
from device_sim.trips import plan_trips

FIRST, LAST = day_of(date(2026, 1, 1)), day_of(date(2027, 12, 31))
JULY, SEPTEMBER = day_of(date(2026, 7, 1)), day_of(date(2026, 9, 30))


def nobody_home(personas: tuple[Persona, ...], number: int) -> np.ndarray:
    """(days,) True where nobody of the household is there at noon."""
    return np.all([there == 0 for there in at_noon(personas, number)], axis=0)


def at_noon(personas: tuple[Persona, ...], number: int) -> list[np.ndarray]:
    group = draw_registered(dice(1, Stream.UNIT, number), number, Kind("some", personas))
    group = plan_trips(dice(1, Stream.TRIPS, number), group, FIRST, LAST)
    noons = np.arange(FIRST, LAST) * DAY_MIN + DAY_MIN / 2
    return [sum((start <= noons) & (noons < end) for start, end in person.stays) for person in group.residents]


def long_absences(personas: tuple[Persona, ...]) -> float:
    """Absences of two days and more, a home and month."""
    begun = 0
    for number in range(150):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], nobody_home(personas, number).astype(int), [0]])))
        begun += int(((edges[1::2] - edges[::2]) >= 2).sum())
    return begun / 150 / ((LAST - FIRST) / 30.44)


def test_people_who_live_alone_are_away_for_days_less_often_than_couples():
    alone, couple = long_absences((Persona.ELDER,)), long_absences((Persona.ELDER, Persona.ELDER))
    assert alone == pytest.approx(0.19, abs=0.06)
    assert couple > 1.4 * alone


def test_some_homes_are_lived_in_now_and_then_for_weeks():
    begun = [
        np.flatnonzero(np.diff(nobody_home((Persona.ELDER, Persona.ELDER), number).astype(int)) == 1)
        for number in range(150)
    ]
    often = [bool((days[4:] - days[:-4] < 40).any()) for days in begun]  # they leave five times within 40 days
    assert 0.3 < np.mean(often) < 0.6  # 0.2 by chance alone


def test_some_children_spend_the_summer_elsewhere_and_one_of_the_adults_with_them():
    days = SEPTEMBER - JULY
    gone = []
    for number in range(60):
        stayed, went, child = (
            (there[JULY - FIRST : SEPTEMBER - FIRST] == 0).sum()
            for there in at_noon((Persona.HOMEMAKER, Persona.HOMEMAKER, Persona.PUPIL), number)
        )
        assert stayed <= min(went, child) <= days
        gone.append(child - stayed > 15)
    assert np.mean(gone) == pytest.approx(0.35, abs=0.15)
