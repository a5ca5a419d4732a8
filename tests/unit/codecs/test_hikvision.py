"""Hikvision's AccessControllerEvent, as controllers post it and bridges pass it on."""

import json
from datetime import UTC, datetime

import pytest
from unit.codecs.site import site

from gateway.codecs import images
from gateway.codecs.hikvision import DIALECT
from gateway.codecs.message import Message, Reason, UndecodableError
from gateway.codecs.routes import RouteError, routes_of
from gateway.events import Direction, DoorEvent, DoorEventKind, Method

TOPIC = "hikvision/gate7/event"
ADDRESS = "4447cc00a1b2"
SITE = site(ADDRESS, "gate7")
TS_US = int(datetime(2026, 11, 22, 0, 15, 3, tzinfo=UTC).timestamp()) * 1_000_000
NAME = "A-PERSONS-NAME"
JPEG = b"\xff\xd8\xff\xe0" + bytes(3000)
ACCESS = {
    "deviceName": "Access Controller", "majorEventType": 5, "subEventType": 75, "name": NAME, "cardReaderKind": 1,
    "cardReaderNo": 1, "doorNo": 1, "employeeNoString": "p000123", "serialNo": 4711, "userType": "normal",
    "currentVerifyMode": "cardOrFace", "currentEvent": True, "frontSerialNo": 4710, "attendanceStatus": "checkIn",
    "label": "Check In", "statusValue": 0, "mask": "no", "purePwdVerifyEnable": True,
}  # fmt: skip
ALERT = {
    "ipAddress": "192.168.1.64", "portNo": 443, "protocol": "HTTPS", "macAddress": "44:47:CC:00:a1:b2", "channelID": 1,
    "dateTime": "2026-11-22T08:15:03+08:00", "activePostCount": 1, "eventType": "AccessControllerEvent",
    "eventState": "active", "eventDescription": "Access Controller Event", "deviceID": "1",
}  # fmt: skip


def decode(said, lists=SITE, **options):
    route = routes_of({"hikvision/#": {"dialect": "hikvision", **options}}).find(TOPIC)
    payload = said if isinstance(said, bytes) else json.dumps(said).encode()
    return route.decode(Message(TOPIC, payload, TS_US), lists)


def alert(_options=None, **access):
    return decode(ALERT | {"AccessControllerEvent": ACCESS | access}, **(_options or {}))


def event(_options=None, **access):
    (found,) = alert(_options, **access).events
    return found


def refused(said, lists=SITE, **options):
    with pytest.raises(UndecodableError) as caught:
        decode(said, lists, **options)
    return caught.value


def multipart(*, head=b"--MIME_boundary\r\n"):
    body = json.dumps(ALERT | {"AccessControllerEvent": ACCESS}).encode()
    return (
        head + b'Content-Disposition: form-data; name="event_log"\r\nContent-Type: application/json\r\n\r\n' + body
        + b'\r\n--MIME_boundary\r\nContent-Disposition: form-data; name="Picture"\r\nContent-Type: image/jpeg\r\n\r\n'
        + JPEG + b"\r\n--MIME_boundary--\r\n"
    )  # fmt: skip


def test_a_code_held_to_a_reader_is_no_card():
    assert [event(subEventType=1, cardReaderKind=kind).method for kind in (1, "2", 3, None)] == [
        Method.CARD, Method.ID_CARD, Method.QR, Method.CARD,
    ]  # fmt: skip


def test_a_face_that_is_let_in():
    assert event() == DoorEvent(
        ADDRESS, TS_US, f"4711-{TS_US // 1_000_000}", DoorEventKind.PASSAGE, Method.FACE, Direction.IN, "p000123"
    )


