"""Uplinks of ChirpStack and The Things Stack: one meter, two envelopes, the same readings."""

import base64
import json
from datetime import UTC, datetime

import pytest
from unit.codecs.site import site

from gateway.codecs.message import Message, Reason, UndecodableError
from gateway.codecs.routes import RouteError, routes_of
from gateway.events import Condition, DeviceKind, Reading

EUI = "0011aabbccddeeff"
HEARD = "2026-11-25T06:44:17.123456789"
HEARD_US = int(datetime(2026, 11, 25, 6, 44, 17, tzinfo=UTC).timestamp()) * 1_000_000 + 123_457
KAMSTRUP = bytes.fromhex("78 446D 002CFD28 4413 C1AA7700 4D9313 04 6101 0A0B")
LATER_US = 1_800_000_000_000_000


def chirpstack(fields=None, data=b"\x01", port=2, **changes):
    heard = [{"gatewayId": "1", "rssi": -97, "snr": 1}, {"gatewayId": "2", "rssi": -61}]
    up = {
        "deduplicationId": "d", "time": HEARD + "+00:00",
        "deviceInfo": {"applicationName": "a", "devEui": EUI, "tags": {}},
        "devAddr": "00189440", "dr": 1, "fCnt": 7, "fPort": port, "rxInfo": heard,
        "data": base64.b64encode(data).decode(),
    }  # fmt: skip
    return {**up, **({} if fields is None else {"object": fields}), **changes}


def tts(fields=None, data=b"\x01", port=2, **changes):
    heard = [{"gateway_ids": {}, "rssi": -97}, {"channel_rssi": -61}]
    uplink = {
        "f_cnt": 7, "f_port": port, "frm_payload": base64.b64encode(data).decode(), "rx_metadata": heard,
        "received_at": "2026-11-25T06:44:16.900Z",
    }  # fmt: skip
    ids = {"device_id": "meter-1", "dev_eui": EUI.upper(), "application_ids": {"application_id": "a"}}
    decoded = {} if fields is None else {"decoded_payload": fields}
    return {"end_device_ids": ids, "received_at": HEARD + "Z", "uplink_message": {**uplink, **decoded}, **changes}


TOPICS = {"chirpstack": f"application/a/device/{EUI}/event/up", "tts": "v3/a@t/devices/meter-1/up"}
SERVERS = pytest.mark.parametrize(("dialect", "make"), [("chirpstack", chirpstack), ("tts", tts)])


def read(dialect, said, *devices, topic=None, kind=DeviceKind.WATER, arrived_us=LATER_US, retained=False, **options):
    topic = topic or TOPICS[dialect]
    said = said if isinstance(said, bytes) else json.dumps(said).encode()
    route = routes_of({topic: {"dialect": dialect, **options}}).find(topic)
    return route.decode(Message(topic, said, arrived_us, retained), site(*(devices or [EUI]), kind=kind))


def registers(dialect, said, **options):
    return [event.register for event in read(dialect, said, **options).events]


def refused(dialect, said, *devices, **options):
    with pytest.raises(UndecodableError) as caught:
        read(dialect, said, *devices, **options)
    return caught.value


@SERVERS
def test_a_decoded_object_is_read_as_the_configuration_says(dialect, make):
    fields = {"meter": {"volume": 12345, "battery": 87}, "flow": 2}
    decoded = read(dialect, make(fields), register="meter.volume", unit="L", battery="meter.battery")
    assert decoded.events == (Reading(EUI, DeviceKind.WATER, HEARD_US, 12.345, 87.0, -61.0),)
    said = {"metering.water.total": 12345, "battery": "87 %"}
    options = {"register": "metering.water.total", "unit": "L", "battery": "battery"}
    assert read(dialect, make(said), **options).events == decoded.events


@SERVERS
def test_the_time_is_the_networks_whenever_it_arrives_here(dialect, make):
    first, again = (read(dialect, make({"v": 1}), arrived_us=us, register="v", unit="L") for us in (1, LATER_US))
    assert first.events == again.events


