"""Shelly of the second generation and later."""

import json

import pytest
from unit.codecs.site import site

from gateway.codecs.message import Message, Reason, UndecodableError
from gateway.codecs.routes import RouteError, routes_of
from gateway.events import DeviceKind, Reading, Status

ARRIVED_US = 1_783_216_805_000_000
NAME = "shellyplus1pm-08f9e0e5cafe"
SITE = site(NAME, f"{NAME}.1", f"{NAME}.2", f"{NAME}.input2", "flat12")
SWITCH = {
    "id": 0, "source": "timer", "output": True, "apower": 10.7,
    "aenergy": {"total": 46791.262, "by_minute": [73.921, 177.749, 177.749], "minute_ts": 1_783_216_740},
}  # fmt: skip


def decode(topic, said, *, retained=False, lists=SITE, **options):
    payload = said if isinstance(said, bytes) else json.dumps(said).encode()
    routes = routes_of({"#": {"dialect": "shelly", **options}} if options else {})
    return routes.find(topic).decode(Message(topic, payload, ARRIVED_US, retained), lists)


def refused(topic, said, **how):
    with pytest.raises(UndecodableError) as caught:
        decode(topic, said, **how)
    return caught.value.reason


def note(method="NotifyStatus", src=NAME, ts=1_783_216_800.44, **components):
    names = {name.replace("_", ":"): said for name, said in components.items()}
    return {"src": src, "dst": f"{src}/events", "method": method, "params": {"ts": ts, **names}}


def registers(decoded):
    return {event.device_id.removeprefix(NAME): event.register for event in decoded.events}


def test_a_component_counts_watt_hours_and_arrives_when_it_is_said():
    decoded = decode(f"{NAME}/status/switch:0", SWITCH)
    assert decoded.events == (Reading(NAME, DeviceKind.ELECTRICITY, ARRIVED_US, 46.791262),)


@pytest.mark.parametrize("component", ["switch:0", "pm1:0", "cover:0", "light:0", "rgbw:0", "cct:0"])
def test_whatever_measures_counts_alike(component):
    assert registers(decode(f"{NAME}/status/{component}", SWITCH)) == {"": 46.791262}


def test_a_notification_has_its_own_time():
    decoded = decode(f"{NAME}/events/rpc", note(switch_0={"id": 0, "aenergy": {"total": 5.125}}))
    assert decoded.events == (Reading(NAME, DeviceKind.ELECTRICITY, 1_783_216_800_440_000, 0.005125),)
    assert decoded.arrival_serves


@pytest.mark.parametrize("ts", [None, 0, 12.25])
def test_before_the_clock_is_set_the_arrival_serves(ts):
    decoded = decode(f"{NAME}/events/rpc", note("NotifyFullStatus", ts=ts, switch_0=SWITCH))
    assert decoded.arrival_serves or decoded.events[0].ts_us == ARRIVED_US
    both = decode(f"{NAME}/events/rpc", note(ts=ts, switch_0=SWITCH, switch_1=SWITCH))
    assert {event.ts_us for event in both.events} == {ARRIVED_US}


def test_a_whole_status_has_the_time_of_its_system():
    said = {"switch:0": SWITCH, "sys": {"mac": "08F9E0E5CAFE", "unixtime": 1_783_216_800}, "cloud": {}}
    for topic in (f"{NAME}/status", f"{NAME}/status/switch:0", f"{NAME}/status/sys"):
        assert decode(topic, said).events[0].ts_us == 1_783_216_800_000_000
    unset = said | {"sys": {"time": None, "unixtime": None, "uptime": 9}}
    assert decode(f"{NAME}/status", unset).events[0].ts_us == ARRIVED_US


def test_an_answer_to_a_call_is_a_status():
    said = {"id": 1, "src": NAME, "dst": "platform", "result": {"switch:0": SWITCH}}
    assert registers(decode("platform/rpc", said, channels=[0])) == {"": 46.791262}


@pytest.mark.parametrize(
    ("result", "found"),
    [
        (SWITCH | {"id": 1}, {".1": 46.791262}),
        ({"id": 0, "a_total_act_energy": 1.0, "total_act": 4500.75, "total_act_ret": 0.0}, {"": 4.50075}),
        ({"id": 1, "total_act_energy": 2000.5, "total_act_ret_energy": 1.0}, {".1": 2.0005}),
        ({"id": 0, "state": True}, {}),
        ({"was_on": False}, {}),
    ],
)
def test_an_answer_about_one_component_is_its_status(result, found):
    assert registers(decode("platform/rpc", {"id": 7, "src": NAME, "dst": "platform", "result": result})) == found


def test_a_bare_status_is_read_where_notifications_come():
    assert registers(decode(f"{NAME}/events/rpc", {"switch:0": {"aenergy": {"total": 46_791.262}}})) == {"": 46.791262}


def test_channels_are_meters_of_their_own():
    said = note("NotifyFullStatus", switch_0=SWITCH, switch_1=SWITCH, switch_2=SWITCH)
    assert list(registers(decode(f"{NAME}/events/rpc", said))) == ["", ".1", ".2"]
    assert list(registers(decode(f"{NAME}/events/rpc", said, channels=[1]))) == [".1"]
    assert refused(f"{NAME}/events/rpc", note(switch_3=SWITCH)) is Reason.UNKNOWN_DEVICE


