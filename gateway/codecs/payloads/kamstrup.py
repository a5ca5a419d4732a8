"""Kamstrup flowIQ water meters: M-Bus records (EN 13757-3) behind a transport header (EN 13757-7), over LoRaWAN.

A frame carries one or more volumes, each with the time of its storage number, and may add an inverse compact profile:
the differences to the values before, newest first, which make registers at their own times. Units follow from the VIF.
Times have no zone and are in the estate's. Info codes are flags. What else is in a frame (flow, temperatures) is passed
over, but energy says that the meter is one of heat, whose volume is no use of water.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo
from functools import lru_cache
from itertools import accumulate
from itertools import count as count_up
from operator import sub
from struct import unpack
from typing import NamedTuple

from gateway.codecs.clock import local_us
from gateway.codecs.flags import Flag
from gateway.codecs.message import Reason, UndecodableError
from gateway.codecs.native import LARGEST_REGISTER
from gateway.codecs.payloads.frame import Contents, Frame
from gateway.codecs.vitals import LOW_BATTERY

_HEADERS = {0x78: 1, 0x7A: 5, 0x72: 13}
"""Bytes of the header by its CI field: none, short, long."""
_ENCRYPTION = 0x1F
_FILLER, _REST_IS_THE_MAKERS = 0x2F, (0x0F, 0x1F)
_SPECIAL, _VARIABLE, _REAL = 0xF, 0xD, 0x5
_BYTES = (0, 1, 2, 3, 4, 4, 6, 8, 0, 1, 2, 3, 4, 0, 6)
_BCD = frozenset({9, 10, 11, 12, 14})
_MORE, _LONGEST_CHAIN = 0x80, 11
_EXTREME, _TARIFF_AND_UNIT = 0x30, 0x70
_PLAIN_TEXT = 0x7C
_ENERGY, _VOLUME = range(0x10), range(0x10, 0x18)
_DATES, _NO_DATE = (0x6C, 0x6D), b"\xff\xff"
_CUBIC_METRE = 6
"""The VIF's last three bits when it counts whole cubic metres."""
_PROFILE = b"\x13"
_INFO_CODE = b"\xff\x25"
_INFO_BITS = {
    1 << 0: Flag.DRY.value, 1 << 1: Flag.REVERSE_FLOW.value, 1 << 2: Flag.LEAK.value, 1 << 3: Flag.BURST.value,
    1 << 4: Flag.TAMPER.value, 1 << 5: Flag.BATTERY_LOW.value, 1 << 6: Flag.FREEZE.value,
}  # fmt: skip
_SPACING_S = (1, 60, 3600, 86_400)
_LARGEST_SPACING = 250
_LARGEST_ELEMENT = 4
_CODES = {1: "b", 2: "h", 4: "i"}
_FALLS, _SIGNED = 2, 3
"""Modes of a profile; 1 is a register that rises."""
_SECOND_US = 1_000_000
_LAST_SHORT_YEAR = 80


class _Record(NamedTuple):
    plain: int
    """The VIF of a value that is the meter's own: no maximum, no tariff, nothing that qualifies it. Else -1."""
    history_of: int
    """The VIF of the values whose inverse compact profile it is, else -1."""
    form: int
    storage: int
    vif: bytes
    data: bytes


def decode(frame: Frame) -> Contents:
    """Read a frame.

    Raises:
        UndecodableError: it is encrypted or no M-Bus frame, a time or a base is missing, or it is a heat meter's.
    """
    records = _records(frame.data, _start(frame.data))
    times: dict[int, int | None] = {0: frame.heard_us}
    volumes, histories = [], 0
    for record in records:
        if record.plain in _VOLUME:
            volumes.append(record)
        elif record.history_of in _VOLUME:
            histories += 1
        elif record.plain in _DATES:
            moment_us = _moment_us(record.plain, record.data, frame.zone)
            times[record.storage] = frame.heard_us if moment_us is None and not record.storage else moment_us
        elif record.plain in _ENERGY:
            raise UndecodableError(
                Reason.WRONG_KIND, "it counts energy too: a heat meter, whose volume is no water used"
            )
    if not volumes and histories:
        raise _wrong("a profile without the volume from which it goes back")
    if not volumes:
        return Contents((), passed_over="no_volume")
    readings: dict[int, float] = {}
    for volume in volumes:
        readings.update(_registers(volume, times, records))
    codes = [int.from_bytes(record.data, "little") for record in records if record.vif == _INFO_CODE]
    return _contents(tuple(readings.items()), codes)


