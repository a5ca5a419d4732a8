"""What stands around and in the JSON of devices that do not write UTF-8 alone."""

import json

import pytest
from unit.codecs.site import site

from gateway.codecs import images
from gateway.codecs.message import Message
from gateway.codecs.routes import routes_of
from gateway.codecs.text import as_utf8
from gateway.events import DeviceKind

SAID = {"energy": 1.25, "名": "三楼电表", "state": "ON"}
TEXT = json.dumps(SAID, ensure_ascii=False)


@pytest.mark.parametrize(
    "payload",
    [
        *(TEXT.encode(encoding) for encoding in ("utf-8", "utf-8-sig", "gbk", "gb18030")),
        *(TEXT.encode(encoding) for encoding in ("utf-16", "utf-16-le", "utf-16-be")),
        TEXT.encode() + b"\0\0",
    ],
)
def test_every_way_to_write_it_is_the_same_json(payload):
    assert json.loads(as_utf8(payload)) == SAID
    found = routes_of({"#": "zigbee2mqtt"}).find("zigbee2mqtt/m1")
    decoded = found.decode(Message("zigbee2mqtt/m1", payload, 1), site("m1", kind=DeviceKind.ELECTRICITY))
    assert decoded.events[0].register == 1.25


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "gb18030"])
def test_a_list_is_read_like_an_object(encoding):
    assert json.loads(as_utf8(f"[{TEXT}]".encode(encoding))) == [SAID]


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\xff\xd8\xff",
        b"\xff\xfe\0\xd8",
        b"\xff\xfeh\0",
        b"68 10 \xd0\xa1\0",
        b'{"a":"\xff"}',
        b'"\xb5\xe7"',
        TEXT.encode(),
        b"{}",
    ],
)
def test_what_is_no_such_json_stays_as_it_came(payload):
    assert as_utf8(payload) is payload


def test_names_in_xml_of_any_encoding_are_hidden_under_any_name():
    for encoding in ("utf-8", "gbk", "utf-16"):
        kept, _ = images.strip("<a><备注>张三</备注><b>7</b></a>".encode(encoding), personal=frozenset({"name"}))
        assert kept.decode() == f"<a><{images.HIDDEN}>{images.HIDDEN}</{images.HIDDEN}><b>7</b></a>"


@pytest.mark.parametrize("begin", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_pictures_and_names_are_found_in_it_all_the_same(begin, encoding):
    payload = begin + '{"pic": "x1", "name": "王五", "id": "m1"}'.encode(encoding)
    stripped, removed = images.strip(payload, personal=frozenset({"name"}))
    assert removed == 1
    assert json.loads(stripped) == {"pic": images.REMOVED, "name": images.HIDDEN, "id": "m1"}
