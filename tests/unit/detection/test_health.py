"""What is wrong with a device, and whose alert it is."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from detectors.findings import Level
from gateway.detection.habits import Ears, HabitPolicy, Words, clock_behind_s
from gateway.detection.health import judge
from gateway.events import DeviceKind
from gateway.store.devices import Facts

AT = datetime(2026, 11, 21, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
NOW = AT.timestamp()
HOUR, DAY = 3600.0, 86_400.0


def device(number, kind=DeviceKind.WATER, *, unit="", quiet_s=60.0, patience_s=3 * HOUR, **more):
    heard = NOW - quiet_s
    return Facts(
        device_no=number,
        device_id=f"{kind.value[0]}{number}",
        kind=kind,
        unit_id=None if kind is DeviceKind.DOOR else unit or f"u{number}",
        building="1",
        entrance=str(number),  # a place of its own, so that nothing goes together
        told_s=heard - 1,
        row_s=heard,
        patience_s=patience_s,
        **more,
    )


def judged(*devices, behind_s=None, hearing=None):
    health = judge("e1", devices, AT, hearing=hearing or Ears(), behind_s=behind_s or {})
    return health, {number: [one.value for one in its] for number, its in health.conditions.items()}


def test_a_silent_meter_is_an_alert_of_its_home_in_hours_then_in_days():
    health, conditions = judged(device(1, quiet_s=13 * HOUR))
    ((subject, finding),) = health.findings.items()
    assert conditions == {1: ["silent"]}
    assert (subject.unit_id, subject.device_id) == ("u1", None)
    assert (finding.subtype, finding.level, finding.since) == ("silent", Level.YELLOW, date(2026, 11, 20))
    (fact,) = finding.evidence
    assert (fact.code, fact.value, fact.unit, fact.baseline) == ("device_silent_water", 13, "hours", 3)
    health, _ = judged(device(1, quiet_s=8 * DAY))
    (finding,) = health.findings.values()
    assert (finding.level, finding.evidence[0].value, finding.evidence[0].unit) == (Level.RED, 8, "days")
    assert finding.evidence[0].baseline is None  # three hours are no figure in days


def test_a_device_that_was_never_heard_is_the_registrys_to_report():
    assert judged(replace(device(1), told_s=None, row_s=None))[1] == {}


def test_a_gateway_that_was_down_makes_nobody_silent():
    down = Ears(((NOW - 26 * HOUR, NOW - 600),))
    assert judged(*(device(number, quiet_s=26.5 * HOUR) for number in range(9)), hearing=down)[1] == {}
    assert judged(device(1, quiet_s=40 * HOUR), hearing=down)[1] == {1: ["silent"]}


def test_both_meters_of_a_home_are_one_alert_and_all_its_conditions_with_them():
    water = device(1, unit="u1", quiet_s=2 * DAY)
    electricity = device(2, DeviceKind.ELECTRICITY, unit="u1", reset_day=date(2026, 11, 19), battery=9.0)
    health, conditions = judged(water, electricity)
    ((subject, finding),) = health.findings.items()
    assert subject.unit_id == "u1"
    assert (finding.subtype, finding.since) == ("silent", date(2026, 11, 19))
    assert {fact.code for fact in finding.evidence} == {"device_silent_water", "device_reset", "device_battery_low"}
    assert conditions == {1: ["silent"], 2: ["reset", "battery_low"]}


def test_many_at_once_are_one_alert_of_the_first_of_the_place():
    members = [replace(device(number, quiet_s=4 * HOUR), entrance="1") for number in range(60)]
    health, conditions = judged(*members)
    ((subject, finding),) = health.findings.items()
    assert (subject.unit_id, subject.device_id, finding.subtype) == (None, "w0", "entrance_silent")
    assert (finding.evidence[0].value, finding.level) == (60, Level.YELLOW)
    assert len(health.together) == len(conditions) == 60
    later, _ = judged(*(replace(one, told_s=NOW - 2 * DAY, row_s=NOW - 2 * DAY) for one in members))
    assert [one.level for one in later.findings.values()] == [Level.RED]


def test_a_meter_that_was_changed_is_not_silent():
    swapped = date(2026, 11, 1)
    old = device(1, unit="u1", quiet_s=20 * DAY, first_day=date(2026, 1, 1), last_day=swapped)
    new = device(2, unit="u1", first_day=swapped, last_day=date(2026, 11, 21))
    assert judged(old, new)[1] == {1: ["replaced"]}
    beside = replace(new, first_day=date(2026, 3, 1))  # a cold and a hot water meter
    assert judged(old, beside)[1] == {1: ["silent"]}
    dead_too = replace(new, told_s=NOW - 19 * DAY, row_s=NOW - 19 * DAY)
    assert judged(old, dead_too)[1] == {1: ["replaced"], 2: ["silent"]}


@pytest.mark.parametrize(
    ("reason", "condition", "code"),
    [
        ("time_ahead", "clock_ahead", "device_clock_ahead"),
        ("time_too_old", "clock_behind", "device_clock_old"),
    ],
)
def test_a_clock_that_is_wrong_holds_its_messages_and_is_no_silence(reason, condition, code):
    held = {"held": 5, "held_reason": reason, "held_s": NOW - 60}
    health, conditions = judged(device(1, quiet_s=3 * DAY, **held))
    assert conditions == {1: [condition]}
    (finding,) = health.findings.values()
    assert (finding.evidence[0].code, finding.evidence[0].value) == (code, 5)
    assert judged(device(1, quiet_s=30, **held))[1] == {}  # set right: its last word was good
    assert judged(device(1, quiet_s=HOUR, **held | {"held": 1}))[1] == {}  # a glitch


def test_a_clock_that_is_behind_says_by_how_much():
    health, conditions = judged(device(1), behind_s={1: 8 * HOUR + 20})
    assert conditions == {1: ["clock_behind"]}
    (finding,) = health.findings.values()
    assert (finding.evidence[0].value, finding.evidence[0].unit) == (8.0, "hours")


def test_a_tampered_door_is_urgent_and_a_forced_one_is_not():
    health, conditions = judged(device(1, DeviceKind.DOOR, tampered=1), device(2, DeviceKind.DOOR, forced=2))
    assert conditions == {1: ["tampered"], 2: ["forced_open"]}
    assert {subject.device_id: finding.level for subject, finding in health.findings.items()} == {
        "d1": Level.RED,
        "d2": Level.YELLOW,
    }


def test_a_battery_is_told_before_it_dies():
    assert judged(device(1, battery=15.0), device(2, battery=14.9))[1] == {2: ["battery_low"]}


def test_what_a_meter_says_of_itself_is_a_condition_where_the_field_would_go_and_look():
    health, conditions = judged(
        device(1, flags=["tamper", "magnetic"], flags_s=NOW - HOUR),
        device(2, flags=["reverse_flow", "valve_closed"], flags_s=NOW - HOUR),
        device(3, flags=["leak", "burst", "valve_closed", "valve_fault", "v_2_overflow"], flags_s=NOW),
    )
    assert conditions == {1: ["tampered"], 2: ["reverse_flow"]}
    told = {subject.unit_id: finding for subject, finding in health.findings.items()}
    assert (told["u1"].level, told["u2"].level) == (Level.RED, Level.YELLOW)
    assert [fact.code for fact in told["u1"].evidence] == ["meter_tamper", "meter_magnetic"]
    assert set(clears(device(1, flags=["tamper"], flags_s=NOW))) == {"meter_unflagged"}


def test_a_low_battery_is_told_once_and_by_its_figure_where_there_is_one():
    flagged = {"flags": ["battery_low"], "flags_s": NOW}
    health, conditions = judged(
        device(1, **flagged), device(2, battery=0.0, **flagged), device(3, battery=80, **flagged)
    )
    assert conditions == {1: ["battery_low"], 2: ["battery_low"]}
    codes = [[fact.code for fact in finding.evidence] for finding in health.findings.values()]
    assert codes == [["meter_battery_low"], ["device_battery_low"]]


def test_a_register_that_stands_still_is_told():
    health, conditions = judged(device(1, stuck_day=AT.date() - timedelta(days=1)))
    assert conditions == {1: ["stuck"]}
    (finding,) = health.findings.values()
    assert finding.subtype == "stuck"


# What clears it


def clears(*devices, **more):
    ((_, finding),) = judged(*devices, **more)[0].findings.items()
    return {one.code: one for one in finding.clears}


def is_well(*devices, **more):
    return not judged(*devices, **more)[0].findings


def test_a_silent_device_is_cleared_by_one_word_and_a_group_by_all_of_theirs():
    assert clears(device(1, quiet_s=2 * DAY))["device_reports"].value == 1
    assert is_well(device(1, quiet_s=0))
    members = [replace(device(number, quiet_s=4 * HOUR), entrance="1") for number in range(6)]
    assert clears(*members)["devices_report"].value == 6
    heard = [replace(one, told_s=NOW, row_s=NOW) for one in members]
    assert is_well(*heard)


def test_a_clock_is_cleared_by_a_word_of_the_right_time():
    held = {"held": 5, "held_reason": "time_ahead", "held_s": NOW - 60}
    assert set(clears(device(1, quiet_s=3 * DAY, **held))) == {"device_on_time"}
    assert is_well(device(1, quiet_s=0, **held))
    late = clears(device(1), behind_s={1: 8 * HOUR})["device_punctual"]
    assert (late.limit, late.limit_unit) == (1.0, "hours")
    arrived = NOW - np.arange(10)[::-1] * HOUR
    lag = np.full(10, 8 * HOUR)
    assert clock_behind_s(Words(arrived_s=arrived, told_s=arrived - lag), HabitPolicy()) == 8 * HOUR
    lag[-1] = HOUR
    assert clock_behind_s(Words(arrived_s=arrived, told_s=arrived - lag), HabitPolicy()) is None


def test_resets_alarms_and_batteries_say_how_long_and_how_much():
    reset = clears(device(1, reset_day=date(2026, 11, 19)))["days_without_reset"]
    assert (reset.value, reset.end) == (5, date(2026, 11, 26))
    door = clears(device(1, DeviceKind.DOOR, tampered=2, forced=1))
    assert (set(door), door["days_without_alarm"].value) == ({"days_without_alarm"}, 1)
    low = clears(device(1, battery=9.0))["battery_changed"]
    assert (low.value, low.unit) == (15, "%")
    assert is_well(device(1, battery=low.value))
    stuck = clears(device(1, DeviceKind.ELECTRICITY, stuck_day=date(2026, 11, 17)))
    assert set(stuck) == {"meter_moves"}
