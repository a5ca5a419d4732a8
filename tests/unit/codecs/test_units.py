"""One true use, however a device counts it: the table of units in `docs/devices.md`.

A meter stood at 123.45 and stands at 125.80: 2.35 m³ of water or 2.35 kWh were used.
"""

import base64
import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from struct import pack

import pytest
from unit.codecs.site import site

from gateway.codecs.catalogue import dialects
from gateway.codecs.message import Message
from gateway.codecs.routes import routes_of
from gateway.events import DeviceKind, Reading

WAS, IS, USE = Decimal("123.45"), Decimal("125.80"), 2.35
NOW = datetime(2026, 11, 25, 6, 44, 17, tzinfo=UTC)
NOW_US = int(NOW.timestamp()) * 1_000_000
W, E = DeviceKind.WATER, DeviceKind.ELECTRICITY
EUI, ADDRESS_645, ADDRESS_188, ID = "0011aabbccddeeff", "202600123457", "00202607160177", "12345678"
CHIRP, TTS, WMB = f"application/a/device/{EUI}/event/up", "v3/a@t/devices/d/up", f"wmbusmeters/{ID}"
DOORS = {"facesluice", "hikvision"}
"""Dialects without a meter."""


def text(register, per=1, digits=10, decimals=0):
    return f"{register * per:0{digits}.{decimals}f}"


def native(unit, per):
    return "estate/v1/e1/meter/m1/reading", lambda r: {"ts": NOW.isoformat(), "unit": unit, "register": float(r * per)}


def bcd(register, per, size=4):
    return bytes.fromhex(str(int(register * per)).zfill(2 * size))[::-1]


def closed(head):
    return head + bytes((sum(head) & 0xFF, 0x16))


def dlt645(control, data_id):
    def frame(register):
        body = bytes((byte + 0x33) & 0xFF for byte in bytes.fromhex(data_id) + bcd(register, 100))
        return closed(b"\x68" + bytes.fromhex(ADDRESS_645)[::-1] + bytes((0x68, control, len(body))) + body)

    return "up", frame


def cjt188(unit, per):
    def frame(register):
        body = bytes.fromhex("1F9000") + bcd(register, per) + bytes((unit,))
        return closed(b"\x68\x10" + bytes.fromhex(ADDRESS_188)[::-1] + bytes((0x81, len(body))) + body)

    return "up", frame


def logger_188(register):
    return {
        "DEVTYPE": "M1",
        "SN": "860000000000001",
        "METERNO": ADDRESS_188,
        "METERSUM": text(register, 1000),
        "BATT": 0,
    }


def object_of(figure):
    told = {"deviceInfo": {"devEui": EUI}, "time": NOW.isoformat(), "fPort": 1, "data": "AQ=="}
    return CHIRP, lambda register: told | {"object": {"v": figure(register)}}


def decoded_payload(figure):
    told = {"end_device_ids": {"dev_eui": EUI}, "received_at": NOW.isoformat()}
    return TTS, lambda register: told | {"uplink_message": {"decoded_payload": {"v": figure(register)}}}


def bytes_of(frame, port=100):
    told = {"deviceInfo": {"devEui": EUI}, "time": NOW.isoformat(), "fPort": port}
    return CHIRP, lambda r: told | {"data": base64.b64encode(frame(int(r * 1000))).decode()}


def axioma_extended(litres):
    now = int(NOW.timestamp())
    log = now // 3600 * 3600 - 15 * 3600
    return pack("<IBIII15H", now, 0, litres, log, litres - 15, *[1] * 15)


def axioma_enhanced(litres):
    return pack("<BIBI", 1, int(NOW.timestamp()), 0, litres) + bytes(41)


def kamstrup(vif, per_litre):
    return bytes_of(lambda litres: b"\x78\x04" + bytes((vif,)) + pack("<I", round(litres * per_litre)), port=1)


def telegram(media, fields, **more):
    told = {"id": ID, "timestamp": NOW.isoformat(), "media": media, **more}
    return WMB, lambda register: told | fields(register)


def tariffs(register):
    return {f"total_energy_consumption_tariff_{n}_kwh": kwh for n, kwh in ((1, float(register - 100)), (2, 100))}


