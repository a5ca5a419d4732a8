"""A Cat.1 logger with a common LuatOS firmware: it reads one water meter by itself and says its litres as JSON.

It looks at neither the checksum nor the unit of the meter's frame, and sends what is asked for on `getinfo/<IMEI>`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from device_sim.dialects.speaker import Say
from device_sim.doors import NumberedEvent
from device_sim.records import Device

_OFFLINE = 4
_SUM_DIGITS = 9


@dataclass(slots=True)
class Cat1:
    """The voice of one meter that has such a logger."""

    device: Device
    register: Decimal | None = None

    def hello(self, now: datetime) -> list[Say]:
        """Nothing before it has read its meter."""
        del now
        return []

    def will(self) -> Say | None:
        """It is gone; the broker says it, so only the logger is named."""
        return self._say({"DEVTYPE": "M2", "SN": self._imei, "INFO": _OFFLINE})

    def reading(self, ts: datetime, register: Decimal, seq: int) -> list[Say]:
        """All that it knows, every time."""
        del ts, seq
        self.register = register
        return [self._say(self._report("M1", register))]

    def event(self, event: NumberedEvent, ts: datetime) -> list[Say]:
        """A meter has no door."""
        del event, ts
        return []

    def listens(self) -> tuple[str, ...]:
        """Where platforms speak to it."""
        return (f"getinfo/{self._imei}",)

    def hear(self, topic: str, payload: bytes, now: datetime) -> list[Say]:
        """A3 asks for the register."""
        del topic, now
        if payload != f"D3{self._imei}A3".encode() or self.register is None:
            return []
        return [self._say(self._report("M3", self.register) | {"FUNCCODE": "A3"})]

    def due(self, now: datetime) -> list[Say]:
        """Nothing waits."""
        del now
        return []

    @property
    def _imei(self) -> str:
        return f"86{int(self.device.device_id):013}"

    def _report(self, kind: str, register: Decimal) -> dict[str, Any]:
        meter = {"DEVTYPE": kind, "SN": self._imei, "METERNO": self.device.device_id, "VER": "MCD618-20240403"}
        radio = {"UPTIME": 480, "REASON": None, "BATT": 3604, "LAT": None, "LNG": None, "BAUD": 9600, "RSSI": -71}
        litres = str(int(register * 100)).zfill(_SUM_DIGITS) + "0"
        return meter | radio | {"METERSUM": litres, "PAYMODE": 1, "FACT": 1}

    def _say(self, said: dict[str, Any]) -> Say:
        return Say(f"pushinfo/{self._imei}", json.dumps(said, separators=(",", ":")).encode())
