"""Hikvision access controllers behind a bridge: what they post over HTTP, published under `hikvision/<address>/event`.

One passage is several posts: who was let in, then the lock that opens and closes. Half of the controllers post the
multipart body, a picture behind the JSON. Nobody acknowledges anything; strangers have no pseudonyms, doors no units.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from device_sim.clock import ZONE
from device_sim.dialects.speaker import Say
from device_sim.doors import DoorRecord, NumberedEvent
from device_sim.records import Device

KINDS = ("door",)

_HEARTBEAT_EVERY = timedelta(seconds=60)
_ALARM, _OPERATION, _EVENT = 1, 3, 5
_LOCK_OPENS, _LOCK_CLOSES = 21, 22
_PASSED = {
    "face": 75,
    "card": 1,
    "pin": 181,
    "fingerprint": 38,
    "qr": 156,
    "id_card": 105,
    "button": 23,
    "unknown": 153,
}
_DENIED = {"face": 76, "card": 9, "pin": 151, "fingerprint": 39, "qr": 157, "id_card": 112}
_TROUBLE = {"held_open": (_EVENT, 28), "forced_open": (_EVENT, 27), "tamper": (_ALARM, 0x404)}
_REMOTE = (_OPERATION, 1024)
_ANY_REFUSAL = 155
_STATUS = {"in": "checkIn", "out": "checkOut"}
_BOUNDARY = b"--MIME_boundary"
_JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(600) + b"\xff\xd9"


def device_id(_kind: str, number: int) -> str:
    """A MAC address as the lists can have it, without its colons."""
    return f"4447cc{number:06x}"


def speaker(device: Device) -> Controller:
    """A controller that has just been switched on."""
    return Controller(device)


@dataclass(slots=True)
class Controller:
    """One controller; it numbers what it posts."""

    device: Device
    _number: int = 0
    _heartbeat_due: datetime | None = field(default=None)

    def hello(self, now: datetime) -> list[Say]:
        """A first heartbeat."""
        self._heartbeat_due = now + _HEARTBEAT_EVERY
        return [self._post(self._alert("heartBeat", now))]

    def will(self) -> Say | None:
        """The bridge has the connection, not the controller."""
        return None

    def reading(self, ts: datetime, register: Decimal, seq: int) -> list[Say]:
        """A controller has no dial."""
        del ts, register, seq
        return []

    def event(self, event: NumberedEvent, ts: datetime) -> list[Say]:
        """What happened, and what the lock did then."""
        major, sub = _numbers(event.record)
        says = [self._access(ts, major, sub, self._who(event.record))]
        if event.record.kind == "passage":
            says += [self._access(ts, _EVENT, lock, {}) for lock in (_LOCK_OPENS, _LOCK_CLOSES)]
        return says

    def listens(self) -> tuple[str, ...]:
        """Nothing is said to it over MQTT."""
        return ()

    def hear(self, topic: str, payload: bytes, now: datetime) -> list[Say]:
        """Nobody speaks to it."""
        del topic, payload, now
        return []

    def due(self, now: datetime) -> list[Say]:
        """The heartbeat."""
        if self._heartbeat_due is None or now < self._heartbeat_due:
            return []
        return self.hello(now)

    @property
    def _has_camera(self) -> bool:
        return int(self.device.device_id[-1], 16) % 2 == 0

    def _access(self, ts: datetime, major: int, sub: int, more: dict[str, Any]) -> Say:
        self._number += 1
        what = {"deviceName": "Access Controller", "majorEventType": major, "subEventType": sub, "doorNo": 1}
        what |= {"serialNo": self._number, "currentEvent": True, "mask": "unknown"} | more
        alert = self._alert("AccessControllerEvent", ts) | {"AccessControllerEvent": what}
        return self._post(alert, with_picture=self._has_camera and "currentVerifyMode" in more)

    def _who(self, record: DoorRecord) -> dict[str, Any]:
        who: dict[str, Any] = {"cardReaderNo": 1, "currentVerifyMode": "cardOrFaceOrFp", "userType": "normal"}
        if record.person_id:
            who |= {"employeeNoString": record.person_id, "name": "resident"}
        return who | {"attendanceStatus": _STATUS.get(record.direction, "undefined")}

    def _alert(self, kind: str, ts: datetime) -> dict[str, Any]:
        address = self.device.device_id
        return {
            "ipAddress": "192.168.1.64",
            "portNo": 443,
            "protocol": "HTTPS",
            "macAddress": ":".join(address[at : at + 2] for at in range(0, len(address), 2)),
            "channelID": 1,
            "dateTime": ts.astimezone(ZONE).isoformat(timespec="seconds"),
            "activePostCount": 1,
            "eventType": kind,
            "eventState": "active",
            "eventDescription": kind,
            "deviceID": "1",
        }

    def _post(self, alert: dict[str, Any], *, with_picture: bool = False) -> Say:
        body = json.dumps(alert).encode()
        if with_picture:
            text = b'Content-Disposition: form-data; name="event_log"\r\nContent-Type: application/json\r\n\r\n' + body
            picture = b'Content-Disposition: form-data; name="Picture"\r\nContent-Type: image/jpeg\r\n\r\n' + _JPEG
            parts = (_BOUNDARY + b"\r\n" + part + b"\r\n" for part in (text, picture))
            body = b"".join(parts) + _BOUNDARY + b"--\r\n"
        return Say(f"hikvision/{self.device.device_id}/event", body)


def _numbers(record: DoorRecord) -> tuple[int, int]:
    if record.kind in _TROUBLE:
        return _TROUBLE[record.kind]
    if record.kind == "denied":
        return _EVENT, _DENIED.get(record.method, _ANY_REFUSAL)
    return _REMOTE if record.method == "remote" else (_EVENT, _PASSED[record.method])
