"""Facesluice face terminals: `mqtt/face/<id>/Rec`, `/Snap`, `/Card`, `/QRCode`, `mqtt/face/basic`, `…/heartbeat`.

The most used dialect of Chinese face terminals, sold under many names (vendor's protocols V1.24 and V1.25). With
"resume from breakpoint" on, a terminal says a record again every ten seconds until a PushAck, and that it is
online until an Online-Ack; both are answers here, so they go out once the record is durable, in the store or in
quarantine. Numbers come as numbers or as texts, times in local time without a zone. What the same terminals post over
HTTP (V1.13), a bridge may pass on: the same records under other names.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import msgspec
from msgspec import Raw, Struct

from gateway.codecs import images
from gateway.codecs.clock import local_us
from gateway.codecs.counters import moment_us
from gateway.codecs.dialect import Codec, Dialect
from gateway.codecs.message import Answer, Decoded, Listed, Message, Reason, Site, UndecodableError
from gateway.codecs.people import ID, NOBODY, Number, is_whole, person_of, text_of
from gateway.events import Direction, DoorEvent, DoorEventKind, Method, Status

_NOTHING = Raw(b"null")


class Options(Struct, frozen=True, forbid_unknown_fields=True):
    """What a line of the configuration may set."""

    scans: Literal["passage", "ignore"] = "passage"
    """What a card or a QR code is that the terminal only reads out: such a message says nothing of the door."""


class _Info(Struct, gc=False):
    """What is used of `info`; the rest, names and telephone numbers among it, is never looked at."""

    facesluiceId: Number | None = None  # noqa: N815 - as the terminals write it
    time: Number | None = None
    RecordID: Number | None = None
    SnapID: Number | None = None
    SnapOrRecordID: Number | None = None
    VerifyStatus: Number | None = None
    similarity1: Number | None = None
    Sendintime: Number | None = None
    PushType: Number | None = None
    direction: Number | None = None
    otype: Number | None = None
    customId: Number | None = None  # noqa: N815
    personId: Number | None = None  # noqa: N815
    idCard: Number | None = None  # noqa: N815
    strangerId: Number | None = None  # noqa: N815
    AlarmAction: Number | None = None
    RFIDCard: Number | None = None
    szQrCodeData: Number | None = None  # noqa: N815
    pic: Raw = _NOTHING
    scene: Raw = _NOTHING


class _Said(Struct, gc=False):
    operator: str | None = None
    info: _Info | None = None
    payload: Raw = _NOTHING


class _Envelope(Struct, gc=False):
    """What platforms wrap around a terminal's message (a device management protocol, version 2.2)."""

    operator: str
    info: _Info


class _Loose(Struct, gc=False):
    """Enough of a message of a wrong shape to answer it."""

    operator: str
    info: dict[str, Any]


class _Named(Struct, gc=False):
    operator: str


class _Topic(NamedTuple):
    """What a topic tells: the terminal's id and what it sends there, where it listens, and whether we are that."""

    device_id: str | None
    what: str | None
    base: str
    downlink: bool = False

    def listens_at(self, told: object) -> str | None:
        """Give where to answer; `told` is the message's word for the terminal, for a topic that has none."""
        if self.device_id is not None:
            return self.base
        said_by = text_of(told) if isinstance(told, int | str) else ""
        return f"{self.base}/{said_by}" if ID.fullmatch(said_by) else None


_decode_said = msgspec.json.Decoder(_Said).decode
_decode_envelope = msgspec.json.Decoder(_Envelope).decode
_decode_loose = msgspec.json.Decoder(_Loose).decode
_decode_named = msgspec.json.Decoder(_Named).decode
_encode = msgspec.json.encode

_ROOT = "mqtt/face"
_BRANCHES = frozenset({"Rec", "Snap", "Card", "QRCode", "IDCard", "Ack", "Alarm"})
_COMMON = frozenset({"basic", "heartbeat"})
_TIME = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d)?", re.ASCII)
_LARGEST_MESSAGE = 5 * 1024 * 1024
"""Two pictures of 1 and 2 MiB are 4 MiB in base64, and there is more in a message."""
_NO_PICTURE = len(images.REMOVED) + 2
"""Bytes at most of what stands in a picture's place where there is none."""
_WORTH_A_SEARCH = 2048
"""Bytes beside the known pictures above which there may be one under another name."""

