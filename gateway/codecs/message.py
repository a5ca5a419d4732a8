"""What goes into a codec and what comes out of it."""

from __future__ import annotations

from datetime import tzinfo
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from gateway.events import DeviceKind, Event


class Reason(StrEnum):
    """Why a message could not be taken in. The words for people stand in the catalogue as `reason.<code>`."""

    NOT_JSON = "not_json"
    WRONG_SHAPE = "wrong_shape"
    TOO_LARGE = "too_large"
    UNKNOWN_TOPIC = "unknown_topic"
    UNKNOWN_DEVICE = "unknown_device"
    UNKNOWN_ALIAS = "unknown_alias"
    """It names a metric by a number whose meaning an earlier message told, and that one is not known."""
    WRONG_ESTATE = "wrong_estate"
    WRONG_KIND = "wrong_kind"
    WRONG_CHECKSUM = "wrong_checksum"
    DEVICE_ERROR = "device_error"
    """The device answers that it cannot say what it was asked."""
    NOT_MAPPED = "not_mapped"
    """Nothing says which of its fields is the register, or in which unit it counts."""
    IMPOSSIBLE_VALUE = "impossible_value"
    TIME_AHEAD = "time_ahead"
    TIME_TOO_OLD = "time_too_old"
    REFUSED_BY_STORE = "refused_by_store"
    """The database refuses its data; the detail is what the server says."""
    PROGRAM_FAULT = "program_fault"
    """A fault of this program, not of the message: worth a report."""


class Message(Struct, frozen=True, gc=False):
    """A message as it came. `arrived_us` is the gateway's clock at arrival, microseconds since 1970.

    `retained`: the broker had kept it, so it may be of any age.
    """

    topic: str
    payload: bytes
    arrived_us: int
    retained: bool = False


class Answer(Struct, frozen=True, gc=False):
    """What the device wants to hear. It is published once the message is durable, in the store or in quarantine."""

    topic: str
    payload: bytes


class Listed(Protocol):
    """What a codec may want of a listed device."""

    @property
    def device_id(self) -> str:
        """The id as the lists spell it."""

    @property
    def kind(self) -> DeviceKind:
        """What it measures or guards."""

    @property
    def zone(self) -> tzinfo:
        """The time zone of its estate."""


class Site(Protocol):
    """What a codec may ask beside the message: the lists, and what earlier messages told."""

    def device(self, device_id: str) -> Listed:
        """Give the listed device that calls itself so; case and leading zeros are forgiven where that is unique.

        Raises:
            UndecodableError: no list has it.
        """

    def recall(self, key: str) -> bytes | None:
        """Give what the last message that was told to remember `key` said."""


class Decoded(Struct, frozen=True, gc=False):
    """What a message means. `estate_id` is what the topic claims, or None where the dialect has none.

    `arrival_serves`: the dialect's devices have no clock to rely on and send at once what they measure, so the time of
    arrival stands in for one that is impossible. Only for a message of a single event; a repeat of it is then a row
    of its own, which registers make harmless.

    `answers` are published once the message is durable. `passed_over` says in a word why a right message has no events
    ("heartbeat", "retained"); it is counted. `remember` is kept with the rows and given back by `Site.recall`.
    """

    events: tuple[Event, ...]
    estate_id: str | None = None
    images_removed: int = 0
    arrival_serves: bool = False
    answers: tuple[Answer, ...] = ()
    passed_over: str | None = None
    remember: tuple[tuple[str, bytes], ...] = ()


class UndecodableError(Exception):
    """The message means nothing that can be stored; it goes to quarantine with this reason.

    `device_id` is the listed device that sent it, where that is known. `answers` are published all the same, once the
    message is safe in quarantine, and what it tells to `remember` is kept: names are true though a value is not.
    """

    def __init__(
        self,
        reason: Reason,
        detail: str,
        *,
        device_id: str | None = None,
        answers: tuple[Answer, ...] = (),
        remember: tuple[tuple[str, bytes], ...] = (),
    ) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.device_id = device_id
        self.answers = answers
        self.remember = remember
