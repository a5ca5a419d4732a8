from dataclasses import replace

import pytest

from device_sim.errors import BadParameterError
from device_sim.world import build_world


def test_a_larger_world_leaves_the_first_units_as_they_were(plan, world):
    small = build_world(replace(plan, units=120))
    assert list(small.dwellings) == list(world.dwellings)[:120]


def test_another_seed_is_another_city(plan, world):
    other = build_world(replace(plan, seed=8))
    assert list(other.dwellings) != list(world.dwellings)


def test_buildings_have_6_to_18_floors_and_2_to_4_units_a_floor(world):
    for entrance in world.entrances[:-1]:  # the last may not be finished
        units = [dwelling.unit for dwelling in entrance.dwellings]
        floors = {unit.floor for unit in units}
        assert 6 <= len(floors) <= 18
        assert 2 <= len(units) / len(floors) <= 4


def test_every_unit_has_both_meters_and_every_entrance_a_door(world):
    locks = 0
    for entrance in world.entrances:
        assert entrance.door.unit_id == ""
        for dwelling in entrance.dwellings:
            kinds = [device.kind for device in dwelling.devices]
            assert kinds[:2] == ["water", "electricity"]
            locks += kinds.count("door")
    assert 0.2 < locks / 400 < 0.4


def test_ids_are_unique(world):
    for ids in (
        [dwelling.unit.unit_id for dwelling in world.dwellings],
        [person.person_id for person in world.persons],
        [device.device_id for device in world.devices],
    ):
        assert len(ids) == len(set(ids))


def test_a_large_city_has_several_estates(plan):
    big = build_world(replace(plan, units=2500))
    assert [estate.estate_id for estate in big.estates] == ["e01", "e02", "e03"]
    assert {estate.timezone for estate in big.estates} == {"Asia/Shanghai"}


def test_only_squatted_and_empty_units_are_not_leased(world):
    for dwelling in world.dwellings:
        if dwelling.truth and dwelling.truth[0].subtype == "overstay":
            continue  # by right once
        lived_in_by_right = any(r.person_id for group in dwelling.story.groups for r in group.residents)
        assert (dwelling.unit.tenure == "leased") == lived_in_by_right


@pytest.mark.parametrize("change", [{"units": 0}, {"days": 401}, {"seed": -1}, {"misuse_rate": 0.5}])
def test_impossible_plans_are_refused_by_name(plan, change):
    with pytest.raises(BadParameterError, match=f"--{next(iter(change)).replace('_', '-')}"):
        replace(plan, **change).check()