def sparkplug(datatype, value):
    """A birth with one metric; protobuf by hand: name, data type, value."""

    def payload(register):
        metric = b"\x0a\x01v\x18" + varint(NOW_US // 1000) + b"\x20" + bytes((datatype,)) + value(register)
        return b"\x08" + varint(NOW_US // 1000) + b"\x12" + varint(len(metric)) + metric + b"\x18\x00"

    return "spBv1.0/g/DBIRTH/edge/m1", payload


def varint(value):
    said = b""
    while value > 0x7F:
        said, value = said + bytes((value & 0x7F | 0x80,)), value >> 7
    return said + bytes((value,))


def whole(per):
    return lambda register: int(register * per)


def double(register):
    return b"\x69" + pack("<d", float(register))


def long(per):
    return lambda register: b"\x58" + varint(int(register * per))


M3, L, KWH, WH = ({"unit": unit} for unit in ("m3", "L", "kWh", "Wh"))
PULSES, V = {"unit": "L", "factor": 10}, {"register": "v"}
TASMOTA, ZIGBEE = "tele/m1/SENSOR", "zigbee2mqtt/m1"
THOUSAND = {"unit": "kWh", "factor": 0.001}
TEN_WH = {"device": 2, "registers": {"v": {"unit": "Wh", "factor": 10}}}
AXIOMA, KAMSTRUP, PLAIN = {"payload": "axioma_w1"}, {"payload": "kamstrup"}, {"device": 2}

WAYS = [
    ("native", "m³", W, native("m3", 1), {}),
    ("native", "L", W, native("L", 1000), {}),
    ("native", "kWh", E, native("kWh", 1), {}),
    ("native", "Wh", E, native("Wh", 1000), {}),
    ("dlt645", "BCD, 0.01 kWh", E, dlt645(0x91, "00000100"), {}),
    ("dlt645", "1997: BCD, 0.01 kWh", E, dlt645(0x81, "1090"), {}),
    ("cjt188", "2C: BCD, 0.01 m³", W, cjt188(0x2C, 100), {}),
    ("cjt188", "29: BCD, 0.01 L", W, cjt188(0x29, 100_000), {}),
    ("cjt188", "29, decimals = 0: BCD, L", W, cjt188(0x29, 1000), {"decimals": 0}),
    ("cjt188", "2A: BCD, 0.1 L", W, cjt188(0x2A, 10_000), {}),
    ("cjt188", "Cat.1 logger: L, padded text", W, ("pushinfo/860000000000001", logger_188), {}),
    ("serial", "DL/T 645: BCD, 0.01 kWh", E, dlt645(0x91, "00000100"), {}),
    ("serial", "CJ/T 188, 2C: BCD, 0.01 m³", W, cjt188(0x2C, 100), {}),
    ("chirpstack", "m³", W, object_of(float), V | M3),
    ("chirpstack", "L", W, object_of(whole(1000)), V | L),
    ("chirpstack", "m³, padded text", W, object_of(lambda r: text(r, 1, 10, 3)), V | M3),
    ("chirpstack", "pulses of 10 L", W, object_of(whole(100)), {"counters": {"v": PULSES}}),
    ("chirpstack", "Wh", E, object_of(whole(1000)), V | WH),
    ("chirpstack", "pulses, 1000 a kWh", E, object_of(whole(1000)), V | THOUSAND),
    ("chirpstack", "Axioma Extended: L", W, bytes_of(axioma_extended), AXIOMA),
    ("chirpstack", "Axioma Enhanced: L", W, bytes_of(axioma_enhanced), AXIOMA),
    ("chirpstack", "Kamstrup 13: L", W, kamstrup(0x13, 1), KAMSTRUP),
    ("chirpstack", "Kamstrup 12: 0.1 L", W, kamstrup(0x12, 10), KAMSTRUP),
    ("chirpstack", "Kamstrup 14: 10 L", W, kamstrup(0x14, 0.1), KAMSTRUP),
    ("tts", "m³", W, decoded_payload(float), V | M3),
    ("tts", "pulses of 10 L", W, decoded_payload(whole(100)), V | PULSES),
    ("tts", "kWh, padded text", E, decoded_payload(lambda r: text(r, 1, 9, 2)), V | KWH),
    ("tts", "Wh", E, decoded_payload(lambda r: float(r * 1000)), V | WH),
    ("wmbusmeters", "m³", W, telegram("water", lambda r: {"total_m3": float(r)}), {}),
    ("wmbusmeters", "kWh", E, telegram("electricity", lambda r: {"total_energy_consumption_kwh": float(r)}), {}),
    ("wmbusmeters", "kWh by tariffs", E, telegram("electricity", tariffs, meter="amiplus"), {}),
    ("wmbusmeters", "pulses of 10 L", W, telegram("other", lambda r: {"v": int(r * 100)}), {"counters": {"v": PULSES}}),
    ("tasmota", "kWh", E, (TASMOTA, lambda r: {"ENERGY": {"Total": float(r)}}), {}),
    (
        "tasmota", "pulses of 10 L", W, (TASMOTA, lambda r: {"COUNTER": {"C1": int(r * 100)}}),
        {"registers": {"COUNTER.C1": PULSES}},
    ),
    ("shelly", "Wh", E, ("m1/status/switch:0", lambda r: {"id": 0, "aenergy": {"total": float(r * 1000)}}), {}),
    (
        "shelly", "pulses of 10 L", W, ("m1/status/input:0", lambda r: {"id": 0, "counts": {"total": int(r * 100)}}),
        {"counters": {"input:0": PULSES}},
    ),
    ("zigbee2mqtt", "kWh", E, (ZIGBEE, lambda r: {"energy": float(r)}), {}),
    ("zigbee2mqtt", "L", W, (ZIGBEE, lambda r: {"water": float(r * 1000)}), {"registers": {"water": L}}),
    ("zigbee2mqtt", "m³, text", W, (ZIGBEE, lambda r: {"water": str(r)}), {"registers": {"water": M3}}),
    ("plain", "kWh, padded text", E, ("a/m1", lambda r: text(r, 1, 10, 2).encode()), PLAIN | KWH),
    ("plain", "Wh", E, ("a/m1", lambda r: text(r, 1000).encode()), PLAIN | WH),
    ("plain", "pulses, 100 a kWh", E, ("a/m1", lambda r: {"v": int(r * 100)}), TEN_WH),
    ("plain", "L", W, ("a/m1", lambda r: text(r, 1000).encode()), PLAIN | L),
    ("plain", "pulses of 10 L", W, ("a/m1", lambda r: text(r, 100).encode()), PLAIN | PULSES),
    ("sparkplug", "kWh, double", E, sparkplug(10, double), {"metrics": {"v": KWH}}),
    ("sparkplug", "Wh, whole number", E, sparkplug(8, long(1000)), {"metrics": {"v": WH}}),
    ("sparkplug", "pulses of 10 L", W, sparkplug(8, long(100)), {"metrics": {"v": PULSES}}),
]  # fmt: skip
"""Dialect, what it counts, kind, where and how it says so, options."""
NAMES = [f"{dialect}: {counts}" for dialect, counts, *_ in WAYS]


def register(dialect, kind, way, options, stands):
    topic, say = way
    said = say(stands)
    payload = said if isinstance(said, bytes) else json.dumps(said).encode()
    route = routes_of({"#": {"dialect": dialect, **options}}).find(topic)
    ids = ("m1", EUI, ADDRESS_645, ADDRESS_188, ID, "m1.input0")
    decoded = route.decode(Message(topic, payload, NOW_US), site(*ids, kind=kind))
    events = [event for event in decoded.events if isinstance(event, Reading)]
    assert {event.kind for event in events} == {kind}
    return max(events, key=lambda event: event.ts_us).register


@pytest.mark.parametrize(
    ("dialect", "said", "kind", "way", "options"), WAYS, ids=[f"{way[0]}: {way[1]}" for way in WAYS]
)
def test_the_same_use_arrives_however_it_is_counted(dialect, said, kind, way, options):
    was, now = (register(dialect, kind, way, options, stands) for stands in (WAS, IS))
    assert was == pytest.approx(123.45, abs=1e-9), said
    assert now - was == pytest.approx(USE, abs=1e-9), said


def test_every_dialect_of_meters_has_its_lines():
    assert {dialect for dialect, *_ in WAYS} == set(dialects()) - DOORS


def test_the_table_of_units_in_the_documentation_has_these_lines():
    page = (Path(__file__).parents[3] / "docs" / "devices.md").read_text("utf-8")
    table = page.partition("## The same use in every unit")[2].partition("\n## ")[0]
    lines = [line.split("|") for line in table.splitlines() if line.startswith("| ")]
    rows = {(dialect.strip(), counts.strip()) for _, dialect, counts, *_ in lines}
    assert rows - {("dialect", "counts"), ("---", "---")} == {(dialect, said) for dialect, said, *_ in WAYS}
