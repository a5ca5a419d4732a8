"""DL/T 645 electricity meters behind loggers: of 2007, and some that are still of 1997 (ids that end in 97)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from device_sim.dialects.logger import Logger, bcd, framed
from device_sim.records import Device

KINDS = ("electricity",)

_TOTAL_2007, _TOTAL_1997 = bytes.fromhex("00000100"), bytes.fromhex("1090")
_NO_SUCH_DATA = b"\x02"
_READ, _READ_1997, _REPLY, _ERROR = 0x11, 0x01, 0x80, 0xC0
_CONTROL, _DATA = 8, slice(10, -2)


def device_id(_kind: str, number: int) -> str:
    """Twelve digits: year, maker, number."""
    return f"2021{number:08}"


def speaker(device: Device) -> Logger:
    """A meter behind a logger that reads it by itself."""
    return Logger(device, Meter(device.device_id))


@dataclass(frozen=True, slots=True)
class Meter:
    """One meter."""

    address: str

    def request(self) -> bytes:
        """The frame that reads its total."""
        return self._frame(self._read, self._total)

    def reply(self, register: Decimal, now: datetime) -> bytes:
        """The total as if it had been asked for; such a meter has no time to tell."""
        del now
        return self._frame(self._read | _REPLY, self._total + bcd(int(register * 100), 4))

    def answer(self, request: bytes, register: Decimal, now: datetime) -> bytes | None:
        """An answer to its own edition's read; an error where it has no such data."""
        if request[:_CONTROL] != self.request()[:_CONTROL] or request[_CONTROL] != self._read:
            return None
        if request != self.request():
            return self._frame(self._read | _ERROR, _NO_SUCH_DATA)
        return self.reply(register, now)

    @property
    def _is_of_1997(self) -> bool:
        return self.address.endswith("97")

    @property
    def _read(self) -> int:
        return _READ_1997 if self._is_of_1997 else _READ

    @property
    def _total(self) -> bytes:
        return _TOTAL_1997 if self._is_of_1997 else _TOTAL_2007

    def _frame(self, control: int, data: bytes) -> bytes:
        shifted = bytes((byte + 0x33) & 0xFF for byte in data)
        return framed(b"\x68" + bytes.fromhex(self.address)[::-1] + bytes((0x68, control, len(data))) + shifted)
