"""CJ/T 188-2004 and -2018 water meters, as loggers pass their frames on, and the JSON of a common Cat.1 logger.

    68 T A0…A6 C L DI DI SER DATA… CS 16      FE before it wakes the line

T is the kind of meter, the address 14 decimal digits, two a byte, last digits first; so are all values. The data id
travels either way round. A reply to 901F is the register, that of the last settlement, the meter's time and a status.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, tzinfo
from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import Meta, Struct

from gateway.codecs.clock import is_near, local_us
from gateway.codecs.dialect import Codec, Dialect
from gateway.codecs.flags import Flag
from gateway.codecs.frames import (
    END,
    ERROR,
    FUNCTION,
    HEARTBEAT,
    LARGEST_MESSAGE,
    PREAMBLE,
    REPLY,
    START,
    Fault,
    FieldOptions,
    FrameDecoder,
    Framing,
    fault_of,
    frames_of,
    of_other_times,
    proven,
)
from gateway.codecs.kept import as_kept
from gateway.codecs.message import Decoded, Listed, Message, Reason, Site, UndecodableError
from gateway.codecs.vitals import LOW_BATTERY
from gateway.events import DeviceKind, Reading, Status

_TYPE, _ADDRESS, _CONTROL, _LENGTH, _DATA = 1, slice(8, 1, -1), 9, 10, 11
_TAIL = 2
_HEAD = 3
"""Bytes of DATA before the values: the data id and a number of the frame."""
_DIGITS, _VENDOR_DIGITS = 14, 4
_WATER = range(0x10, 0x1A)
_TYPES = (
    (_WATER, "water"),
    (range(0x20, 0x2A), "heat"),
    (range(0x30, 0x3A), "gas"),
    (range(0x40, 0x4A), "another meter"),
)

_READ, _READ_ADDRESS = 0x01, 0x03
_CONTROLS = frozenset({0x81, 0xA1, 0xC1, 0x83, 0xC3, 0x84, 0xC4, 0x01, 0x03, 0x04})
"""What a frame may have as control, as far as its kind goes."""
_SIGNS = 3

_REGISTER = (b"\x1f\x90", b"\x90\x1f")
_MONTHS = frozenset({0xD1, 0xD2})
"""First bytes of data ids of the settlements of past months, which bear no time."""
_FREEZES = frozenset({0xD3, 0xD4})
"""First bytes of data ids of registers kept at a set time, every half hour or hour, or at a command (2018)."""
_VOLUME, _TIME, _STATUS = 5, 7, 2
_STATUS_AT = 2 * _VOLUME + _TIME
_UNITLESS = _VOLUME - 1 + _STATUS
"""Bytes of a makers' short answer: a register and a status."""
_POWERS = {0x29: -3, 0x2A: -2, 0x2B: -1, 0x2C: 0, 0x2D: 1, 0x2E: 2}
"""Units of volume: L, 10 L, 100 L, m³, 10 m³, 100 m³, as powers of ten of m³."""
_NOTHING = 0xFF
_UNITS_OF_SETTLEMENT = frozenset({*_POWERS, _NOTHING})
_CODES = {"m3": 0x2C, "L": 0x29}
_ANY = 0xAA
"""As type or in an address it means any meter."""
_BATTERY_LOW = 0x04
_VALVE = ("open", "closed", "in between", "faulty")
_VALVE_BITS = 0x03
_FLAGS: tuple[tuple[str, ...], ...] = tuple(
    (*valve, *low)
    for low in ((), (Flag.BATTERY_LOW.value,))
    for valve in ((), (Flag.VALVE_CLOSED.value,), (Flag.VALVE_MOVING.value,), (Flag.VALVE_FAULT.value,))
)
"""By the bits of valve and battery."""

_SECOND_US = 1_000_000
_CENTURY = b"\x20"


class Options(FieldOptions, frozen=True, forbid_unknown_fields=True):
    """What differs from make to make, and no frame tells."""

    decimals: Annotated[int, Meta(ge=0, le=4)] = 2
    """Digits of a volume behind the point; makes that count whole litres under 29H need 0."""
    unit: Literal["m3", "L"] | None = None
    """What replies count that say no unit; without it they are refused."""
    clock: Literal["meter", "arrival"] = "meter"
    """Whose time a register bears; `arrival` for meters whose clock stands still."""


class _Told(NamedTuple):
    """What a frame says: a register and its time, or in a word why it has none, or what is wrong with the meter."""

    address: str
    register_m3: float | None = None
    time: bytes = b""
    is_history: bool = False
    battery: float | None = None
    flags: tuple[str, ...] | None = None
    word: str = ""
    trouble: str = ""


