"""No picture and no template gets past."""

import base64
import json
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.images import HIDDEN, REMOVED, strip

JPEG = b"\xff\xd8\xff\xe0" + random.Random(1).randbytes(3000)
BASE64 = base64.b64encode(JPEG).decode()


def stripped(value):
    payload, removed = strip(json.dumps(value).encode())
    return json.loads(payload), removed


def test_a_picture_under_any_key_is_cut_out_and_the_rest_stays():
    assert stripped({"a": 1, "whatever": BASE64, "b": [BASE64, "x"]}) == (
        {"a": 1, "whatever": REMOVED, "b": [REMOVED, "x"]},
        2,
    )


def test_a_data_url_and_url_safe_and_wrapped_base64_are_pictures_too():
    wrapped = "\n".join(BASE64[at : at + 76] for at in range(0, len(BASE64), 76))
    urlsafe = base64.urlsafe_b64encode(JPEG).decode()
    for text in (f"data:image/jpeg;base64,{BASE64}", urlsafe, wrapped, JPEG.hex()):
        assert stripped({"x": text}) == ({"x": REMOVED}, 1)


def test_a_short_value_under_a_picture_key_goes_and_an_empty_one_stays():
    assert stripped({"pic": "http://camera/1.jpg", "scene": " ", "Feature": [0.1, 0.2]}) == (
        {"pic": REMOVED, "scene": " ", "Feature": REMOVED},
        2,
    )


def test_makers_call_pictures_as_they_like_and_a_topic_is_none():
    said = {"SanpPic": "/1.jpg", "ScenePic": "/2.jpg", "facePhoto": "x", "tempic": "y", "MQTopic": "mqtt/face/1"}
    assert stripped(said) == ({**dict.fromkeys(said, REMOVED), "MQTopic": "mqtt/face/1"}, 4)
    assert stripped({"x": "data:image/jpeg;base64,Qk225QArx"}) == ({"x": REMOVED}, 1)


def test_a_feature_vector_under_any_key_is_cut_out():
    assert stripped({"v": [0.5] * 128, "readings": [1, 2, 3]}) == ({"v": REMOVED, "readings": [1, 2, 3]}, 1)


def test_raw_bytes_lose_everything_from_the_picture_on():
    assert strip(b"header " + JPEG) == (b"header " + REMOVED.encode(), 1)


def test_broken_json_still_loses_its_picture():
    payload, removed = strip(b'{"pic": "' + BASE64.encode())
    assert removed == 1
    assert len(payload) < 100


def test_stripping_twice_is_stripping_once():
    once, _ = strip(json.dumps({"pic": BASE64}).encode())
    assert strip(once) == (once, 0)


@pytest.mark.parametrize("depth", [200, 600, 5000])
@pytest.mark.parametrize(("begin", "end"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_a_message_nested_however_deep_is_stripped(begin, end, depth):
    picture = b'"' + b"QUJD" * 100 + b'"'
    stripped, removed = strip(begin * depth + picture + end * depth)
    assert removed == 1
    assert b"QUJD" not in stripped


@pytest.mark.parametrize("piece", [b"1.", b"1 ", b"1e", b'"pic', b"A" * 255 + b"!", b"data:image/a"])
def test_searching_never_takes_long(piece):
    # Half a minute a message with an unbounded pattern; a fraction of a second of processor time without.
    payload = piece * (65_536 // len(piece))
    began = time.process_time()
    strip(payload)
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "piece", [b"<name><![CDATA[", b'<name lang="', b'"name":"', b'"username', b"110105194912310021,"]
)
def test_searching_for_people_never_takes_long_either(piece):
    # Minutes a message where a search runs to the end from each place at which it may begin.
    began = time.process_time()
    strip(piece * (2**20 // len(piece)), personal=frozenset({"name"}))
    assert time.process_time() - began < 10


@given(st.recursive(st.none() | st.integers() | st.text(max_size=30), lambda inner: st.lists(inner, max_size=5)))
def test_what_holds_no_picture_stays_as_it_is(value):
    payload = json.dumps({"value": value}).encode()
    assert strip(payload) == (payload, 0)


@pytest.mark.parametrize(
    "payload",
    [
        b'{"info":{"name":"A-NAME","telnum":13800000000,"RecordID":"7"',
        b'{"name" : "A-NAME","telnum": "13800000000","RecordID":"7"} and more',
        b'{"RecordID":"7","telnum":"13800000000","name":"A-NAME',
        b'{"RecordID":"7","name":"A-\\"NAME\\"","telnum":null',
        b"<a><RecordID>7</RecordID><name>A-NAME</name><telnum>13800000000</telnum></a>",
    ],
)
def test_personal_values_are_hidden_in_what_is_no_json_as_well(payload):
    kept, _ = strip(payload, personal=frozenset({"name", "telnum"}))
    assert b"NAME" not in kept
    assert b"138" not in kept
    assert b"RecordID" in kept


def test_a_blank_personal_value_stays_blank():
    assert strip(b'{"name":" "}', personal=frozenset({"name"})) == (b'{"name":" "}', 0)


@pytest.mark.parametrize(
    "key",
    [
        "picURI",
        "photoBase64",
        "faceUrl",
        "FeatureData",
        "featureValue",
        "fingerData",
        "fpTemplate",
        "irisData",
        "特征值",
    ],
)
def test_links_to_pictures_and_short_templates_go_by_their_keys(key):
    assert stripped({key: "c2hvcnQ=", "topicData": "t"}) == ({key: REMOVED, "topicData": "t"}, 1)


@pytest.mark.parametrize("around", [(b"--b\r\nContent-Type: image/jpeg\r\n\r\n", b"--b--"), (b"<x>", b"</x>")])
def test_base64_in_lines_is_a_picture_outside_of_json_too(around):
    lines = base64.encodebytes(JPEG)
    for text in (lines, lines.replace(b"\n", b"\r\n")):
        kept, removed = strip(around[0] + text + around[1])
        assert removed == 1
        assert len(kept) < 80


@pytest.mark.parametrize(
    "payload",
    [
        b'<a><name lang="zh">A-NAME</name><RecordID>7</RecordID></a>',
        b"<a><name><![CDATA[A-NAME]]></name><RecordID>7</RecordID></a>",
        "<a><remark>张 NAME</remark><RecordID>7</RecordID></a>".replace("NAME", "三").encode(),
        b'<a><NAME>A-NAME</NAME><userName>A-NAME</userName><RecordID>7</RecordID><b c="11010519491231002X"/></a>',
        b'{"RecordID":"7","Name":"A-NAME","userName":"A-NAME","x":"11010519491231002X"',
        '{"RecordID":"7","remark":"张三","x":11010519491231002,"y":["id 11010519491231002X"]}'.encode(),
    ],
)
def test_who_it_is_goes_in_whatever_spelling(payload):
    kept, _ = strip(payload, personal=frozenset({"name"}))
    for secret in (b"A-NAME", "张".encode(), "三".encode(), b"1002X"):
        assert secret not in kept
    assert b"RecordID" in kept


@pytest.mark.parametrize(
    "key", ["userName", "custName", "姓名", "用户名称", "联系电话", "mobile", "phoneNo", "idCardNo", "身份证号"]
)
def test_what_platforms_call_people_is_hidden_in_any_dialect(key):
    payload, _ = strip(json.dumps({key: "x1", "deviceName": "m1", "address": "0012"}).encode(), faces=False)
    assert json.loads(payload) == {key: HIDDEN, "deviceName": "m1", "address": "0012"}
