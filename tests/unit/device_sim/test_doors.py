from dataclasses import replace

import pytest

from device_sim.clock import Window
from device_sim.doors import Chances, Way, alive, come_in, go_out, leave_after_visit, visit
from device_sim.engine import simulate
from device_sim.people import Key, Resident
from device_sim.personas import Persona
from device_sim.world import build_world

WAY = Way("door", True, None, "u1", ("p2",), ("c1",))  # noqa: FBT003
TENANT = Resident(Persona.WORKER, Key.UNIT_CARD, "p1", True, ("s1", "s2"), 0, 0, 0, 0)  # noqa: FBT003
STRANGER = replace(TENANT, person_id=None, enrolled=False)
USUAL = Chances(seen=0.9, method=0.5, face=0.5, name=0.9, lock=0.5, detail=0.5)
NOON = 20_000 * 86_400 + 43_200


def entering(resident=TENANT, way=WAY, **chances):
    return list(come_in(way, resident, NOON, replace(USUAL, **chances)))


def test_an_enrolled_tenant_is_known_by_face():
    (record,) = entering()
    assert (record.kind, record.method, record.direction, record.person_id) == ("passage", "face", "in", "p1")
    assert (record.stranger_id, record.unit_id) == (None, None)
    assert 0.8 <= record.similarity <= 1


def test_who_follows_others_leaves_no_record():
    assert entering(seen=0.05) == []


def test_a_missed_face_is_denied_under_a_pseudonym_and_the_card_opens():
    denied, passage = entering(face=0.01)
    assert (denied.kind, denied.stranger_id, denied.person_id) == ("denied", "s1", None)
    assert (passage.method, passage.unit_id, passage.person_id) == ("card", "u1", None)
    assert denied.second < passage.second


def test_a_face_is_mistaken_for_a_neighbours_now_and_then():
    assert entering(name=0.001)[0].person_id == "p2"


def test_a_card_of_ones_own_names_its_person_and_a_card_of_the_unit_the_unit():
    assert entering(replace(TENANT, key=Key.OWN_CARD), method=0.9)[0].person_id == "p1"
    (record,) = entering(method=0.9)
    assert (record.person_id, record.unit_id, record.method) == (None, "u1", "card")


@pytest.mark.parametrize(("name", "pseudonym"), [(0.9, "s1"), (0.1, "s2")])
def test_one_stranger_may_have_two_pseudonyms(name, pseudonym):
    (record,) = entering(STRANGER, name=name)
    assert (record.stranger_id, record.unit_id, record.person_id) == (pseudonym, "u1", None)


def test_intercom_and_code_name_the_unit():
    assert [entering(replace(STRANGER, key=key))[0].method for key in (Key.INTERCOM, Key.PIN)] == ["remote", "pin"]


def test_the_lock_of_a_unit_speaks_for_it_even_behind_somebody_elses_back():
    (record,) = entering(way=replace(WAY, lock_id="lock"), seen=0.05)
    assert (record.device_id, record.unit_id, record.person_id) == ("lock", "u1", "p1")
    assert entering(STRANGER, replace(WAY, lock_id="lock"), seen=0.05)[0].person_id is None


def test_the_lock_opens_on_the_same_day():
    last_second = 20_001 * 86_400 - 1
    records = list(come_in(replace(WAY, lock_id="lock"), TENANT, last_second, USUAL))
    assert {record.second for record in records} == {last_second}


def test_leaving_is_seen_only_where_the_door_reads_both_ways():
    (record,) = go_out(WAY, TENANT, NOON, USUAL)
    assert (record.direction, record.person_id) == ("out", "p1")
    assert list(go_out(replace(WAY, two_way=False), TENANT, NOON, USUAL)) == []


def test_a_stranger_leaves_by_the_button():
    (record,) = go_out(WAY, STRANGER, NOON, USUAL)
    assert (record.method, record.stranger_id, record.unit_id) == ("button", "s1", None)


def test_a_child_without_a_key_comes_in_with_others():
    assert entering(replace(STRANGER, key=Key.NOTHING)) == []


def test_callers_come_by_intercom_or_by_the_code_of_the_building():
    by_intercom = visit(WAY, "s9", NOON, intercom=True, seen=True)
    by_code = visit(WAY, "s9", NOON, intercom=False, seen=False)
    assert (by_intercom.method, by_intercom.unit_id, by_intercom.stranger_id) == ("remote", "u1", "s9")
    assert (by_code.method, by_code.unit_id, by_code.stranger_id) == ("pin", None, None)
    assert leave_after_visit(WAY, "s9", NOON).direction == "out"


def test_a_dead_controller_says_nothing_but_the_locks_do():
    records = [*entering(way=replace(WAY, lock_id="lock"))]
    dead = ((NOON / 60 - 5, NOON / 60 + 5),)
    assert [record.device_id for record in alive(records, "door", dead)] == ["lock"]
    assert alive(records, "door", ((0, 1),)) == records


def test_a_terminal_without_pseudonyms_says_only_that_a_face_passed(plan, window):
    world = build_world(plan)
    entrance = world.entrances[0]
    days = Window(window.first_day, 20)
    usual = simulate(plan.seed, entrance, days, {}).events
    nameless = simulate(plan.seed, replace(entrance, pseudonyms=False), days, {}).events
    seen = sum(event.record.stranger_id is not None and event.record.kind == "passage" for event in usual)
    by_face = [record for event in nameless if (record := event.record).method == "face" and record.kind == "passage"]
    assert len(usual) == len(nameless)
    assert {event.record.stranger_id for event in nameless} == {None}
    assert sum(record.person_id is None for record in by_face) == seen > 20
    assert build_world(replace(plan, pseudonyms=False)).entrances[0].pseudonyms is False
