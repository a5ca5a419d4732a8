from dataclasses import replace

import pytest

from device_sim.clock import DAY_S
from device_sim.engine import simulate
from device_sim.moves import after_moves
from device_sim.switches import Move


@pytest.fixture
def home(world):
    """An entrance of one unit to which nothing happens."""
    for entrance in world.entrances:
        for dwelling in entrance.dwellings:
            if not dwelling.truth and dwelling.unit.tenure == "leased" and len(dwelling.persons) == 2:
                return replace(entrance, dwellings=(dwelling,))
    return None


def used(plan, entrance, window) -> dict[str, int]:
    found = simulate(plan.seed, entrance, window, {}).used
    return {device[:2]: parts for device, parts in found.items()}


def test_who_moves_out_uses_nothing_and_who_moves_in_is_a_stranger(plan, home, window):
    unit = home.dwellings[0].unit.unit_id
    begins_s = (window.first_day + 20) * DAY_S
    out = after_moves(plan.seed, home, [Move(unit, "out", begins_s)])
    back = after_moves(plan.seed, home, [Move(unit, "out", begins_s), Move(unit, "in", begins_s + 10 * DAY_S)])
    as_it_was, empty, anew = (used(plan, entrance, window) for entrance in (home, out, back))
    assert empty["wm"] < 0.6 * as_it_was["wm"]
    assert anew["wm"] > 1.2 * empty["wm"]
    assert anew["em"] > 1.2 * empty["em"]
    strangers = back.dwellings[0].story.groups[-1]
    assert not any(resident.person_id for resident in strangers.residents)


def test_other_units_stay_as_they_are(plan, world):
    entrance = world.entrances[0]
    moved = after_moves(plan.seed, entrance, [Move(entrance.dwellings[3].unit.unit_id, "out", 0)])
    same = [one == other for one, other in zip(entrance.dwellings, moved.dwellings, strict=True)]
    assert same.count(False) == 1
    assert after_moves(plan.seed, entrance, []) == entrance