def _contents(readings: tuple[tuple[int, float], ...], codes: list[int]) -> Contents:
    if not codes:
        return Contents(readings)
    flags = tuple(flag for bit, flag in _INFO_BITS.items() if any(code & bit for code in codes))
    return Contents(readings, LOW_BATTERY if Flag.BATTERY_LOW in flags else None, flags=flags)


def _start(data: bytes) -> int:
    header = _HEADERS.get(data[0]) if data else None
    if header is None:
        raise _wrong("it begins with none of 72, 78, 7A")
    if len(data) < header:
        raise _wrong(f"its header ends after {len(data)} bytes")
    if header > 1 and (mode := data[header - 1] & _ENCRYPTION):
        raise _wrong(f"it is encrypted (mode {mode}); switch that off in the meter, LoRaWAN encrypts anyway")
    return header


def _records(data: bytes, at: int) -> list[_Record]:
    found = []
    while at < len(data) and data[at] not in _REST_IS_THE_MAKERS:
        if data[at] == _FILLER:
            at += 1
        else:
            at, record = _record(data, at)
            found.append(record)
    return found


def _record(data: bytes, at: int) -> tuple[int, _Record]:
    information = _chain(data, at)
    vif = _chain(data, at + len(information))
    at += len(information) + len(vif)
    form = information[0] & _SPECIAL
    if form == _SPECIAL or vif[0] & ~_MORE == _PLAIN_TEXT:
        raise _wrong(f"a record {information.hex()} {vif.hex()}")
    size = _BYTES[form]
    if form == _VARIABLE:
        size, at = _take(data, at, 1)[0], at + 1
    storage, own = _place(information)
    plain = vif[0] if own and len(vif) == 1 else -1
    history_of = vif[0] & ~_MORE if own and form == _VARIABLE and vif[1:] == _PROFILE else -1
    return at + size, _Record(plain, history_of, form, storage, vif, _take(data, at, size))


def _chain(data: bytes, at: int) -> bytes:
    """Give an information field with its extensions."""
    if at < len(data) and data[at] < _MORE:
        return data[at : at + 1]
    for end in range(at, min(at + _LONGEST_CHAIN, len(data))):
        if not data[end] & _MORE:
            return data[at : end + 1]
    raise _wrong("a record breaks off")


def _take(data: bytes, at: int, size: int) -> bytes:
    if at + size > len(data):
        raise _wrong("a record breaks off")
    return data[at : at + size]


def _place(information: bytes) -> tuple[int, bool]:
    """Give the storage number, and whether the value is as it is: no extreme, no tariff, no sub-unit."""
    first = information[0]
    storage, elsewhere = (first >> 6) & 1, first & _EXTREME
    if first < _MORE:
        return storage, not elsewhere
    for place, extension in enumerate(information[1:]):
        storage |= (extension & 0xF) << (1 + 4 * place)
        elsewhere |= extension & _TARIFF_AND_UNIT
    return storage, not elsewhere


def _registers(base: _Record, times: dict[int, int | None], records: list[_Record]) -> Iterator[tuple[int, float]]:
    """Give a volume and what its profile tells of the time before."""
    ts_us, count = times.get(base.storage), _count(base)
    if ts_us is None:
        raise _wrong(f"volume {base.storage} has no time")
    if count is None:
        raise UndecodableError(Reason.IMPOSSIBLE_VALUE, f"the meter marks volume {base.storage} as invalid")
    step_us, counts = 0, [count]
    for record in records:
        if record.history_of == base.plain and record.storage == base.storage:
            step_us, falls = _profile(record.data)
            counts = list(accumulate(falls, sub, initial=count))
    exponent = (base.plain & 7) - _CUBIC_METRE
    unit = 10.0 ** abs(exponent)
    registers = [count / unit for count in counts] if exponent < 0 else [count * unit for count in counts]
    if min(registers) < 0 or max(registers) > LARGEST_REGISTER:
        raise UndecodableError(Reason.IMPOSSIBLE_VALUE, f"a volume of {min(registers):g} to {max(registers):g} m³")
    return zip(count_up(ts_us, -step_us), registers, strict=False)


