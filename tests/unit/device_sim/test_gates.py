from dataclasses import replace

import pytest

from device_sim.clock import DAY_S, Window
from device_sim.doors import DoorRecord
from device_sim.engine import simulate
from device_sim.gates import at_gate
from device_sim.world import build_world


@pytest.fixture(scope="module")
def building(plan):
    """The entrances of a building that has several."""
    world = build_world(replace(plan, units=300, gates=True))
    several = next(e.building for e in world.entrances if e.entrance == "2")
    return world, [entrance for entrance in world.entrances if entrance.building == several]


def test_a_building_has_one_lane_on_the_list_and_each_entrance_passes_it(building):
    world, entrances = building
    lanes = [device.device_id for device in world.devices if device.device_id.startswith("gt-")]
    assert len(lanes) == len(set(lanes)) == len({entrance.building for entrance in world.entrances})
    assert len({entrance.gate for entrance in entrances}) == 1
    assert all(entrance.gate in entrance.doors for entrance in entrances)


def test_events_of_one_lane_have_ids_of_their_own_whichever_entrance_they_lead_to(building, plan, window):
    _, entrances = building
    lane = entrances[0].gate.device_id
    ids = [
        event.event_id
        for entrance in entrances
        for event in simulate(plan.seed, entrance, Window(window.first_day, 5), {}).events
        if event.record.device_id == lane
    ]
    assert len(ids) == len(set(ids)) > 100


def test_people_pass_the_gate_before_they_come_and_after_they_go():
    home = DoorRecord(40_000, "door", "passage", "face", "in", person_id="p1", unit_id="u")
    apart = {"in": [], "out": []}
    for second in range(40_000, 80_000, 400):
        for direction, found in apart.items():
            passes = at_gate(1, "gate", "door", [replace(home, second=second, direction=direction)])
            found += [(at.second - second, at.person_id, at.unit_id) for at in passes]
    for found in apart.values():
        assert 40 < len(found) < 90  # of a hundred
        assert {(who, unit) for _, who, unit in found} == {("p1", None)}
    assert max(second for second, *_ in apart["in"]) <= -70
    assert min(second for second, *_ in apart["out"]) >= 70


def test_nobody_passes_on_another_day():
    late = DoorRecord(DAY_S - 5, "door", "passage", "face", "out", person_id="p1")
    found = [at for number in range(20) for at in at_gate(number, "gate", "door", [late])]
    assert found
    assert {at.second for at in found} == {DAY_S - 1}
