"""A logger that only carries bytes: it passes on what its meters say on the serial line, and what others ask them.

Four makes, told by the last digit of the meter's id: raw bytes, hexadecimal text, JSON around it, and a log line with
the question that the logger itself has asked. Now and then the line damages a reply; the logger asks again, and passes
both on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from device_sim.dialects.speaker import Say
from device_sim.doors import NumberedEvent
from device_sim.records import Device

_WAKE = b"\xfe\xfe\xfe\xfe"
_DAMAGED_EVERY = 250
_HEX = re.compile(rb"(?:[0-9A-Fa-f]{2}\s*){12,}")


class Meter(Protocol):
    """A meter on the line."""

    def request(self) -> bytes:
        """The frame that asks it for its register."""

    def reply(self, register: Decimal, now: datetime) -> bytes:
        """The frame that tells its register, without having been asked on this line."""

    def answer(self, request: bytes, register: Decimal, now: datetime) -> bytes | None:
        """What it answers to a frame on the line; it keeps quiet where another is meant."""


def framed(head: bytes) -> bytes:
    """A whole frame: its bytes, their sum, and the end."""
    return head + bytes((sum(head) & 0xFF, 0x16))


def bcd(number: int, size: int) -> bytes:
    """A decimal number, two digits a byte, last digits first; a dial that is too short turns over."""
    return bytes.fromhex(str(number % 100**size).zfill(2 * size))[::-1]


def _raw(_request: bytes, reply: bytes, _seq: int) -> bytes:
    return _WAKE + reply


def _hex(_request: bytes, reply: bytes, _seq: int) -> bytes:
    return (_WAKE + reply).hex(" ").upper().encode()


def _json(_request: bytes, reply: bytes, seq: int) -> bytes:
    return json.dumps({"msg_id": f"1795306500{seq % 1000:03}", "data": reply.hex()}).encode()


def _line(request: bytes, reply: bytes, _seq: int) -> bytes:
    return f"+CMD:{request.hex()}+OK:{reply.hex()}\r\n".encode()


_MAKES: tuple[Callable[[bytes, bytes, int], bytes], ...] = (_raw, _hex, _json, _line)


@dataclass(slots=True)
class Logger:
    """The voice of one meter behind a logger. Without `pushes` it only speaks when it is asked."""

    device: Device
    meter: Meter
    pushes: bool = True
    register: Decimal | None = None
    _seq: int = 0

    def hello(self, now: datetime) -> list[Say]:
        """A logger says nothing of itself."""
        del now
        return []

    def will(self) -> Say | None:
        """Nor does it leave a will."""
        return None

    def reading(self, ts: datetime, register: Decimal, seq: int) -> list[Say]:
        """The dial has moved; a logger that reads by itself passes it on."""
        self.register = register
        if not self.pushes:
            return []
        reply = self.meter.reply(register, ts)
        said = [self._say(self.meter.request(), reply, seq)]
        if seq % _DAMAGED_EVERY == _DAMAGED_EVERY - 1:
            said.insert(0, self._say(self.meter.request(), _damaged(reply), seq))
        return said

    def event(self, event: NumberedEvent, ts: datetime) -> list[Say]:
        """A meter has no door."""
        del event, ts
        return []

    def listens(self) -> tuple[str, ...]:
        """Where its logger takes bytes for the line."""
        return (f"{self._root}/down",)

    def hear(self, topic: str, payload: bytes, now: datetime) -> list[Say]:
        """Bytes for the line; the meter answers where it is meant, and has read its dial."""
        del topic
        if self.register is None:
            return []
        request = _bytes_for_the_line(payload)
        reply = self.meter.answer(request, self.register, now)
        self._seq += 1
        return [] if reply is None else [self._say(request, reply, self._seq)]

    def due(self, now: datetime) -> list[Say]:
        """Nothing waits."""
        del now
        return []

    @property
    def _root(self) -> str:
        return f"dtu/{self.device.building}-{self.device.entrance}"

    def _say(self, request: bytes, reply: bytes, seq: int) -> Say:
        make = _MAKES[int(self.device.device_id[-1]) % len(_MAKES)]
        return Say(f"{self._root}/up", make(request, reply, seq))


def _damaged(reply: bytes) -> bytes:
    return reply[:-4] + bytes((reply[-4] ^ 0x10,)) + reply[-3:]


def _bytes_for_the_line(payload: bytes) -> bytes:
    """A logger takes bytes, their hexadecimal text, or JSON with that."""
    run = _HEX.search(payload)
    said = bytes.fromhex(run.group().decode()) if run else payload
    return said.lstrip(b"\xfe")
