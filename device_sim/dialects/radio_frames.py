"""What LoRaWAN water meters put into an uplink's bytes: Axioma's and Kamstrup's frames, made of their log of hours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from struct import pack

from device_sim.clock import ZONE

_KEPT_HOURS = 50
_HOUR = timedelta(hours=1)
_ENHANCED_BITS = 14
_NOT_KNOWN = 0xFFFF
"""What a Kamstrup profile says where it has no difference."""


class HourLog:
    """Litres on the dial at each full hour, as far back as a meter remembers."""

    def __init__(self) -> None:
        self._litres: dict[datetime, int] = {}

    def note(self, ts: datetime, register_m3: Decimal) -> int:
        """Keep the first reading of an hour as that hour's; gives the litres."""
        litres = int(register_m3 * 1000)
        self._litres.setdefault(ts.astimezone(UTC).replace(minute=0, second=0, microsecond=0), litres)
        while len(self._litres) > _KEPT_HOURS:
            del self._litres[next(iter(self._litres))]
        return litres

    def back_from(self, last: datetime, hours: int) -> list[int]:
        """Dials of so many hours up to `last`, newest first, as long as none is missing."""
        found = []
        for back in range(hours):
            litres = self._litres.get(last - back * _HOUR)
            if litres is None:
                break
            found.append(litres)
        return found


def axioma_extended(log: HourLog, ts: datetime, litres: int) -> bytes:
    """The dial now and the last sixteen hours; the dial alone as long as the meter does not remember so many."""
    now = ts.astimezone(UTC)
    last = now.replace(minute=0, second=0, microsecond=0)
    dials = log.back_from(last, 16)[::-1]
    rises = _rises(dials, bits=16)
    if len(rises) < 15:  # noqa: PLR2004 - the frame's own length
        return pack("<IBI", _epoch(now), 0, litres)
    return pack("<IBIII15H", _epoch(now), 0, litres, _epoch(last - 15 * _HOUR), dials[0], *rises)


def axioma_enhanced(log: HourLog, ts: datetime) -> bytes | None:
    """The hours of the last whole day (UTC); none as long as the meter does not remember all of it."""
    now = ts.astimezone(UTC)
    dials = log.back_from(now.replace(hour=0, minute=0, second=0, microsecond=0), 24)[::-1]
    rises = _rises(dials, bits=_ENHANCED_BITS)
    if len(rises) < 23:  # noqa: PLR2004 - a day
        return None
    bits = sum(rise << (_ENHANCED_BITS * place) for place, rise in enumerate(rises))
    return pack("<BIBI", 1, _epoch(now), 0, dials[0]) + bits.to_bytes(41, "little")


def kamstrup_profile(log: HourLog, ts: datetime) -> bytes:
    """The dial at the last full hour, and the hours before it as a profile of up to eleven differences."""
    last = ts.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    newest, *older = log.back_from(last, 12)
    volume = b"\x44\x6d" + _date_time(last) + b"\x44\x13" + pack("<I", newest)
    return b"\x7a\x08\x00\x00\x00" + volume + (_profile([newest, *older]) if older else b"") + b"\x2f"


def _rises(dials: Sequence[int], bits: int) -> list[int]:
    """Increments of a log, oldest first; none where one does not fit, as after a dial was set."""
    rises = [newer - older for older, newer in pairwise(dials)]
    return rises if all(0 <= rise < 1 << bits for rise in rises) else []


def _profile(dials: Sequence[int]) -> bytes:
    falls = _rises(dials[::-1], bits=16)[::-1] or [_NOT_KNOWN]
    elements = pack(f"<{len(falls)}H", *falls)
    return b"\x4d\x93\x13" + bytes((len(elements) + 2, 0x62, 1)) + elements


def _date_time(moment: datetime) -> bytes:
    """M-Bus type F, in the meter's local time."""
    local = moment.astimezone(ZONE)
    year = local.year % 100
    day, month = (year & 7) << 5 | local.day, (year >> 3) << 4 | local.month
    return bytes((local.minute, 1 << 5 | local.hour, day, month))


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp())
