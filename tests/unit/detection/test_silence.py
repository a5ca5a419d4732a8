"""Who is silent, and what goes silent together."""

from dataclasses import replace

import pytest

from gateway.detection.silence import Voice, silences
from gateway.events import DeviceKind

NOW = 1_800_000_000.0
HOUR, DAY = 3600.0, 86_400.0
HOURLY = 3 * HOUR  # the patience of a meter that speaks every hour


def voice(device_id, quiet_s=0.0, *, building="1", entrance="1", patience_s=HOURLY, **more):
    kind = {"w": DeviceKind.WATER, "m": DeviceKind.ELECTRICITY, "d": DeviceKind.DOOR}[device_id[0]]
    return Voice(
        device_id=device_id,
        kind=kind,
        unit_id=None if kind is DeviceKind.DOOR else f"u-{device_id}",
        building=building,
        entrance=entrance,
        word_s=NOW - quiet_s,
        quiet_s=quiet_s,
        patience_s=patience_s,
        **more,
    )


def found(*voices):
    """Scope and devices of every silence, in an estate where another building and another entrance speak."""
    others = [voice(f"w{number}", building="9") for number in range(90, 99)] + [voice("w99", entrance="9")]
    return [(one.scope, sorted(its.device_id for its in one.devices)) for one in silences([*voices, *others], NOW)]


@pytest.mark.parametrize(
    ("patience_s", "quiet_s", "silent"),
    [
        (HOURLY, 11 * HOUR, False),  # longer than its patience, but one device can wait for half a day
        (HOURLY, 13 * HOUR, True),
        (3 * DAY, 2.9 * DAY, False),  # a meter that reports daily
        (3 * DAY, 3.1 * DAY, True),
        (None, 2.9 * DAY, False),  # a device of yesterday: nothing is known of it
        (None, 3.1 * DAY, True),
    ],
)
def test_a_device_alone_is_silent_beyond_its_own_patience(patience_s, quiet_s, silent):
    others = [voice("w2", entrance="2"), voice("w3", entrance="2")]
    expected = [("silent", ["w1"])] if silent else []
    assert found(voice("w1", quiet_s, patience_s=patience_s), *others) == expected


def test_a_last_will_needs_less_patience_and_a_standing_connection_of_a_door_much_more():
    assert found(voice("d1", 5 * HOUR, patience_s=8 * HOUR)) == []
    assert found(voice("d1", 2 * HOUR, patience_s=8 * HOUR, online=False)) == [("silent", ["d1"])]
    assert found(voice("d1", 0.9 * HOUR, patience_s=8 * HOUR, online=False)) == []
    assert found(voice("d1", 2 * DAY, patience_s=8 * HOUR)) == [("silent", ["d1"])]
    assert found(voice("d1", 2 * DAY, patience_s=8 * HOUR, online=True)) == []
    assert found(voice("d1", 8 * DAY, patience_s=8 * HOUR, online=True)) == [("silent", ["d1"])]
    # a meter that said once that it is online has no standing connection
    assert found(voice("w1", 2 * DAY, online=True), voice("w2"), voice("w3")) == [("silent", ["w1"])]


def test_the_door_of_one_home_is_quiet_while_its_people_travel():
    home = replace(voice("d1", 20 * DAY, patience_s=None), unit_id="u1")
    assert found(home) == []
    assert found(replace(home, online=False)) == [("silent", ["d1"])]
    assert found(replace(home, quiet_s=31 * DAY)) == [("silent", ["d1"])]


def test_sixty_meters_that_miss_three_words_are_one_fact_within_hours():
    dark = [voice(f"{kind}{number}", 3.5 * HOUR + number, entrance="2") for number in range(30) for kind in "wm"]
    assert found(*dark, voice("w80")) == [("entrance_silent", sorted(one.device_id for one in dark))]


def test_fewer_words_than_three_are_waited_for():
    assert found(*(voice(f"w{number}", 2.5 * HOUR, entrance="2") for number in range(30))) == []