def _profile(data: bytes) -> tuple[int, list[int]]:
    """Give the step back in time and how much the register falls at each; one that is invalid is the end of it."""
    control, spacing = _take(data, 0, 2)
    size, mode, many = control & 0xF, control >> 6, len(data) - 2
    known = 1 <= size <= _LARGEST_ELEMENT and mode and 1 <= spacing <= _LARGEST_SPACING
    if not known or many % size:
        raise _wrong(f"a profile of another kind ({control:02X} {spacing:02X})")
    falls = _elements(data[2:], size, signed=mode == _SIGNED)
    none = -(1 << (8 * size - 1)) if mode == _SIGNED else (1 << 8 * size) - 1
    if none in falls:
        falls = falls[: falls.index(none)]
    step_us = _SPACING_S[(control >> 4) & 3] * spacing * _SECOND_US
    return step_us, [-fall for fall in falls] if mode == _FALLS else falls


def _elements(data: bytes, size: int, *, signed: bool) -> list[int]:
    if code := _CODES.get(size):
        return list(unpack(f"<{len(data) // size}{code if signed else code.upper()}", data))
    pieces = (data[at : at + size] for at in range(0, len(data), size))
    return [int.from_bytes(piece, "little", signed=signed) for piece in pieces]


def _count(record: _Record) -> int | None:
    """Read a whole number; None where the meter says that it has none."""
    if record.form in _BCD:
        digits = record.data[::-1].hex()
        return int(digits) if digits.isdecimal() else None
    if record.form in (_REAL, _VARIABLE) or not record.data:
        raise _wrong(f"a volume of the form {record.form:X}")
    count = int.from_bytes(record.data, "little", signed=True)
    return None if count == -(1 << (8 * len(record.data) - 1)) else count


@lru_cache(maxsize=10_000)
def _moment_us(vif: int, data: bytes, zone: tzinfo) -> int | None:
    """Read a date and time of type F or I, or a date of type G; None where the meter says that it is invalid.

    Remembered, since all meters tell of the same full hours.
    """
    parts = _date_parts(vif, data)
    if parts is None:
        return None
    try:
        return local_us(datetime(*parts), zone)  # noqa: DTZ001 - the zone is beside it
    except ValueError as error:
        raise UndecodableError(Reason.IMPOSSIBLE_VALUE, f"the time {data.hex(' ').upper()}") from error


def _date_parts(vif: int, data: bytes) -> tuple[int, int, int, int, int, int] | None:
    match vif, len(data):
        case (0x6D, 4) if not data[0] & 0x80:
            century = data[1] >> 5 & 3
            return _year(data[2:], century), data[3] & 15, data[2] & 31, data[1] & 31, data[0] & 63, 0
        case (0x6D, 6) if not data[1] & 0x80:
            return _year(data[3:], 1), data[4] & 15, data[3] & 31, data[2] & 31, data[1] & 63, data[0] & 63
        case (0x6C, 2) if data != _NO_DATE:
            return _year(data, 1), data[1] & 15, data[0] & 31, 0, 0, 0
    return None


def _year(day_and_month: bytes, century: int) -> int:
    year = (day_and_month[0] >> 5) | (day_and_month[1] >> 4) << 3
    if not century and year <= _LAST_SHORT_YEAR:
        century = 1  # old meters leave it 0 and mean 2000
    return 1900 + 100 * century + year


def _wrong(what: str) -> UndecodableError:
    return UndecodableError(Reason.WRONG_SHAPE, f"no frame of a Kamstrup water meter: {what}")
