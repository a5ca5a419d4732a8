"""The native dialect, to the letter of the contract."""

import json
from datetime import UTC, datetime

import pytest

from gateway.codecs import images
from gateway.codecs.message import Message, Reason, UndecodableError
from gateway.codecs.native import DIALECT, LARGEST_MESSAGE
from gateway.codecs.routes import Routes
from gateway.events import DeviceKind, Direction, DoorEvent, DoorEventKind, Method, Reading, Status

METER = "estate/v1/e1/meter/m1/reading"
DOOR = "estate/v1/e1/door/d1/event"
TS = "2026-11-22T08:15:00+08:00"
TS_US = int(datetime(2026, 11, 22, 0, 15, tzinfo=UTC).timestamp()) * 1_000_000


ROUTES = Routes()


def read(topic, payload):
    if not isinstance(payload, bytes):
        payload = json.dumps(payload).encode()
    return ROUTES.find(topic).decode(Message(topic, payload, 0), None)


def reason(topic, payload):
    with pytest.raises(UndecodableError) as caught:
        read(topic, payload)
    return caught.value.reason


def test_a_single_reading():
    decoded = read(METER, {"ts": TS, "register": 123.456, "unit": "m3", "seq": 4711, "battery": 87})
    assert decoded.events == (Reading("m1", DeviceKind.WATER, TS_US, 123.456, 87.0, None),)
    assert decoded.estate_id == "e1"


def test_flags_are_told_told_to_be_none_or_not_told():
    for said, flags in (({"flags": ["Tamper", "x1"]}, ("tamper", "x1")), ({"flags": []}, ()), ({}, None)):
        (event,) = read(METER, {"ts": TS, "register": 1, "unit": "m3", **said}).events
        assert event.flags == flags


def test_a_batch_takes_its_unit_from_outside():
    decoded = read(
        METER, {"unit": "kWh", "readings": [{"ts": 1795306500, "register": 88.1}, {"ts": 1795307400, "register": 88.3}]}
    )
    assert [(event.ts_us, event.register, event.kind) for event in decoded.events] == [
        (1795306500_000_000, 88.1, DeviceKind.ELECTRICITY),
        (1795307400_000_000, 88.3, DeviceKind.ELECTRICITY),
    ]


@pytest.mark.parametrize(
    ("unit", "register", "kind", "canonical"),
    [
        ("m3", 1.5, DeviceKind.WATER, 1.5),
        ("L", 1500, DeviceKind.WATER, 1.5),
        ("kWh", 2.5, DeviceKind.ELECTRICITY, 2.5),
        ("Wh", 2500, DeviceKind.ELECTRICITY, 2.5),
    ],
)
def test_units_become_cubic_metres_and_kilowatt_hours(unit, register, kind, canonical):
    (event,) = read(METER, {"ts": TS, "register": register, "unit": unit}).events
    assert (event.kind, event.register) == (kind, canonical)


