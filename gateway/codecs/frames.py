"""Frames of serial meters in what loggers make of them: raw bytes, hexadecimal text, JSON around either, noise about.

A frame is what its checksum proves to be one. What looks like a reply but fails the proof makes the whole payload
half-understood, and that is refused: nobody knows which meter's register was lost.
"""

from __future__ import annotations

import binascii
import re
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Annotated, NamedTuple, TypeAlias

import msgspec
from msgspec import Meta, Struct

from gateway.codecs.message import Decoded, Message, Reason, Site, UndecodableError

START, END, PREAMBLE = 0x68, 0x16, 0xFE
REPLY, ERROR, MORE, FUNCTION = 0x80, 0x40, 0x20, 0x1F
"""Bits of a control byte, the same in both protocols: from the meter, an error, more follows, what was asked."""
LARGEST_MESSAGE = 64 * 1024
HEARTBEAT = "heartbeat"
"""What a payload is that holds no frame since it only says that the logger lives, or who it is."""

_LOW = 0xFF
_STARTS, _ENDS, _PREAMBLES = bytes([START]), bytes([END]), bytes([PREAMBLE])
_FEWEST_PAIRS = 12
_PAIRS = re.compile(rb"(?:(?:0[xX])?[0-9A-Fa-f]{2}[\s,;:_-]{0,4}){%d,}" % _FEWEST_PAIRS)
_BETWEEN_PAIRS = re.compile(rb"0[xX]|[\s,;:_-]+")
_HEX = frozenset(b"0123456789abcdefABCDEF")
_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{4}){4,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_NOT_TEXT = bytes(set(range(0x20)) - set(b"\t\r\n")) + b"\x7f"
_DEEPEST = 16
_BEAT = re.compile(
    rb"\s*(?:[^{\[h\x16]?|heart(?: ?beat)?|ping|(?:keep-?)?alive|www\.usr\.cn|(?!68)[0-9]{15,22})\s*", re.IGNORECASE
)
"""What loggers say to be known and to keep a connection: nothing, a byte, a word, their IMEI or ICCID. The shortest
frame is 24 digits."""
_LONGEST_BEAT = 32


class FieldOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """What every dialect of frames may set."""

    field: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    """Where in a logger's JSON the frames stand, dotted where it lies deeper; without it all its texts are tried."""
    time: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    """Where in it the time stands at which the logger read them; without it they are of the moment of arrival."""
    readings: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    """Where a list stands of frames of several times; `field` and `time` are looked for in each of its items."""
    zone: str | None = None
    """Of times that say none: `UTC`, `Asia/Shanghai`; without it that of the estate."""


class Fault(NamedTuple):
    """Something that looks like a frame and is none. A request may be: only a reply loses a register."""

    error: UndecodableError
    of_reply: bool


class Framing(NamedTuple):
    """What one protocol's frames look like; both functions take a blob and where in it a 68H stands."""

    name: str
    end: Callable[[bytes, int], int]
    """Where a whole frame ends that its checksum proves, or 0."""
    fault: Callable[[bytes, int], Fault | None]
    """What is wrong with something that looks much like a frame, or None where it does not."""


FrameDecoder: TypeAlias = Callable[[list[bytes], Message, Site], Decoded]
"""Makes of a message what its frames say, one at least."""


def either(one: Framing, other: Framing) -> Framing:
    """Frames of two protocols on one line."""
    return Framing(
        f"{one.name} or {other.name}",
        lambda blob, at: one.end(blob, at) or other.end(blob, at),
        lambda blob, at: one.fault(blob, at) or other.fault(blob, at),
    )


def frames_of(payload: bytes, framing: Framing, *fields: str | None) -> list[bytes]:
    """Give all frames of a payload in their order, each once; of JSON those in the fields, or anywhere for None.

    None are given for a logger's heartbeat.

    Raises:
        UndecodableError: there is none, or beside those that are whole there is a reply that is not.
    """
    if len(payload) < _LONGEST_BEAT and _BEAT.fullmatch(payload):
        return []
    if alone := _alone(payload, framing):
        return [alone]
    found: list[bytes] = []
    strays: list[UndecodableError] = []
    for carrier in _carriers(payload, fields):
        found += _in_carrier(carrier, framing, strays)
    if not found:
        stray = strays[0] if strays else UndecodableError(Reason.WRONG_SHAPE, f"no {framing.name} frame in it")
        raise stray
    return found if len(found) == 1 else list(dict.fromkeys(found))


def of_other_times(address: str) -> UndecodableError:
    """Say that a meter's registers fall within a message, so that they cannot all be of its arrival."""
    detail = f"{address}: its registers fall within one message, so they are of several times: say time and readings"
    return UndecodableError(Reason.NOT_MAPPED, detail)


def proven(blob: bytes, begin: int, last: int) -> bool:
    """Whether a frame's 16H stands at `last`, and before it the sum of the bytes from `begin` on."""
    return last < len(blob) and blob[last] == END and sum(blob[begin : last - 1]) & _LOW == blob[last - 1]


def fault_of(blob: bytes, begin: int, last: int, control: int, name: str) -> Fault:
    """Tell a frame that does not end where its length says from one whose checksum is wrong."""
    if last >= len(blob) or blob[last] != END:
        error = UndecodableError(Reason.WRONG_SHAPE, f"a {name} frame that does not end where its length says")
    else:
        told, counted = blob[last - 1], sum(blob[begin : last - 1]) & _LOW
        error = UndecodableError(Reason.WRONG_CHECKSUM, f"a {name} frame says {told:02X}, its bytes make {counted:02X}")
    return Fault(error, of_reply=bool(control & REPLY))


def json_of(payload: bytes) -> object:
    """Read a payload that begins like JSON; None where it does not.

    Raises:
        UndecodableError: it begins like a JSON object and is none.
    """
    head = payload[:64].lstrip()[:1]
    if head not in (b"{", b"["):
        return None
    try:
        found: object = msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if head == b"[":
            return None  # a log line may begin with a bracket
        raise UndecodableError(Reason.NOT_JSON, str(error) or type(error).__name__) from error
    return found


def _carriers(payload: bytes, fields: tuple[str | None, ...]) -> Iterator[bytes]:
    """Give what may carry frames: the payload itself, or the texts of its JSON."""
    value = json_of(payload)
    if value is None:
        yield payload
        return
    for field in (None,) if None in fields else dict.fromkeys(fields):
        yield from _texts(value if field is None else _field(value, field), 0)


def _field(value: object, path: str) -> object:
    for name in path.split("."):
        if not isinstance(value, dict) or name not in value:
            raise UndecodableError(Reason.WRONG_SHAPE, f"no field {path}")
        value = value[name]
    return value


def _texts(value: object, depth: int) -> Iterator[bytes]:
    if isinstance(value, str):
        yield _bytes_of(value)
    elif isinstance(value, (dict, list)) and depth < _DEEPEST:
        if isinstance(value, list) and (numbers := _bytes_of_numbers(value)):
            yield numbers
            return
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item, depth + 1)


