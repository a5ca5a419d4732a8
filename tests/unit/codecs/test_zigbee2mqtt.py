"""Zigbee2MQTT: plugs and valves under the names that people give them."""

import json

import pytest
from unit.codecs.site import site

from gateway.codecs.counters import id_of
from gateway.codecs.message import Message, Reason, UndecodableError
from gateway.codecs.routes import routes_of
from gateway.events import DeviceKind, Reading, Status

ARRIVED_US = 1_783_216_805_000_000
NAME = "hall/plug 1"
SITE = site("0x00158d0001a2b3c4", id_of(NAME), id_of("厨房电表"), "valve")
PLUG = "zigbee2mqtt/0x00158d0001a2b3c4"
STATE = {"state": "ON", "energy": 1.92, "power": 0, "linkquality": 102, "update": {"state": None}}


def decode(topic, said, *, retained=False, **options):
    payload = said if isinstance(said, bytes) else json.dumps(said).encode()
    routes = routes_of({"#": {"dialect": "zigbee2mqtt", **options}} if options else {})
    return routes.find(topic).decode(Message(topic, payload, ARRIVED_US, retained), SITE)


def refused(topic, said, **options):
    with pytest.raises(UndecodableError) as caught:
        decode(topic, said, **options)
    return caught.value.reason


def test_energy_is_kilowatt_hours_at_the_time_of_arrival():
    assert decode(PLUG, STATE).events == (Reading("0x00158d0001a2b3c4", DeviceKind.ELECTRICITY, ARRIVED_US, 1.92),)


@pytest.mark.parametrize(
    "last_seen",
    [1_783_216_800_000, "2026-07-05T02:00:00.000Z", "2026-07-05T10:00:00+08:00", "2026-07-05T04:00:00+02:00"],
)
def test_last_seen_is_the_time_in_each_of_its_formats(last_seen):
    decoded = decode(PLUG, STATE | {"last_seen": last_seen}, retained=True)
    assert decoded.events[0].ts_us == 1_783_216_800_000_000
    assert not decoded.arrival_serves  # of a device that went years ago the old state is told again


def test_what_the_broker_kept_without_a_time_is_passed_over():
    assert decode(PLUG, STATE, retained=True).passed_over == "retained"
    assert decode(PLUG, STATE | {"last_seen": None}, retained=True).passed_over == "retained"
    assert decode(PLUG, b"").passed_over == "cleared"


@pytest.mark.parametrize("name", [NAME, "厨房电表"])
def test_a_name_with_slashes_blanks_or_chinese_gets_an_id(name):
    assert decode(f"zigbee2mqtt/{name}", STATE).events[0].device_id == id_of(name)
    assert decode(f"zigbee2mqtt/{name}/availability", b"offline").events == (Status(id_of(name), None, online=False),)


@pytest.mark.parametrize("said", [{"state": "ON"}, {"energy": None, "power": 1}, {"update_available": False}])
def test_a_part_of_the_state_without_the_register_is_passed_over(said):
    assert decode(PLUG, said).passed_over == "no_register"


def test_converters_of_water_are_explained_by_the_installer():
    said = {"state": "OPEN", "water_consumed": 12345, "battery": 80}
    assert refused("zigbee2mqtt/valve", said) is Reason.NOT_MAPPED
    registers = {"energy": {"unit": "kWh"}, "water_consumed": {"unit": "L", "factor": 0.1}}
    assert decode("zigbee2mqtt/valve", said, registers=registers).events == (
        Reading("valve", DeviceKind.WATER, ARRIVED_US, 1.2345, battery=80),
    )
    assert decode("zigbee2mqtt/valve", {"water_consumed": None}).passed_over == "no_register"
    assert decode(PLUG, STATE, registers=registers).events[0].register == 1.92


@pytest.mark.parametrize(
    ("payload", "online"), [(b'{"state":"online"}', True), (b"online", True), (b'{"state":"offline"}', False)]
)
def test_availability_in_both_formats(payload, online):
    assert decode(f"{PLUG}/availability", payload, retained=True).events == (
        Status("0x00158d0001a2b3c4", None, online),
    )
    assert decode("zigbee2mqtt/lamp/availability", payload).passed_over == "not_listed"


@pytest.mark.parametrize(
    ("topic", "word"),
    [
        ("zigbee2mqtt/bridge/state", "bridge"), ("zigbee2mqtt/bridge/devices", "bridge"),
        ("zigbee2mqtt/hall/plug 1/set", "command"), ("zigbee2mqtt/hall/plug 1/get", "command"),
        ("zigbee2mqtt/hall/plug 1/set/state", "command"), ("zigbee2mqtt/hall/button/action", "action"),
    ],
)  # fmt: skip
def test_what_devices_do_not_say_is_passed_over(topic, word):
    assert decode(topic, b'{"state":"online"}').passed_over == word


def test_a_base_topic_of_ones_own():
    assert decode("home/zigbee/valve", {"energy": 2}, base="home/zigbee").events[0].device_id == "valve"
    assert refused("other/valve", {"energy": 2}, base="home/zigbee") is Reason.UNKNOWN_TOPIC


def test_an_attribute_may_have_a_topic_of_its_own():
    assert decode(f"{PLUG}/energy", b"1.92").events == decode(PLUG, STATE).events
    assert decode(f"{PLUG}/energy", b"1.92", retained=True).passed_over == "retained"
    others = {"state": b"ON", "power": b"12", "energy": b"null", "update-state": b'"idle"', "color": b"[1]"}
    assert {decode(f"{PLUG}/{key}", value).passed_over for key, value in others.items()} == {"no_register"}


@pytest.mark.parametrize(
    ("topic", "said", "why"),
    [
        (PLUG, b"1.92", Reason.WRONG_SHAPE),
        (f"{PLUG}/energy", b"1,92", Reason.WRONG_SHAPE),
        (f"{PLUG}/water_consumed", b"1", Reason.NOT_MAPPED),
        (PLUG, b"{", Reason.NOT_JSON),
        (PLUG, {"energy": "1,92"}, Reason.WRONG_SHAPE),
        (PLUG, {"energy": -0.5}, Reason.IMPOSSIBLE_VALUE),
        (PLUG, {"energy": 1, "last_seen": "now"}, Reason.WRONG_SHAPE),
        ("zigbee2mqtt/lamp", {"energy": 1}, Reason.UNKNOWN_DEVICE),
        (f"{PLUG}/availability", b"perhaps", Reason.WRONG_SHAPE),
        (f"{PLUG}/availability", b'{"state":1}', Reason.WRONG_SHAPE),
        (f"{PLUG}/availability", b"{", Reason.NOT_JSON),
    ],
)
def test_what_is_wrong_says_why(topic, said, why):
    assert refused(topic, said) is why


@pytest.mark.parametrize(
    "key",
    [
        *("energy_l1", "energy_l4", "energy_2", "energy_left", "energy_phase_a", "energy_tier_3", "energy_wh"),
        *("total_energy", "total_energy_consumption", "current_tier1_summ_delivered", "volume", "input_3_water_meter"),
    ],
)
def test_a_listed_meter_without_a_plain_energy_is_held_until_somebody_says_which(key):
    assert refused(PLUG, {key: 3.5, "power": 1}) is Reason.NOT_MAPPED
    assert decode("zigbee2mqtt/nobodys", {key: 3.5}).passed_over == "no_register"
    assert decode(PLUG, {key: 3.5}, registers={key: {"unit": "kWh"}}).events[0].register == 3.5
    assert decode(PLUG, {"energy_today": 3.5, "energy_produced_l1": 1, key: None}).passed_over == "no_register"