class _Sum(Struct, gc=False):
    METERSUM: str | int | float | None = None


class _Logger(_Sum, gc=False):
    """What the Cat.1 logger says: its IMEI, the meter, its register in litres; or with `INFO` what ails it."""

    DEVTYPE: str = ""
    SN: str | None = None
    METERNO: str | None = None
    INFO: int | None = None
    UPDATA2: _Sum | None = None
    """What it answers to a question."""


_decode_logger = msgspec.json.Decoder(_Logger).decode
_SUM_DIGITS = 10
_LARGEST_SUM = 999_999_990
"""Litres of a meter's eight digits, the last two behind the point."""
_UNREADABLE, _OFFLINE = 3, 4
_OF_A_METER = "M1"


def _end(blob: bytes, at: int) -> int:
    if len(blob) < at + _DATA + _TAIL or blob[at] != START:
        return 0
    last = at + _DATA + blob[at + _LENGTH] + 1
    return last + 1 if proven(blob, at, last) else 0


def _fault(blob: bytes, at: int) -> Fault | None:
    """Know a damaged frame by three of four signs: type, decimal digits as address, control, and its end."""
    if len(blob) < at + _DATA:
        return None
    last = at + _DATA + blob[at + _LENGTH] + 1
    signs = (
        blob[at + _CONTROL] in _CONTROLS,
        any(blob[at + _TYPE] in types for types, _ in _TYPES) or blob[at + _TYPE] == _ANY,
        last < len(blob) and blob[last] == END,
        blob[at + 2 : at + _CONTROL].hex().isdecimal(),
    )
    if sum(signs) < _SIGNS:
        return None
    return fault_of(blob, at, last, blob[at + _CONTROL], "CJ/T 188")


FRAMING = Framing("CJ/T 188", _end, _fault)


def ask(device_id: str) -> tuple[bytes, ...]:
    """Make the frames that ask a meter for its register, the data id one way round and then the other.

    Raises:
        ValueError: the id is no address.
    """
    if not (device_id.isascii() and device_id.isdigit() and len(device_id) <= _DIGITS):
        raise ValueError(f"{device_id} is not a meter address of {_DIGITS} digits")
    address = bytes.fromhex(device_id.zfill(_DIGITS))[::-1]
    heads = [bytes((START, _WATER[0], *address, _READ, _HEAD)) + data_id + b"\0" for data_id in _REGISTER]
    return tuple(bytes([PREAMBLE] * 4) + head + bytes((sum(head) & 0xFF, END)) for head in heads)


def _codec(options: Options) -> Codec:
    decode_frames = frame_decoder(options)

    def decode(message: Message, site: Site) -> Decoded:
        if is_of_logger(message):
            return of_logger(message, site)
        return decode_frames(frames_of(message.payload, FRAMING, options.field), message, site)

    return as_kept(options, decode)


def frame_decoder(options: Options) -> FrameDecoder:
    """Make what decodes a message's frames, for a line that carries others as well."""

    def decode(frames: list[bytes], message: Message, site: Site) -> Decoded:
        if not frames:
            return Decoded((), passed_over=HEARTBEAT)
        told = [_told(frame, options) for frame in frames]
        registers = [one for one in told if one.register_m3 is not None]
        if not registers:
            return _without_register(told)
        return _decoded(registers, told, message, site, by_meter=options.clock == "meter")

    return decode


DIALECT = Dialect(
    name="cjt188", codec=_codec, topics=("pushinfo/+",), options=Options, largest=LARGEST_MESSAGE, ask=ask
)


def _decoded(registers: list[_Told], told: list[_Told], message: Message, site: Site, *, by_meter: bool) -> Decoded:
    readings: dict[tuple[str, int], Reading] = {}
    whose: dict[str, str] = {}
    by_arrival = False
    for one in registers:
        device = _device(site, one.address)
        _tell_apart(whose.setdefault(device.device_id, one.address), one.address)
        ts_us = _time_us(one, device.zone, message.arrived_us) if by_meter or one.is_history else None
        if ts_us is None or (len(registers) > 1 and not one.is_history and not is_near(ts_us, message.arrived_us)):
            ts_us, by_arrival = message.arrived_us, True
        register_m3 = one.register_m3 or 0.0
        reading = Reading(device.device_id, DeviceKind.WATER, ts_us, register_m3, one.battery, flags=one.flags)
        if (known := readings.get((device.device_id, ts_us))) is not None and register_m3 < known.register:
            raise of_other_times(one.address)
        readings[device.device_id, ts_us] = reading
    if by_arrival and message.retained:
        return Decoded((), passed_over="retained")
    return Decoded(
        tuple(readings.values()),
        arrival_serves=not (message.retained or registers[0].is_history),
        passed_over="device_error" if any(one.trouble for one in told) else None,
    )


