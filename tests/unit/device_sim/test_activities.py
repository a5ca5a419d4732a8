import numpy as np
import pytest

from device_sim.activities import act
from device_sim.clock import SLOTS_A_DAY, Window
from device_sim.households import Kind, draw_registered
from device_sim.lives import live
from device_sim.personas import Persona
from device_sim.seeds import Stream, dice

WINDOW = Window(20_000, 60)
MILD_C = np.full(WINDOW.slots, 18.0)


@pytest.fixture(scope="module")
def days():
    """What thirty couples do, by hour of the day."""
    done = []
    for unit in range(30):
        group = draw_registered(dice(1, Stream.UNIT, unit), unit, Kind("some", (Persona.HOMEMAKER, Persona.WORKER)))
        done.append(act(1, live(1, unit, 0, group, WINDOW), MILD_C))
    return done


def by_hour(values) -> np.ndarray:
    return np.sum(values, axis=0).reshape(-1, 24, 6).sum(axis=(0, 2))


def test_a_breakfast_is_less_than_a_dinner_and_nobody_cooks_for_nobody(days):
    for done in days:
        assert ((done.meals > 0) == (done.portions > 0)).all()
    meals = by_hour([done.meals for done in days])
    assert 0 < meals[6:9].sum() < 0.4 * meals[17:21].sum()


def test_laundry_is_done_at_any_time_of_the_day(days):
    laundry = by_hour([done.laundries for done in days])
    parts = np.array([laundry[6:13].sum(), laundry[13:18].sum(), laundry[18:24].sum()])
    assert (parts / laundry.sum() > 0.2).all()
    assert len(days[0].laundries) == WINDOW.days * SLOTS_A_DAY
