"""DL/T 645-2007 electricity meters, and energy as DL/T 645-1997 meters tell it, as loggers pass their frames on.

    68 A0…A5 68 C L DATA… CS 16      FE before it wakes the line; every byte of DATA has 33H added

The address is the meter's number, two decimal digits a byte, last digits first; so are all values. A reply bears no
time: its register is that of the moment in which it arrives.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from gateway.codecs.dialect import Codec, Dialect
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
from gateway.codecs.message import Decoded, Message, Reason, Site, UndecodableError
from gateway.events import DeviceKind, Reading

Energy: TypeAlias = Literal["forward", "combined", "any"]

_SECOND_START = 7
_CONTROL, _LENGTH, _DATA = 8, 9, 10
_TAIL = 2
_OFFSET = 0x33
_WITHOUT_OFFSET = bytes((byte - _OFFSET) & 0xFF for byte in range(256))
_WITH_OFFSET = bytes((byte + _OFFSET) & 0xFF for byte in range(256))
_DIGITS = 12
_VALUE = 4
"""Bytes of an energy: six digits of kWh and two behind the point."""
_MISSING = b"\xff" * _VALUE
_NEGATIVE = 0x80
"""Bit of the first digit of a combined energy."""

_READ, _READ_1997 = 0x11, 0x01
_REPLIES = frozenset({0x91, 0xB1, 0xD1, 0x92, 0xB2, 0xD2, 0x93, 0x81, 0xA1, 0xC1, 0x82, 0xA2, 0xC2})
"""Controls by which a reply is known whose second 68H is damaged."""
_MORE_OF_IT = (0x12, 0x02)
_ADDRESS = 0x13

FORWARD, FORWARD_BLOCK = bytes.fromhex("00000100"), bytes.fromhex("00ff0100")
COMBINED, COMBINED_BLOCK = bytes.fromhex("00000000"), bytes.fromhex("00ff0000")
FORWARD_1997, FORWARD_BLOCK_1997 = bytes.fromhex("1090"), bytes.fromhex("1f90")
"""Data ids as they travel, lowest byte first. A block is the total and then the tariffs."""
_TOTALS: dict[bytes, Energy] = {
    FORWARD: "forward",
    FORWARD_BLOCK: "forward",
    FORWARD_1997: "forward",
    FORWARD_BLOCK_1997: "forward",
    COMBINED: "combined",
    COMBINED_BLOCK: "combined",
}
_BLOCKS = (FORWARD_BLOCK, COMBINED_BLOCK, FORWARD_BLOCK_1997)

_ERRORS_2007 = (
    "another error",
    "it has no such data",
    "wrong password or not allowed",
    "baud rate cannot be changed",
    "too many year zones",
    "too many day periods",
    "too many tariffs",
)
_ERRORS_1997 = (
    "wrong data",
    "it knows no such data id",
    "wrong password",
    "a reserved bit",
    "too many year zones",
    "too many day periods",
    "too many tariffs",
)
_READS_1997 = 0x10
"""Function codes below this one are of the edition of 1997."""


class Options(FieldOptions, frozen=True, forbid_unknown_fields=True):
    """`energy`: which energy is the register, where a meter's homes also feed in; the other one is passed over then."""

    energy: Energy = "any"


class _Told(NamedTuple):
    """What a frame says: a register, or in a word why it has none, or what is wrong with the meter."""

    address: str
    energy: Energy = "any"
    register_kwh: float | None = None
    word: str = ""
    trouble: str = ""


def _end(blob: bytes, at: int) -> int:
    if len(blob) < at + _DATA + _TAIL or blob[at + _SECOND_START] != START or blob[at] != START:
        return 0
    last = at + _DATA + blob[at + _LENGTH] + 1
    return last + 1 if proven(blob, at, last) else 0


def _fault(blob: bytes, at: int) -> Fault | None:
    if len(blob) < at + _DATA:
        return None
    control, last = blob[at + _CONTROL], at + _DATA + blob[at + _LENGTH] + 1
    ends = last < len(blob) and blob[last] == END
    if blob[at + _SECOND_START] == START or (ends and control in _REPLIES):
        return fault_of(blob, at, last, control, "DL/T 645")
    return _fault_of_envelope(blob, at)


def _fault_of_envelope(blob: bytes, at: int) -> Fault | None:
    """Check the Q/GDW 376.1 frame in which a concentrator passes a meter's on: 68 L L 68 C A… CS 16, L four times n."""
    if blob[at + 5] != START or blob[at + 1 : at + 3] != blob[at + 3 : at + 5]:
        return None
    begin = at + 6
    last = begin + int.from_bytes(blob[at + 1 : at + 3], "little") // 4 + 1
    if proven(blob, begin, last):
        return None
    return fault_of(blob, begin, last, REPLY, "Q/GDW 376.1")


FRAMING = Framing("DL/T 645", _end, _fault)