@pytest.mark.parametrize(
    ("major", "sub", "kind", "method"),
    [
        (5, 1, "passage", "card"),
        (5, 9, "denied", "card"),
        (5, 8, "denied", "card"),
        (5, 38, "passage", "fingerprint"),
        (5, 39, "denied", "fingerprint"),
        (5, 75, "passage", "face"),
        (5, 76, "denied", "face"),
        (5, 60, "passage", "face"),
        (5, 101, "passage", "pin"),
        (5, 102, "denied", "pin"),
        (5, 181, "passage", "pin"),
        (5, 151, "denied", "pin"),
        (5, 156, "passage", "qr"),
        (5, 105, "passage", "id_card"),
        (5, 23, "passage", "button"),
        (5, 153, "passage", "unknown"),
        (5, 27, "forced_open", "unknown"),
        (5, 28, "held_open", "unknown"),
        (1, 1028, "tamper", "unknown"),
        (3, 1024, "passage", "remote"),
        (5, 159, "passage", "unknown"),
        (5, 161, "denied", "id_card"),
        (5, 163, "denied", "card"),
        (5, 148, "denied", "pin"),
        ("5", "75", "passage", "face"),
    ],
)
def test_what_happened(major, sub, kind, method):
    found = event(majorEventType=major, subEventType=sub)
    assert (found.kind, found.method) == (kind, method)


@pytest.mark.parametrize(
    ("major", "sub", "why"),
    [
        (5, 21, "door_state"),
        (5, 25, "door_state"),
        (5, 37, "door_state"),
        (5, 167, "door_state"),
        (5, 184, "door_state"),
        (1, 1024, "alarm"),
        (2, 39, "device_trouble"),
        (3, 80, "operation"),
    ],
)
def test_what_is_no_door_event_is_passed_over(major, sub, why):
    decoded = alert(majorEventType=major, subEventType=sub)
    assert (decoded.events, decoded.passed_over) == ((), why)


@pytest.mark.parametrize(
    ("kind", "why"), [("heartBeat", "heartbeat"), ("videoloss", "heartbeat"), ("VMD", "other_event")]
)
def test_what_is_no_access_event_is_passed_over(kind, why):
    assert decode(ALERT | {"eventType": kind}).passed_over == why


@pytest.mark.parametrize(
    ("said", "person"),
    [
        ({"employeeNoString": "p7"}, "p7"),
        ({"employeeNoString": "", "employeeNo": 17}, "17"),
        ({"employeeNoString": " ", "employeeNo": 0}, None),
        ({"employeeNoString": None}, None),
        ({"employeeNoString": "null", "employeeNo": 17}, "17"),
        ({"employeeNoString": "undefined"}, None),
    ],
)
def test_who_it_was(said, person):
    assert event(**said).person_id == person


@pytest.mark.parametrize(
    ("said", "direction"),
    [
        ({"attendanceStatus": "checkOut"}, "out"),
        ({"attendanceStatus": "breakIn"}, "in"),
        ({"attendanceStatus": "undefined", "cardReaderNo": 2}, "out"),
        ({"attendanceStatus": None, "cardReaderNo": 3}, "unknown"),
        ({"subEventType": 23, "attendanceStatus": None}, "out"),
    ],
)
def test_which_way(said, direction):
    assert event({"readers": {"1": "in", "2": "out"}}, **said).direction == direction


def test_the_only_way_of_a_controller_tells_what_several_means_together_were():
    assert event(subEventType=16, currentVerifyMode="fp").method == "fingerprint"


def test_a_controller_is_found_by_whichever_of_its_names_is_listed():
    said = ALERT | {"AccessControllerEvent": ACCESS}
    for name in (ADDRESS, "44-47-cc-00-a1-b2", "GA6820584", "1", "192.168.1.64"):
        assert decode(said | {"shortSerialNumber": "GA6820584"}, site(name)).events[0].device_id == name
    assert decode(said, device=2).events[0].device_id == "gate7"
    assert decode(said, device=-2).events[0].device_id == "gate7"
    error = refused(said, site("other"))
    assert error.reason == Reason.UNKNOWN_DEVICE
    assert ADDRESS in error.detail
    assert refused(said, device=9).reason == Reason.WRONG_SHAPE


def test_repeats_have_the_same_id_and_a_wiped_controller_has_not():
    assert event().event_id == event(currentEvent=False).event_id
    later = decode(ALERT | {"dateTime": "2026-12-22T08:15:03+08:00", "AccessControllerEvent": ACCESS})
    assert later.events[0].event_id != event().event_id
    assert event(serialNo=None).event_id == f"5-75-1-1-{TS_US // 1_000_000}"


