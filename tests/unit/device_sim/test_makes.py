from dataclasses import replace

import pytest

from device_sim.errors import BadParameterError
from device_sim.makes import check_shares, parse_shares
from device_sim.world import build_world


@pytest.fixture(scope="module")
def mixed(plan):
    return build_world(replace(plan, dialects=(("facesluice", 0.5),)))


def test_a_share_of_the_doors_is_of_another_make_and_no_other_device(mixed):
    doors = [entrance.door for entrance in mixed.entrances]
    other = [door for door in doors if door.codec == "facesluice"]
    assert 0.2 < len(other) / len(doors) < 0.8
    assert {device.codec for device in mixed.devices if device not in other} == {"native"}


def test_it_has_an_id_such_as_its_make_has_and_no_two_have_one(mixed):
    ids = [device.device_id for device in mixed.devices]
    assert len(set(ids)) == len(ids)
    assert all(device.device_id.isdigit() for device in mixed.devices if device.codec == "facesluice")


def test_the_rest_of_the_world_stays_as_it_was(mixed, world):
    assert list(mixed.persons) == list(world.persons)
    native = [device for device in mixed.devices if device.codec == "native"]
    assert set(native) < set(world.devices)
    for mine, theirs in zip(mixed.entrances, world.entrances, strict=True):
        assert replace(mine, door=theirs.door) == theirs


def test_shares_are_checked():
    assert parse_shares(["facesluice=0.5"]) == (("facesluice", 0.5),)
    with pytest.raises(BadParameterError, match="write a dialect and its share"):
        parse_shares(["facesluice"])
    for wrong, said in [
        ((("klingon", 0.5),), "not one of"),
        ((("facesluice", -0.1),), "must be 0 to 1"),
        ((("facesluice", 0.6), ("facesluice", 0.6)), "door devices add up to 1.2"),
    ]:
        with pytest.raises(BadParameterError, match=said):
            check_shares(wrong)