@pytest.mark.parametrize("time", [None, "0001-01-01T00:00:00Z"])
def test_a_network_without_a_clock_has_the_time_of_arrival_unless_the_broker_kept_the_message(time):
    nulls = {"time": time, "rxInfo": None, "data": None, "fPort": None}
    (event,) = read("chirpstack", chirpstack({"v": 1}) | nulls, register="v", unit="L").events
    assert (event.ts_us, event.rssi) == (LATER_US, None)
    assert refused("chirpstack", chirpstack({"v": 1}) | nulls, retained=True, register="v", unit="L")


@pytest.mark.parametrize(("time", "ts_us"), [(None, HEARD_US - 223_457), ("0001-01-01T00:00:00Z", LATER_US)])
def test_without_the_application_servers_time_that_of_the_network_server_counts(time, ts_us):
    (event,) = read("tts", tts({"v": 1}, received_at=time), register="v", unit="L").events
    assert event.ts_us == ts_us


@SERVERS
def test_a_device_is_found_under_its_eui_in_any_case(dialect, make):
    (event,) = read(dialect, make({"v": 1}), EUI.upper(), register="v", unit="L").events
    assert event.device_id == EUI.upper()


@SERVERS
def test_bytes_are_decoded_here_where_the_configuration_says_what_they_are(dialect, make):
    decoded = read(dialect, make({"whatever": 1}, data=KAMSTRUP), payload="kamstrup")
    assert [event.register for event in decoded.events] == [7842.497, 7842.487, 7842.476]
    assert {event.rssi for event in decoded.events} == {-61.0}


@SERVERS
@pytest.mark.parametrize(
    ("options", "figure", "register"),
    [
        ({"unit": "m3"}, "000123.456", 123.456),
        ({"unit": "L"}, 123456, 123.456),
        ({"unit": "L", "factor": 10}, 12345, 123.45),
        ({"unit": "m3", "factor": 0.001}, 123456, 123.456),
    ],
)
def test_units_pulses_and_padded_texts(dialect, make, options, figure, register):
    assert registers(dialect, make({"v": figure}), register="v", **options) == [pytest.approx(register, abs=1e-9)]


@SERVERS
def test_two_registers_make_two_devices(dialect, make):
    counters = {"a": {"unit": "L", "factor": 10, "suffix": "-a"}, "b": {"unit": "L", "suffix": "-b"}}
    decoded = read(dialect, make({"a": 5, "b": 7}), f"{EUI}-a", f"{EUI}-b", counters=counters)
    assert [(event.device_id, event.register) for event in decoded.events] == [(f"{EUI}-a", 0.05), (f"{EUI}-b", 0.007)]


GUIDE = {
    "values": [
        {"Type": "Volume", "Value": 7842.497, "Unit": "m3", "Timestamp": "2026-11-24T12:00:00.000"},
        {"Type": "Leak", "Value": False, "Unit": "NA", "Timestamp": "2026-11-24T12:00:00.000"},
        {"Type": "Volume", "Value": 7842.202, "Unit": "m3", "Timestamp": "2026-11-24T11:00:00.000"},
    ]
}
LISTED_THERE = {
    "readings": "values",
    "only": {"Type": "Volume"},
    "register": "Value",
    "unit": "m3",
    "time": "Timestamp",
}


@SERVERS
def test_back_dated_readings_stand_in_a_list_newest_first(dialect, make):
    decoded = read(dialect, make(GUIDE), **LISTED_THERE)
    noon_us = int(datetime(2026, 11, 24, 4, tzinfo=UTC).timestamp()) * 1_000_000  # 12:00 in Shanghai
    told = [(event.ts_us, event.register) for event in decoded.events]
    assert told == [(noon_us, 7842.497), (noon_us - 3_600_000_000, 7842.202)]


@SERVERS
def test_which_items_of_a_list_are_meant_may_be_said_by_a_number(dialect, make):
    stored = {"data": [{"storage": 0, "litres": 7}, {"storage": 1, "litres": 5}]}
    options = {"readings": "data", "only": {"storage": "0"}, "register": "litres", "unit": "L"}
    assert [event.register for event in read(dialect, make(stored), **options).events] == [0.007]


