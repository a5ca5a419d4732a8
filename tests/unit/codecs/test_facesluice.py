"""Facesluice face terminals, as the vendor's protocols V1.24 and V1.25 and captured messages have them."""

import base64
import json
import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.codecs.site import site

from gateway.codecs import images
from gateway.codecs.facesluice import DIALECT, Options
from gateway.codecs.message import Answer, Message, Reason, UndecodableError
from gateway.codecs.routes import Routes, routes_of
from gateway.events import Direction, DoorEvent, DoorEventKind, Method, Status
from gateway.ingest.batch import Batch
from gateway.ingest.intake import take_in

SITE = site("1007001", "00ab12cd34ef56aa")
REC = "mqtt/face/1007001/Rec"
SNAP = "mqtt/face/1007001/Snap"
RECORD = {
    "customId": "p000123", "personId": "3", "RecordID": "2", "VerifyStatus": "1", "PersonType": "0",
    "similarity1": "83.000000", "Sendintime": 1, "facesluiceId": "1007001", "idCard": "00000", "telnum": " ",
    "time": "2026-04-10 10:00:07", "isNoMask": "1", "PushType": 0, "targetPosInScene": [346, 0, 1572, 1080],
}  # fmt: skip
TS_US = int(datetime(2026, 4, 10, 2, 0, 7, tzinfo=UTC).timestamp()) * 1_000_000
NAME = "A-PERSONS-NAME"
JPEG = "data:image/jpeg;base64," + base64.b64encode(b"\xff\xd8\xff\xe0" + random.Random(1).randbytes(60_000)).decode()


def message(topic, said, **how):
    return Message(topic, said if isinstance(said, bytes) else json.dumps(said).encode(), TS_US, **how)


def decode(topic, said, lists=SITE, dialect=None, **how):
    routes = routes_of({topic: dialect}) if dialect else Routes()
    return routes.find(topic).decode(message(topic, said, **how), lists)


def record(topic=REC, **info):
    return decode(topic, {"operator": "RecPush", "info": RECORD | info})


def event(**info):
    return record(**info).events[0]


def snap(**info):
    said = {"facesluiceId": "1007001", "SnapID": "946", "time": "2026-04-10 10:00:07", "PushType": 0}
    return decode(SNAP, {"operator": "StrSnapPush", "info": said | info})


def refused(topic, said, lists=SITE):
    with pytest.raises(UndecodableError) as caught:
        decode(topic, said, lists)
    return caught.value


def push_ack(ack_type, number, topic="mqtt/face/1007001"):
    said = {"messageId": f"{ack_type}-{number}", "operator": "PushAck"}
    return [(topic, said | {"info": {"PushAckType": ack_type, "SnapOrRecordID": number}})]


def answers(found):
    return [(answer.topic, json.loads(answer.payload)) for answer in found.answers]


def test_a_recognised_face_is_a_passage_and_is_answered():
    decoded = record()
    assert decoded.events == (
        DoorEvent(
            "1007001", TS_US, "rec-2-20260410100007", DoorEventKind.PASSAGE, Method.FACE, Direction.UNKNOWN,
            person_id="p000123", similarity=0.83,
        ),
    )  # fmt: skip
    assert answers(decoded) == push_ack(2, 2)


@pytest.mark.parametrize(
    ("status", "kind"),
    [("1", "passage"), (1, "passage"), ("2", "denied"), (3, "denied"), ("22", "denied"), (24, "denied")],
)
def test_what_became_of_it(status, kind):
    assert event(VerifyStatus=status).kind == kind


def test_a_record_without_a_number_is_told_by_its_bytes_and_needs_no_answer():
    first, again, other = (record(RecordID=None, customId=who) for who in ("p1", "p1", "p2"))
    assert first.events == again.events
    assert first.events[0].event_id != other.events[0].event_id
    assert (first.events[0].person_id, first.answers) == ("p1", ())
    assert len(snap(SnapID="").events) == 1


def test_no_result_is_no_event_but_is_answered():
    decoded = record(VerifyStatus="0")
    assert (decoded.events, decoded.passed_over) == ((), "no_result")
    assert answers(decoded) == push_ack(2, 2)


@pytest.mark.parametrize(
    ("custom", "own", "card", "person"),
    [
        ("p1", "3", "9", "p1"),
        ("", "3", "9", "3"),
        (" ", 3, "9", "3"),
        (" ", "", "331122", "331122"),
        (None, "0", " ", None),
        ("", "-1", "", None),
        ("null", "3", "9", "3"),
        ("null", "None", "undefined", None),
    ],
)
def test_who_it_was(custom, own, card, person):
    assert event(customId=custom, personId=own, idCard=card).person_id == person


