"""Meters behind ChirpStack v4: water by Axioma Qalcosonic W1, electricity by plugs whose codec runs in the server.

Two firmware families of water meters, told by the last digit of the DevEUI: most send the Extended frame with every
hour, some the Enhanced one with the last whole day, three times a day. A meter joins when it starts, its frame counter
begins again then, and once a day the server tells of its battery.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from device_sim.dialects.meter import Meter, encode
from device_sim.dialects.radio_frames import HourLog, axioma_enhanced, axioma_extended
from device_sim.dialects.speaker import Say
from device_sim.records import Device

KINDS = ("water", "electricity")
APPLICATIONS = {"water": "5c3a1d1e-0d6b-4b1c-9d0f-000000000001", "electricity": "5c3a1d1e-0d6b-4b1c-9d0f-000000000002"}
"""Each has its line in the gateway's configuration."""
_ENHANCED = "37bf"
"""Last digits of the DevEUIs of the newer firmware."""
_ENHANCED_EVERY, _BATTERY_EVERY = timedelta(hours=8), timedelta(days=1)
_GATEWAYS = ("0016c001f153a14c", "0016c001f153b07e")


def device_id(kind: str, number: int) -> str:
    """A DevEUI."""
    return f"70b3d5e7{KINDS.index(kind)}{number:07x}"


def speaker(device: Device) -> Node:
    """A node that has not joined yet."""
    return Node(device)


class Node(Meter):
    """One node, as the server tells of it."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.log = HourLog()
        self._frames = 0
        self._told: datetime | None = None
        self._battery_told: datetime | None = None

    def hello(self, now: datetime) -> list[Say]:
        """It joins."""
        self._frames = 0
        return [self._say("join", now, {"devAddr": "00189440"})]

    def reading(self, ts: datetime, register: Decimal, seq: int) -> list[Say]:
        """An uplink, and the battery where a day has passed."""
        del seq
        says = [self._uplink(ts, register)]
        if self._battery_told is None or ts - self._battery_told >= _BATTERY_EVERY:
            self._battery_told = ts
            says.append(self._say("status", ts, {"margin": 10, "batteryLevel": 93.31}))
        return [say for say in says if say is not None]

    def _uplink(self, ts: datetime, register: Decimal) -> Say | None:
        if self.device.kind == "electricity":
            return self._up(ts, b"\x01\x02", 10, {"energy": {"total": int(register * 1000)}, "voltage": 229.7})
        litres = self.log.note(ts, register)
        if self.device.device_id[-1] not in _ENHANCED:
            return self._up(ts, axioma_extended(self.log, ts, litres), 100)
        if self._told is not None and ts - self._told < _ENHANCED_EVERY:
            return None
        frame = axioma_enhanced(self.log, ts)
        if frame is None:
            return None
        self._told = ts
        return self._up(ts, frame, 100)

    def _up(self, ts: datetime, data: bytes, port: int, fields: dict[str, Any] | None = None) -> Say:
        self._frames += 1
        heard = [{"gatewayId": gateway, "rssi": rssi} for gateway, rssi in zip(_GATEWAYS, (-107, -84), strict=True)]
        up = {"dr": 1, "fCnt": self._frames, "fPort": port, "data": base64.b64encode(data).decode(), "rxInfo": heard}
        return self._say("up", ts, up | ({} if fields is None else {"object": fields}))

    def _say(self, event: str, moment: datetime, content: dict[str, Any]) -> Say:
        application = APPLICATIONS[self.device.kind]
        info = {"applicationId": application, "deviceName": self.device.device_id, "devEui": self.device.device_id}
        time = moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+", "000+")  # nanoseconds
        payload = {"deduplicationId": f"{self.device.device_id}-{event}-{time}", "time": time, "deviceInfo": info}
        topic = f"application/{application}/device/{self.device.device_id}/event/{event}"
        return Say(topic, encode(payload | content))