@SERVERS
@pytest.mark.parametrize("said", [1_795_306_500, 1_795_306_500_000, "2026-11-22T08:15:00+08:00", "2026-11-22 08:15:00"])
def test_the_meters_own_time_counts_in_any_form(dialect, make, said):
    (event,) = read(dialect, make({"v": 1, "at": said}), register="v", unit="L", time="at").events
    assert event.ts_us == 1_795_306_500_000_000


@SERVERS
def test_a_meter_whose_clock_nobody_has_set_has_the_networks_time(dialect, make):
    (event,) = read(dialect, make({"v": 1, "at": 12}), register="v", unit="L", time="at").events
    assert event.ts_us == HEARD_US


@SERVERS
def test_what_nobody_has_mapped_says_what_is_there(dialect, make):
    error = refused(dialect, make({"volume": 5, "deep": {"x": [{"y": "7"}]}}))
    assert error.reason is Reason.NOT_MAPPED
    assert "port 2 has volume=5, deep.x.0.y:" in error.detail, "a text may be a tenant's name"
    assert "3 bytes on port 2 and no object" in refused(dialect, make(data=b"abc")).detail


@SERVERS
def test_a_field_that_is_not_there_says_what_is(dialect, make):
    error = refused(dialect, make({"volum": 5}), register="volume", unit="L")
    assert error.reason is Reason.NOT_MAPPED
    assert "nothing at volume; port 2 has volum=5" in error.detail


@SERVERS
def test_an_uplink_of_the_battery_alone_says_how_the_device_is(dialect, make):
    fields = {"battery": 95, "temperature": 16.3}
    said = {"register": "water", "unit": "L", "battery": "battery"}
    assert read(dialect, make(fields), **said).events == (Condition(EUI, HEARD_US, 95.0),)
    assert refused(dialect, make({"temperature": 16.3}), **said).reason is Reason.NOT_MAPPED
    two = {f"in.{place}": {"unit": "L", "suffix": f"-{place}"} for place in "01"}
    told = read(dialect, make(fields), f"{EUI}-0", f"{EUI}-1", counters=two, battery="battery")
    assert told.events == (Condition(f"{EUI}-0", HEARD_US, 95.0), Condition(f"{EUI}-1", HEARD_US, 95.0))


@SERVERS
@pytest.mark.parametrize(
    ("fields", "flags"),
    [
        ({"alarm": {"leakage_alarm": 1, "reverse_flow_alarm": 0, "anti_tamper_alarm": True}}, ("leak", "tamper")),
        ({"alarm": ["Low Battery", "Permanent Error"]}, ("battery_low", "error")),
        ({"alarm": "Normal"}, ()),
        ({"alarm": {}, "backflow": "true"}, ("reverse_flow",)),
        ({"backflow": False}, ()),
        ({"burst": True}, None),
        ({"alarm": None}, None),
    ],
)
def test_what_is_the_matter_stands_where_the_configuration_says(dialect, make, fields, flags):
    options = {"register": "v", "unit": "L", "flags": ["alarm", "backflow"]}
    (event,) = read(dialect, make({"v": 1} | fields), **options).events
    assert event.flags == flags
    if flags is not None:
        (alone,) = read(dialect, make(fields), **options).events
        assert alone == Condition(EUI, HEARD_US, None, flags)


@SERVERS
def test_an_alarm_frame_says_how_the_meter_is(dialect, make):
    decoded = read(dialect, make(data=bytes.fromhex("43b1315d20"), port=103), payload="axioma_w1")
    assert decoded.events == (Condition(EUI, HEARD_US, None, ("leak",)),)


@SERVERS
def test_counters_may_come_in_uplinks_of_their_own(dialect, make):
    two = {"a": {"unit": "L", "suffix": "-a"}, "b": {"unit": "L", "suffix": "-b"}}
    (event,) = read(dialect, make({"b": 7}), f"{EUI}-a", f"{EUI}-b", counters=two).events
    assert (event.device_id, event.register) == (f"{EUI}-b", 0.007)