_KINDS = {
    1: DoorEventKind.PASSAGE,
    2: DoorEventKind.DENIED,  # refused, for example on the block list
    3: DoorEventKind.DENIED,  # not registered yet
    22: DoorEventKind.DENIED,  # waits for somebody to decide, so the door has not opened
    24: DoorEventKind.DENIED,  # no right to pass here or now
}
"""By `VerifyStatus`."""
_NO_RESULT = 0
_METHODS = {
    1: Method.FACE,
    2: Method.CARD,
    3: Method.FACE,  # and card
    21: Method.CARD,
    22: Method.FACE,  # and card
    24: Method.CARD,
    25: Method.FACE,  # and card
    27: Method.REMOTE,
}
"""By `otype`, as integrators read the same figures in the vendor's HTTP protocol, where it is called `VerfyType`."""
_DIRECTIONS = {
    **dict.fromkeys(("entr", "entry", "enter", "in", "1"), Direction.IN),
    **dict.fromkeys(("exit", "out", "2"), Direction.OUT),
}
_RECORD, _STRANGER, _OTHER = 2, 1, 3
"""`PushAckType`."""
_PUSH_ACK = b'{"messageId":"%d-%d","operator":"PushAck","info":{"PushAckType":%d,"SnapOrRecordID":%d}}'
_NUMBERED = {_RECORD: "RecordID", _STRANGER: "SnapID", _OTHER: "SnapOrRecordID"}
_MANUAL = 2
"""`PushType` of a record that was asked for again."""
_SCANS = {"Card": Method.CARD, "QRCode": Method.QR, "IDCard": Method.ID_CARD}
_SCAN_OPERATORS = {
    **dict.fromkeys(("CardPush", "RFCardPush", "ICCardPush", "ICCardInfoPush"), "Card"),
    "QRCodePush": "QRCode",
    **dict.fromkeys(("IDCardPush", "IDCardInfoPush"), "IDCard"),
}
_ANALYSES = frozenset({
    *("FullStrSnapPush", "BehaviorSnapPush", "LeaveSnapPush", "ClothHelmetSnapPush", "FireSmokeSnapPush"),
    *("ClothHelmetVerifyPush", "TemHighSnapPush", "ParabolicSnapPush", "VisibleKitchenSnapPush", "SafetyRidePush"),
    *("CountInRegionPush", "ElectricalBicycleSnapPush", "CatAttrSnapPush", "PlateSnapPush"),
})  # fmt: skip
"""What cameras of the family see beside doors (vendor's protocol V1.25)."""
_HEARTBEAT = "heartbeat"
_POSTED = {"VerifyPush": "RecPush", "SnapPush": "StrSnapPush"}
_NAMES_IN_POSTS = {
    "facesluiceId": "DeviceID", "time": "CreateTime", "RecordID": "nRecordIndex", "SnapID": "nRecordIndex",
    "VerifyStatus": "VerifyStatus", "similarity1": "Similarity1", "Sendintime": "Sendintime", "PushType": "PushType",
    "direction": "Direction", "otype": "VerfyType", "customId": "CustomizeID", "personId": "PersonID",
    "idCard": "IdCard", "RFIDCard": "RFIDCard", "szQrCodeData": "szQrCodeData", "AlarmAction": "AlarmAction",
}  # fmt: skip
"""What the same terminals call the same things where they post them over HTTP (vendor's protocol V1.13)."""
_PERSONAL = frozenset({
    *("name", "persistname", "full_name", "first_name", "last_name", "telnum", "telnum1", "birthday", "address"),
    *("native", "nation", "notes", "qrcodeinfo", "szqrcodedata", "rfidcard", "cardnum", "cardnum2", "cardno"),
    *("cardnumber", "mjcardno", "wgcardno", "iccard", "iccardnum", "iccardno", "idnum", "idnumber", "platenumber"),
})  # fmt: skip
"""A QR code or a card's number opens a door, or holds whatever its maker put in it: neither is kept."""


def _codec(options: Options) -> Codec:
    def decode(message: Message, site: Site) -> Decoded:
        """Read a message.

        Raises:
            UndecodableError: with the answer that keeps the terminal from saying it for ever.
        """
        topic = _topic(message.topic)
        if topic.downlink:
            return Decoded((), passed_over="command")
        if not message.payload:
            return Decoded((), passed_over="cleared")
        try:
            said, wrapped = _parse(message.payload)
        except msgspec.ValidationError as error:
            if word := _without_info(message.payload):
                return Decoded((), passed_over=word)
            raise UndecodableError(Reason.WRONG_SHAPE, str(error), answers=_salvaged(topic, message)) from error
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise UndecodableError(Reason.NOT_JSON, str(error) or type(error).__name__) from error
        return _meaning(_Uplink(message, topic, said.operator, said.info, wrapped), site, options)

    return decode