def _tell_apart(address: str, other: str) -> None:
    """Refuse two meters of two makers that a list has as one, by the number on the dial that both have."""
    if address != other:
        detail = f"{address} and {other} have one number on their dials: list each with all {_DIGITS} digits"
        raise UndecodableError(Reason.NOT_MAPPED, detail)


def _without_register(told: list[_Told]) -> Decoded:
    for one in told:
        if one.trouble:
            raise UndecodableError(Reason.DEVICE_ERROR, f"{one.address}: {one.trouble}")
    return Decoded((), passed_over=told[-1].word)


def _device(site: Site, address: str) -> Listed:
    """Find the meter by its whole address, or by the number on its dial: the address without the maker's code."""
    with suppress(UndecodableError):
        return site.device(address)
    with suppress(UndecodableError):
        return site.device(address[_VENDOR_DIGITS:])
    raise UndecodableError(Reason.UNKNOWN_DEVICE, address)


def _told(frame: bytes, options: Options) -> _Told:
    address, control, data = frame[_ADDRESS].hex(), frame[_CONTROL], frame[_DATA:-_TAIL]
    if not control & REPLY:
        return _Told(address, word="request")
    if frame[_TYPE] not in _WATER:
        raise UndecodableError(Reason.WRONG_KIND, f"{address}: {_kind_of(frame[_TYPE])}, not a water meter")
    if control & ERROR:
        return _Told(address, word="device_error", trouble=_trouble(data))
    function = control & FUNCTION
    if function != _READ:
        return _Told(address, word="address" if function == _READ_ADDRESS else "other_data")
    if len(data) < _HEAD:
        raise UndecodableError(Reason.WRONG_SHAPE, f"{address}: a reply without a data id")
    return _answer(address, data, options)


def _answer(address: str, data: bytes, options: Options) -> _Told:
    data_id, values = data[:2], data[_HEAD:]
    if data_id in _REGISTER:
        if len(values) == _UNITLESS and options.unit is not None:
            values = _in_full(values, _CODES[options.unit])
        return _present(address, values, options.decimals)
    if not _FREEZES.isdisjoint(data_id) and len(values) >= _TIME + _VOLUME:
        return _frozen(address, values, options.decimals)
    return _Told(address, word="past_month" if not _MONTHS.isdisjoint(data_id) else "other_data")


def _in_full(values: bytes, unit: int) -> bytes:
    """Make the standard's answer of a register without a unit and a status: the unit, no settlement, no time."""
    return values[:-_STATUS] + bytes([unit]) + bytes(_VOLUME + _TIME) + values[-_STATUS:]


def _present(address: str, values: bytes, decimals: int) -> _Told:
    if len(values) < _VOLUME or _VOLUME < len(values) < 2 * _VOLUME:
        raise UndecodableError(Reason.NOT_MAPPED, f"{address}: {len(values)} bytes with 901F, so none tells the unit")
    settled = values[_VOLUME : 2 * _VOLUME]
    if settled and settled[-1] not in _UNITS_OF_SETTLEMENT and any(settled):
        raise UndecodableError(Reason.WRONG_SHAPE, f"{address}: where the settlement's unit belongs is another value")
    register_m3 = _m3(address, values[:_VOLUME], decimals)
    if register_m3 is None:
        raise UndecodableError(Reason.IMPOSSIBLE_VALUE, f"{address}: the meter says that it has no register")
    flags = _flags(values[_STATUS_AT : _STATUS_AT + 1])
    battery = LOW_BATTERY if flags and Flag.BATTERY_LOW in flags else None
    time = values[2 * _VOLUME : _STATUS_AT]
    return _Told(address, register_m3, time if len(time) == _TIME else b"", battery=battery, flags=flags)


def _flags(status: bytes) -> tuple[str, ...] | None:
    """Read the first byte of a status; FF, or none at all, tells nothing."""
    if not status or status[0] == _NOTHING:
        return None
    return _FLAGS[status[0] & (_BATTERY_LOW | _VALVE_BITS)]


def _frozen(address: str, values: bytes, decimals: int) -> _Told:
    time = values[:_TIME]
    register_m3 = _m3(address, values[_TIME : _TIME + _VOLUME], decimals)
    if register_m3 is None or not any(time) or set(time) == {_NOTHING}:
        return _Told(address, word="empty_record")
    return _Told(address, register_m3, time, is_history=True)


