"""Zigbee2MQTT: a plug, or a valve that counts litres, behind a bridge that repeats all it knows at every change.

Half of the bridges have `last_seen` switched on and the older spelling of availability.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from device_sim.clock import ZONE
from device_sim.dialects.meter import Meter, encode, family
from device_sim.dialects.speaker import Say, Speaker
from device_sim.records import Device

KINDS = ("electricity", "water")
_REPEATS_EVERY = timedelta(seconds=600)
_LITRES = 1000


def device_id(kind: str, number: int) -> str:
    """The address of a device that nobody gave a name."""
    return f"0x{0x00158D0000000000 + number + (0x80000000 if kind == 'water' else 0):016x}"


def speaker(device: Device) -> Speaker:
    """The voice of a device that has just been switched on."""
    return _Zigbee(device)


class _Zigbee(Meter):
    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._topic = f"zigbee2mqtt/{self.name}"
        self._is_old = family(device, 2) == 0
        self._state: dict[str, Any] = {}
        self._said_at: datetime | None = None

    def hello(self, now: datetime) -> list[Say]:
        """The bridge has found it."""
        self._said_at = now
        online = b"online" if self._is_old else encode({"state": "online"})
        return [Say(f"{self._topic}/availability", online, retain=True)]

    def reading(self, ts: datetime, register: Decimal, seq: int) -> list[Say]:
        """All that is known of it."""
        if self.is_water:
            self._state = {
                "battery": 80,
                "water_consumed": float(round(register * _LITRES, 1)),
                "linkquality": seq % 256,
            }
        else:
            counted = float(round(register, 3))
            self._state = {"state": "ON", "energy": counted, "power": 86, "voltage": 229, "linkquality": seq % 256}
        if self._is_old:
            self._state["last_seen"] = ts.astimezone(ZONE).isoformat(timespec="seconds")
        self._said_at = ts
        return [Say(self._topic, encode(self._state))]

    def due(self, now: datetime) -> list[Say]:
        """Something else has changed, and the register is told again."""
        if not self._state or self._said_at is None or now < self._said_at + _REPEATS_EVERY:
            return []
        self._said_at = now
        self._state["linkquality"] = (self._state["linkquality"] + 1) % 256
        return [Say(self._topic, encode(self._state))]
