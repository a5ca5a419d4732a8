"""Plain topics and small JSON: what an installer describes in a line."""

import json

import pytest
from unit.codecs.site import site

from gateway.codecs import images
from gateway.codecs.message import Message, Reason, UndecodableError
from gateway.codecs.plain import DIALECT
from gateway.codecs.routes import RouteError, routes_of
from gateway.events import DeviceKind, Reading, Status

ARRIVED_US = 1_783_216_805_000_000
SITE = site("e101", "e101.w", "p1", "p1.t1", "p1.t2", "7")


def decode(topic, said, options, *, retained=False):
    payload = said if isinstance(said, bytes) else json.dumps(said).encode()
    routes = routes_of({"#": {"dialect": "plain", **options}})
    return routes.find(topic).decode(Message(topic, payload, ARRIVED_US, retained), SITE)


def refused(topic, said, options):
    with pytest.raises(UndecodableError) as caught:
        decode(topic, said, options)
    return caught.value.reason


STATE = {"device": 3, "unit": "kWh"}
HOME_ASSISTANT = "homeassistant/sensor/e101/state"


@pytest.mark.parametrize("payload", [b"123.4", b" 123.4\n", b'"123.4"', b"000123.40", b"1.234e2", b"+123.4"])
def test_a_payload_that_is_only_a_number(payload):
    decoded = decode(HOME_ASSISTANT, payload, STATE)
    assert decoded.events == (Reading("e101", DeviceKind.ELECTRICITY, ARRIVED_US, 123.4),)


def test_unit_and_factor_are_said_in_the_line():
    (event,) = decode("counters/e101/pulses", b"12345", {"device": 2, "unit": "L", "factor": 0.5}).events
    assert (event.kind, event.register) == (DeviceKind.WATER, 6.1725)


@pytest.mark.parametrize(
    ("level", "topic"), [(1, "e101/total"), (2, "home/e101"), (-1, "home/x/e101"), (-2, "home/e101/total")]
)
def test_levels_count_from_both_ends(level, topic):
    assert decode(topic, b"1", {"device": level, "unit": "kWh"}).events[0].device_id == "e101"


@pytest.mark.parametrize("payload", [b"unknown", b"unavailable", b"None", b"", b'""', b"nan"])
def test_a_word_in_place_of_a_number_is_passed_over(payload):
    assert decode(HOME_ASSISTANT, payload, STATE).passed_over == "no_number"


def test_availability_is_a_status():
    assert decode(HOME_ASSISTANT, b"offline", STATE).events == (Status("e101", None, online=False),)
    assert decode(HOME_ASSISTANT, b"online", STATE).events == (Status("e101", None, online=True),)


def test_what_the_broker_kept_is_passed_over():
    assert decode(HOME_ASSISTANT, b"123.4", STATE, retained=True).passed_over == "retained"


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (b"123,4", Reason.WRONG_SHAPE), (b"123.4 kWh", Reason.WRONG_SHAPE), (b"\xff", Reason.WRONG_SHAPE),
        (b"{}", Reason.WRONG_SHAPE), (b"true", Reason.WRONG_SHAPE), (b"-1", Reason.IMPOSSIBLE_VALUE),
        (b"1" * 20, Reason.IMPOSSIBLE_VALUE), (b"1" * 60_000, Reason.WRONG_SHAPE),
    ],
)  # fmt: skip
def test_what_is_no_register_says_why(payload, why):
    assert refused(HOME_ASSISTANT, payload, STATE) is why


METRICS = {
    "device_id": "p1", "metric": 3,
    "metrics": {"electricity_delivered_1": {"unit": "kWh", "suffix": ".t1"},
                "electricity_delivered_2": {"unit": "kWh", "suffix": ".t2"}},
}  # fmt: skip


def test_split_topics_say_what_each_number_is():
    for tariff, register in ((1, 10380.353), (2, 8622.956)):
        topic = f"dsmr/reading/electricity_delivered_{tariff}"
        assert decode(topic, str(register).encode(), METRICS).events == (
            Reading(f"p1.t{tariff}", DeviceKind.ELECTRICITY, ARRIVED_US, register),
        )
    for topic in ("dsmr/reading/timestamp", "dsmr/reading/electricity_currently_delivered"):
        assert decode(topic, b"0.33", METRICS).passed_over == "other_metric"


def test_the_device_and_the_metric_are_both_levels():
    options = {"device": 2, "metric": -1, "metrics": {"energy": {"unit": "Wh"}, "water": {"unit": "L", "suffix": ".w"}}}
    assert decode("flats/e101/energy", b"1500", options).events[0].register == 1.5
    assert decode("flats/e101/water", b"1500", options).events[0] == Reading(
        "e101.w", DeviceKind.WATER, ARRIVED_US, 1.5
    )


