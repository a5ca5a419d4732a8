"""Axioma Qalcosonic W1 water meters: the frames "Enhanced", "Extended" with and without temperature, "Short".

All numbers are little endian, volumes are litres, times are seconds since 1970 in UTC.

| frame | bytes | what is in it |
| --- | --- | --- |
| Enhanced | 51 | version 1 · time 4 · status 1 · volume 4 · 23 increments of 14 bits · 6 bits that are 0 |
| Extended | 43 to 48 | time 4 · status 1 · volume 4 · time of the log 4 · volume of the log 4 · increments of 2 |
| with temperature | 43 to 48 | as Extended, with 2 bytes of temperature before the time of the log |
| Short | 9 | time 4 · status 1 · volume 4 |

The Enhanced frame tells of the last whole day: its volume is the dial at 01:00, each increment belongs to the hour
after, the last to midnight. That it is not the 24 hours before the frame's time is seen in real ones: meters send it
three times a day, eight hours apart, and the same day stands in all three. The Extended frame tells the dial now, and a
log whose first value belongs to the full hour before the time that it states. A log may be set to other intervals;
which one is told by the frame itself, since its last value can only lie within two intervals before the frame's time.

Port 103 carries alarms, a time and a status of the same bits; 101 the configuration: both without volumes.
"""

from __future__ import annotations

from functools import cache
from struct import Struct
from typing import NamedTuple

from gateway.codecs.flags import Flag
from gateway.codecs.message import Reason, UndecodableError
from gateway.codecs.payloads.frame import Contents, Frame
from gateway.codecs.vitals import LOW_BATTERY

_CONFIGURATION, _ALARM = 101, 103
_ALARM_BYTES, _STATUS_OF_ALARM = 5, 4
_SHORT = Struct("<IBI")
_ENHANCED = Struct("<BIBI")
_EXTENDED = Struct("<IBIII")
_TEMPERATURE = Struct("<IBI2xII")
_ENHANCED_BYTES = (51, 52)
_EXTENDED_BYTES = range(43, 49)
_VERSION, _INCREMENTS, _BITS = 1, 23, 14
_PADDING = (0x00, 0x2F)
_POWER_LOW = 0x04
_STATUS_BITS = {_POWER_LOW: Flag.BATTERY_LOW.value, 0x08: Flag.ERROR.value, 0x10: "temporary_error"}
_KIND_BITS = 0xE0
_STATUS_KINDS = {
    0x20: Flag.LEAK.value, 0x60: Flag.REVERSE_FLOW.value, 0x80: Flag.FREEZE.value, 0xA0: Flag.BURST.value,
}  # fmt: skip
_NO_VOLUME = 0xFFFF_FFFF
_HOUR_S, _DAY_S = 3600, 86_400
_INTERVALS_S = (_HOUR_S, 900, 1200, 1800, _DAY_S)
_SECOND_US = 1_000_000
_LITRES = 1000


def decode(frame: Frame) -> Contents:
    """Read a W1's frame.

    Raises:
        UndecodableError: it is none of those above, or what it says does not fit together.
    """
    if frame.port == _CONFIGURATION:
        return Contents((), passed_over="configuration")
    if frame.port == _ALARM:
        return _alarm(frame.data)
    length = len(frame.data)
    if length in _ENHANCED_BYTES:
        return _enhanced(frame.data)
    if length in _EXTENDED_BYTES:
        return _extended(frame.data)
    if length == _SHORT.size:
        seconds, status, litres = _SHORT.unpack(frame.data)
        return _contents([seconds], [litres], status)
    raise UndecodableError(Reason.WRONG_SHAPE, f"{length} bytes are no frame of a Qalcosonic W1")


def _alarm(data: bytes) -> Contents:
    """Read the status of an alarm; one of another length tells nothing that is known."""
    if len(data) != _ALARM_BYTES:
        return Contents((), passed_over="alarm")
    return _contents([], [], data[_STATUS_OF_ALARM])


def _enhanced(data: bytes) -> Contents:
    version, seconds, status, litres = _ENHANCED.unpack_from(data)
    bits = int.from_bytes(data[_ENHANCED.size : _ENHANCED_BYTES[0]], "little")
    if version != _VERSION:
        raise UndecodableError(Reason.WRONG_SHAPE, f"an Enhanced frame of version {version}, known is {_VERSION}")
    if multiplier := bits >> (_INCREMENTS * _BITS):
        raise UndecodableError(Reason.WRONG_SHAPE, f"an Enhanced frame with the multiplier {multiplier}, known is 0")
    mask = (1 << _BITS) - 1
    dials = _sums(litres, [(bits >> (_BITS * n)) & mask for n in range(_INCREMENTS)])
    first = seconds // _DAY_S * _DAY_S - _DAY_S + _HOUR_S
    return _contents([first + n * _HOUR_S for n in range(len(dials))], dials, status)


class _Log(NamedTuple):
    seconds: int
    status: int
    litres: int
    first_s: int
    first_litres: int
    increments: tuple[int, ...]


def _extended(data: bytes) -> Contents:
    for layout in (_EXTENDED, _TEMPERATURE):
        log = _log(data, layout)
        if interval_s := _interval_s(log):
            first_s = log.first_s // interval_s * interval_s
            dials = _sums(log.first_litres, log.increments)
            times = [first_s + n * interval_s for n in range(len(dials))]
            return _contents([*times, log.seconds], [*dials, log.litres], log.status)
    raise UndecodableError(Reason.WRONG_SHAPE, f"{len(data)} bytes whose times fit no Extended frame")


def _log(data: bytes, layout: Struct) -> _Log:
    seconds, status, litres, first_s, first_litres = layout.unpack_from(data)
    return _Log(seconds, status, litres, first_s, first_litres, _increments(data[layout.size :]))


def _increments(data: bytes) -> tuple[int, ...]:
    if len(data) % 2 and data[-1] not in _PADDING:
        return ()
    return Struct(f"<{len(data) // 2}H").unpack_from(data)


def _interval_s(log: _Log) -> int:
    """Give the log's interval, or 0 where none fits: the layout is then another one."""
    many = len(log.increments)
    for interval_s in _INTERVALS_S if many else ():
        last_s = log.first_s // interval_s * interval_s + many * interval_s
        if last_s <= log.seconds < last_s + 2 * interval_s:
            return interval_s
    return 0


def _sums(first: int, increments: tuple[int, ...] | list[int]) -> list[int]:
    dials = [first]
    for increment in increments:
        dials.append(dials[-1] + increment)
    return dials


def _contents(times: list[int], litres: list[int], status: int) -> Contents:
    if _NO_VOLUME in litres:
        raise UndecodableError(Reason.IMPOSSIBLE_VALUE, "the meter has no volume to tell (FF FF FF FF)")
    by_time = dict(zip(times, litres, strict=True))  # a frame sent on the hour says its dial twice
    readings = tuple((seconds * _SECOND_US, dial / _LITRES) for seconds, dial in by_time.items())
    return Contents(readings, LOW_BATTERY if status & _POWER_LOW else None, flags=_flags(status))


@cache
def _flags(status: int) -> tuple[str, ...]:
    """Read a status: a bit each, and the three highest together."""
    bits = [flag for bit, flag in _STATUS_BITS.items() if status & bit]
    kind = _STATUS_KINDS.get(status & _KIND_BITS)
    return (*bits, kind) if kind else tuple(bits)
