"""Simulated radio meters: what they say is what the gateway reads."""

import json
from collections import Counter
from datetime import UTC, timedelta
from decimal import Decimal

import pytest
from unit.codecs.site import site
from unit.device_sim.dialects.made import NOW, device

from device_sim.dialects import MAKES, SPEAKERS, chirpstack, tts
from gateway.codecs.message import Message
from gateway.codecs.routes import routes_of
from gateway.events import Condition, DeviceKind, Reading

WATER, ELECTRICITY = chirpstack.APPLICATIONS["water"], chirpstack.APPLICATIONS["electricity"]
ROUTES = routes_of({
    f"application/{WATER}/device/+/event/+": {"dialect": "chirpstack", "payload": "axioma_w1"},
    f"application/{ELECTRICITY}/device/+/event/+": {"dialect": "chirpstack", "register": "energy.total", "unit": "Wh"},
    f"v3/{tts.APPLICATIONS['water']}@city/devices/+/#": {"dialect": "tts", "payload": "kamstrup"},
    f"v3/{tts.APPLICATIONS['electricity']}@city/devices/+/#": {
        "dialect": "tts", "register": "energy_kwh", "unit": "kWh",
    },
})  # fmt: skip
HOURS = [NOW + timedelta(hours=n, seconds=7) for n in range(60)]
REGISTERS = [Decimal("123.456") + n * n * Decimal("0.007") for n in range(60)]


def us(moment):
    return int(moment.timestamp()) * 1_000_000


def full_hour_us(moment):
    return us(moment.astimezone(UTC).replace(minute=0, second=0))


def said_in(dialect, kind, number):
    """All messages of sixty hours, and the meter's id."""
    meter = device(MAKES[dialect].device_id(kind, number), kind, dialect)
    speaker = SPEAKERS[dialect](meter)
    says = list(speaker.hello(NOW))
    for seq, (ts, register) in enumerate(zip(HOURS, REGISTERS, strict=True)):
        says += [*speaker.reading(ts, register, seq), *speaker.due(ts)]
    return says, meter.device_id


def heard(says, device_id, kind):
    lists = site(device_id, kind=DeviceKind(kind))
    return [ROUTES.find(say.topic).decode(Message(say.topic, say.payload, 0), lists) for say in says]


def readings(says, device_id, kind):
    """By time; that no time has two registers is checked."""
    found = {}
    for decoded in heard(says, device_id, kind):
        for event in decoded.events:
            if isinstance(event, Reading):
                assert event.device_id == device_id
                assert found.setdefault(event.ts_us, event.register) == event.register
    return found


TRUE = {us(ts): float(register) for ts, register in zip(HOURS, REGISTERS, strict=True)}
BY_HOUR = {full_hour_us(ts): float(register) for ts, register in zip(HOURS, REGISTERS, strict=True)}


@pytest.mark.parametrize(
    ("dialect", "kind", "number", "missing"),
    [
        ("chirpstack", "electricity", 1, 0), ("tts", "electricity", 1, 0), ("wmbusmeters", "water", 2, 0),
        ("wmbusmeters", "water", 3, 10), ("wmbusmeters", "electricity", 2, 0), ("wmbusmeters", "electricity", 3, 0),
    ],
)  # fmt: skip
def test_a_meter_that_sends_what_it_reads(dialect, kind, number, missing):
    found = readings(*said_in(dialect, kind, number), kind)
    assert len(found) == 60 - missing
    step = 0.01 if dialect == "tts" else 0.001  # what its display shows
    assert all(register == pytest.approx(TRUE[ts_us], abs=step) for ts_us, register in found.items())


@pytest.mark.parametrize(("dialect", "number"), [("tts", 1), ("chirpstack", 1), ("chirpstack", 3)])
def test_a_water_meter_with_a_log_tells_each_hour_several_times_the_same(dialect, number):
    says, device_id = said_in(dialect, "water", number)
    found = readings(says, device_id, "water")
    by_hour = {ts_us: register for ts_us, register in found.items() if ts_us in BY_HOUR}
    assert len(by_hour) == {("tts", 1): 60, ("chirpstack", 1): 60, ("chirpstack", 3): 48}[dialect, number]
    assert all(register == pytest.approx(BY_HOUR[ts_us], abs=0.001) for ts_us, register in by_hour.items())
    told = Counter(event.ts_us for decoded in heard(says, device_id, "water") for event in decoded.events)
    assert max(told.values()) > 2


@pytest.mark.parametrize(("dialect", "number"), [("tts", 1), ("chirpstack", 1), ("chirpstack", 3)])
def test_a_dial_that_is_set_back_is_told_as_it_stands(dialect, number):
    meter = device(MAKES[dialect].device_id("water", number), "water", dialect)
    speaker = SPEAKERS[dialect](meter)
    says = [say for n, ts in enumerate(HOURS) for say in speaker.reading(ts, Decimal(900 if n < 30 else 1), n)]
    assert set(readings(says, meter.device_id, "water").values()) <= {900.0, 1.0}


def test_what_one_uplink_of_kamstrup_lost_the_next_ones_tell():
    says, device_id = said_in("tts", "water", 1)
    kept = [say for n, say in enumerate(says) if n % 10 == 0]
    assert len(readings(kept, device_id, "water")) > 50


def test_chirpstack_tells_of_a_join_and_of_the_battery_once_a_day():
    says, device_id = said_in("chirpstack", "water", 1)
    decoded = heard(says, device_id, "water")
    assert decoded[0].passed_over == "join"
    batteries = [event for one in decoded for event in one.events if isinstance(event, Condition)]
    assert [event.battery for event in batteries] == [93.31] * 3


def test_a_frame_counter_begins_again_when_a_meter_joins_again():
    meter = device(chirpstack.device_id("electricity", 1), "electricity", "chirpstack")
    speaker = SPEAKERS["chirpstack"](meter)
    counts = []
    for _ in range(2):
        speaker.hello(NOW)
        says = [say for ts in HOURS[:2] for say in speaker.reading(ts, Decimal(1), 0) if say.topic.endswith("/up")]
        counts += [json.loads(say.payload)["fCnt"] for say in says]
    assert counts == [1, 2, 1, 2]


def test_two_receivers_hear_one_telegram():
    says, device_id = said_in("wmbusmeters", "water", 6)
    (one,), (other,) = (decoded.events for decoded in heard(says[:2], device_id, "water"))
    assert (one.ts_us, one.register) == (other.ts_us, other.register)
    assert (one.rssi, other.rssi) == (-71, -88)


@pytest.mark.parametrize("dialect", ["chirpstack", "tts", "wmbusmeters"])
def test_no_two_meters_have_one_id(dialect):
    ids = [MAKES[dialect].device_id(kind, number) for kind in ("water", "electricity") for number in range(1000)]
    assert len({one.lower().lstrip("0") for one in ids}) == len(ids)
