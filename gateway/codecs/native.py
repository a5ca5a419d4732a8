"""The native dialect: `estate/v1/{estate_id}/{meter|door}/{device_id}/{reading|event|status}` (contract, section 1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias

import msgspec
from msgspec import Meta, Struct

from gateway.codecs import images
from gateway.codecs.dialect import Codec, Dialect
from gateway.codecs.flags import flags_of
from gateway.codecs.message import Decoded, Message, Reason, Site, UndecodableError
from gateway.events import DeviceKind, Direction, DoorEvent, DoorEventKind, Event, Method, Reading, Status

TOPIC_FILTER = "estate/v1/#"
LARGEST_MESSAGE = 64 * 1024
LARGEST_REGISTER = 1e9
"""No dial shows more, in m³ or kWh: a figure above it is not a register."""

_IMAGE_SIZE = 192
"""Bytes below which nothing can hold a picture or a template worth looking for."""
_MILLISECONDS_FROM = 1e11
"""Epoch numbers from here on are milliseconds: as seconds they would be past the year 5000."""

Id: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._-]{1,64}\Z")]
Timestamp: TypeAlias = Annotated[datetime, Meta(tz=True)] | int | float
Share: TypeAlias = Annotated[float, Meta(ge=0, le=1)]
Percent: TypeAlias = Annotated[float, Meta(ge=0, le=100)]
Decibels: TypeAlias = Annotated[float, Meta(ge=-1000, le=1000)]
"""A radio's figure in dBm, or whatever a modem says instead of it."""
UnitName: TypeAlias = Literal["m3", "L", "kWh", "Wh"]


class _Item(Struct, gc=False):
    ts: Timestamp
    register: float
    unit: UnitName | None = None
    seq: int | None = None
    battery: Percent | None = None
    rssi: Decibels | None = None
    flags: list[str] | None = None


class _Readings(Struct, gc=False):
    readings: list[_Item]
    unit: UnitName | None = None
    battery: Percent | None = None
    rssi: Decibels | None = None


class _Door(Struct, gc=False):
    ts: Timestamp
    event_id: Id
    kind: DoorEventKind
    method: Method = Method.UNKNOWN
    direction: Direction = Direction.UNKNOWN
    person_id: Id | None = None
    stranger_id: Id | None = None
    unit_id: Id | None = None
    similarity: Share | None = None


class _Doors(Struct, gc=False):
    events: list[_Door]


class _Status(Struct, gc=False):
    online: bool
    ts: Timestamp | None = None
    firmware: Annotated[str, Meta(pattern=r"^[ -~]{0,64}\Z")] | None = None


class _Topic(NamedTuple):
    estate_id: str
    device_id: str
    what: str


_decode_reading = msgspec.json.Decoder(_Item).decode
_decode_readings = msgspec.json.Decoder(_Readings).decode
_decode_door = msgspec.json.Decoder(_Door).decode
_decode_doors = msgspec.json.Decoder(_Doors).decode
_decode_status = msgspec.json.Decoder(_Status).decode

UNITS: dict[str, tuple[DeviceKind, float]] = {
    "m3": (DeviceKind.WATER, 1.0),
    "L": (DeviceKind.WATER, 1000.0),
    "kWh": (DeviceKind.ELECTRICITY, 1.0),
    "Wh": (DeviceKind.ELECTRICITY, 1000.0),
}
"""What a unit measures, and how many of it make one m³ or kWh."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_CHANNELS = {("meter", "reading"), ("meter", "status"), ("door", "event"), ("door", "status")}


def decode(message: Message, _site: Site) -> Decoded:
    """Read a native message.

    Raises:
        UndecodableError: with the reason and where in the message it lies.
    """
    topic = _topic(message.topic)
    payload = message.payload
    try:
        events = _READERS[topic.what](topic.device_id, payload)
    except msgspec.ValidationError as error:
        raise _invalid(error) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UndecodableError(Reason.NOT_JSON, str(error) or type(error).__name__) from error
    removed = images.strip(payload)[1] if len(payload) > _IMAGE_SIZE else 0
    return Decoded(events, topic.estate_id, removed)


def _codec(_options: object) -> Codec:
    return decode


DIALECT = Dialect(
    name="native",
    codec=_codec,
    topics=(TOPIC_FILTER,),
    largest=LARGEST_MESSAGE,
    faces=True,
    personal=frozenset({"name"}),  # the contract has none, which keeps no integrator from sending it
)


def event_of(device_id: str, values: dict[str, Any], *, is_door: bool) -> Event:
    """Make one event of values that are already Python's: the same rules without the JSON."""
    try:
        if is_door:
            return _door(device_id, msgspec.convert(values, _Door))
        return _reading(device_id, msgspec.convert(values, _Item), None)
    except msgspec.ValidationError as error:
        raise _invalid(error) from error


