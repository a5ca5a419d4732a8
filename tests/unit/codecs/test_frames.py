"""Frames in what loggers make of them: the same register whatever is around it."""

import base64
import json

import pytest
from unit.codecs.site import site

from gateway.codecs.message import Message, Reason, UndecodableError
from gateway.codecs.routes import routes_of


def proved(text):
    head = bytes.fromhex(text)
    return head + bytes((sum(head) & 0xFF, 0x16))


FRAME = proved("68 57 34 12 00 26 20 68 91 08 33 33 34 33 89 67 45 33")
SECOND = proved("68 58 34 12 00 26 20 68 91 08 33 33 34 33 33 33 33 33")
ECHO = proved("68 57 34 12 00 26 20 68 11 04 33 33 34 33")
REGISTERS = [("202600123457", 1234.56)]
SITE = site("202600123457", "202600123458")
ARRIVED_US = 1_795_000_000_000_000


def read(payload, **options):
    routes = routes_of({"up": {"dialect": "dlt645", **options}})
    return routes.find("up").decode(Message("up", payload, ARRIVED_US), SITE)


def registers(payload, **options):
    return [(event.device_id, event.register) for event in read(payload, **options).events]


def reason(payload, **options):
    with pytest.raises(UndecodableError) as caught:
        read(payload, **options)
    return caught.value.reason


def damaged(frame, at=-4):
    broken = bytearray(frame)
    broken[at] ^= 1
    return bytes(broken)


@pytest.mark.parametrize(
    "payload",
    [
        FRAME,
        b"\xfe\xfe\xfe\xfe" + FRAME,
        b"\x00\x17noise" + FRAME + b"\r\n\x01",
        FRAME.hex().encode(),
        FRAME.hex(" ").upper().encode() + b"\r\n",
        b"0x" + FRAME.hex(" ").replace(" ", ", 0x").encode(),
        FRAME.hex("-").encode(),
        b"made" + FRAME.hex().encode(),  # the word's letters are digits too
        b"CTRL:&0012 " + FRAME.hex().encode(),
        (b"CTRL:".hex() + "fefefe" + FRAME.hex()).encode(),
        f"2026-11-25 08:00:01 电表 RX: {FRAME.hex(' ')}".encode(),
        f"[08:00:01] {FRAME.hex()}".encode(),
        json.dumps({"msg_id": "1795306500123", "data": FRAME.hex()}).encode(),
        json.dumps({"data": "\u00fe\u00fe" + FRAME.decode("latin-1")}).encode(),
        json.dumps({"params": {"payload": base64.b64encode(FRAME).decode()}}).encode(),
        json.dumps({"data": list(FRAME)}).encode(),
        json.dumps({"data": [byte - 256 if byte > 127 else byte for byte in FRAME]}).encode(),  # as Java says bytes
        json.dumps([{"raw": FRAME.hex()}, {"raw": FRAME.hex()}]).encode(),
        base64.b64encode(b"\xfe" + FRAME),
        ECHO + FRAME,
        FRAME + FRAME,
    ],
)
def test_one_register_whatever_is_around_it(payload):
    assert registers(payload) == REGISTERS


def test_several_frames_in_one_payload():
    both = [*REGISTERS, ("202600123458", 0.0)]
    assert registers(FRAME + b"\xfe\xfe" + SECOND) == both
    assert registers(json.dumps({"data": [FRAME.hex(), SECOND.hex()]}).encode()) == both
    assert registers(f"+A:{FRAME.hex()}+B:{SECOND.hex()}".encode()) == both


@pytest.mark.parametrize(
    ("at", "bit"),
    [(at, bit) for at in range(len(SECOND)) for bit in range(8) if (at, bit) != (8, 7)],  # that one makes it a request
)
def test_a_good_frame_beside_a_damaged_reply_is_half_understood(at, bit):
    broken = SECOND[:at] + bytes((SECOND[at] ^ 1 << bit,)) + SECOND[at + 1 :]
    for payload in (FRAME + b"\xfe\xfe" + broken, broken + FRAME, (broken + FRAME).hex().encode()):
        assert reason(payload) in (Reason.WRONG_CHECKSUM, Reason.WRONG_SHAPE)


def test_a_damaged_request_takes_nothing_away():
    assert registers(damaged(ECHO) + FRAME) == REGISTERS
    assert reason(damaged(ECHO)) is Reason.WRONG_CHECKSUM


def test_a_frame_that_is_cut_off():
    assert reason(FRAME[:-3]) is Reason.WRONG_SHAPE
    assert reason(FRAME + SECOND[:-3]) is Reason.WRONG_SHAPE


def test_only_the_field_that_is_named_is_looked_at():
    message = {"old": SECOND.hex(), "meter": {"raw": FRAME.hex()}}
    assert registers(json.dumps(message).encode(), field="meter.raw") == REGISTERS
    assert reason(json.dumps(message).encode(), field="meter.hex") is Reason.WRONG_SHAPE
    assert registers(FRAME, field="meter.raw") == REGISTERS


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (b"hello", Reason.WRONG_SHAPE),
        (b"h" * 65536, Reason.WRONG_SHAPE),
        (b"68" * 32768, Reason.WRONG_SHAPE),
        (b"{", Reason.NOT_JSON),
        (b'{"data": "6816', Reason.NOT_JSON),
        (b"[" * 60000, Reason.WRONG_SHAPE),
        (b'{"a":' * 10000, Reason.NOT_JSON),
        (b'{"data": "\\ud800"}', Reason.NOT_JSON),
        (json.dumps({"data": [1, 300, -1, None, True, 10**40]}).encode(), Reason.WRONG_SHAPE),
        (FRAME * 4000, Reason.TOO_LARGE),
    ],
)
def test_rubbish_is_refused(payload, expected):
    assert reason(payload) is expected


@pytest.mark.parametrize(
    "payload",
    [b"", b"\0", b"\xff", b"heartbeat", b"PING\r\n", b"www.usr.cn", b"869012345678901", b"89860012345678901234"],
)
def test_a_loggers_heartbeat_is_no_rubbish(payload):
    assert read(payload).passed_over == "heartbeat"


@pytest.mark.parametrize("payload", [b"h", b"\x16", b"{", b"681234567890123", FRAME[:11], FRAME.hex()[:23].encode()])
def test_what_may_be_a_piece_of_a_frame_is_no_heartbeat(payload):
    assert reason(payload) in (Reason.WRONG_SHAPE, Reason.NOT_JSON)