def _bytes_of(text: str) -> bytes:
    """Bytes that a logger has put into a JSON text one by one, or the text's own."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def _bytes_of_numbers(items: list[object]) -> bytes | None:
    """Read 0 to 255, or -128 to 127 as Java writes bytes."""
    try:
        if not items or type(items[0]) is not int:
            return None
        return bytes(items) if min(items) >= 0 else struct.pack(f"{len(items)}b", *items)  # type: ignore[type-var, operator, arg-type]  # it raises if not
    except (TypeError, ValueError, struct.error):
        return None


def _alone(blob: bytes, framing: Framing) -> bytes | None:
    """Give the frame where there is nothing else, which is how nearly all come."""
    frame = blob.lstrip(_PREAMBLES)
    return frame if frame and framing.end(frame, 0) == len(frame) else None


def _in_carrier(carrier: bytes, framing: Framing, strays: list[UndecodableError]) -> list[bytes]:
    with suppress(binascii.Error):
        if alone := _alone(binascii.unhexlify(carrier), framing):
            return [alone]
    is_text = _is_text(carrier)
    found = [] if is_text else _in_blob(carrier, framing, strays)
    if not found:
        for run in _PAIRS.finditer(carrier):
            found += _in_run(carrier, run, framing, strays)
    if not found and is_text and _BASE64.fullmatch(carrier):
        found = _in_blob(binascii.a2b_base64(carrier), framing, strays)
    return found


def _is_text(carrier: bytes) -> bool:
    if len(carrier.translate(None, _NOT_TEXT)) != len(carrier):
        return False
    if carrier.isascii():
        return True
    try:
        carrier.decode()
    except UnicodeDecodeError:
        return False
    return True


def _in_run(carrier: bytes, run: re.Match[bytes], framing: Framing, strays: list[UndecodableError]) -> list[bytes]:
    """Read hexadecimal digits; a letter of a word before them may have joined them and shifted all by one."""
    digits = run.group()
    try:
        blob = binascii.unhexlify(digits)
    except binascii.Error:
        digits = _BETWEEN_PAIRS.sub(b"", digits)
        blob = binascii.unhexlify(digits)
    found = _in_blob(blob, framing, strays)
    if not found and (after := carrier[run.end() : run.end() + 1]) and after[0] in _HEX:
        found = _in_blob(binascii.unhexlify(digits[1:] + after), framing, strays)
    return found


def _in_blob(blob: bytes, framing: Framing, strays: list[UndecodableError]) -> list[bytes]:
    found: list[bytes] = []
    rest = 0
    at = blob.find(START)
    while at >= 0:
        end = framing.end(blob, at)
        if end:
            _check_gap(blob, rest, at, framing, strays)
            found.append(blob[at:end])
            rest = end
        at = blob.find(START, end or at + 1)
    _check_gap(blob, rest, len(blob), framing, strays)
    return found


def _check_gap(blob: bytes, begin: int, end: int, framing: Framing, strays: list[UndecodableError]) -> None:
    """See that nothing between the frames looks like a reply that was damaged."""
    at = blob.find(START, begin, end)
    while at >= 0:
        _refuse_reply(framing.fault(blob, at), strays)
        at = blob.find(START, at + 1, end)
    rest = blob[begin:end].lstrip(_PREAMBLES)
    if rest[-1:] == _ENDS and rest[0] != START:
        _refuse_reply(framing.fault(_STARTS + rest[1:], 0), strays)


def _refuse_reply(fault: Fault | None, strays: list[UndecodableError]) -> None:
    if fault:
        if fault.of_reply:
            raise fault.error
        strays[:] = strays or [fault.error]
