"""The protobuf of Sparkplug B payloads, as far as registers need it: names, aliases, times and simple values.

The packages that carry the Tahu schema pin an MQTT client older than ours, so the wire format is read here. Field
numbers are the specification's (Sparkplug 3.0, section 6.4). Data sets, templates, properties and metadata are stepped
over. Reading never looks beyond the payload, and every step moves forward.
"""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

from gateway.codecs.message import Reason, UndecodableError

_VARINT, _FIXED64, _SIZED, _FIXED32 = 0, 1, 2, 5
_MORE = 0x80
_LONGEST_VARINT = 10
_FLOAT, _DOUBLE = Struct("<f"), Struct("<d")

# Keys: field number × 8 + wire type.
_TIMESTAMP, _METRIC, _UUID = 0x08, 0x12, 0x22
_NAME, _ALIAS, _METRIC_TIMESTAMP, _DATATYPE, _HISTORICAL, _NULL = 0x0A, 0x10, 0x18, 0x20, 0x28, 0x38
_INT, _LONG, _FLOAT_VALUE, _DOUBLE_VALUE, _BOOLEAN, _STRING = 0x50, 0x58, 0x65, 0x69, 0x70, 0x7A
_COMPRESSED = b"SPBV1.0_COMPRESSED"

_MOST_METRICS = 20_000
"""A birth with more would be larger than a message may be; metrics without anything in them would not."""

BOOLEAN = 11
_SIGNED_BITS = {1: 8, 2: 16, 3: 32, 4: 64}
"""Int8 to Int64: their width."""
_NUMBERS = frozenset(range(1, 11))
"""Int8 to UInt64, Float and Double."""
_TEXTS = frozenset({12, 14})
_WORD = 0xFFFFFFFF
_FLOAT_MAX = 3.4e38
_LONGEST_FLOAT = 9
"""Decimal digits that always tell two 32-bit numbers apart."""

Fields = dict[int, int | bytes]


class Metric(NamedTuple):
    """One metric; `fields` are what the wire has of it."""

    fields: Fields

    @property
    def name(self) -> str | None:
        """Its name; data messages leave it out where a birth has given it an alias."""
        name = self.fields.get(_NAME)
        return _text(name) if type(name) is bytes and name else None

    @property
    def alias(self) -> int | None:
        """The number that stands for its name."""
        return _whole(self.fields.get(_ALIAS))

    @property
    def datatype(self) -> int:
        """The number of its data type; 0 where it does not say."""
        return _whole(self.fields.get(_DATATYPE)) or 0

    @property
    def ts_ms(self) -> int | None:
        """Milliseconds since 1970."""
        return _whole(self.fields.get(_METRIC_TIMESTAMP))

    @property
    def is_historical(self) -> bool:
        """Whether it was kept while there was no connection."""
        return bool(self.fields.get(_HISTORICAL))

    @property
    def is_null(self) -> bool:
        """Whether it says that it has no value."""
        return bool(self.fields.get(_NULL))

    @property
    def is_whole(self) -> bool:
        """Whether its value is a whole number."""
        return _INT in self.fields or _LONG in self.fields

    def number(self, datatype: int) -> int | float | str:
        """Give its value, which is of this data type; 0 where it is not known.

        Raises:
            UndecodableError: it has none, or one that is no number and no text.
        """
        if datatype not in _NUMBERS and datatype not in _TEXTS and (datatype or self.is_whole):
            raise UndecodableError(Reason.WRONG_SHAPE, f"data type {datatype} is no number")
        for key, value in self.fields.items():
            if key == _DOUBLE_VALUE and type(value) is bytes:
                return float(_DOUBLE.unpack(value)[0])
            if key == _FLOAT_VALUE and type(value) is bytes:
                return _shortest(value)
            if key in (_INT, _LONG) and type(value) is int:
                return _signed(value & _WORD if key == _INT else value, datatype)
            if key == _STRING and type(value) is bytes:
                return _text(value)
        raise UndecodableError(Reason.WRONG_SHAPE, "a metric without a value that is not null either")


class Payload(NamedTuple):
    """A payload: milliseconds since 1970, and the metrics."""

    ts_ms: int | None
    metrics: list[Metric]


