"""Who is silent, and what goes silent together."""

from datetime import date, timedelta

from detectors.findings import Level
from gateway.detection.silence import silences
from gateway.store.panels import Heard

AS_OF = date(2026, 11, 21)


def device(device_id, days_ago=0, kind="water", *, unit="", building="1", entrance="1"):
    last = None if days_ago is None else AS_OF - timedelta(days=days_ago)
    unit_id = None if kind == "door" else unit or f"u-{device_id}"
    return Heard(device_id=device_id, kind=kind, unit_id=unit_id, building=building, entrance=entrance, last_day=last)


def found(*devices):
    speaking = [device(f"ok{number}", building="9") for number in range(3)]
    return [
        (one.subject.unit_id, one.subject.device_id, one.finding.subtype)
        for one in silences("e1", [*devices, *speaking], AS_OF)
    ]


def test_three_days_without_a_word_are_silence():
    assert found(device("w1", 2), device("w2"), device("w3")) == []
    (one,) = silences("e1", [device("w1", 3), device("w2"), device("w3")], AS_OF)
    assert (one.subject.unit_id, one.subject.device_id) == ("u-w1", None)
    assert (one.finding.since, one.finding.level) == (AS_OF - timedelta(days=2), Level.YELLOW)
    (fact,) = one.finding.evidence
    assert (fact.code, fact.value, fact.unit, fact.end) == ("device_silent_water", 3, "days", AS_OF)


def test_a_week_of_silence_is_urgent():
    (one,) = silences("e1", [device("w1", 7), device("w2"), device("w3")], AS_OF)
    assert one.finding.level is Level.RED


def test_a_device_that_was_never_heard_is_the_registrys_to_report():
    assert found(device("w1", None), device("w2")) == []


def test_both_meters_of_a_unit_are_one_fact():
    both = device("w1", 4, unit="u1"), device("m1", 5, "electricity", unit="u1")
    (one,) = silences("e1", [*both, device("w2"), device("m2", kind="electricity")], AS_OF)
    assert (one.subject.unit_id, len(one.finding.evidence)) == ("u1", 2)
    assert one.finding.since == AS_OF - timedelta(days=4)


def test_a_door_stands_for_itself():
    assert found(device("d1", 4, "door"), device("w1")) == [(None, "d1", "silent")]


def test_a_whole_entrance_is_one_fact():
    dark = [device(f"w{number}", 3 + number, entrance="2") for number in range(4)]
    (one,) = silences("e1", [*dark, device("w9"), device("w8", building="2")], AS_OF)
    assert (one.subject.device_id, one.finding.subtype) == ("w0", "entrance_silent")
    (fact,) = one.finding.evidence
    assert (fact.value, fact.unit, fact.start) == (4, "devices", AS_OF - timedelta(days=2))


def test_a_whole_building_is_one_fact_not_one_an_entrance():
    dark = [device(f"w{number}", 4, entrance=str(number % 2)) for number in range(6)]
    assert found(*dark) == [(None, "w0", "building_silent")]


def test_all_meters_of_one_kind_in_an_entrance_are_one_fact_while_the_others_speak():
    dark = [device(f"w{number}", 4) for number in range(3)]
    speaking = [device(f"m{number}", kind="electricity") for number in range(3)]
    more = [device("w7", entrance="2"), device("m7", kind="electricity", entrance="2")]
    assert found(*dark, *speaking, *more) == [(None, "w0", "entrance_silent")]


def test_two_are_no_group():
    assert len(found(device("w1", 4, entrance="2"), device("w2", 4, entrance="2"), device("w3"))) == 2


def test_a_group_that_still_has_a_voice_is_told_one_by_one():
    devices = [device(f"w{number}", 4) for number in range(3)] + [device("w9")]
    assert [subtype for _, _, subtype in found(*devices)] == ["silent"] * 3
