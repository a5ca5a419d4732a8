"""What the stream says that bears on the lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.codecs.message import Reason


@dataclass(frozen=True, slots=True)
class PersonSeen:
    """A person id that door controllers of an estate sent; `device_id` is one of them."""

    estate_id: str
    person_id: str
    last_at: datetime
    events: int
    device_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Messages on one topic that are held in quarantine because the lists do not fit them.

    `detail` is the device's id where no list has it, and a sentence where a list has it otherwise.
    """

    topic: str
    reason: Reason
    detail: str
    messages: int


@dataclass(frozen=True, slots=True)
class Facts:
    """The stream's side at `now`. `last_heard` has every listed device, None where it never said anything."""

    now: datetime
    last_heard: Mapping[str, datetime | None]
    seen: tuple[PersonSeen, ...] = ()
    refused: tuple[Refused, ...] = ()