@pytest.mark.parametrize(
    "said",
    [
        {"devEUI": EUI, "object": {"v": 5}},
        {"devEUI": base64.b64encode(bytes.fromhex(EUI)).decode(), "objectJSON": '{"v": 5}'},  # Protobuf's JSON
    ],
)
def test_the_third_chirpstack_says_its_names_otherwise(said):
    up = {"applicationID": "1", "fPort": 2, "data": "AQ==", "rxInfo": [{"gatewayID": "1", "rssi": -61}], **said}
    (event,) = read("chirpstack", {**up, "publishedAt": HEARD + "Z"}, register="v", unit="L").events
    assert event == Reading(EUI, DeviceKind.WATER, HEARD_US, 0.005, None, -61.0)
    (event,) = read("chirpstack", up, register="v", unit="L").events
    assert event.ts_us == LATER_US


@SERVERS
@pytest.mark.parametrize(
    ("made", "options", "word"),
    [
        ({"data": b"", "port": 0}, {}, "no_payload"),
        ({"data": b"", "port": 0}, {"payload": "kamstrup"}, "no_payload"),
        ({"data": b"", "port": 0}, {"register": "v", "unit": "L"}, "no_payload"),
        ({"fields": {"v": 1}}, {"register": "v", "unit": "L", "port": 9}, "other_port"),
        ({"fields": {"values": []}}, LISTED_THERE, "no_readings"),
    ],
)
def test_right_uplinks_without_a_reading_are_passed_over(dialect, make, made, options, word):
    assert read(dialect, make(**made), **options).passed_over == word


@SERVERS
@pytest.mark.parametrize(
    ("figure", "reason"),
    [
        (-1, Reason.IMPOSSIBLE_VALUE), (1e13, Reason.IMPOSSIBLE_VALUE), (10**30, Reason.IMPOSSIBLE_VALUE),
        (True, Reason.WRONG_SHAPE), ("12,5", Reason.WRONG_SHAPE), ("", Reason.WRONG_SHAPE), ([1], Reason.WRONG_SHAPE),
        ({}, Reason.WRONG_SHAPE), ("nan", Reason.WRONG_SHAPE),
    ],
)  # fmt: skip
def test_what_is_no_register_is_refused(dialect, make, figure, reason):
    assert refused(dialect, make({"v": figure}), register="v", unit="m3").reason is reason


@SERVERS
def test_one_wrong_reading_of_a_list_refuses_all(dialect, make):
    wrong = {"values": [*GUIDE["values"], {"Type": "Volume", "Value": "?", "Timestamp": "2026-11-24T10:00:00"}]}
    assert refused(dialect, make(wrong), **LISTED_THERE).reason is Reason.WRONG_SHAPE
    timeless = {"values": [{"Type": "Volume", "Value": 1}]}
    assert refused(dialect, make(timeless), **LISTED_THERE).reason is Reason.WRONG_SHAPE


@SERVERS
def test_a_device_that_no_list_has_is_told_by_its_eui(dialect, make):
    error = refused(dialect, make({"v": 1}), "another", register="v", unit="L")
    assert (error.reason, error.detail.lower()) == (Reason.UNKNOWN_DEVICE, EUI)


@SERVERS
@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", Reason.NOT_JSON), (b"\xff\xfe", Reason.NOT_JSON), (b"\x0a\x12protobuf", Reason.NOT_JSON),
        (b'{"x": ' + b"[" * 50_000, Reason.NOT_JSON), (b"[]", Reason.WRONG_SHAPE), (b"{}", Reason.WRONG_SHAPE),
        (b'{"object": ' + b'{"a":' * 10_000, Reason.NOT_JSON),
    ],
)  # fmt: skip
def test_what_is_no_message_of_the_server_is_refused(dialect, make, payload, reason):
    assert refused(dialect, payload, register="v", unit="L").reason is reason


@SERVERS
def test_bytes_that_are_no_frame_say_whose_they_are(dialect, make):
    error = refused(dialect, make(data=b"nonsense"), payload="axioma_w1")
    assert (error.reason, error.device_id) == (Reason.WRONG_SHAPE, EUI)


