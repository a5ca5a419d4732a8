"""What goes into a codec and what comes out of it."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from gateway.events import Event


class Reason(StrEnum):
    """Why a message could not be taken in. The words for people stand in the catalogue as `reason.<code>`."""

    NOT_JSON = "not_json"
    WRONG_SHAPE = "wrong_shape"
    TOO_LARGE = "too_large"
    UNKNOWN_TOPIC = "unknown_topic"
    UNKNOWN_DEVICE = "unknown_device"
    WRONG_ESTATE = "wrong_estate"
    WRONG_KIND = "wrong_kind"
    IMPOSSIBLE_VALUE = "impossible_value"
    TIME_AHEAD = "time_ahead"
    TIME_TOO_OLD = "time_too_old"
    REFUSED_BY_STORE = "refused_by_store"
    """The database refuses its data; the detail is what the server says."""
    PROGRAM_FAULT = "program_fault"
    """A fault of this program, not of the message: worth a report."""


class Message(Struct, frozen=True, gc=False):
    """A message as it came. `arrived_us` is the gateway's clock at arrival, microseconds since 1970."""

    topic: str
    payload: bytes
    arrived_us: int


class Decoded(Struct, frozen=True, gc=False):
    """What a message means. `estate_id` is what the topic claims, or None where the dialect has none.

    `arrival_serves`: the dialect's devices have no clock to rely on and send at once what they measure, so the time of
    arrival stands in for one that is impossible. Only for a message of a single event; a repeat of it is then a row
    of its own, which registers make harmless.
    """

    events: tuple[Event, ...]
    estate_id: str | None = None
    images_removed: int = 0
    arrival_serves: bool = False


class UndecodableError(Exception):
    """The message means nothing that can be stored; it goes to quarantine with this reason.

    `device_id` is the listed device that sent it, where that is known.
    """

    def __init__(self, reason: Reason, detail: str, *, device_id: str | None = None) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.device_id = device_id
