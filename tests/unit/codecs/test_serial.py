"""Water and electricity meters on one serial line."""

import json

import pytest
from unit.codecs.site import site
from unit.codecs.test_cjt188 import PLAIN
from unit.codecs.test_cjt188 import frame as water
from unit.codecs.test_dlt645 import frame as power

from gateway.codecs.message import Message, Reason, UndecodableError
from gateway.codecs.routes import RouteError, routes_of
from gateway.events import DeviceKind

ARRIVED_US = 1_795_000_000_000_000
POWER = power(0x91, "00000100 56341200")
WATER = water(f"1F9000 {PLAIN}")
OLD_WATER = water("1F9000 00230100 2C 00000000 2C 31012211051520 0000")


def read(payload, **options):
    route = routes_of({"up": {"dialect": "serial", **options}}).find("up")
    return route.decode(Message("up", payload, ARRIVED_US), site("202600123457", "00202607160177"))


def registers(payload, **options):
    return {event.kind: (event.device_id, event.register, event.ts_us) for event in read(payload, **options).events}


BOTH = {
    DeviceKind.ELECTRICITY: ("202600123457", 1234.56, ARRIVED_US),
    DeviceKind.WATER: ("00202607160177", 123.0, ARRIVED_US),
}


@pytest.mark.parametrize("payload", [POWER + WATER, WATER + b"\xfe" + POWER, (POWER + WATER).hex().encode()])
def test_both_in_one_message(payload):
    assert registers(payload) == BOTH


def test_each_in_a_field_of_its_own():
    said = {"power": POWER.hex(), "water": WATER.hex(), "other": "68 noise 16"}
    assert registers(json.dumps(said).encode(), dlt645={"field": "power"}, cjt188={"field": "water"}) == BOTH


def test_either_alone_is_as_in_its_own_dialect():
    assert registers(POWER).keys() == {DeviceKind.ELECTRICITY}
    assert read(OLD_WATER).arrival_serves
    assert read(power(0x11, "00000100")).passed_over == "request"
    assert read(water("1F9000", control=0x01)).passed_over == "request"


def test_a_clock_that_is_wrong_beside_another_meter():
    assert registers(POWER + OLD_WATER) == BOTH


def test_an_error_beside_a_register_is_counted():
    for payload in (POWER + water("00 0500", control=0xC1), power(0xD1, "02") + WATER):
        assert len(registers(payload)) == 1
        assert read(payload).passed_over == "device_error"


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"hello", Reason.WRONG_SHAPE),
        (POWER[:-2] + b"\0\x16", Reason.WRONG_CHECKSUM),
        (power(0xD1, "02"), Reason.DEVICE_ERROR),
        (power(0xD1, "02") + water("1F9000", control=0x01), Reason.DEVICE_ERROR),
        (POWER + water(f"1F9000 {PLAIN}", kind=0x30), Reason.WRONG_KIND),
        (POWER + WATER[:-2] + b"\0\x16", Reason.WRONG_CHECKSUM),
        (POWER[:-2] + b"\0\x16" + WATER, Reason.WRONG_CHECKSUM),
        (power(0x11, "00000100")[:-2] + b"\0\x16", Reason.WRONG_CHECKSUM),
    ],
)
def test_what_is_refused(payload, reason):
    with pytest.raises(UndecodableError) as caught:
        read(payload)
    assert caught.value.reason is reason


def test_the_options_of_each_stand_in_a_table():
    assert registers(WATER, cjt188={"decimals": 0})[DeviceKind.WATER][1] == 12300.0
    with pytest.raises(RouteError, match="decimals"):
        read(WATER, cjt188={"decimals": 9})