@SERVERS
def test_bytes_that_are_no_base64_are_refused(dialect, make):
    text = json.dumps(make(data=b"abcdef")).replace(base64.b64encode(b"abcdef").decode(), "not base64!")
    assert refused(dialect, text.encode(), payload="kamstrup").reason is Reason.WRONG_SHAPE


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"register": "v"}, "register needs a unit"),
        ({"register": "v", "unit": "gal"}, "gal"),
        ({"register": "v", "unit": "L", "factor": 0}, "the factor 0.0 is not above 0"),
        ({"register": "v", "unit": "L", "payload": "kamstrup"}, "either payload or register"),
        ({"counters": {"a": {"unit": "L"}, "b": {"unit": "L"}}}, "give each a suffix"),
        ({"payload": "elster"}, "elster"),
        ({"colour": 1}, "colour"),
    ],
)
def test_options_that_cannot_be_followed_say_why(options, says):
    with pytest.raises(RouteError, match=says):
        routes_of({"a": {"dialect": "chirpstack", **options}})


def test_chirpstack_tells_of_the_battery():
    topic = f"application/a/device/{EUI}/event/status"
    told = {**chirpstack(), "margin": 10, "batteryLevel": 88.3}
    assert read("chirpstack", told, topic=topic).events == (Condition(EUI, HEARD_US, 88.3),)
    mains = {**chirpstack(), "margin": 10, "externalPowerSource": True, "batteryLevel": 0}
    assert read("chirpstack", mains, topic=topic).passed_over == "status"
    unknown = {**chirpstack(), "margin": 10, "batteryLevelUnavailable": True, "batteryLevel": 0}
    assert read("chirpstack", unknown, topic=topic).passed_over == "status"


@pytest.mark.parametrize("event", ["join", "ack", "txack", "log", "location", "integration"])
def test_other_events_of_chirpstack_are_passed_over(event):
    assert read("chirpstack", chirpstack(), topic=f"application/a/device/{EUI}/event/{event}").passed_over == event


@pytest.mark.parametrize(
    "name", ["join_accept", "downlink_queued", "location_solved", "service_data", "uplink_normalized"]
)
def test_other_messages_of_the_things_stack_are_passed_over(name):
    message = {"end_device_ids": {"device_id": "meter-1"}, "received_at": HEARD + "Z", name: {"f_port": 1}}
    assert read("tts", message).passed_over == name


def test_an_uplink_that_somebody_simulated_is_passed_over():
    assert read("tts", tts({"v": 1}, simulated=True), register="v", unit="L").passed_over == "simulated"


def test_the_things_stack_knows_a_device_by_its_own_id_too_and_tells_of_its_battery():
    message = tts({"v": 1})
    message["uplink_message"]["last_battery_percentage"] = {"f_cnt": 1, "value": 73.5}
    (event,) = read("tts", message, "METER-1", register="v", unit="L").events
    assert (event.device_id, event.battery) == ("METER-1", 73.5)


def test_the_usual_topics_need_no_configuration():
    routes = routes_of({})
    assert routes.find(TOPICS["chirpstack"]).dialect.name == "chirpstack"
    assert routes.find("v3/app@tenant/devices/dev/down/queued").dialect.name == "tts"


def test_who_imitates_the_things_stack_may_say_null_for_what_it_has_not():
    said = tts({"v": 1})
    said["uplink_message"] |= {"f_port": None, "frm_payload": None, "rx_metadata": None}
    (event,) = read("tts", said, register="v", unit="L").events
    assert (event.register, event.rssi) == (0.001, None)


@SERVERS
def test_an_object_nested_without_end_is_no_json(dialect, make):
    for depth in (500, 990, 1010, 5000):
        deep = json.dumps(make({"v": 1})).replace('{"v": 1}', '{"v": ' + "[" * depth + "]" * depth + "}")
        assert refused(dialect, deep.encode(), register="v", unit="L").reason in (Reason.NOT_JSON, Reason.WRONG_SHAPE)
        assert refused(dialect, deep.encode()).reason in (Reason.NOT_JSON, Reason.NOT_MAPPED)


@SERVERS
def test_a_meter_that_says_its_time_in_another_zone(dialect, make):
    (event,) = read(
        dialect, make({"v": 1, "at": "2026-11-22 00:15:00"}), register="v", unit="L", time="at", zone="UTC"
    ).events
    assert event.ts_us == 1_795_306_500_000_000
    with pytest.raises(RouteError):
        read(dialect, make({"v": 1}), register="v", unit="L", zone="UTC")