def ask(device_id: str) -> tuple[bytes, ...]:
    """Make the frames that ask a meter for its forward active energy: as of 2007, then as of 1997.

    Raises:
        ValueError: the id is no address.
    """
    if not (device_id.isascii() and device_id.isdigit() and len(device_id) <= _DIGITS):
        raise ValueError(f"{device_id} is not a meter address of {_DIGITS} digits")
    address = bytes.fromhex(device_id.zfill(_DIGITS))[::-1]
    return _request(address, _READ, FORWARD), _request(address, _READ_1997, FORWARD_1997)


def _request(address: bytes, control: int, data_id: bytes) -> bytes:
    frame = bytes((START, *address, START, control, len(data_id))) + data_id.translate(_WITH_OFFSET)
    return bytes([PREAMBLE] * 4) + frame + bytes((sum(frame) & 0xFF, END))


def _codec(options: Options) -> Codec:
    decode_frames = frame_decoder(options)

    def decode(message: Message, site: Site) -> Decoded:
        return decode_frames(frames_of(message.payload, FRAMING, options.field), message, site)

    return as_kept(options, decode)


def frame_decoder(options: Options) -> FrameDecoder:
    """Make what decodes a message's frames, for a line that carries others as well."""

    def decode(frames: list[bytes], message: Message, site: Site) -> Decoded:
        if not frames:
            return Decoded((), passed_over=HEARTBEAT)
        told = [_told(frame) for frame in frames]
        registers: dict[str, _Told] = {}
        for one in told:
            if one.register_kwh is not None and (options.energy in ("any", one.energy)):
                _keep(registers, site.device(one.address).device_id, one)
        if not registers:
            return _without_register(told)
        if message.retained:
            return Decoded((), passed_over="retained")
        trouble = "device_error" if any(one.trouble for one in told) else None
        return Decoded(
            tuple(
                Reading(device_id, DeviceKind.ELECTRICITY, message.arrived_us, one.register_kwh or 0.0)
                for device_id, one in registers.items()
            ),
            passed_over=trouble,
        )

    return decode


DIALECT = Dialect(name="dlt645", codec=_codec, options=Options, largest=LARGEST_MESSAGE, ask=ask)


def _keep(registers: dict[str, _Told], device_id: str, one: _Told) -> None:
    """Keep one register a meter: its forward energy rather than the combined one, else what it said last."""
    known = registers.get(device_id)
    if known and known.energy == one.energy and (one.register_kwh or 0.0) < (known.register_kwh or 0.0):
        raise of_other_times(one.address)
    if device_id not in registers or one.energy == "forward" or registers[device_id].energy != "forward":
        registers[device_id] = one


def _without_register(told: list[_Told]) -> Decoded:
    for one in told:
        if one.trouble:
            raise UndecodableError(Reason.DEVICE_ERROR, f"{one.address}: {one.trouble}")
    return Decoded((), passed_over=told[-1].word or "other_energy")


def _told(frame: bytes) -> _Told:
    address = frame[6:0:-1].hex()
    control = frame[_CONTROL]
    data = frame[_DATA:-_TAIL].translate(_WITHOUT_OFFSET)
    function = control & FUNCTION
    if not control & REPLY:
        return _Told(address, word="request" if function else "heartbeat")
    if control & ERROR:
        return _Told(address, word="device_error", trouble=_trouble(function, data))
    if function == _READ:
        return _energy(address, data, 4)
    if function == _READ_1997:
        return _energy(address, data, 2)
    if function in _MORE_OF_IT:
        return _Told(address, word="follow_up")
    return _Told(address, word="address" if function == _ADDRESS else "other_data")


def _energy(address: str, data: bytes, id_size: int) -> _Told:
    if len(data) < id_size:
        raise UndecodableError(Reason.WRONG_SHAPE, f"{address}: a reply without a data id")
    data_id = data[:id_size]
    energy = _TOTALS.get(data_id)
    if energy is None:
        return _Told(address, word="other_data")
    over = len(data) - id_size - _VALUE
    if over not in (0, 1) and (over < 0 or data_id not in _BLOCKS):
        said = data_id[::-1].hex().upper()
        raise UndecodableError(Reason.WRONG_SHAPE, f"{address}: {len(data)} bytes of data with {said}")
    return _Told(address, energy, _kwh(address, energy, data[id_size : id_size + _VALUE]))


def _kwh(address: str, energy: Energy, value: bytes) -> float:
    """Read a total. What follows it, the frame's number or the tariffs, adds nothing to it."""
    if energy == "combined" and value[-1] & _NEGATIVE and value != _MISSING:
        raise UndecodableError(Reason.IMPOSSIBLE_VALUE, f"{address}: the combined energy is negative")
    digits = value[::-1].hex()
    if not digits.isdecimal():
        raise UndecodableError(Reason.IMPOSSIBLE_VALUE, f"{address}: {digits.upper()} is no decimal number")
    return int(digits) / 100


def _trouble(function: int, data: bytes) -> str:
    if not data:
        return "an error without an error word"
    table = _ERRORS_1997 if function < _READS_1997 else _ERRORS_2007
    said = [text for bit, text in enumerate(table) if data[0] >> bit & 1]
    return f"{', '.join(said) or 'no error'} (error word {data[0]:02X})"
