"""Facesluice face terminals with resume on: a record is said again until its PushAck, Online until its Online-Ack.

Two firmware families, told by the last digit of the id: one misspells the name, says `entr` and writes numbers as
texts, the other does not. A terminal gives no pseudonyms to strangers, knows no units, does not see the button on the
inside and keeps quiet about doors that are held open; a code is none of the methods it has a number for.
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

RESENDS_AFTER = timedelta(seconds=10)
_HEARTBEAT_EVERY = timedelta(seconds=60)
_LIVE_FOR = timedelta(seconds=10)
_ROOT = "mqtt/face"
_PICTURE = "data:image/jpeg;base64,/9j/4AAQSkZJRgABAQ" + "A" * 2000
_METHODS = {"face": 1, "card": 21, "remote": 27}
_RECORD, _STRANGER = 2, 1


def device_id(_kind: str, number: int) -> str:
    """Seven digits."""
    return str(1_000_000 + number)


def speaker(device: Device) -> Terminal:
    """A terminal without records that wait."""
    return Terminal(device)


@dataclass(slots=True)
class _Waiting:
    """A record that nobody has acknowledged."""

    topic: str
    operator: str
    info: dict[str, Any]
    happened: datetime
    said: datetime | None = None
    """When it was said last; none until the clock is looked at."""

    def say(self, now: datetime) -> Say:
        """The message: whether it is news is told each time."""
        return _say(self.topic, self.operator, self.info | {"Sendintime": int(now - self.happened <= _LIVE_FOR)})

    def say_again(self, now: datetime) -> Say | None:
        """The same once more, if that is due."""
        if self.said is None:
            self.said = now
            return None
        if now - self.said < RESENDS_AFTER:
            return None
        self.said = now
        return self.say(now)


@dataclass(slots=True)
class Terminal:
    """One terminal."""

    device: Device
    waiting: dict[tuple[int, int], _Waiting] = field(default_factory=dict)
    """By `PushAckType` and number."""
    _numbers: dict[int, int] = field(default_factory=lambda: {_RECORD: 0, _STRANGER: 0})
    _online_known: bool = False
    _heartbeat_due: datetime | None = None

    def hello(self, now: datetime) -> list[Say]:
        """Online, and again with every heartbeat until it is acknowledged."""
        self._online_known = False
        self._heartbeat_due = now + _HEARTBEAT_EVERY
        return [self._online(now)]

    def will(self) -> Say | None:
        """Offline; the broker says it, so it has no time."""
        return _say(f"{_ROOT}/basic", "Offline", {"facesluiceId": self.device.device_id})

    def reading(self, ts: datetime, register: Decimal, seq: int) -> list[Say]:
        """A terminal has no dial."""
        del ts, register, seq
        return []

    def event(self, event: NumberedEvent, ts: datetime) -> list[Say]:
        """A record, or the picture of a stranger."""
        record = event.record
        if record.kind not in ("passage", "denied") or record.method == "button":
            return []
        is_stranger = record.kind == "denied" and record.person_id is None
        ack_type = _STRANGER if is_stranger else _RECORD
        self._numbers[ack_type] += 1
        number = self._numbers[ack_type]
        info = {"facesluiceId": self.device.device_id, "time": _local(ts), "PushType": 0, "pic": _PICTURE}
        info |= {"SnapID": str(number)} if is_stranger else self._recognised(record, number)
        branch, operator = ("Snap", "StrSnapPush") if is_stranger else ("Rec", "RecPush")
        waiting = _Waiting(f"{self._own_topic}/{branch}", operator, info, ts)
        self.waiting[ack_type, number] = waiting
        return [waiting.say(ts)]

    def listens(self) -> tuple[str, ...]:
        """Where platforms speak to it."""
        return (self._own_topic,)

    def hear(self, topic: str, payload: bytes, now: datetime) -> list[Say]:
        """An acknowledgement; a PushAck is acknowledged in turn."""
        del topic, now
        said = json.loads(payload)
        if said["operator"] == "Online-Ack":
            self._online_known = True
        if said["operator"] != "PushAck":
            return []
        ack_type, number = int(said["info"]["PushAckType"]), int(said["info"]["SnapOrRecordID"])
        self.waiting.pop((ack_type, number), None)
        info = {"facesluiceId": self.device.device_id, "result": "ok"}
        info |= {"PushAckType": str(ack_type), "SnapOrRecordID": str(number)}
        return [_say(f"{self._own_topic}/Ack", "PushAck-Ack", info, said["messageId"])]

    def due(self, now: datetime) -> list[Say]:
        """What waits for longer than ten seconds, oldest first, and the heartbeat."""
        says = [said for waiting in self.waiting.values() if (said := waiting.say_again(now))]
        if self._heartbeat_due is not None and now >= self._heartbeat_due:
            self._heartbeat_due = now + _HEARTBEAT_EVERY
            says.append(_say(f"{_ROOT}/heartbeat", "HeartBeat", self._now(now)))
            if not self._online_known:
                says.append(self._online(now))
        return says

    @property
    def _own_topic(self) -> str:
        return f"{_ROOT}/{self.device.device_id}"

    @property
    def _spells_well(self) -> bool:
        return int(self.device.device_id) % 2 == 1

    def _online(self, now: datetime) -> Say:
        more = {"username": "admin", "ip": "192.168.1.100", "facesname": f"IPC{self.device.device_id}"}
        return _say(f"{_ROOT}/basic", "Online", self._now(now) | more)

    def _now(self, now: datetime) -> dict[str, Any]:
        return {"facesluiceId": self.device.device_id, "time": _local(now)}

    def _recognised(self, record: DoorRecord, number: int) -> dict[str, Any]:
        info = {"customId": record.person_id or " ", "personId": "0", "idCard": " ", "telnum": " "}
        ways = ("entry", "exit", "unknown") if self._spells_well else ("entr", "exit", "unknow")
        info["direction"] = ways[("in", "out", "unknown").index(record.direction)]
        info["personName" if self._spells_well else "persionName"] = "resident"
        numbers = {
            "RecordID": number,
            "VerifyStatus": 1 if record.kind == "passage" else 2,
            "PersonType": 0,
            "similarity1": 100 * (record.similarity or 0),
            "otype": _METHODS.get(record.method, 0),
        }
        written = numbers if self._spells_well else {name: _digits(value) for name, value in numbers.items()}
        return info | written | {"RFIDCard": "0", "szQrCodeData": "", "targetPosInScene": [346, 0, 1572, 1080]}


def _digits(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.6f}"


def _local(moment: datetime) -> str:
    return f"{moment.astimezone(ZONE):%Y-%m-%d %H:%M:%S}"


def _say(topic: str, operator: str, info: dict[str, Any], message_id: str | None = None) -> Say:
    head = {} if message_id is None else {"messageId": message_id}
    return Say(topic, json.dumps(head | {"operator": operator, "info": info}, separators=(",", ":")).encode())