def test_a_small_json_is_mapped_by_paths():
    options = {"device_path": "dev.id", "register": "data.0.total", "unit": "L", "time": "dev.at"}
    said = {"dev": {"id": 7, "at": "2026-07-05 10:00:00"}, "data": [{"total": "0012345"}]}
    (event,) = decode("up", said, options).events
    assert event == Reading("7", DeviceKind.WATER, 1_783_216_800_000_000, 12.345)
    assert decode("up", said, options, retained=True).events == (event,)
    assert refused("up", {"dev": {"id": 7}, "data": [{"total": 1}]}, options) is Reason.WRONG_SHAPE
    assert refused("up", {"dev": {"id": True}, "data": [{"total": 1}]}, options) is Reason.WRONG_SHAPE
    assert refused("up", {"dev": {"id": 7, "at": 1}, "data": []}, options) is Reason.WRONG_SHAPE


def test_tariffs_of_one_json_are_summed_and_none_may_be_missing():
    options = {"device_id": "p1", "register": ["t1", "t2"], "unit": "kWh"}
    assert decode("dsmr/json", {"t1": "10380.353", "t2": "8622.956"}, options).events[0].register == 19003.309
    assert refused("dsmr/json", {"t1": "10380.353"}, options) is Reason.WRONG_SHAPE


@pytest.mark.parametrize("word", ["", " ", "unavailable", "NaN", None])
def test_a_word_in_place_of_a_number_in_json_is_passed_over_too(word):
    options = {"device": 1, "register": "value", "unit": "m3"}
    assert decode("e101/json", {"value": word, "error": "the dial is not read"}, options).passed_over == "no_number"
    assert refused("e101/json", {"value": f"{word}?"}, options) is Reason.WRONG_SHAPE
    assert refused("e101/json", {"other": word}, options) is Reason.WRONG_SHAPE
    sums = {"device": 1, "register": ["t1", "t2"], "unit": "kWh"}
    assert refused("e101/json", {"t1": "10380.353", "t2": word}, sums) is Reason.WRONG_SHAPE


def test_several_registers_of_one_json_are_several_devices():
    options = {"device": 2, "registers": {"kwh": {"unit": "kWh"}, "litres": {"unit": "L", "suffix": ".w"}}}
    events = decode("box/e101/up", {"kwh": 1.5, "litres": 1500}, options).events
    assert [(event.device_id, event.kind, event.register) for event in events] == [
        ("e101", DeviceKind.ELECTRICITY, 1.5), ("e101.w", DeviceKind.WATER, 1.5),
    ]  # fmt: skip
    assert decode("box/e101/up", {"litres": 1500}, options).events == events[1:]
    assert decode("box/e101/up", b"offline", options).events == (Status("e101", None, online=False),)
    assert refused("box/e101/up", b"12", options) is Reason.WRONG_SHAPE
    assert refused("box/e101/up", b"[", options) is Reason.NOT_JSON


CONCENTRATOR = {
    "device_path": "meter", "readings": "batch", "register": "kwh.total", "unit": "kWh", "time": "at",
}  # fmt: skip


def test_a_concentrator_says_many_meters_at_once():
    batch = [{"meter": "e101", "kwh": {"total": "7.5"}}, {"meter": 7, "kwh": {"total": 8}, "at": "20260705100000"}]
    decoded = decode("c/up", {"at": "2026/7/5 10:00:05", "batch": batch}, CONCENTRATOR)
    assert decoded.events == (
        Reading("e101", DeviceKind.ELECTRICITY, ARRIVED_US, 7.5),
        Reading("7", DeviceKind.ELECTRICITY, ARRIVED_US - 5_000_000, 8.0),
    )
    assert decode("c/up", {"batch": []}, CONCENTRATOR).passed_over == "no_readings"


def test_a_list_may_be_the_past_of_one_meter_or_its_many_figures():
    past = [{"at": 1_783_216_800, "kwh": {"total": 1}}, {"at": 1_783_220_400, "kwh": {"total": 2}}]
    assert len(decode("c/up", {"meter": "e101", "batch": past}, CONCENTRATOR).events) == 2
    figures = [{"key": "电流", "value": 0.2}, {"key": "正向有功", "value": 25.5}]
    options = {"device_path": "id", "readings": "list", "only": {"key": "正向有功"}, "register": "value", "unit": "kWh"}
    (event,) = decode("c/up", {"id": "e101", "list": figures}, options).events
    assert event.register == 25.5


def test_a_message_may_be_a_list_itself():
    options = {key: value for key, value in CONCENTRATOR.items() if key != "readings"}
    batch = [{"meter": "e101", "at": 1_783_216_800, "kwh": {"total": 7.5}}, {"meter": 7, "at": 1_783_216_800_000_000}]
    batch[1]["kwh"] = {"total": 8}
    assert [event.register for event in decode("c/up", batch, options).events] == [7.5, 8.0]
    assert len({event.ts_us for event in decode("c/up", batch, options).events}) == 1
    (event,) = decode("c/up", batch, options | {"readings": "", "only": {"meter": "7"}}).events
    assert (event.device_id, event.register) == ("7", 8.0)
    assert refused("c/up", [*batch, {}], options) is Reason.WRONG_SHAPE
    assert decode("c/e101", [{"t": 5}], {"device": 2, "register": "0.t", "unit": "kWh"}).events[0].register == 5


