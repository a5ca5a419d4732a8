"""Hikvision access control: `AccessControllerEvent` of ISAPI as JSON, brought to MQTT by a bridge.

Controllers post events over HTTP (listening host, alert stream); a bridge publishes what they post: bare JSON, JSON in
an `EventNotificationAlert`, the same as XML from older firmware, or what is left of a multipart body, with several
events and pictures around them. A bridge that asks for stored events publishes the `InfoList` of an `AcsEvent`. What
happened is two numbers, `majorEventType` and `subEventType`, as in the vendor's SDK (MAJOR_…, MINOR_…).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import msgspec
from msgspec import Raw, Struct, field

from gateway.codecs import images
from gateway.codecs.clock import local_us
from gateway.codecs.dialect import Codec, Dialect
from gateway.codecs.message import Decoded, Listed, Message, Reason, Site, UndecodableError
from gateway.codecs.people import Number, is_whole, person_of, text_of
from gateway.events import Direction, DoorEvent, DoorEventKind, Method


class Options(Struct, frozen=True, forbid_unknown_fields=True):
    """What a line of the configuration may set."""

    device: int | None = None
    """The level of the topic that is the controller: 1 is the first, -1 the last. Else what the message says."""
    readers: dict[str, Literal["in", "out"]] = field(default_factory=dict)
    """Which way one passes at a card reader, by `cardReaderNo`, where there is no `attendanceStatus`."""


class _Event(Struct, gc=False):
    """What is used of `AccessControllerEvent`; the name of the person is never looked at."""

    majorEventType: Number | None = None  # noqa: N815 - as the controllers write it
    subEventType: Number | None = None  # noqa: N815
    serialNo: Number | None = None  # noqa: N815
    employeeNoString: Number | None = None  # noqa: N815
    employeeNo: Number | None = None  # noqa: N815
    doorNo: Number | None = None  # noqa: N815
    cardReaderNo: Number | None = None  # noqa: N815
    cardReaderKind: Number | None = None  # noqa: N815
    attendanceStatus: str | None = None  # noqa: N815
    currentVerifyMode: str | None = None  # noqa: N815
    currentEvent: bool | str | None = None  # noqa: N815


class _Search(Struct, gc=False):
    InfoList: list[dict[str, Any]] = []


class _Alert(Struct, gc=False):
    eventType: str | None = None  # noqa: N815
    dateTime: str | None = None  # noqa: N815
    deviceID: Number | None = None  # noqa: N815
    devIndex: Number | None = None  # noqa: N815
    shortSerialNumber: str | None = None  # noqa: N815
    macAddress: str | None = None  # noqa: N815
    ipAddress: str | None = None  # noqa: N815
    AccessControllerEvent: _Event | None = None
    EventNotificationAlert: _Alert | None = None
    AcsEvent: _Search | None = None


class _What(NamedTuple):
    """What a pair of numbers means."""

    kind: DoorEventKind
    method: Method = Method.UNKNOWN


_decode = msgspec.json.Decoder(_Alert).decode
_decode_list = msgspec.json.Decoder(list[Raw]).decode

_ALARM, _EXCEPTION, _OPERATION, _EVENT = 1, 2, 3, 5
_PASSED: dict[Method, tuple[int, ...]] = {
    Method.CARD: (1, 2),
    Method.PIN: (34, 101, 181),
    Method.FINGERPRINT: (38, 40, 43, 46, 69, 72),
    Method.FACE: (54, 57, 60, 63, 66, 75, 77),
    Method.ID_CARD: (105,),
    Method.QR: (156,),
    Method.BUTTON: (23,),
    Method.REMOTE: (1024,),
    Method.UNKNOWN: (16, 153, 158, 159),  # several persons or means together, the householder's word, Bluetooth
}
_REFUSED: dict[Method, tuple[int, ...]] = {
    Method.CARD: (3, 4, 5, 6, 7, 8, 9, 94, 119, *range(162, 165), *range(168, 172)),
    Method.PIN: (102, 103, 148, 150, 151, 195),
    Method.FINGERPRINT: (39, 41, 42, 44, 45, 47, 48, 49, 70, 71, 73, 74),
    Method.FACE: (55, 56, 58, 59, 61, 62, 64, 65, 67, 68, 76, 78, 79, 80),
    Method.ID_CARD: (112, 113, 161),
    Method.QR: (157,),
    Method.UNKNOWN: (10, 11, 12, 13, 14, 15, 35, 36, 104, 117, 118, 130, 132, 152, 154, 155, 160),
}
_MEANINGS: dict[tuple[int, int], _What] = {
    **{(_EVENT, sub): _What(DoorEventKind.PASSAGE, method) for method, subs in _PASSED.items() for sub in subs},
    **{(_EVENT, sub): _What(DoorEventKind.DENIED, method) for method, subs in _REFUSED.items() for sub in subs},
    (_EVENT, 28): _What(DoorEventKind.HELD_OPEN),
    **{(_EVENT, sub): _What(DoorEventKind.FORCED_OPEN) for sub in (27, 135, 136)},
    **{(_OPERATION, sub): _What(DoorEventKind.PASSAGE, Method.REMOTE) for sub in (1024, 1053)},
    **{(_ALARM, sub): _What(DoorEventKind.TAMPER) for sub in (0x404, 0x406, 0x408, 0x40F, 0x422)},
}
_OF_NO_CONSEQUENCE = frozenset({
    *range(17, 23), 24, 25, 26, *range(29, 34), 37, *range(50, 54), *range(81, 94), *range(95, 101), 114, 115, 116, 120,
    131, 133, 134, *range(137, 144), *range(165, 168), *range(172, 179), *range(182, 187),
})  # fmt: skip
"""About locks, doors that open and close as they should, bells, inputs, lifts, gates, modules, upgrades and meals
that are paid: none is a door event."""
_MODES = {"face": Method.FACE, "card": Method.CARD, "fp": Method.FINGERPRINT, "pw": Method.PIN}
"""`currentVerifyMode` that leaves one means only."""
_KINDS_OF_READER = {"2": Method.ID_CARD, "3": Method.QR}
"""`cardReaderKind` of what the events call a card."""
_DIRECTIONS = {
    **dict.fromkeys(("checkin", "breakin", "overtimein"), Direction.IN),
    **dict.fromkeys(("checkout", "breakout", "overtimeout"), Direction.OUT),
}
_ALIVE = frozenset({"heartbeat", "videoloss"})
"""Sent when nothing happens."""
_PERSONAL = frozenset({
    *("name", "cardNo", "phoneNumber", "phoneNo", "IDCardNo", "IDCardInfo", "address", "birth", "gender", "QRCodeInfo"),
    *("customPersonInfo", "pictureURL", "visibleLightURL", "thermalURL"),
})  # fmt: skip
_LARGEST_MESSAGE = 4 * 1024 * 1024
_PART_OF_PICTURE = re.compile(rb"content-type:\s*image/", re.IGNORECASE)
_NEXT_PART = b"\n--"
"""No JSON and no text of XML holds it; a picture may, but what follows there is no part."""
_BETWEEN_PARTS = re.compile(rb"\n(?=--)")
_HEAD_OF_PART = re.compile(rb"\s*(?:--[^\r\n]*\s+)?(?:content-[^\r\n]*\s+)*", re.IGNORECASE)
_BEGINNINGS = (b"{", b"<")
_ELEMENT = re.compile(r"<(\w+)[^<>]*>([^<]*)</\1>")
_XML_OF_EVENT = "<AccessControllerEvent"
_BETWEEN_PAIRS = re.compile(r"[:-]")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_SHORTEST_TIME = len("2026-11-22T08:15")
_NO_PICTURE = 2048
"""Bytes below which a message holds none."""


def _codec(options: Options) -> Codec:
    def decode(message: Message, site: Site) -> Decoded:
        """Read a message.

        Raises:
            UndecodableError: with what is wrong with it; of several parts one is enough to refuse all.
        """
        parts, pictures = _parts(message.payload)
        found = [_of_alert(_alert(part), message, site, options) for part in parts]
        return found[0] if len(found) == 1 and not pictures else _together(found, pictures)

    return decode


DIALECT = Dialect(
    name="hikvision",
    codec=_codec,
    options=Options,
    largest=_LARGEST_MESSAGE,
    faces=True,
    personal=_PERSONAL,
)


class _Post(NamedTuple):
    message: Message
    alert: _Alert
    event: _Event
    when: str | None


def _parts(payload: bytes) -> tuple[list[bytes], int]:
    """Give the parts of what was posted that are no pictures, and how many are; what has no parts is taken as it is."""
    pictures = images.strip(payload)[1] if len(payload) > _NO_PICTURE else 0
    if payload.startswith(b"{") and _NEXT_PART not in payload:
        return [payload], pictures
    if payload.startswith(b"["):
        return _of_list(payload), pictures
    return list(_texts(payload)) or [payload], len(_PART_OF_PICTURE.findall(payload)) or pictures


def _of_list(payload: bytes) -> list[bytes]:
    """Give the alerts that a bridge has gathered; what is no list of such is taken as it is."""
    try:
        return [bytes(alert) for alert in _decode_list(payload)] or [payload]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return [payload]


def _texts(payload: bytes) -> Iterator[bytes]:
    for piece in _BETWEEN_PARTS.split(payload):
        head = _HEAD_OF_PART.match(piece)
        at = head.end() if head else 0
        if piece[at : at + 1] in _BEGINNINGS:
            yield piece[at:]


def _together(found: list[Decoded], pictures: int) -> Decoded:
    """Make one of what the parts mean; the arrival can stand in for the time of one event only."""
    events = tuple(event for one in found for event in one.events)
    serves = len(events) == 1 and any(one.arrival_serves for one in found)
    return Decoded(
        events,
        images_removed=pictures,
        arrival_serves=serves,
        passed_over=None if events else found[-1].passed_over,
    )


def _alert(part: bytes) -> _Alert:
    try:
        alert = _of_xml(part) if part.startswith(b"<") else _decode(part)
    except msgspec.ValidationError as error:
        raise UndecodableError(Reason.WRONG_SHAPE, str(error)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UndecodableError(Reason.NOT_JSON, str(error) or type(error).__name__) from error
    return alert.EventNotificationAlert or alert


def _of_xml(part: bytes) -> _Alert:
    """Read what stands in elements that hold a text; none that is used has the name of another."""
    text = part.decode()
    told: dict[str, object] = {name: value.strip() for name, value in _ELEMENT.findall(text)}
    if _XML_OF_EVENT in text:
        told = {**told, "AccessControllerEvent": told}
    return msgspec.convert(told, _Alert)


def _of_alert(alert: _Alert, message: Message, site: Site, options: Options) -> Decoded:
    if alert.AcsEvent is not None:
        return _stored(alert, alert.AcsEvent, message, site, options)
    if alert.AccessControllerEvent is None:
        return _beside(alert)
    post = _Post(message, alert, alert.AccessControllerEvent, alert.dateTime)
    return _door_event(post, site, options)


def _stored(alert: _Alert, search: _Search, message: Message, site: Site, options: Options) -> Decoded:
    """Read what a search for events gave; whose they are the topic says, or what the bridge put beside them."""
    posts = [_Post(message, alert, *_record(item)) for item in search.InfoList]
    events = tuple(event for post in posts for event in _door_event(post, site, options).events)
    return Decoded(events, passed_over=None if events else "no_events")


def _record(item: dict[str, Any]) -> tuple[_Event, str | None]:
    """Give a stored event, whose numbers are called otherwise, and its own time."""
    try:
        told = item | {"majorEventType": item.get("major"), "subEventType": item.get("minor")}
        return msgspec.convert(told, _Event), msgspec.convert(item.get("time"), str | None)
    except msgspec.ValidationError as error:
        raise UndecodableError(Reason.WRONG_SHAPE, str(error)) from error


def _beside(alert: _Alert) -> Decoded:
    """Tell what an alert without an access control event is."""
    kind = text_of(alert.eventType).lower()
    if not kind or kind == "accesscontrollerevent":
        raise UndecodableError(Reason.WRONG_SHAPE, "Object missing required field `AccessControllerEvent`")
    return Decoded((), passed_over="heartbeat" if kind in _ALIVE else "other_event")


def _door_event(post: _Post, site: Site, options: Options) -> Decoded:
    event = post.event
    major, sub = (_whole(name, getattr(event, name)) for name in ("majorEventType", "subEventType"))
    what = _MEANINGS.get((major, sub))
    if what is None:
        return Decoded((), passed_over=_no_door_event(major, sub))
    device = _device(post, site, options)
    try:
        ts_us = _time_us(post.when, device)
        found = DoorEvent(
            device.device_id,
            ts_us,
            _event_id(event, major, sub, ts_us),
            what.kind,
            _method(what, event),
            _direction(what, event, options),
            person_id=person_of(("employeeNoString", event.employeeNoString), ("employeeNo", event.employeeNo)),
        )
    except UndecodableError as error:
        error.device_id = device.device_id
        raise
    return Decoded((found,), arrival_serves=event.currentEvent in (True, "true"))


def _no_door_event(major: int, sub: int) -> str:
    if major == _EVENT and sub in _OF_NO_CONSEQUENCE:
        return "door_state"
    if major in (_ALARM, _EXCEPTION, _OPERATION):
        return {_ALARM: "alarm", _EXCEPTION: "device_trouble", _OPERATION: "operation"}[major]
    detail = f"majorEventType {major} with subEventType {sub} is not one that the dialect knows"
    raise UndecodableError(Reason.IMPOSSIBLE_VALUE, detail)


def _device(post: _Post, site: Site, options: Options) -> Listed:
    """Find the controller by the first of its names that a list has."""
    names = [name for name in _names(post, options) if name]
    if not names:
        raise UndecodableError(Reason.WRONG_SHAPE, "neither deviceID nor macAddress nor ipAddress")
    for name in names:
        try:
            return site.device(name)
        except UndecodableError:
            continue
    raise UndecodableError(Reason.UNKNOWN_DEVICE, ", ".join(names)[:64])


def _names(post: _Post, options: Options) -> tuple[str, ...]:
    if options.device is not None:
        levels = post.message.topic.split("/")
        at = options.device - 1 if options.device > 0 else options.device
        return (levels[at],) if -len(levels) <= at < len(levels) else ()
    alert = post.alert
    return (
        *_spellings(text_of(alert.macAddress)),
        text_of(alert.devIndex),
        text_of(alert.shortSerialNumber),
        text_of(alert.deviceID),
        text_of(alert.ipAddress),
    )


@lru_cache(maxsize=10_000)
def _spellings(mac: str) -> tuple[str, str]:
    """Give a MAC address as lists may have it, however the controller spells it."""
    bare = _BETWEEN_PAIRS.sub("", mac.lower())
    return bare, "-".join(bare[at : at + 2] for at in range(0, len(bare), 2))


def _event_id(event: _Event, major: int, sub: int, ts_us: int) -> str:
    """Give an id that a repeat has again; numbers of events begin anew when a controller is wiped."""
    number = text_of(event.serialNo)
    second = ts_us // 1_000_000
    if is_whole(number):
        return f"{number}-{second}"
    return f"{major}-{sub}-{_small(event.doorNo)}-{_small(event.cardReaderNo)}-{second}"


def _method(what: _What, event: _Event) -> Method:
    if what.method is Method.CARD:
        return _KINDS_OF_READER.get(text_of(event.cardReaderKind), Method.CARD)
    if what.method is not Method.UNKNOWN or what.kind not in (DoorEventKind.PASSAGE, DoorEventKind.DENIED):
        return what.method
    return _MODES.get(text_of(event.currentVerifyMode), Method.UNKNOWN)


def _direction(what: _What, event: _Event, options: Options) -> Direction:
    if what.method is Method.BUTTON:
        return Direction.OUT
    if found := _DIRECTIONS.get(text_of(event.attendanceStatus).lower()):
        return found
    reader = options.readers.get(text_of(event.cardReaderNo))
    return Direction(reader) if reader else Direction.UNKNOWN


def _time_us(said: str | None, device: Listed) -> int:
    if said is None:
        raise UndecodableError(Reason.WRONG_SHAPE, "dateTime is missing")
    moment = _moment(said.strip())
    return (moment - _EPOCH) // _MICROSECOND if moment.tzinfo else local_us(moment, device.zone)


@lru_cache(maxsize=10_000)
def _moment(said: str) -> datetime:
    try:
        if len(said) >= _SHORTEST_TIME:
            return datetime.fromisoformat(said)
    except ValueError:
        pass
    raise UndecodableError(Reason.WRONG_SHAPE, f"dateTime {said[:40]!r} is not like 2026-11-22T08:15:00+08:00")


def _whole(name: str, value: Number | None) -> int:
    text = text_of(value)
    if not is_whole(text):
        raise UndecodableError(Reason.WRONG_SHAPE, f"{name} {text[:20]!r} is not a whole number")
    return int(text)


def _small(value: Number | None) -> str:
    text = text_of(value)
    return text if is_whole(text) else "0"