NUMBER = "11010519491231002X"
"""Of an identity card: the example of the standard."""


def test_a_number_read_from_an_identity_card_is_nobodys():
    for number in (NUMBER, NUMBER.lower()):
        assert event(customId=" ", personId="0", idCard=number).person_id is None
    assert event(customId="p1", personId=NUMBER).person_id == "p1"


@pytest.mark.parametrize("who", [{"customId": NUMBER}, {"customId": "", "personId": NUMBER}])
def test_an_identity_cards_number_as_an_id_is_refused_and_kept_nowhere(who):
    batch = Batch()
    take_in(batch, message(REC, {"operator": "RecPush", "info": RECORD | who}), SITE, lists_are_fresh=True)
    (held,) = batch.held
    assert "identity card" in held.detail
    assert NUMBER.encode() not in held.payload
    assert NUMBER not in held.detail
    assert len(batch.answers) == 1
    assert "was not kept" in refused(REC, held.payload).detail


def test_ids_and_numbers_of_firmware_without_whole_numbers():
    assert (event(customId=12.0).person_id, event(VerifyStatus=1.0).kind) == ("12", "passage")
    assert event(RecordID=2.0).event_id == event().event_id


@pytest.mark.parametrize(
    "time",
    [
        "2026/04/10 10:00:07",
        "2026-4-10 10:0:7",
        "2026-04-10 10:00:07.250",
        "2026-04-10T02:00:07Z",
        1775786407,
        "1775786407000",
    ],
)
def test_times_that_no_document_has(time):
    found = event(time=time)
    assert found.ts_us // 1_000_000 * 1_000_000 == TS_US
    assert found.event_id == event(time=time, PushType=2).event_id


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"operator": "Heartbeat", "info": {"facesluiceId": "1007001"}}, "heartbeat"),
        ({"operator": "HeartBeat"}, "heartbeat"),
        ({"operator": "RebootDevice-Ack", "code": 200}, "acknowledgement"),
        ({"operator": "SearchPersonList-Ack", "info": [{"customId": "p1", "name": NAME}]}, "acknowledgement"),
    ],
)
def test_what_says_nothing_needs_no_info(said, why):
    assert decode("mqtt/face/1007001/Ack", said).passed_over == why


def test_operators_in_small_letters():
    assert decode("mqtt/face/basic", {"operator": "online", "info": {"facesluiceId": "1007001"}}).events[0].online
    assert decode(REC, {"operator": "recPush", "info": RECORD}).events == record().events


def test_who_it_was_is_never_guessed():
    assert refused(REC, {"operator": "RecPush", "info": RECORD | {"customId": "Zhang San"}}).reason == (
        Reason.IMPOSSIBLE_VALUE
    )


@pytest.mark.parametrize(
    ("said", "direction"),
    [("entr", "in"), ("entry", "in"), ("exit", "out"), ("unknow", "unknown"), ("", "unknown"), ("sideways", "unknown")],
)
def test_which_way(said, direction):
    assert event(direction=said).direction == direction


@pytest.mark.parametrize(
    ("info", "method"),
    [
        ({}, "face"),
        ({"otype": "1"}, "face"),
        ({"otype": "21", "similarity1": "0.000000"}, "card"),
        ({"otype": 22}, "face"),
        ({"otype": "27", "similarity1": ""}, "remote"),
        ({"similarity1": "0.0", "szQrCodeData": "x"}, "qr"),
        ({"similarity1": "0.0", "szQrCodeData": "", "RFIDCard": "3271154"}, "card"),
        ({"similarity1": "0.0", "szQrCodeData": "", "RFIDCard": "0"}, "face"),
        ({"otype": "99", "similarity1": "0"}, "unknown"),
    ],
)
def test_how_the_door_was_opened(info, method):
    found = event(**info)
    assert found.method == method
    assert method == "face" or found.similarity is None


def test_the_other_firmware_family():
    """V1.24: the name misspelt, numbers as numbers, more fields than the other family has."""
    found = event(
        personName=None, persionName=NAME, RecordID=143, VerifyStatus=1, similarity1=90.5, similarity2=0.0,
        Sendintime="1", direction="exit", otype="1", temperature="36.5", temperatureAlarm="0", dwFileIndex="0",
        OpendoorWay="0", cardNum2="1", left="263", facesluiceName="Face1",
    )  # fmt: skip
    assert (found.event_id, found.similarity, found.direction) == ("rec-143-20260410100007", 0.905, Direction.OUT)


