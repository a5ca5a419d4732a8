"""DL/T 645: what replies of meters say, and what is no register."""

import pytest
from unit.codecs.site import site

from gateway.codecs import dlt645
from gateway.codecs.message import Message, Reason, UndecodableError
from gateway.codecs.routes import routes_of
from gateway.events import DeviceKind, Reading

ADDRESS = "202600123457"
ARRIVED_US = 1_795_000_000_000_000


def frame(control, data="", address=ADDRESS):
    """A frame as the standard says it: `data` before 33H is added."""
    body = bytes((byte + 0x33) & 0xFF for byte in bytes.fromhex(data))
    head = b"\x68" + bytes.fromhex(address)[::-1] + bytes((0x68, control, len(body))) + body
    return head + bytes((sum(head) & 0xFF, 0x16))


def read(payload, *, device="202600123457", retained=False, **options):
    routes = routes_of({"up": {"dialect": "dlt645", **options}})
    message = Message("up", payload, ARRIVED_US, retained)
    return routes.find("up").decode(message, site(device, kind=DeviceKind.ELECTRICITY))


def register(payload, **options):
    (event,) = read(payload, **options).events
    return event.register


def refused(payload):
    with pytest.raises(UndecodableError) as caught:
        read(payload)
    return caught.value


def test_a_register_is_of_the_moment_in_which_it_arrives():
    decoded = read(frame(0x91, "00000100 56341200"))
    assert decoded.events == (Reading(ADDRESS, DeviceKind.ELECTRICITY, ARRIVED_US, 1234.56),)
    assert not decoded.arrival_serves


@pytest.mark.parametrize(
    ("control", "data", "kwh"),
    [
        (0x91, "00000100 99999999", 999999.99),  # the last before the dial turns over
        (0x91, "00000000 24190100", 119.24),  # combined
        (0x91, "00000100 12000000 01", 0.12),  # the number of the frame behind it
        (0x91, "00ff0100 78560000 11110000 22220000 FFFFFFFF 45000000", 56.78),  # total, then tariffs
        (0x91, "00ff0000 78560000 11110000 00", 56.78),
        (0xB1, "00ff0100 78560000 11110000", 56.78),  # more follows, but no more totals
        (0x81, "1090 04030600", 603.04),  # 1997
        (0x81, "1f90 04030600", 603.04),
        (0x81, "1f90 04030600 01000000 AA", 603.04),
    ],
)
def test_energy_totals(control, data, kwh):
    assert register(frame(control, data)) == kwh


def test_the_address_is_forgiven_what_spreadsheets_drop():
    payload = frame(0x91, "00000100 01000000", "000000052086")
    assert read(payload, device="52086").events[0].device_id == "52086"


@pytest.mark.parametrize(
    ("payload", "word"),
    [
        (frame(0x11, "00000100"), "request"),
        (frame(0x13, "", "AAAAAAAAAAAA"), "request"),
        (frame(0x91, "00010102 1923"), "other_data"),  # voltage
        (frame(0x91, "00000200 01000000"), "other_data"),  # reverse active
        (frame(0x91, "01000100 01000000"), "other_data"),  # of the last settlement
        (frame(0x91, "00010100 01000000"), "other_data"),  # one tariff
        (frame(0x81, "30C0 040302"), "other_data"),
        (frame(0x93, "573412002620"), "address"),
        (frame(0x92, "00ff0100 11110000 01"), "follow_up"),
        (frame(0x94), "other_data"),
        (frame(0x00, "CEEC"), "heartbeat"),
    ],
)
def test_what_has_no_register_is_passed_over(payload, word):
    decoded = read(payload)
    assert (decoded.events, decoded.passed_over) == ((), word)


@pytest.mark.parametrize(
    ("payload", "reason", "detail"),
    [
        (frame(0xD1, "02"), Reason.DEVICE_ERROR, "202600123457: it has no such data (error word 02)"),
        (frame(0xD1, "05"), Reason.DEVICE_ERROR, "another error, wrong password or not allowed (error word 05)"),
        (frame(0xC1, "02"), Reason.DEVICE_ERROR, "it knows no such data id"),
        (frame(0xD1), Reason.DEVICE_ERROR, "without an error word"),
        (frame(0x91, "00000100 56341A00"), Reason.IMPOSSIBLE_VALUE, "001A3456 is no decimal number"),
        (frame(0x91, "00000100 FFFFFFFF"), Reason.IMPOSSIBLE_VALUE, "FFFFFFFF"),
        (frame(0x91, "00000000 24190180"), Reason.IMPOSSIBLE_VALUE, "negative"),
        (frame(0x91, "00000100 563412"), Reason.WRONG_SHAPE, "7 bytes of data with 00010000"),
        (frame(0x91, "00000100 5634120000 01"), Reason.WRONG_SHAPE, "10 bytes"),
        (frame(0x91, "0000"), Reason.WRONG_SHAPE, "without a data id"),
        (frame(0x91, "00000100 01000000", "202600999999"), Reason.UNKNOWN_DEVICE, "202600999999"),
        (frame(0x91, "00000100 01000000", "AAAAAA123457"), Reason.UNKNOWN_DEVICE, "aaaaaa123457"),
        (b"\xfe\xfe" + frame(0x91, "00000100 01000000")[:-2] + b"\x00\x16", Reason.WRONG_CHECKSUM, "its bytes make"),
    ],
)
def test_what_is_refused_and_why(payload, reason, detail):
    error = refused(payload)
    assert error.reason is reason
    assert detail in error.detail


def test_forward_energy_comes_before_the_combined_one():
    forward, combined = frame(0x91, "00000100 00020000"), frame(0x91, "00000000 00010000")
    assert register(forward + combined) == register(combined + forward) == 2.0
    assert register(forward + combined, energy="combined") == 1.0
    assert read(combined, energy="forward").passed_over == "other_energy"


def test_an_error_beside_a_register_is_counted():
    decoded = read(frame(0x91, "00000100 01000000") + frame(0xD1, "02", "202600999999"))
    assert [event.register for event in decoded.events] == [0.01]
    assert decoded.passed_over == "device_error"


def test_what_the_broker_had_kept_is_of_no_known_age():
    assert read(frame(0x91, "00000100 01000000"), retained=True).passed_over == "retained"


def envelope(inner):
    """Q/GDW 376.1 around a meter's frame: what a concentrator passes on."""
    user = bytes.fromhex("A8 00 02 34 12 04 10 E0 00 00 01 00 1F") + bytes((len(inner), 0)) + inner + b"\x4f\x00\x00"
    length = (len(user) << 2 | 2).to_bytes(2, "little")
    return b"\x68" + length * 2 + b"\x68" + user + bytes((sum(user) & 0xFF, 0x16))


def test_a_concentrators_frame_around_a_meters():
    whole = envelope(frame(0x91, "00000100 78060000"))
    assert register(whole) == 6.78
    assert refused(whole[:-2] + bytes((whole[-2] ^ 1, 0x16))).reason is Reason.WRONG_CHECKSUM
    assert refused(whole[:-2]).reason is Reason.WRONG_SHAPE


def test_the_frames_that_ask():
    by_2007, by_1997 = dlt645.ask("52086")
    assert by_2007 == b"\xfe" * 4 + frame(0x11, "00000100", "000000052086")
    assert by_1997 == b"\xfe" * 4 + frame(0x01, "1090", "000000052086")
    with pytest.raises(ValueError, match="not a meter address"):
        dlt645.ask("meter-7")
