"""Tasmota: a plug in front of a flat's fuse box, or a pulse counter on a water meter (one pulse a litre).

Half of the devices have the full topic that the manual starts with, half the one that Home Assistant prefers.
The clock counts from 1970 until it has been set, some seconds after the start.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from device_sim.clock import ZONE
from device_sim.dialects.meter import Meter, encode, family
from device_sim.dialects.speaker import Say, Speaker
from device_sim.records import Device

KINDS = ("electricity", "water")
_CLOCK_SET_AFTER = timedelta(seconds=10)
_STATE_EVERY = timedelta(seconds=300)
_LITRES = 1000


def device_id(kind: str, number: int) -> str:
    """The topic that the firmware makes of a MAC address."""
    return f"tasmota_{number + (0x800000 if kind == 'water' else 0):06X}"


def speaker(device: Device) -> Speaker:
    """The voice of a device that has just been switched on."""
    return _Tasmota(device)


class _Tasmota(Meter):
    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._prefix_first = family(device, 2) == 0
        self._started: datetime | None = None
        self._state_at: datetime | None = None
        self._sensor: dict[str, Any] = {}

    def hello(self, now: datetime) -> list[Say]:
        """It is there, and begins to look for the time."""
        self._started = self._state_at = now
        return [self._say("tele", "LWT", b"Online", retain=True), self._say("tele", "STATE", self._state(now))]

    def will(self) -> Say | None:
        """It is gone."""
        return self._say("tele", "LWT", b"Offline", retain=True)

    def reading(self, ts: datetime, register: Decimal, seq: int) -> list[Say]:  # noqa: ARG002 - it does not count its messages
        """Telemetry: the cumulative register as it is now."""
        self._sensor = {"Time": self._time(ts)} | self._counters(register)
        return [self._say("tele", "SENSOR", encode(self._sensor))]

    def listens(self) -> tuple[str, ...]:
        """Commands."""
        return (self._topic("cmnd", "+"),)

    def hear(self, topic: str, payload: bytes, now: datetime) -> list[Say]:  # noqa: ARG002 - it answers at once
        """`Status 8` and `Status 10` ask for what the sensors say."""
        asked = payload.decode("ascii", "replace").strip()
        if topic == self._topic("cmnd", "Status") and asked in {"8", "10"} and self._sensor:
            return [self._say("stat", f"STATUS{asked}", encode({"StatusSNS": self._sensor}))]
        return []

    def due(self, now: datetime) -> list[Say]:
        """Its state every five minutes."""
        if self._state_at is None or now < self._state_at + _STATE_EVERY:
            return []
        self._state_at = now
        return [self._say("tele", "STATE", self._state(now))]

    def _counters(self, register: Decimal) -> dict[str, Any]:
        if self.is_water:
            return {"COUNTER": {"C1": int(register * _LITRES)}}
        total = float(round(register, 3))
        since = datetime(2025, 3, 19, 21, 10, 1, tzinfo=ZONE).isoformat()[:19]
        used = {"TotalStartTime": since, "Total": total, "Yesterday": 3.198, "Today": 1.024, "Period": 0}
        return {
            "ENERGY": used | {"Power": 86, "ApparentPower": 90, "ReactivePower": 26, "Factor": 0.96, "Voltage": 229}
        }

    def _time(self, ts: datetime) -> str:
        """Local time without a zone, or the time since the start as of 1970."""
        if self._started is not None and self._started <= ts < self._started + _CLOCK_SET_AFTER:
            return (datetime(1970, 1, 1, tzinfo=UTC) + (ts - self._started)).isoformat()[:19]
        return ts.astimezone(ZONE).isoformat()[:19]

    def _state(self, now: datetime) -> bytes:
        return encode(
            {"Time": self._time(now), "Uptime": "0T00:05:00", "POWER": "ON", "Wifi": {"RSSI": 70, "Signal": -65}}
        )

    def _topic(self, prefix: str, what: str) -> str:
        return f"{prefix}/{self.name}/{what}" if self._prefix_first else f"{self.name}/{prefix}/{what}"

    def _say(self, prefix: str, what: str, payload: bytes, *, retain: bool = False) -> Say:
        return Say(self._topic(prefix, what), payload, retain)