DIALECT = Dialect(
    name="facesluice",
    codec=_codec,
    topics=(f"{_ROOT}/#",),
    options=Options,
    largest=_LARGEST_MESSAGE,
    faces=True,
    personal=_PERSONAL,
)


class _Uplink(Struct, gc=False):
    """A parsed message. `wrapped`: a platform passed it on, so nobody waits for an answer."""

    message: Message
    topic: _Topic
    operator: str
    info: _Info
    wrapped: bool
    answers: tuple[Answer, ...] = ()

    @property
    def device_id(self) -> str:
        """What the terminal calls itself; the topic's word counts more than the message's."""
        found = self.topic.device_id or text_of(self.info.facesluiceId)
        if not found:
            raise UndecodableError(Reason.WRONG_SHAPE, "facesluiceId is missing")
        return found

    def push_ack(self, ack_type: int) -> tuple[Answer, ...]:
        """Give the PushAck that this record waits for."""
        where = None if self.wrapped else self.topic.listens_at(self.info.facesluiceId)
        return _push_ack(where, ack_type, getattr(self.info, _NUMBERED[ack_type])) if where else ()

    def when(self, device: Listed, kind: str, number: str) -> tuple[int, str]:
        """Give a record's time, and an event id that its repeats have again but no record of a wiped terminal."""
        if self.info.time is None:
            raise UndecodableError(Reason.WRONG_SHAPE, "time is missing")
        if told := _local_time(text_of(self.info.time)):
            return local_us(told[0], device.zone), f"{kind}-{number}-{told[1]}"
        ts_us = moment_us(self.info.time, device.zone)
        return ts_us, f"{kind}-{number}-{ts_us // 1_000_000}"

    def number(self, name: str) -> str:
        """Give a record's number, or where it has none, one of its bytes, which a repeat has again."""
        said = getattr(self.info, name)
        return str(_whole(name, said)) if text_of(said) else self.digest()

    def digest(self) -> str:
        """Give a number of the message's bytes."""
        return f"{zlib.crc32(self.message.payload) & 0xFFFF:04x}"

    def decoded(self, event: DoorEvent | Status) -> Decoded:
        """Give what a message of one event means."""
        return Decoded((event,), None, self.images(), _is_live(self.info), self.answers)

    def passed_over(self, why: str) -> Decoded:
        """Give what a message without events means."""
        return Decoded((), images_removed=self.images(), answers=self.answers, passed_over=why)

    def images(self) -> int:
        """Count the pictures."""
        sizes = [size for picture in (self.info.pic, self.info.scene) if (size := _size(picture))]
        is_more = self.wrapped or len(self.message.payload) - sum(sizes) > _WORTH_A_SEARCH
        return images.strip(self.message.payload)[1] if is_more else len(sizes)


@lru_cache(maxsize=100_000)
def _topic(topic: str) -> _Topic:
    *above, last = topic.split("/")
    base = "/".join(above)
    if base.startswith(f"{_ROOT}/"):
        return _Topic(above[2], last, "/".join(above[:3]))
    if above and last in _BRANCHES:
        return _Topic(above[-1], last, base)
    return _Topic(None, None, base, downlink=base == _ROOT and last not in _COMMON)


def _parse(payload: bytes) -> tuple[_Envelope, bool]:
    said = _decode_said(payload)
    if said.operator is None and said.payload is not _NOTHING:
        return _decode_envelope(said.payload), True
    if said.operator in _POSTED:
        return _post(payload), True
    if said.operator is None or said.info is None:
        missing = "operator" if said.operator is None else "info"
        raise msgspec.ValidationError(f"Object missing required field `{missing}`")
    return _Envelope(said.operator, said.info), False


def _post(payload: bytes) -> _Envelope:
    """Read what a terminal posts over HTTP, as the record that it is."""
    post = _decode_loose(payload)
    info = msgspec.convert({name: post.info.get(other) for name, other in _NAMES_IN_POSTS.items()}, _Info)
    if text_of(info.customId) in NOBODY:
        info.customId = msgspec.convert(post.info.get("PersonUUID"), Number | None)
    return _Envelope(_POSTED[post.operator], info)


