"""One simulated city for all tests of the simulator; what each test needs of it is simulated when asked for."""

from collections.abc import Callable
from datetime import datetime

import pytest

from device_sim.clock import ZONE, Window
from device_sim.engine import EntranceDays, simulate
from device_sim.history import history_window
from device_sim.lives import Lives, live
from device_sim.plan import Plan
from device_sim.records import Dwelling, TruthRow
from device_sim.world import Entrance, World, build_world

PLAN = Plan(seed=7, units=400, days=60, end=datetime(2026, 11, 22, tzinfo=ZONE), misuse_rate=0.2)


@pytest.fixture(scope="session")
def plan() -> Plan:
    return PLAN


@pytest.fixture(scope="session")
def world() -> World:
    return build_world(PLAN)


@pytest.fixture(scope="session")
def window() -> Window:
    return history_window(PLAN)


@pytest.fixture(scope="session")
def told(world) -> Callable[[str, str], Dwelling]:
    """The first dwelling of which the truth says a kind and a subtype (empty: any).

    A case began well within the history and goes on at its end.
    """

    def find(kind: str, subtype: str = "") -> Dwelling:
        return next(
            dwelling
            for dwelling in world.dwellings
            for row in dwelling.truth
            if row.kind == kind and subtype in {"", row.subtype} and (kind == "honest" or well_within(row))
        )

    return find


def well_within(row: TruthRow) -> bool:
    """A case with weeks of the history before it and after its beginning, and no end in it."""
    return PLAN.first_day + 14 < row.start < PLAN.end_day - 14 and (row.end or PLAN.end_day) >= PLAN.end_day


@pytest.fixture(scope="session")
def lives_of() -> Callable[[Dwelling, Window], list[Lives]]:
    def simulated(dwelling: Dwelling, window: Window) -> list[Lives]:
        story = dwelling.story
        return [live(PLAN.seed, story.index, n, group, window) for n, group in enumerate(story.groups)]

    return simulated


@pytest.fixture(scope="session")
def days_of(world, window) -> Callable[[Dwelling], tuple[Entrance, EntranceDays]]:
    """The entrance of a dwelling over the whole history; simulated once."""
    known: dict[str, tuple[Entrance, EntranceDays]] = {}

    def simulated(dwelling: Dwelling) -> tuple[Entrance, EntranceDays]:
        entrance = next(e for e in world.entrances if dwelling in e.dwellings)
        if entrance.door.device_id not in known:
            known[entrance.door.device_id] = (entrance, simulate(PLAN.seed, entrance, window, {}))
        return known[entrance.door.device_id]

    return simulated
