"""CJ/T 188 water meters behind loggers.

Makes differ by the last two digits of the id: the data id low or high byte first (they answer to either), the time last
byte first, as it is read, or none at all; cubic metres with two digits behind the point, or hundreds of litres.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from device_sim.clock import ZONE
from device_sim.dialects.cat1 import Cat1
from device_sim.dialects.logger import Logger, bcd, framed
from device_sim.dialects.speaker import Speaker
from device_sim.records import Device

KINDS = ("water",)

_COLD_WATER = 0x10
_READ, _REPLY = 0x01, 0x81
_LOW_FIRST, _HIGH_FIRST = b"\x1f\x90", b"\x90\x1f"
_CUBIC_METRES, _HUNDREDS_OF_LITRES = 0x2C, 0x2B
_GOOD = b"\0\0"
_WITH_CAT1 = "7"
_HEAD, _DATA_ID, _NUMBER = 9, slice(11, 13), 13


def device_id(_kind: str, number: int) -> str:
    """Fourteen digits: maker, year, number."""
    return f"00002021{number:06}"


def speaker(device: Device) -> Speaker:
    """A meter behind a logger that reads it by itself; one in ten has a Cat.1 logger of its own."""
    if device.device_id.endswith(_WITH_CAT1):
        return Cat1(device)
    return Logger(device, Meter(device.device_id))


@dataclass(frozen=True, slots=True)
class Meter:
    """One meter."""

    address: str

    def request(self) -> bytes:
        """The frame that reads its register."""
        return self._frame(_READ, self._data_id + b"\0")

    def reply(self, register: Decimal, now: datetime) -> bytes:
        """The register as if it had been asked for."""
        return self._told(self._data_id + b"\0", register, now)

    def answer(self, request: bytes, register: Decimal, now: datetime) -> bytes | None:
        """An answer to a read of its register, with the question's data id and number."""
        own = self.request()
        if request[:_HEAD] != own[:_HEAD] or len(request) != len(own) or framed(request[:-2]) != request:
            return None
        if request[_HEAD] != _READ or request[_DATA_ID] not in (_LOW_FIRST, _HIGH_FIRST):
            return None
        return self._told(request[_DATA_ID] + request[_NUMBER : _NUMBER + 1], register, now)

    @property
    def _make(self) -> int:
        return int(self.address[-2:])

    @property
    def _data_id(self) -> bytes:
        return _HIGH_FIRST if self._make % 2 else _LOW_FIRST

    def _told(self, head: bytes, register: Decimal, now: datetime) -> bytes:
        per_m3, unit = (1000, _HUNDREDS_OF_LITRES) if self._make % 10 == 9 else (100, _CUBIC_METRES)  # noqa: PLR2004
        volume = bcd(int(register * per_m3), 4) + bytes((unit,))
        settled = bcd(0, 4) + bytes((unit,))
        return self._frame(_REPLY, head + volume + settled + self._time(now) + _GOOD)

    def _time(self, now: datetime) -> bytes:
        as_read = bytes.fromhex(now.astimezone(ZONE).strftime("%Y%m%d%H%M%S"))
        return (as_read[::-1], as_read, bytes(len(as_read)))[self._make % 3]

    def _frame(self, control: int, data: bytes) -> bytes:
        return framed(
            bytes((0x68, _COLD_WATER)) + bytes.fromhex(self.address)[::-1] + bytes((control, len(data))) + data
        )