def test_times_have_an_offset_or_are_the_estates():
    for text in ("2026-11-22T08:15:03+08:00", "2026-11-22T00:15:03Z", "2026-11-22T08:15:03"):
        (found,) = decode(ALERT | {"dateTime": text, "AccessControllerEvent": ACCESS}).events
        assert found.ts_us == TS_US
    assert alert(currentEvent=True).arrival_serves
    assert not alert(currentEvent=False).arrival_serves


@pytest.mark.parametrize("head", [b"--MIME_boundary\r\n", b""])
def test_what_is_left_of_a_multipart_body(head):
    decoded = decode(multipart(head=head))
    assert decoded.events == (event(),)
    assert decoded.images_removed == 1


def test_json_with_a_picture_behind_it():
    body = json.dumps(ALERT | {"AccessControllerEvent": ACCESS}).encode()
    decoded = decode(body + b"\r\n--MIME_boundary\r\nContent-Type: image/jpeg\r\n\r\n" + JPEG)
    assert (decoded.events, decoded.images_removed) == ((event(),), 1)


def part(said):
    return b"--MIME_boundary\r\nContent-Type: application/json\r\n\r\n" + json.dumps(said).encode() + b"\r\n"


def test_every_event_of_a_stream_is_taken_and_a_heartbeat_between_them_is_none():
    several = [ALERT | {"AccessControllerEvent": ACCESS | {"serialNo": number}} for number in (1, 2)]
    stream = part(several[0]) + part(ALERT | {"eventType": "heartBeat"}) + part(several[1]) + b"--MIME_boundary--\r\n"
    decoded = decode(stream)
    assert [found.event_id for found in decoded.events] == [event(serialNo=1).event_id, event(serialNo=2).event_id]
    assert not decoded.arrival_serves
    assert decode(part(ALERT | {"eventType": "heartBeat"})).passed_over == "heartbeat"
    assert refused(part(several[0]) + part(several[1])[:-40]).reason == Reason.NOT_JSON


def test_what_looks_like_a_part_inside_a_picture_is_none():
    body = multipart().replace(JPEG, JPEG + b'\n--{"a":1}\n--\xff\xd8{')
    assert (decode(body).events, decode(body).images_removed) == ((event(),), 1)


def xml(event_of="", **said):
    inner = f"<AccessControllerEvent>{event_of}</AccessControllerEvent>" if event_of else ""
    around = "".join(f"<{name}>{value}</{name}>" for name, value in (ALERT | said).items())
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<EventNotificationAlert version="2.0" xmlns="http://x/ver20">'
    return f"{head}{around}{inner}</EventNotificationAlert>".encode()


def test_older_firmware_says_the_same_in_xml():
    fields = "".join(f"<{name}>{value}</{name}>\n" for name, value in ACCESS.items())
    assert decode(xml(fields)).events == (event(),)
    assert decode(b"--b\r\nContent-Type: application/xml\r\n\r\n" + xml(fields) + b"\r\n--b--").events == (event(),)
    assert decode(xml(eventType="videoloss")).passed_over == "heartbeat"


def test_stored_events_have_numbers_of_other_names_and_their_own_time():
    said = {"major": 5, "minor": 75, "time": ALERT["dateTime"], "serialNo": 4711, "employeeNoString": "p000123"}
    lock = {"major": 5, "minor": 21, "time": ALERT["dateTime"], "serialNo": 4710}
    decoded = decode({"AcsEvent": {"searchID": "1", "numOfMatches": 2, "InfoList": [lock, said]}}, device=2)
    (found,) = decoded.events
    assert (found.device_id, found.event_id, found.person_id) == ("gate7", event().event_id, "p000123")
    assert decode({"AcsEvent": {"numOfMatches": 0}}, device=2).passed_over == "no_events"
    assert refused({"AcsEvent": {"InfoList": [said | {"time": 5}]}}, device=2).reason == Reason.WRONG_SHAPE


def test_json_in_an_envelope():
    assert decode({"EventNotificationAlert": ALERT | {"AccessControllerEvent": ACCESS}}).events == (event(),)