@lru_cache(maxsize=200_000)
def _topic(topic: str) -> _Topic:
    parts = topic.split("/")
    match parts:
        case ["estate", "v1", estate_id, family, device_id, what] if (family, what) in _CHANNELS:
            return _Topic(estate_id, device_id, what)
    raise UndecodableError(Reason.UNKNOWN_TOPIC, "not estate/v1/{estate_id}/{meter|door}/{device_id}/{what}")


def _reading_events(device_id: str, payload: bytes) -> tuple[Event, ...]:
    if b'"readings"' not in payload:
        return (_reading(device_id, _decode_reading(payload), None),)
    batch = _decode_readings(payload)
    return tuple(_reading(device_id, item, batch) for item in batch.readings)


def _reading(device_id: str, item: _Item, batch: _Readings | None) -> Reading:
    unit = item.unit or (batch.unit if batch else None)
    if unit is None:
        raise UndecodableError(Reason.WRONG_SHAPE, "a reading has no unit")
    kind, per_canonical = UNITS[unit]
    register = item.register / per_canonical
    if not 0 <= register <= LARGEST_REGISTER:  # also refuses what is not a number
        raise UndecodableError(Reason.IMPOSSIBLE_VALUE, f"register {item.register} {unit}")
    battery = item.battery if item.battery is not None or batch is None else batch.battery
    rssi = item.rssi if item.rssi is not None or batch is None else batch.rssi
    flags = None if item.flags is None else flags_of(item.flags)
    return Reading(device_id, kind, _microseconds(item.ts), register, battery, rssi, flags)


def _door_events(device_id: str, payload: bytes) -> tuple[Event, ...]:
    items = _decode_doors(payload).events if b'"events"' in payload else [_decode_door(payload)]
    return tuple(_door(device_id, item) for item in items)


def _door(device_id: str, item: _Door) -> DoorEvent:
    return DoorEvent(
        device_id,
        _microseconds(item.ts),
        item.event_id,
        item.kind,
        item.method,
        item.direction,
        item.person_id,
        item.stranger_id,
        item.unit_id,
        item.similarity,
    )


def _status_events(device_id: str, payload: bytes) -> tuple[Event, ...]:
    if not payload:
        return ()  # an empty retained message only clears what the broker kept
    status = _decode_status(payload)
    return (Status(device_id, None if status.ts is None else _microseconds(status.ts), status.online, status.firmware),)


_READERS = {"reading": _reading_events, "event": _door_events, "status": _status_events}


def _microseconds(ts: datetime | float) -> int:
    if isinstance(ts, datetime):
        return (ts - _EPOCH) // _MICROSECOND
    if not 0 <= ts < _MILLISECONDS_FROM * 1000:  # also refuses what is not a number, and integers of any length
        raise UndecodableError(Reason.IMPOSSIBLE_VALUE, "ts is out of range")
    return round(ts * 1e6) if ts < _MILLISECONDS_FROM else round(ts * 1e3)


def _invalid(error: msgspec.ValidationError) -> UndecodableError:
    """Tell a value outside its range from a message of another shape."""
    text = str(error)
    outside = "`float` <=" in text or "`float` >=" in text or "out of range" in text
    return UndecodableError(Reason.IMPOSSIBLE_VALUE if outside else Reason.WRONG_SHAPE, text)