@pytest.mark.parametrize(
    "ts", [TS, "2026-11-22T00:15:00Z", TS_US // 1_000_000, TS_US // 1000, TS_US / 1e6, "2026-11-22T08:15:00.000+08:00"]
)
def test_every_spelling_of_a_time_is_the_same_moment(ts):
    (event,) = read(METER, {"ts": ts, "register": 1, "unit": "L"}).events
    assert event.ts_us == TS_US


def test_a_door_event_with_everything():
    told = {
        "ts": TS, "event_id": "d7-000912", "kind": "passage", "method": "face", "direction": "in",
        "person_id": "p000123", "stranger_id": None, "unit_id": None, "similarity": 0.94,
    }  # fmt: skip
    assert read(DOOR, told).events == (
        DoorEvent(
            "d1", TS_US, "d7-000912", DoorEventKind.PASSAGE, Method.FACE, Direction.IN, "p000123", None, None, 0.94
        ),
    )


def test_a_batch_of_door_events():
    events = [{"ts": TS, "event_id": f"e{n}", "kind": "denied"} for n in range(3)]
    assert [event.event_id for event in read(DOOR, {"events": events}).events] == ["e0", "e1", "e2"]


def test_a_status_and_a_cleared_one():
    topic = "estate/v1/e1/door/d1/status"
    assert read(topic, {"ts": TS, "online": True, "firmware": "1.4.2"}).events == (
        Status("d1", TS_US, online=True, firmware="1.4.2"),
    )
    assert read(topic, b"").events == ()


@pytest.mark.parametrize("key", ["pic", "feature"])
def test_an_image_in_an_event_is_counted_and_goes_no_further(key):
    decoded = read(DOOR, {"ts": TS, "event_id": "e1", "kind": "passage", key: "QUJD" * 200})
    assert decoded.images_removed == 1
    assert "QUJD" not in repr(decoded)


def test_unknown_fields_are_left_alone():
    assert len(read(METER, {"ts": TS, "register": 1, "unit": "L", "colour": "blue"}).events) == 1


BASE = {"ts": TS, "register": 1, "unit": "m3"}
EVENT = {"ts": TS, "event_id": "e1", "kind": "passage"}


@pytest.mark.parametrize(
    ("topic", "payload", "expected"),
    [
        (METER, b"\xff\xfe", Reason.NOT_JSON),
        (METER, b"", Reason.NOT_JSON),
        (METER, b'{"ts": 1795306500, "register": NaN, "unit": "m3"}', Reason.NOT_JSON),
        (METER, b'{"ts": 1795306500, "register": Infinity, "unit": "m3"}', Reason.NOT_JSON),
        (METER, b'{"ts": 1795306500, "register": 1e999, "unit": "m3"}', Reason.IMPOSSIBLE_VALUE),
        (METER, b'{"ts": 1795306500, "register": 1, "unit": "m3"' + b', "x": ' + b"[" * 20_000, Reason.NOT_JSON),
        (METER, [1], Reason.WRONG_SHAPE),
        (METER, {**BASE, "register": "12"}, Reason.WRONG_SHAPE),
        (METER, {**BASE, "register": True}, Reason.WRONG_SHAPE),
        (METER, {**BASE, "register": None}, Reason.WRONG_SHAPE),
        (METER, {**BASE, "unit": "gal"}, Reason.WRONG_SHAPE),
        (METER, {"ts": TS, "register": 1}, Reason.WRONG_SHAPE),
        (METER, {**BASE, "ts": "2026-11-22T08:15:00"}, Reason.WRONG_SHAPE),
        (METER, {**BASE, "ts": "yesterday"}, Reason.WRONG_SHAPE),
        (METER, {**BASE, "ts": True}, Reason.WRONG_SHAPE),
        (METER, {**BASE, "ts": -5}, Reason.IMPOSSIBLE_VALUE),
        (METER, {**BASE, "ts": 1e300}, Reason.IMPOSSIBLE_VALUE),
        (METER, {**BASE, "register": -0.001}, Reason.IMPOSSIBLE_VALUE),
        (METER, {**BASE, "register": 1e15}, Reason.IMPOSSIBLE_VALUE),
        (METER, {**BASE, "battery": 101}, Reason.IMPOSSIBLE_VALUE),
        (METER, {"unit": "L", "readings": [{"ts": 1, "register": -1}]}, Reason.IMPOSSIBLE_VALUE),
        (METER, b"x" * (LARGEST_MESSAGE + 1), Reason.TOO_LARGE),
        (DOOR, {**EVENT, "event_id": "a b"}, Reason.WRONG_SHAPE),
        (DOOR, {**EVENT, "event_id": "a\n"}, Reason.WRONG_SHAPE),
        (DOOR, {**EVENT, "event_id": ""}, Reason.WRONG_SHAPE),
        (DOOR, {**EVENT, "event_id": "x" * 65}, Reason.WRONG_SHAPE),
        (DOOR, {**EVENT, "person_id": "张三"}, Reason.WRONG_SHAPE),
        (DOOR, {**EVENT, "kind": "flew_in"}, Reason.WRONG_SHAPE),
        (DOOR, {**EVENT, "similarity": 1.01}, Reason.IMPOSSIBLE_VALUE),
        ("estate/v1/e1/door/d1/status", {"online": True, "firmware": "a\u0000b"}, Reason.WRONG_SHAPE),
        ("estate/v1/e1/meter/m1/event", EVENT, Reason.UNKNOWN_TOPIC),
        ("estate/v1/e1/meter/m1/reading/more", BASE, Reason.UNKNOWN_TOPIC),
        ("something/else", BASE, Reason.UNKNOWN_TOPIC),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_says_why(topic, payload, expected):
    assert reason(topic, payload) is expected


@pytest.mark.parametrize("ts", ["1" + "0" * 400, "1" + "0" * 5000, "-1", "1e14"])
def test_a_time_of_any_size_is_refused(ts):
    payload = f'{{"ts": {ts}, "register": 1, "unit": "L"}}'.encode()
    assert reason(METER, payload) in (Reason.IMPOSSIBLE_VALUE, Reason.WRONG_SHAPE)


def test_a_name_that_an_integrator_sends_all_the_same_is_not_kept():
    said = {"ts": TS, "event_id": "a", "kind": "x", "name": "A-NAME", "note": "王五", "person_id": "p000123"}
    kept, _ = images.strip_for(DIALECT, json.dumps(said, ensure_ascii=False).encode())
    assert json.loads(kept) == said | {"name": images.HIDDEN, "note": images.HIDDEN}