def _without_info(payload: bytes) -> str | None:
    """Say in a word what needs no `info`: acknowledgements leave it out, or make it a list of people."""
    try:
        operator = _decode_named(payload).operator
    except msgspec.MsgspecError:
        return None
    if operator.endswith("Ack"):
        return "acknowledgement"
    return _HEARTBEAT if operator.lower() == _HEARTBEAT else None


def _meaning(uplink: _Uplink, site: Site, options: Options) -> Decoded:
    operator = uplink.operator
    if read := _READERS.get(operator.lower()):
        return read(uplink, site)
    if operator.endswith("Ack"):
        return uplink.passed_over("acknowledgement")
    scan = _SCAN_OPERATORS.get(operator) or (uplink.topic.what if operator.endswith("Push") else None)
    if scan in _SCANS:
        return _answered(uplink, site, _OTHER, lambda device: _scan(uplink, device, scan, options))
    uplink.answers = uplink.push_ack(_OTHER)
    if operator in _ANALYSES:
        return uplink.passed_over("analysis")
    detail = f"operator {operator[:40]!r} is not one that the dialect knows"
    raise UndecodableError(Reason.WRONG_SHAPE, detail, answers=uplink.answers)


def _answered(uplink: _Uplink, site: Site, ack_type: int, read: Callable[[Listed], Decoded]) -> Decoded:
    """Read a record, and give it its PushAck whatever comes of it."""
    uplink.answers = uplink.push_ack(ack_type)
    device = None
    try:
        device = site.device(uplink.device_id)
        return read(device)
    except UndecodableError as error:
        error.answers = uplink.answers
        error.device_id = device.device_id if device else None
        raise


def _record(uplink: _Uplink, device: Listed) -> Decoded:
    info = uplink.info
    status = _whole("VerifyStatus", info.VerifyStatus)
    if status == _NO_RESULT:
        return uplink.passed_over("no_result")
    if status not in _KINDS:
        raise UndecodableError(Reason.IMPOSSIBLE_VALUE, f"VerifyStatus {status} is not one that the dialect knows")
    similarity = _similarity(info.similarity1)
    method = _method(info, similarity)
    ts_us, event_id = uplink.when(device, "rec", uplink.number("RecordID"))
    return uplink.decoded(
        DoorEvent(
            device.device_id,
            ts_us,
            event_id,
            _KINDS[status],
            method,
            _direction(info),
            person_id=person_of(("customId", info.customId), ("personId", info.personId), ("idCard", info.idCard)),
            similarity=similarity if method is Method.FACE else None,
        )
    )


def _stranger(uplink: _Uplink, device: Listed) -> Decoded:
    """A face that the terminal does not know. The number of the snapshot is not the stranger's.

    A snapshot for an alarm (no mask, smoking) is nobody at a door.
    """
    info = uplink.info
    if text_of(info.AlarmAction):
        return uplink.passed_over("analysis")
    ts_us, event_id = uplink.when(device, "snap", uplink.number("SnapID"))
    said = text_of(info.strangerId)
    stranger = said if ID.fullmatch(said) and said not in NOBODY else None
    return uplink.decoded(
        DoorEvent(
            device.device_id,
            ts_us,
            event_id,
            DoorEventKind.DENIED,
            Method.FACE,
            _direction(info),
            stranger_id=stranger,
        )
    )


def _scan(uplink: _Uplink, device: Listed, what: str, options: Options) -> Decoded:
    """A card or a code that was read out. What it says is no person's id, and no event has a place for it."""
    if options.scans == "ignore":
        return uplink.passed_over("scan")
    ts_us, event_id = uplink.when(device, what.lower(), uplink.digest())
    return uplink.decoded(
        DoorEvent(device.device_id, ts_us, event_id, DoorEventKind.PASSAGE, _SCANS[what], Direction.UNKNOWN)
    )


def _online(uplink: _Uplink, site: Site) -> Decoded:
    """It is said at once, so the time of arrival is the better one: the clock may not be set yet."""
    if uplink.message.retained:
        return uplink.passed_over("retained")
    said_by, where = uplink.device_id, uplink.topic.listens_at(uplink.info.facesluiceId)
    if where and not uplink.wrapped:
        uplink.answers = (_online_ack(where, said_by),)
    try:
        return uplink.decoded(Status(site.device(said_by).device_id, None, online=True))
    except UndecodableError as error:
        error.answers = uplink.answers
        raise