def test_three_phases_have_a_total_and_single_ones_are_channels():
    three = {
        "id": 0,
        "a_total_act_energy": 1000.0,
        "b_total_act_energy": 2000.5,
        "total_act": 4500.75,
        "total_act_ret": 9.9,
    }
    assert registers(decode(f"{NAME}/status/emdata:0", three)) == {"": 4.50075}
    one = {"id": 1, "total_act_energy": 2000.5, "total_act_ret_energy": 1.0}
    assert registers(decode(f"{NAME}/status/em1data:1", one)) == {".1": 2.0005}
    assert decode(f"{NAME}/status/em:0", {"id": 0, "total_act_power": 120.0}).passed_over == "no_register"


def test_the_pulses_of_an_input_are_water_once_their_worth_is_said():
    said = {"id": 2, "counts": {"total": 123456, "by_minute": [1, 2, 0], "minute_ts": 1_783_216_740}}
    assert refused(f"{NAME}/status/input:2", said) is Reason.NOT_MAPPED
    (event,) = decode(f"{NAME}/status/input:2", said, counters={"input:2": {"unit": "L"}}).events
    assert event == Reading(f"{NAME}.input2", DeviceKind.WATER, ARRIVED_US, 123.456)


def test_the_prefix_of_the_topics_is_the_id_where_the_lists_have_that():
    assert decode("flat12/status/switch:0", SWITCH).events[0].device_id == "flat12"
    assert decode("flat12/events/rpc", note(src="shellyplus1pm-1", switch_0=SWITCH)).events[0].device_id == "flat12"
    assert decode("flat13/events/rpc", note(switch_0=SWITCH)).events[0].device_id == NAME
    with pytest.raises(UndecodableError, match=r"unknown_device: shellyplus1pm-1$"):
        decode("flat13/events/rpc", note(src="shellyplus1pm-1", switch_0=SWITCH))


def test_what_the_broker_kept_without_a_time_is_passed_over():
    assert decode(f"{NAME}/status/switch:0", SWITCH, retained=True).passed_over == "retained"
    assert decode(f"{NAME}/online", b"true", retained=True).events == (Status(NAME, None, online=True),)


def test_a_message_that_only_clears_what_the_broker_kept_says_nothing():
    for topic in ("online", "status/switch:0", "events/rpc"):
        assert decode(f"{NAME}/{topic}", b"").passed_over == "cleared"


def test_online_and_offline():
    assert decode(f"{NAME}/online", b"false").events == (Status(NAME, None, online=False),)
    assert decode("shellyplusi4-1/online", b"true").passed_over == "not_listed"
    assert refused(f"{NAME}/online", b"yes") is Reason.WRONG_SHAPE


@pytest.mark.parametrize(
    ("topic", "said", "word"),
    [
        (f"{NAME}/status/switch:0", {"id": 0, "output": True}, "no_register"),
        (f"{NAME}/rpc", {"id": 1, "src": NAME, "error": {"code": 404, "message": "no handler"}}, "no_status"),
        (f"{NAME}/status/wifi", {"rssi": -60}, "no_register"),
        (f"{NAME}/events/rpc", note("NotifyEvent", events=[]), "no_status"),
        (f"{NAME}/rpc", {"id": 1, "src": "platform", "method": "Switch.Set", "params": {"id": 0}}, "no_status"),
    ],
)
def test_what_has_no_register_is_passed_over(topic, said, word):
    assert decode(topic, said, channels=[0]).passed_over == word


@pytest.mark.parametrize(
    ("topic", "said", "why"),
    [
        (f"{NAME}/status/switch:0", b"\xff", Reason.NOT_JSON),
        (f"{NAME}/status/switch:0", {"aenergy": {"total": -1}}, Reason.IMPOSSIBLE_VALUE),
        (f"{NAME}/status/switch:0", {"aenergy": {"total": "many"}}, Reason.WRONG_SHAPE),
        (f"{NAME}/events/rpc", {"method": "NotifyStatus"}, Reason.WRONG_SHAPE),
        (f"{NAME}/events/rpc", note(src=1, switch_0=SWITCH), Reason.WRONG_SHAPE),
        (f"{NAME}/events/rpc", note(ts="x", switch_0=SWITCH), Reason.WRONG_SHAPE),
        (f"{NAME}/status", {"output": True}, Reason.WRONG_SHAPE),
        (f"{NAME}/command/switch:0", b"on", Reason.UNKNOWN_TOPIC),
    ],
)
def test_what_is_wrong_says_why(topic, said, why):
    assert refused(topic, said, channels=[0]) is why


@pytest.mark.parametrize("name", ["switch:0", "input", "input:x"])
def test_only_inputs_count_pulses(name):
    with pytest.raises(RouteError, match=f"counters: {name} is no input"):
        routes_of({"#": {"dialect": "shelly", "counters": {name: {"unit": "L"}}}})