def test_the_topic_says_which_terminal_it_is():
    decoded = record("mqtt/face/00AB12CD34EF56AA/Rec")
    assert decoded.events[0].device_id == "00ab12cd34ef56aa"
    assert decoded.answers[0].topic == "mqtt/face/00AB12CD34EF56AA", "where the terminal listens, as it spells it"


def test_a_branch_that_no_document_has_is_the_terminals_as_well():
    decoded = record("mqtt/face/1007001/RecPush", facesluiceId="another")
    assert (decoded.events[0].device_id, decoded.answers[0].topic) == ("1007001", "mqtt/face/1007001")


def test_the_largest_pictures_get_through():
    pictures = {"pic": "A" * (4 * 2**20 // 3), "scene": "A" * (8 * 2**20 // 3)}
    assert record(**pictures).images_removed == 2


def test_times_are_in_the_zone_of_the_estate():
    said = {"operator": "RecPush", "info": RECORD}
    (found,) = decode(REC, said, site("1007001", timezone="Asia/Urumqi")).events
    assert found.ts_us == TS_US + 2 * 3600 * 1_000_000


def test_a_repeat_has_the_same_id_and_a_wiped_terminal_has_not():
    assert event().event_id == event(PushType=2, Sendintime=0).event_id
    assert event().event_id != event(time="2026-05-01 08:00:00").event_id
    assert snap(SnapID=2).events[0].event_id != event().event_id


def test_a_clock_that_is_not_set_is_forgiven_only_what_was_sent_at_once():
    assert record(time="1970-01-01 08:00:12").arrival_serves
    assert not record(Sendintime=0).arrival_serves
    assert not record(PushType="2").arrival_serves


def test_a_stranger_is_denied_and_the_number_of_the_snapshot_is_no_person():
    decoded = snap()
    assert decoded.events == (
        DoorEvent("1007001", TS_US, "snap-946-20260410100007", DoorEventKind.DENIED, Method.FACE, Direction.UNKNOWN),
    )
    assert answers(decoded) == push_ack(1, 946)
    assert snap(strangerId="s77").events[0].stranger_id == "s77"


@pytest.mark.parametrize(
    ("branch", "operator", "method"),
    [
        ("QRCode", "QRCodePush", "qr"),
        ("Card", "CardPush", "card"),
        ("Card", "AnotherPush", "card"),
        ("IDCard", "IDCardPush", "id_card"),
    ],
)
def test_a_card_or_code_that_is_read_out(branch, operator, method):
    said = {"operator": operator, "info": {"time": "2026-04-10 10:00:07", "QRCodeInfo": "https://a.example/10001"}}
    topic = f"mqtt/face/1007001/{branch}"
    (found,) = decode(topic, said).events
    assert (found.kind, found.method, found.person_id) == ("passage", method, None)
    assert found.event_id == decode(topic, said).events[0].event_id
    ignoring = DIALECT.codec(Options(scans="ignore"))
    assert ignoring(message(topic, said), SITE).passed_over == "scan"


def test_the_envelope_of_a_platform():
    inside = {
        "operator": "QRCodePush",
        "info": {"facesluiceId": "1007001", "time": "2026-04-10 10:00:07", "QRCodeInfo": "x"},
    }
    said = {"protocolVersion": "2.2", "deviceId": "1007001", "mainBizType": "device", "payload": inside, "extend": {}}
    routes = routes_of({"platform/up": "facesluice"})
    decoded = routes.find("platform/up").decode(message("platform/up", said), SITE)
    assert (decoded.events[0].device_id, decoded.answers) == ("1007001", ())


POSTED = {
    "DeviceID": 1007001, "PersonID": 820, "CustomizeID": 376791, "PersonUUID": " ", "CreateTime": "2026-04-10T10:00:07",
    "Similarity1": 85.5, "Similarity2": 0.0, "VerifyStatus": 1, "VerfyType": 1, "PersonType": 0, "Name": NAME,
    "IdCard": "1.1E+17", "Direction": 1, "Sendintime": 1, "PushType": 0, "MjCardNo": 761,
}  # fmt: skip


def posted(operator="VerifyPush", **info):
    return decode("bridge/faces", {"operator": operator, "info": POSTED | info, "SanpPic": JPEG}, dialect="facesluice")


def test_what_a_terminal_posts_over_http_is_the_same_record():
    decoded = posted(nRecordIndex=4)
    assert decoded.events == (
        DoorEvent(
            "1007001", TS_US, "rec-4-20260410100007", DoorEventKind.PASSAGE, Method.FACE, Direction.IN,
            person_id="376791", similarity=0.855,
        ),
    )  # fmt: skip
    assert (decoded.images_removed, decoded.answers) == (1, ())
    people = [posted(**who).events[0].person_id for who in ({"CustomizeID": 0}, {"CustomizeID": 0, "PersonUUID": "u7"})]
    assert people == ["820", "u7"]
    assert [posted(VerifyStatus=status).events[0].kind for status in (2, 3)] == ["denied", "denied"]


def test_a_face_that_a_terminal_posts_is_a_stranger_unless_it_is_an_alarm():
    (found,) = posted("SnapPush", nRecordIndex=37, VerifyStatus=None).events
    assert (found.kind, found.event_id, found.person_id) == ("denied", "snap-37-20260410100007", None)
    assert posted("SnapPush", AlarmAction="no hat").passed_over == "analysis"
    alarm = snap(AlarmAction="no hat")
    assert (alarm.passed_over, len(alarm.answers)) == ("analysis", 1)


def test_what_only_clears_a_topic_that_the_broker_kept_says_nothing():
    assert decode("mqtt/face/basic", b"").passed_over == "cleared"


def test_online_is_answered_and_offline_needs_no_time():
    online = {"facesluiceId": "1007001", "username": "admin", "time": "2026-04-10 09:43:25", "ip": "192.168.1.9"}
    decoded = decode("mqtt/face/basic", {"operator": "Online", "info": online})
    assert decoded.events == (Status("1007001", None, online=True),)
    said = {"facesluiceId": "1007001", "result": "ok"}
    assert answers(decoded) == [
        ("mqtt/face/1007001", {"messageId": "Online-Ack", "operator": "Online-Ack", "info": said})
    ]
    offline = {"operator": "Offline", "info": {"facesluiceId": "1007001"}}
    assert decode("mqtt/face/basic", offline).events == (Status("1007001", None, online=False),)
    assert decode("mqtt/face/basic", offline, retained=True).passed_over == "retained"


@pytest.mark.parametrize(
    ("topic", "operator", "why"),
    [
        ("mqtt/face/heartbeat", "HeartBeat", "heartbeat"),
        ("mqtt/face/1007001/Ack", "PushAck-Ack", "acknowledgement"),
        ("mqtt/face/1007001/Ack", "EditPersonsNew-Ack", "acknowledgement"),
        ("mqtt/face/basic", "Online-Ack", "acknowledgement"),
        ("mqtt/face/1007001", "PushAck", "command"),
        ("mqtt/face/1007001", "EditPersonsNew", "command"),
        ("mqtt/face/1007001/Snap", "FireSmokeSnapPush", "analysis"),
    ],
)
def test_what_has_no_event_is_passed_over(topic, operator, why):
    decoded = decode(topic, {"operator": operator, "messageId": "7", "info": {"facesluiceId": "1007001"}})
    assert (decoded.events, decoded.passed_over) == ((), why)


def test_a_topic_of_ones_own():
    """Whatever the base is called, the answer goes where the terminal listens."""
    routes = routes_of({"gates/#": "facesluice"})
    said = message("gates/1007001/Rec", {"operator": "RecPush", "info": RECORD})
    assert routes.find(said.topic).decode(said, SITE).answers[0].topic == "gates/1007001"
    said = message("gates/basic", {"operator": "Online", "info": {"facesluiceId": 1007001}})
    assert routes.find(said.topic).decode(said, SITE).answers[0].topic == "gates/1007001"
    said = Message("gates/1007001", b'{"operator":"PushAck","info":{}}', TS_US)
    assert routes.find(said.topic).decode(said, SITE).passed_over == "acknowledgement"


@pytest.mark.parametrize(
    ("info", "reason"),
    [
        ({"time": None}, Reason.WRONG_SHAPE),
        ({"time": "2026-04-10"}, Reason.WRONG_SHAPE),
        ({"time": "2026-02-30 10:00:00"}, Reason.WRONG_SHAPE),
        ({"VerifyStatus": "7"}, Reason.IMPOSSIBLE_VALUE),
        ({"VerifyStatus": ""}, Reason.WRONG_SHAPE),
        ({"similarity1": "101"}, Reason.IMPOSSIBLE_VALUE),
        ({"similarity1": "nan"}, Reason.IMPOSSIBLE_VALUE),
        ({"similarity1": True}, Reason.WRONG_SHAPE),
        ({"customId": ["p1"]}, Reason.WRONG_SHAPE),
    ],
)
def test_what_cannot_be_understood_is_answered_as_well(info, reason):
    error = refused(REC, {"operator": "RecPush", "info": RECORD | info})
    assert error.reason == reason
    assert answers(error) == push_ack(2, 2), "it is safe in quarantine, so the terminal may forget it"


def test_no_answer_goes_to_a_topic_that_mqtt_does_not_allow():
    for bad in ("+", "#", "a/#", "", "a\0"):
        error = refused("mqtt/face/basic", {"operator": "RecPush", "info": RECORD | {"facesluiceId": bad}})
        assert not error.answers
        error = refused("mqtt/face/basic", {"operator": "Online", "info": {"facesluiceId": bad}})
        assert not error.answers


def test_records_of_terminals_that_no_list_has_are_answered():
    error = refused("mqtt/face/999/Rec", {"operator": "RecPush", "info": RECORD})
    assert error.reason == Reason.UNKNOWN_DEVICE
    assert answers(error) == push_ack(2, 2, "mqtt/face/999")
    error = refused("mqtt/face/basic", {"operator": "Online", "info": {"facesluiceId": "999"}})
    assert error.answers[0].topic == "mqtt/face/999"


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"{", Reason.NOT_JSON),
        (b"\xff\xfe", Reason.NOT_JSON),
        (b'{"info":' + b'{"a":' * 5000, Reason.NOT_JSON),
        (b"[]", Reason.WRONG_SHAPE),
        (b"{}", Reason.WRONG_SHAPE),
        (b'{"operator":"RecPush"}', Reason.WRONG_SHAPE),
        (b'{"operator":"AlarmPush","info":{}}', Reason.WRONG_SHAPE),
        (b'{"payload":{"operator":1}}', Reason.WRONG_SHAPE),
        (b'{"operator":"RecPush","info":{"RecordID":' + b"9" * 5000 + b"}}", Reason.WRONG_SHAPE),
        (b" " * (5 * 1024 * 1024 + 1), Reason.TOO_LARGE),
    ],
)
def test_rubbish_is_refused_and_nothing_else_is_raised(payload, reason):
    assert refused(REC, payload).reason == reason