def _m3(address: str, value: bytes, decimals: int) -> float | None:
    """Read a volume of four bytes and a unit; None where the meter marks it as one that it lacks."""
    digits, unit = value[3::-1].hex(), value[4]
    if digits == "ffffffff":
        return None
    if not digits.isdecimal():
        raise UndecodableError(Reason.IMPOSSIBLE_VALUE, f"{address}: {digits.upper()} is no decimal number")
    if unit not in _POWERS:
        raise UndecodableError(Reason.NOT_MAPPED, f"{address}: unit {unit:02X} is no volume")
    power = _POWERS[unit] - decimals
    return int(digits) / 10**-power if power < 0 else float(int(digits) * 10**power)


def _time_us(one: _Told, zone: tzinfo, arrived_us: int) -> int | None:
    """Read a meter's time, which some send last byte first and some as it is read; None where it is none.

    Raises:
        UndecodableError: it is the time of a past register and cannot be read.
    """
    time = one.time
    ends_so, begins_so = time[-1:] == _CENTURY, time[:1] == _CENTURY
    time_us = _epoch_us(time[::-1] if ends_so else time, zone) if ends_so or begins_so else None
    if ends_so and begins_so and (other := _epoch_us(time, zone)) != time_us:
        near = {either for either in (time_us, other) if either is not None and is_near(either, arrived_us)}
        time_us = near.pop() if len(near) == 1 else None
    if time_us is None and one.is_history:
        raise UndecodableError(Reason.IMPOSSIBLE_VALUE, f"{one.address}: {time.hex().upper()} is no one time")
    return time_us


def _epoch_us(time: bytes, zone: tzinfo) -> int | None:
    """Read century, year, month, day, hour, minute, second."""
    try:
        text = time.hex()
        local = datetime.fromisoformat(f"{text[:8]}T{text[8:]}")
    except ValueError:
        return None
    return local_us(local, zone)


def _kind_of(meter_type: int) -> str:
    name = next((name for types, name in _TYPES if meter_type in types), "unknown")
    return f"type {meter_type:02X} is {name}"


def _trouble(data: bytes) -> str:
    """Say what an error reply says: the number of the frame, and a status."""
    if not data[1:]:
        return "an error without a status"
    status = data[1]
    battery = "low" if status & _BATTERY_LOW else "good"
    return f"an error; valve {_VALVE[status & _VALVE_BITS]}, battery {battery} (status {data[1:].hex().upper()})"


def is_of_logger(message: Message) -> bool:
    """Whether a Cat.1 logger says it, which makes JSON of its meter's register."""
    return b'"DEVTYPE"' in message.payload and b'"SN"' in message.payload


def of_logger(message: Message, site: Site) -> Decoded:
    """Decode what a Cat.1 logger says.

    Raises:
        UndecodableError: it is damaged, its meter is not on the lists or cannot be read.
    """
    try:
        said = _decode_logger(message.payload)
    except msgspec.ValidationError as error:
        raise UndecodableError(Reason.WRONG_SHAPE, str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UndecodableError(Reason.NOT_JSON, str(error) or type(error).__name__) from error
    meter_sum = said.METERSUM if said.METERSUM is not None or said.UPDATA2 is None else said.UPDATA2.METERSUM
    if said.INFO == _OFFLINE:
        return _logger_offline(said, site)
    if said.INFO == _UNREADABLE or (meter_sum is None and said.INFO is None and said.DEVTYPE == _OF_A_METER):
        raise UndecodableError(Reason.DEVICE_ERROR, f"{said.METERNO or said.SN}: the logger cannot read its meter")
    if meter_sum is None:
        return Decoded((), passed_over="notice" if said.INFO is not None else "description")
    device = _device(site, said.METERNO or said.SN or "")
    if message.retained:
        return Decoded((), passed_over="retained")
    return Decoded((Reading(device.device_id, DeviceKind.WATER, message.arrived_us, _logger_m3(meter_sum)),))


def _logger_offline(said: _Logger, site: Site) -> Decoded:
    with suppress(UndecodableError):
        return Decoded((Status(site.device(said.SN or "").device_id, None, online=False),))
    return Decoded((), passed_over="offline")


def _logger_m3(told: str | float) -> float:
    """Read litres: a text of ten digits, or in other firmware a number. Both are the meter's digits with a 0 behind."""
    if isinstance(told, str):
        if len(told) != _SUM_DIGITS or not (told.isascii() and told.isdigit()):
            raise UndecodableError(Reason.WRONG_SHAPE, f"METERSUM {told[:20]!r} is not {_SUM_DIGITS} digits")
        told = int(told)
    if not 0 <= told <= _LARGEST_SUM or told % 10:
        detail = "METERSUM is not a meter's eight digits with a 0 behind: litres, or ten times as many"
        raise UndecodableError(Reason.IMPOSSIBLE_VALUE, detail)
    return told / 1000