def test_what_is_said_of_each_meter_may_stand_under_its_name():
    options = {"device_path": "*", "register": "values.kwh", "unit": "kWh", "time": "ts"}
    at = 1_783_216_800_000
    said = {"e101": [{"ts": at, "values": {"kwh": 7.5}}, {"ts": at + 1000, "values": {"kwh": 8}}], "version": 1}
    said["7"] = {"values": {"kwh": 9}, "ts": at}
    events = decode("v1/gateway/telemetry", said, options).events
    assert [(event.device_id, event.register) for event in events] == [("e101", 7.5), ("e101", 8.0), ("7", 9.0)]
    below = options | {"readings": "data"}
    assert decode("v1/gateway/telemetry", {"data": said}, below).events == events
    assert refused("up", said | {"7": {"ts": at}}, options) is Reason.WRONG_SHAPE
    assert refused("up", said | {"nobody": said["7"]}, options) is Reason.UNKNOWN_DEVICE
    assert decode("up", {}, options).passed_over == "no_readings"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"meter": "e101"}, Reason.WRONG_SHAPE),
        ({"meter": "e101", "at": 1_783_216_800, "batch": [{"kwh": {"total": 1}}, {}]}, Reason.WRONG_SHAPE),
        ({"at": 1_783_216_800, "batch": [{"kwh": {"total": 1}}]}, Reason.WRONG_SHAPE),
        ({"meter": "e101", "at": 1_783_216_800, "batch": [{"kwh": {"total": 1}}] * 2}, Reason.NOT_MAPPED),
        ({"at": 1_783_216_800, "batch": [{"meter": "nobody", "kwh": {"total": 1}}]}, Reason.UNKNOWN_DEVICE),
    ],
)
def test_one_wrong_reading_of_a_list_refuses_all(said, why):
    assert refused("c/up", said, CONCENTRATOR) is why


def test_a_topic_that_is_too_short_has_no_device():
    assert refused("e101", b"1", STATE) is Reason.UNKNOWN_TOPIC


def test_without_a_line_nothing_is_taken_for_granted():
    assert refused(HOME_ASSISTANT, b"123.4", {}) is Reason.NOT_MAPPED


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"unit": "kWh"}, "which level of the topic is the device"),
        ({"device": 2, "device_id": "e101", "unit": "kWh"}, "which level of the topic is the device"),
        ({"device": 0, "unit": "kWh"}, "levels of the topic count from 1"),
        ({"device": 2}, "the unit of the number"),
        ({"device": 2, "metric": 3}, "the unit of the number"),
        ({"device": 2, "register": "a"}, "the unit of the register"),
        ({"device": 2, "register": [], "unit": "kWh"}, "register is empty"),
        ({"device_path": "a", "unit": "kWh"}, "paths in JSON"),
        ({"device": 2, "readings": "a", "unit": "kWh"}, "paths in JSON"),
        ({"device": 2, "only": {"a": "b"}, "register": "a", "unit": "kWh"}, "which items of readings"),
        ({"device": 2, "unit": "kWh", "factor": 0}, "the factor 0.0 is not above 0"),
    ],
)
def test_a_wrong_line_says_what_is_missing(options, says):
    with pytest.raises(RouteError, match=says):
        routes_of({"#": {"dialect": "plain", **options}})


def test_times_of_a_box_that_says_them_in_another_zone():
    options = {"device": 2, "register": "v", "unit": "m3", "time": "at"}
    said = {"v": 1, "at": "2026-07-05 02:00:00"}
    (here,), (there,) = (decode("b/e101/up", said, options | more).events for more in ({}, {"zone": "UTC"}))
    assert there.ts_us - here.ts_us == 8 * 3600 * 1_000_000
    for wrong in ({"device": 2, "unit": "m3", "zone": "UTC"}, options | {"zone": "Mars"}):
        with pytest.raises(RouteError):
            decode("b/e101/up", said, wrong)


def test_a_tenants_name_beside_a_figure_is_not_kept():
    said = {"v": "x", "userName": "A-NAME", "用户姓名": "王五", "mobile": 13800000000, "meterNo": "e101"}
    payload = json.dumps(said | {"note": "11010519491231002X"}, ensure_ascii=False).encode()
    kept, _ = images.strip_for(DIALECT, payload)
    hidden = dict.fromkeys(("userName", "用户姓名", "mobile", "note"), images.HIDDEN)
    assert json.loads(kept) == {"v": "x", "meterNo": "e101"} | hidden


def test_a_devices_message_as_a_text_in_a_platforms():
    options = {"device_path": "no", "readings": "data", "register": "v.total", "unit": "m3", "time": "at"}
    one = {"no": "e101 ", "v": json.dumps({"total": 7}), "at": 1_783_216_500}
    said = {"data": json.dumps([one])}
    assert [(event.device_id, event.register) for event in decode("hub/up", said, options).events] == [("e101", 7.0)]
    assert refused("hub/up", {"data": "[no JSON"}, options) is Reason.WRONG_SHAPE
