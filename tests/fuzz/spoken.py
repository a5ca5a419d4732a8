"""What each dialect's devices really say: the simulator's speakers, and a few lines where it has none."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from device_sim.dialects import MAKES
from device_sim.doors import DoorRecord, NumberedEvent
from device_sim.records import Device
from gateway.codecs.catalogue import dialects
from gateway.codecs.message import Message, Reason, UndecodableError
from gateway.codecs.routes import Route, routes_of
from gateway.events import DeviceKind, Status
from gateway.store.registry import DeviceEntry

NOW = datetime(2026, 11, 25, 0, 0, tzinfo=UTC)
NOW_US = int(NOW.timestamp()) * 1_000_000
NUMBERS = (0, 1, 2, 3, 9, 97)
"""Makes of one dialect differ by the number."""
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

LINES: dict[str, list[dict[str, Any]]] = {
    "tasmota": [{"registers": {"ENERGY.Total": {"unit": "kWh"}, "COUNTER.C1": {"unit": "L"}}}],
    "zigbee2mqtt": [{"registers": {"energy": {"unit": "kWh"}, "water_consumed": {"unit": "L"}}}],
    "plain": [{"device": 3, "unit": "kWh"}, {"device": 1, "unit": "L"}],
    "chirpstack": [{"payload": "axioma_w1"}, {"register": "energy.total", "unit": "Wh"}],
    "tts": [{"payload": "kamstrup"}, {"register": "energy_kwh", "unit": "kWh"}],
    "sparkplug": [{"metrics": {"Energy/Total": {"unit": "kWh"}, "Volume/Total": {"unit": "L"}}}],
}
"""Lines of the configuration that a dialect needs; none where it needs none."""


class Everyone:
    """Lists that have every device whose id may stand on them, and what births have told."""

    def __init__(self, kind: DeviceKind) -> None:
        self.memory: dict[str, bytes] = {}
        self._kind = kind

    def device(self, device_id: str) -> DeviceEntry:
        if not isinstance(device_id, str) or not _ID.fullmatch(device_id):
            raise UndecodableError(Reason.UNKNOWN_DEVICE, str(device_id)[:64])
        return DeviceEntry(1, device_id, "e1", self._kind, None, "any", None, "Asia/Shanghai")

    def recall(self, key: str) -> bytes | None:
        return self.memory.get(key)


class Spoken(NamedTuple):
    """One way of configuring a dialect, its lists, and messages that its devices send."""

    route: Route
    site: Everyone
    messages: tuple[Message, ...]


@cache
def spoken(name: str) -> tuple[Spoken, ...]:
    """Every way of configuring a dialect, as far as it takes anything then."""
    made = _MADE[name]() if name in _MADE else _of_speakers(name)
    return tuple(way for line, kind, messages in made if (way := _way(name, line, kind, messages)))


def _way(name: str, line: dict[str, Any], kind: DeviceKind, messages: list[Message]) -> Spoken | None:
    route = routes_of({"#": {"dialect": name, **line}}).find("a")
    site = Everyone(kind)
    readable = 0
    for message in messages:
        try:
            decoded = route.decode(message, site)
        except UndecodableError:
            continue  # a reply that the line has damaged, or a make that needs another line
        site.memory.update(decoded.remember)
        readable += any(not isinstance(event, Status) for event in decoded.events)
    return Spoken(route, site, tuple(messages)) if readable else None


def _of_speakers(name: str) -> Iterator[tuple[dict[str, Any], DeviceKind, list[Message]]]:
    make = MAKES[name]
    for line in LINES.get(name, [{}]):
        for kind in make.KINDS:
            said = [message for number in NUMBERS for message in _said(name, kind, number)]
            yield line, DeviceKind(kind), said


def _said(name: str, kind: str, number: int) -> Iterator[Message]:
    make = MAKES[name]
    device = Device(make.device_id(kind, number), "e1", kind, "u1", "1", "1", name, 5, "")
    voice = make.speaker(device)
    says = [*voice.hello(NOW), voice.will()]
    for step in range(3):
        ts = NOW - timedelta(minutes=15 * (3 - step))
        says += voice.reading(ts, Decimal("123.45") + step, 248 + step)
        for method in ("face", "card", "qr"):
            record = DoorRecord(0, device.device_id, "passage", method, "in", person_id="p000123", similarity=0.94)
            says += voice.event(NumberedEvent(f"d-{step}-{method}", record), ts)
    says += voice.due(NOW + timedelta(hours=1))
    for say in says:
        if say is not None:
            yield Message(say.topic, say.payload, NOW_US)


def _native() -> Iterator[tuple[dict[str, Any], DeviceKind, list[Message]]]:
    reading = {
        "ts": "2026-11-25T08:00:00+08:00",
        "register": 123.456,
        "unit": "m3",
        "seq": 1,
        "battery": 87,
        "rssi": -71,
    }
    batch = {"unit": "kWh", "readings": [{"ts": 1795306500, "register": 88.1}, {"ts": 1795307400000, "register": 88.3}]}
    event = {"ts": "2026-11-25T08:00:00+08:00", "event_id": "d7-000912", "kind": "passage", "method": "face"}
    event |= {"direction": "in", "person_id": "p000123", "stranger_id": None, "unit_id": None, "similarity": 0.94}
    said = {
        "meter/w1/reading": [reading, batch],
        "door/d1/event": [event, {"events": [event, event]}],
        "door/d1/status": [{"ts": "2026-11-25T08:00:00+08:00", "online": True, "firmware": "1.4.2"}],
    }
    yield (
        {},
        DeviceKind.WATER,
        [
            Message(f"estate/v1/e1/{topic}", json.dumps(payload).encode(), NOW_US)
            for topic, payloads in said.items()
            for payload in payloads
        ],
    )


def _serial() -> Iterator[tuple[dict[str, Any], DeviceKind, list[Message]]]:
    """Both protocols on one line, each alone and one behind the other."""
    power = [message for number in NUMBERS for message in _said("dlt645", "electricity", number)]
    water = [message for number in NUMBERS for message in _said("cjt188", "water", number)]
    both = [Message("a", one.payload + other.payload, NOW_US) for one, other in zip(power, water, strict=True)]
    yield {}, DeviceKind.WATER, [*power, *water, *both]


_MADE = {"native": _native, "serial": _serial}
ZONE = ZoneInfo("Asia/Shanghai")


def names() -> list[str]:
    """Every dialect of this package."""
    return sorted(dialects())