def test_a_whole_building_is_one_fact_not_one_an_entrance():
    dark = [voice(f"w{number}", 4 * HOUR, building="2", entrance=str(number % 2)) for number in range(6)]
    assert [scope for scope, _ in found(*dark)] == ["building_silent"]


def test_a_building_where_one_entrance_speaks_is_told_by_entrance():
    dark = [voice(f"w{number}", 4 * HOUR, building="2", entrance=str(number % 2)) for number in range(40)]
    lit = [voice(f"w{number}", building="2", entrance="3") for number in range(40, 43)]
    assert [scope for scope, _ in found(*dark, *lit)] == ["entrance_silent", "entrance_silent"]


def test_a_whole_estate_is_one_fact():
    (one,) = silences([voice(f"w{number}", 4 * HOUR, building=str(number)) for number in range(6)], NOW)
    assert (one.scope, one.known) == ("estate_silent", "w0")


def test_the_door_of_an_entrance_goes_with_its_meters():
    dark = [voice(f"w{number}", 4 * HOUR, entrance="2") for number in range(5)]
    door = voice("d1", 9 * HOUR, entrance="2", patience_s=8 * HOUR)
    assert found(*dark, door) == [("entrance_silent", ["d1", *(f"w{number}" for number in range(5))])]


def test_all_meters_of_one_kind_are_one_fact_while_the_others_speak():
    dark = [voice(f"w{number}", 4 * HOUR) for number in range(3)]
    speaking = [voice(f"m{number}") for number in range(3)]
    assert found(*dark, *speaking) == [("entrance_silent", ["w0", "w1", "w2"])]


def test_one_that_goes_on_speaking_on_another_network_does_not_hide_nine_that_do_not():
    dark = [voice(f"w{number}", 4 * HOUR, entrance="2") for number in range(9)]
    assert found(*dark, voice("w80", entrance="2")) == [("entrance_silent", [f"w{number}" for number in range(9)])]


def test_a_place_where_many_speak_is_told_one_by_one():
    dark = [voice(f"w{number}", 13 * HOUR, entrance="2") for number in range(3)]
    assert [scope for scope, _ in found(*dark, voice("w80", entrance="2"))] == ["silent"] * 3


def test_what_was_silent_long_before_is_a_fact_of_its_own():
    dark = [voice(f"w{number}", 4 * HOUR, entrance="2") for number in range(5)]
    assert found(*dark, voice("w80", 20 * DAY, entrance="2")) == [
        ("entrance_silent", [f"w{number}" for number in range(5)]),
        ("silent", ["w80"]),
    ]


def test_three_that_died_in_different_months_are_no_group():
    died = [voice(f"w{number}", (20 + 30 * number) * DAY, entrance="2") for number in range(3)]
    assert [scope for scope, _ in found(*died)] == ["silent"] * 3


def test_two_are_no_group():
    assert [scope for scope, _ in found(voice("w1", DAY, entrance="2"), voice("w2", DAY, entrance="2"))] == [
        "silent",
        "silent",
    ]


def test_after_a_power_cut_each_has_its_own_patience_to_come_back():
    """Most are back, so that it is no group any more; the rest are not told of one by one at once."""
    back = [voice(f"w{number}", entrance="2") for number in range(20, 30)]
    late = [voice(f"w{number}", 14 * HOUR, entrance="2", together_s=NOW - HOUR) for number in range(10)]
    assert found(*back, *late) == []
    lost = [voice(f"w{number}", 27 * HOUR, entrance="2", together_s=NOW - 13 * HOUR) for number in range(3)]
    assert [scope for scope, _ in found(*back, *lost)] == ["silent"] * 3


def test_the_first_device_of_the_place_stands_for_it_whoever_is_silent():
    """So that the alert stays the same while devices come and go."""
    members = [voice(f"w{number}", 4 * HOUR if number else 0, entrance="2") for number in range(9)]
    others = [voice(f"w{number}", building="9") for number in range(90, 99)]
    (one,) = silences([*members, *others], NOW)
    assert (one.known, len(one.devices)) == ("w0", 8)