@pytest.mark.parametrize("payload", [multipart(), multipart()[:400], b"<Alert><name>%s</name></Alert>" % NAME.encode()])
def test_quarantine_keeps_no_name_and_no_picture(payload):
    kept, _ = images.strip_for(DIALECT, payload)
    assert NAME.encode() not in kept
    assert JPEG[:8] not in kept
    kept, _ = images.strip_for(DIALECT, json.dumps(ALERT | {"AccessControllerEvent": ACCESS}).encode())
    assert NAME.encode() not in kept
    assert b"p000123" in kept


@pytest.mark.parametrize(
    ("access", "reason"),
    [
        ({"majorEventType": None}, Reason.WRONG_SHAPE),
        ({"subEventType": "x"}, Reason.WRONG_SHAPE),
        ({"subEventType": 999}, Reason.IMPOSSIBLE_VALUE),
        ({"majorEventType": 9}, Reason.IMPOSSIBLE_VALUE),
        ({"employeeNoString": NAME + "!"}, Reason.IMPOSSIBLE_VALUE),
        ({"serialNo": {}}, Reason.WRONG_SHAPE),
    ],
)
def test_what_cannot_be_understood(access, reason):
    error = refused(ALERT | {"AccessControllerEvent": ACCESS | access})
    assert error.reason == reason
    assert NAME not in error.detail


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", Reason.NOT_JSON),
        (b"<EventNotificationAlert/>", Reason.WRONG_SHAPE),
        (b"<EventNotificationAlert>\xff", Reason.NOT_JSON),
        (b"--MIME_boundary\r\n\r\n", Reason.NOT_JSON),
        (multipart()[:300], Reason.NOT_JSON),
        (b'{"EventNotificationAlert":' * 3000, Reason.NOT_JSON),
        (b"{}", Reason.WRONG_SHAPE),
        (b'{"eventType":"AccessControllerEvent"}', Reason.WRONG_SHAPE),
        (b'{"AccessControllerEvent":{"majorEventType":5,"subEventType":75}}', Reason.WRONG_SHAPE),
        (json.dumps(ALERT | {"dateTime": "0001-01-01", "AccessControllerEvent": ACCESS}).encode(), Reason.WRONG_SHAPE),
    ],
)
def test_rubbish_is_refused_and_nothing_else_is_raised(payload, reason):
    assert refused(payload).reason == reason


def test_its_options_are_checked():
    with pytest.raises(RouteError, match="readers"):
        routes_of({"a/#": {"dialect": "hikvision", "readers": {"1": "up"}}})


def test_a_mac_address_in_any_spelling():
    for spelling in ("44-47-CC-00-A1-B2", "4447cc00a1b2", "44:47:cc:00:a1:b2"):
        for listed in (ADDRESS, "44-47-cc-00-a1-b2"):
            (found,) = decode(ALERT | {"macAddress": spelling, "AccessControllerEvent": ACCESS}, site(listed)).events
            assert found.device_id == listed


def test_xml_in_gbk():
    told = "".join(f"<{name}>{value}</{name}>" for name, value in (ACCESS | {"name": "王五"}).items())
    whole = f"<EventNotificationAlert><macAddress>{ADDRESS}</macAddress><dateTime>2026-11-22T08:15:03+08:00</dateTime>"
    xml = f"{whole}<AccessControllerEvent>{told}</AccessControllerEvent></EventNotificationAlert>".encode("gbk")
    (found,) = decode(xml).events
    assert (found.person_id, found.ts_us) == ("p000123", TS_US)


def test_an_identity_cards_number_is_no_employees():
    with pytest.raises(UndecodableError) as caught:
        event(employeeNoString="11010519491231002X")
    assert caught.value.reason is Reason.IMPOSSIBLE_VALUE


def test_a_list_of_alerts():
    first, then = (ALERT | {"AccessControllerEvent": ACCESS | {"serialNo": number}} for number in (1, 2))
    decoded = decode([first, then])
    assert [found.event_id.split("-")[0] for found in decoded.events] == ["1", "2"]
    for wrong in (b"[]", b"[1]", b"[", b'[{"a":1}]'):
        with pytest.raises(UndecodableError):
            decode(wrong)