def test_pictures_are_counted_and_go_no_further():
    decoded = record(pic=JPEG, scene=JPEG)
    assert decoded.images_removed == 2
    assert "base64" not in repr(decoded)
    assert record(pic="", scene=" ").images_removed == 0
    assert record(pic="data:image/jpeg;base64,...").images_removed == 1
    assert record(registerPic=JPEG).images_removed == 1, "under a key that no document has"


def test_quarantine_keeps_no_name_no_number_and_no_picture():
    told = {"personName": NAME, "persionName": NAME, "telnum": "13800000000", "idCard": "310101199001011234"}
    secret = {"RFIDCard": "3271154", "szQrCodeData": "https://a.example/10001", "pic": JPEG, "address": "Some Road 1"}
    batch = Batch()
    said = message(REC, {"operator": "RecPush", "info": RECORD | told | secret | {"VerifyStatus": "7"}})
    take_in(batch, said, SITE, lists_are_fresh=True)
    (held,) = batch.held
    for value in (*told.values(), *secret.values()):
        assert value.encode() not in held.payload
    assert held.device_id == "1007001"
    assert batch.images_removed == 1
    assert batch.answers == [
        Answer("mqtt/face/1007001", json.dumps(push_ack(2, 2)[0][1], separators=(",", ":")).encode())
    ]


def test_a_replay_does_not_take_what_was_hidden_for_a_person():
    held, _ = images.strip_for(DIALECT, message(REC, {"operator": "RecPush", "info": RECORD}).payload)
    assert decode(REC, held).events[0].person_id == "p000123"
    only = RECORD | {"customId": " ", "personId": "", "idCard": "310101199001011234"}
    held, _ = images.strip_for(DIALECT, message(REC, {"operator": "RecPush", "info": only}).payload)
    assert "was not kept" in refused(REC, held).detail


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(["RecPush", "StrSnapPush", "QRCodePush", "Online", "Offline"]), st.data())
def test_no_value_of_a_field_makes_anything_else_than_a_reason(operator, data):
    key = data.draw(st.sampled_from([*RECORD, "SnapID", "direction", "otype", "RFIDCard", "pic", "strangerId"]))
    info = RECORD | {"SnapID": 1, key: data.draw(JSON)}
    try:
        decode(data.draw(st.sampled_from([REC, SNAP, "mqtt/face/basic"])), {"operator": operator, "info": info})
    except UndecodableError:
        return
