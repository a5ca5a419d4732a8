"""Columns of a history file, many rows at once. What is read is just what `decode_row` reads; the rest is left to it.

Times are read in the spellings that files have: RFC 3339 in whole seconds, milliseconds or microseconds, epoch seconds
(10 digits) and milliseconds (13 digits). Any other spelling, right or wrong, is marked as not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gateway.codecs.native import LARGEST_REGISTER, UNITS
from gateway.events import DeviceKind

_Ints = NDArray[np.int64]
_Flags = NDArray[np.bool_]
_Chars = NDArray[np.uint8]

KINDS = tuple(DeviceKind)
"""What the numbers in `Readings.kind` mean."""

_FRACTIONS = {20: 0, 25: 0, 24: 3, 29: 3, 27: 6, 32: 6}
"""Length of an RFC 3339 time: digits of its second's fraction."""
_EPOCHS = {10: 1_000_000, 13: 1_000}
"""Length of an epoch number: microseconds in its unit."""
_CLOCK = (0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18)
_NINE = 9
_MONTHS, _HOURS, _MINUTES, _SECONDS = 12, 24, 60, 60
_SECOND_US = 1_000_000
_YEAR_0 = 1970

_UNIT_NUMBERS = {unit: number for number, unit in enumerate(UNITS)}
_UNIT_KINDS = np.array([KINDS.index(kind) for kind, _ in UNITS.values()], "i1")
_UNIT_SIZES = np.array([size for _, size in UNITS.values()], "f8")


class Readings(NamedTuple):
    """Readings by column: µs since 1970, m³ or kWh, the kind of meter that the unit says, and which rows were read."""

    ts_us: _Ints
    register: NDArray[np.float64]
    kind: NDArray[np.int8]
    read: _Flags


def read_readings(times: Sequence[str], registers: Sequence[str], units: Sequence[str]) -> Readings:
    """Read the columns of rows; what stands in a row that was not read means nothing."""
    ts_us, read = read_times(times)
    unit = np.fromiter(map(_UNIT_NUMBERS.get, units, repeat(-1)), "i8", len(units))
    register = read_numbers(registers) / _UNIT_SIZES[unit]
    read &= (unit >= 0) & (register >= 0) & (register <= LARGEST_REGISTER)
    return Readings(ts_us, register, _UNIT_KINDS[unit], read)


def read_numbers(texts: Sequence[str]) -> NDArray[np.float64]:
    """Read numbers as `float` does; NaN where it refuses."""
    try:
        return np.fromiter(map(float, texts), "f8", len(texts))
    except ValueError:
        return np.fromiter(map(_number, texts), "f8", len(texts))


def read_times(texts: Sequence[str]) -> tuple[_Ints, _Flags]:
    """Read times in µs since 1970, and say which were read."""
    length = np.fromiter(map(len, texts), "i8", len(texts))
    ts_us, read = np.zeros(len(texts), "i8"), np.zeros(len(texts), "?")
    for size in np.unique(length).tolist():
        if size in _FRACTIONS or size in _EPOCHS:
            of_size = np.flatnonzero(length == size)
            chars = _characters(texts if len(of_size) == len(texts) else [texts[at] for at in of_size.tolist()], size)
            ts_us[of_size], read[of_size] = _epoch(chars, size) if size in _EPOCHS else _rfc3339(chars, size)
    return ts_us, read


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return np.nan


def _characters(texts: Sequence[str], size: int) -> _Chars:
    """Give the characters of texts of one length, a row each; what is not ASCII becomes a question mark."""
    return np.frombuffer("".join(texts).encode("ascii", "replace"), "u1").reshape(len(texts), size)


def _rfc3339(chars: _Chars, size: int) -> tuple[_Ints, _Flags]:
    fraction = _FRACTIONS[size]
    digits = chars - np.uint8(ord("0"))  # below "0" it wraps round, so all but digits are above 9
    zone = 19 + fraction + bool(fraction)
    behind_utc_s, read = _zone(chars, digits, zone)
    read &= (digits[:, _CLOCK] <= _NINE).all(axis=1) & (digits[:, 20:zone] <= _NINE).all(axis=1)
    for at, mark in ((4, "-"), (7, "-"), (13, ":"), (16, ":"), *([(19, ".")] if fraction else [])):
        read &= chars[:, at] == ord(mark)
    read &= (chars[:, 10] == ord("T")) | (chars[:, 10] == ord(" "))
    year, month, day = (_whole(digits, at, count) for at, count in ((0, 4), (5, 2), (8, 2)))
    hour, minute, second = (_whole(digits, at, 2) for at in (11, 14, 17))
    read &= (
        (year >= 1) & (month >= 1) & (month <= _MONTHS) & (hour < _HOURS) & (minute < _MINUTES) & (second < _SECONDS)
    )
    months = ((year - _YEAR_0) * _MONTHS + month - 1).view("M8[M]")
    days = months.astype("M8[D]") + (day - 1)
    read &= days.astype("M8[M]") == months  # refuses day 0 and 30 February
    seconds = ((days.view("i8") * _HOURS + hour) * _MINUTES + minute) * _SECONDS + second + behind_utc_s
    return seconds * _SECOND_US + _whole(digits, 20, fraction) * 10 ** (6 - fraction), read


def _zone(chars: _Chars, digits: _Chars, at: int) -> tuple[_Ints, _Flags]:
    """Read `Z` or `+08:00` from column `at` on, as seconds to add."""
    if chars.shape[1] > at + 1:
        hour, minute = _whole(digits, at + 1, 2), _whole(digits, at + 4, 2)
        ahead = chars[:, at] == ord("+")
        read = (ahead | (chars[:, at] == ord("-"))) & (chars[:, at + 3] == ord(":"))
        read &= (
            (digits[:, [at + 1, at + 2, at + 4, at + 5]] <= _NINE).all(axis=1) & (hour < _HOURS) & (minute < _MINUTES)
        )
        return np.where(ahead, -60, 60) * (hour * 60 + minute), read
    return np.zeros(len(chars), "i8"), chars[:, at] == ord("Z")


def _epoch(chars: _Chars, size: int) -> tuple[_Ints, _Flags]:
    digits = chars - np.uint8(ord("0"))
    read = (digits <= _NINE).all(axis=1) & (
        digits[:, 0] > 0
    )  # after a leading 0 it would be smaller than its length says
    return _whole(digits, 0, size) * _EPOCHS[size], read


def _whole(digits: _Chars, at: int, count: int) -> _Ints:
    value = np.zeros(len(digits), "i8")
    for column in range(at, at + count):
        value = value * 10 + digits[:, column]
    return value
