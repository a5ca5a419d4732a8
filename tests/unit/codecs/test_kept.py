"""Frames that a logger kept are of the time at which it read them."""

import base64
import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from unit.codecs.site import site

from gateway.codecs.message import Message, Reason, UndecodableError
from gateway.codecs.routes import RouteError, routes_of

ZONE = ZoneInfo("Asia/Shanghai")
POWER, WATER = "202600123457", "00202607160177"
NO_TIME = "00" * 7


def at(*clock):
    return int(datetime(*clock, tzinfo=ZONE).timestamp()) * 1_000_000


ARRIVED_US = at(2026, 7, 5, 8)
NIGHT_S = at(2026, 7, 5, 2) // 1_000_000


def closed(head):
    return head + bytes((sum(head) & 0xFF, 0x16))


def power(bcd):
    data = bytes((byte + 0x33) & 0xFF for byte in bytes.fromhex("00000100") + bytes.fromhex(bcd)[::-1])
    return closed(b"\x68" + bytes.fromhex(POWER)[::-1] + bytes((0x68, 0x91, len(data))) + data)


def water(clock=NO_TIME):
    data = bytes.fromhex(f"1F9000 00230100 2C 00000000 2C {clock} 0000")
    return closed(b"\x68\x10" + bytes.fromhex(WATER)[::-1] + bytes((0x81, len(data))) + data)


def read(said, dialect="dlt645", *, retained=False, **options):
    payload = said if isinstance(said, bytes) else json.dumps(said).encode()
    route = routes_of({"up": {"dialect": dialect, **options}}).find("up")
    return route.decode(Message("up", payload, ARRIVED_US, retained), site(POWER, WATER))


def told(*args, **options):
    return [(event.register, event.ts_us) for event in read(*args, **options).events]


def refused(*args, **options):
    with pytest.raises(UndecodableError) as caught:
        read(*args, **options)
    return caught.value


def test_a_list_of_a_night_has_the_time_of_each():
    night = [{"at": f"2026-07-05 0{hour}:00:00", "hex": power(f"0000001{hour}").hex()} for hour in (3, 2)]
    options = {"readings": "night", "field": "hex", "time": "at"}
    assert told({"night": night}, **options) == [(0.13, at(2026, 7, 5, 3)), (0.12, at(2026, 7, 5, 2))]
    assert told({"night": night}, **options, zone="UTC")[1] == (0.12, at(2026, 7, 5, 10))


def test_the_time_of_a_platforms_envelope():
    said = {"timestamp": NIGHT_S * 1000, "payload": {"APPdata": base64.b64encode(power("00000012")).decode()}}
    assert told(said, time="timestamp") == [(0.12, NIGHT_S * 1_000_000)]
    assert told(said, time="timestamp", retained=True) == [(0.12, NIGHT_S * 1_000_000)]
    assert told(said) == [(0.12, ARRIVED_US)], "without the option it is of the arrival, as documented"


def test_a_meters_own_clock_counts_unless_it_is_far_off():
    said = {"ts": NIGHT_S, "water": water().hex()}
    assert told(said, "cjt188", time="ts") == [(123.0, NIGHT_S * 1_000_000)]
    right, wrong = "00550105072620", "00550105071520"
    assert told({"ts": NIGHT_S, "w": water(right).hex()}, "cjt188", time="ts") == [(123.0, at(2026, 7, 5, 1, 55))]
    assert told({"ts": NIGHT_S, "w": water(wrong).hex()}, "cjt188", time="ts") == [(123.0, NIGHT_S * 1_000_000)]


def test_both_protocols_on_a_line():
    said = {"ts": NIGHT_S, "frames": [power("00000012").hex(), water().hex()]}
    for table in ("dlt645", "cjt188"):
        assert told(said, "serial", **{table: {"time": "ts"}}) == [
            (0.12, NIGHT_S * 1_000_000),
            (123.0, NIGHT_S * 1_000_000),
        ]


def test_a_loggers_clock_that_is_not_set_and_frames_without_one():
    said = {"ts": 7, "data": power("00000012").hex()}
    assert told(said, time="ts") == [(0.12, ARRIVED_US)]
    assert read(said, time="ts", retained=True).passed_over == "retained"
    assert told(power("00000012"), time="ts") == [(0.12, ARRIVED_US)]
    assert read(b"\0", time="ts").passed_over == "heartbeat"
    assert read({"kept": []}, time="ts", readings="kept").passed_over == "no_readings"


def test_what_is_refused():
    frame = power("00000012").hex()
    assert refused({"data": frame}, time="ts").reason is Reason.WRONG_SHAPE
    assert refused({"kept": 1}, time="ts", readings="kept").reason is Reason.WRONG_SHAPE
    damaged = {"kept": [{"ts": NIGHT_S, "x": frame}, {"ts": NIGHT_S, "x": f"{frame[:-4]}0016"}]}
    assert refused(damaged, time="ts", readings="kept").reason is Reason.WRONG_CHECKSUM


@pytest.mark.parametrize("options", [{"readings": "kept"}, {"zone": "UTC"}, {"time": "ts", "zone": "Mars"}])
def test_options_that_say_too_little(options):
    with pytest.raises(RouteError):
        read(b"", **options)


@pytest.mark.parametrize("dialect", ["dlt645", "cjt188"])
def test_registers_that_fall_within_a_message_are_not_of_its_arrival(dialect):
    first, then = (power("00000013"), power("00000012"))
    if dialect == "cjt188":
        first, then = water(), closed(water()[:-2].replace(bytes.fromhex("00230100"), bytes.fromhex("00220100"), 1))
    error = refused([first.hex(), then.hex()], dialect)
    assert error.reason is Reason.NOT_MAPPED
    assert "time" in error.detail
    assert [register for register, _ in told([then.hex(), first.hex()], dialect)] == [
        {"dlt645": 0.13, "cjt188": 123.0}[dialect]
    ]