def read(payload: bytes) -> Payload:
    """Read a payload.

    Raises:
        UndecodableError: it is no protobuf, cut off, compressed, or has more metrics than a birth.
    """
    ts_ms: int | None = None
    metrics: list[bytes] = []
    for key, value in _fields(payload):
        if key == _METRIC and type(value) is bytes:
            metrics.append(value)
        elif key == _TIMESTAMP:
            ts_ms = _whole(value)
        elif key == _UUID and value == _COMPRESSED:
            raise UndecodableError(Reason.WRONG_SHAPE, "compressed: switch compression off at the edge node")
    if len(metrics) > _MOST_METRICS:
        raise UndecodableError(Reason.WRONG_SHAPE, f"{len(metrics)} metrics, {_MOST_METRICS} allowed")
    return Payload(ts_ms, [Metric(dict(_fields(metric))) for metric in metrics])


def command(name: str, ts_ms: int) -> bytes:
    """Write a payload with one metric, a command that is true."""
    metric = _sized(_NAME, name.encode()) + _number(_METRIC_TIMESTAMP, ts_ms)
    metric += _number(_DATATYPE, BOOLEAN) + _number(_BOOLEAN, 1)
    return _number(_TIMESTAMP, ts_ms) + _sized(_METRIC, metric)


def _fields(data: bytes) -> list[tuple[int, int | bytes]]:
    """Give what the wire has, as (key, value): whole numbers as such, everything else as its bytes."""
    found: list[tuple[int, int | bytes]] = []
    at, end = 0, len(data)
    value: int | bytes
    try:
        while at < end:
            key, at = data[at], at + 1
            if key >= _MORE:
                key, at = _varint(data, at - 1)
            wire = key & 7
            if wire == _VARINT:
                value, at = data[at], at + 1
                if value >= _MORE:
                    value, at = _varint(data, at - 1)
            else:
                size, at = _size(wire, data, at)
                value, at = data[at : at + size], at + size
            found.append((key, value))
    except IndexError as error:
        raise UndecodableError(Reason.WRONG_SHAPE, "no protobuf, or cut off") from error
    if at > end:
        raise UndecodableError(Reason.WRONG_SHAPE, "no protobuf, or cut off")
    return found


def _size(wire: int, data: bytes, at: int) -> tuple[int, int]:
    """Give the size of what follows, and where it begins."""
    if wire == _SIZED:
        return (data[at], at + 1) if data[at] < _MORE else _varint(data, at)
    if wire == _FIXED64:
        return 8, at
    if wire == _FIXED32:
        return 4, at
    raise UndecodableError(Reason.WRONG_SHAPE, f"no protobuf: wire type {wire}")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Read groups of seven bits, the lowest first."""
    value = shift = 0
    for place in range(at, at + _LONGEST_VARINT):
        group = data[place]
        value |= (group & 0x7F) << shift
        if group < _MORE:
            return value & 0xFFFFFFFFFFFFFFFF, place + 1
        shift += 7
    raise UndecodableError(Reason.WRONG_SHAPE, "no protobuf: a number without an end")


def _whole(value: int | bytes | None) -> int | None:
    return value if type(value) is int else None


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise UndecodableError(Reason.WRONG_SHAPE, f"a text that is not UTF-8: {value[:20]!r}") from error


def _signed(value: int, datatype: int) -> int:
    """Read two's complement where the type has a sign; small ones come in their own width or in 32 bits."""
    bits = _SIGNED_BITS.get(datatype)
    if bits is None or value < 1 << (bits - 1):
        return value
    return value - (1 << (bits if value < 1 << bits else 32))


def _shortest(value: bytes) -> float:
    """Give the shortest decimal number that is this 32-bit one: 123.4, not 123.40000152587890625."""
    (exact,) = _FLOAT.unpack(value)
    for digits in range(6, _LONGEST_FLOAT):
        short = float(f"{exact:.{digits}g}")
        if abs(short) < _FLOAT_MAX and _FLOAT.pack(short) == value:
            return short
    return float(exact)


def _number(key: int, value: int) -> bytes:
    written = bytearray([key])
    while value >= _MORE:
        written.append(value & 0x7F | _MORE)
        value >>= 7
    written.append(value)
    return bytes(written)


def _sized(key: int, value: bytes) -> bytes:
    return _number(key, len(value)) + value