def _offline(uplink: _Uplink, site: Site) -> Decoded:
    """The last will: a time in it would be that at which the connection began."""
    if uplink.message.retained:
        return uplink.passed_over("retained")
    return uplink.decoded(Status(site.device(uplink.device_id).device_id, None, online=False))


_READERS: dict[str, Callable[[_Uplink, Site], Decoded]] = {
    "recpush": lambda uplink, site: _answered(uplink, site, _RECORD, lambda device: _record(uplink, device)),
    "strsnappush": lambda uplink, site: _answered(uplink, site, _STRANGER, lambda device: _stranger(uplink, device)),
    "online": _online,
    "offline": _offline,
    _HEARTBEAT: lambda uplink, _site: uplink.passed_over("heartbeat"),
}
"""By the operator in small letters: firmware differs in them."""


def _local_time(text: str) -> tuple[datetime, str] | None:
    """Read the time as the documents have it, and give its digits; None where firmware writes another."""
    if not _TIME.fullmatch(text):
        return None
    with suppress(ValueError):
        digits = f"{text[:4]}{text[5:7]}{text[8:10]}{text[11:13]}{text[14:16]}{text[17:] or '00'}"
        return datetime.fromisoformat(text), digits
    return None


def _is_live(info: _Info) -> bool:
    """Whether the record was sent within ten seconds, so that its arrival tells the time where the clock does not."""
    return text_of(info.Sendintime) == "1" and text_of(info.PushType) != str(_MANUAL)


def _method(info: _Info, similarity: float | None) -> Method:
    said = text_of(info.otype)
    if is_whole(said) and int(said) in _METHODS:
        return _METHODS[int(said)]
    if similarity:
        return Method.FACE
    if text_of(info.szQrCodeData):
        return Method.QR
    if text_of(info.RFIDCard) not in NOBODY:
        return Method.CARD
    return Method.UNKNOWN if said else Method.FACE


def _similarity(value: Number | None) -> float | None:
    text = text_of(value)
    if not text:
        return None
    try:
        percent = float(text)
    except ValueError:
        percent = -1.0
    if not 0 <= percent <= 100:  # noqa: PLR2004 - per cent; also refuses what is not a number
        raise UndecodableError(Reason.IMPOSSIBLE_VALUE, f"similarity1 {text[:20]!r} is not 0 to 100")
    return percent / 100


def _whole(name: str, value: Number | None) -> int:
    text = text_of(value)
    if not is_whole(text):
        raise UndecodableError(Reason.WRONG_SHAPE, f"{name} {text[:20]!r} is not a whole number")
    return int(text)


def _direction(info: _Info) -> Direction:
    return _DIRECTIONS.get(text_of(info.direction).lower(), Direction.UNKNOWN)


def _push_ack(topic: str, ack_type: int, number: object) -> tuple[Answer, ...]:
    if (type(number) is not int and type(number) is not str) or not is_whole(text := str(number).strip()):
        return ()
    record = int(text)
    return (Answer(topic, _PUSH_ACK % (ack_type, record, ack_type, record)),)


def _online_ack(topic: str, device_id: str) -> Answer:
    info = {"facesluiceId": device_id, "result": "ok"}
    return Answer(topic, _encode({"messageId": "Online-Ack", "operator": "Online-Ack", "info": info}))


def _salvaged(topic: _Topic, message: Message) -> tuple[Answer, ...]:
    """Answer a record of a wrong shape, if it says which one it is."""
    try:
        said = _decode_loose(message.payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ()
    ack_type = {"RecPush": _RECORD, "StrSnapPush": _STRANGER}.get(said.operator, _OTHER)
    where = topic.listens_at(said.info.get("facesluiceId"))
    return _push_ack(where, ack_type, said.info.get(_NUMBERED[ack_type])) if where else ()


def _size(picture: Raw) -> int:
    """Bytes of a picture; 0 where something else stands in its place."""
    if picture is _NOTHING:
        return 0
    size = memoryview(picture).nbytes
    if size <= _NO_PICTURE and bytes(picture).strip(b'" ').decode("utf-8", "replace") in ("", "null", images.REMOVED):
        return 0
    return size
