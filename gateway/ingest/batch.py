"""A batch: what is written in one transaction, held as columns."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.codecs.message import Answer, Message, Reason
from gateway.events import DoorEvent
from gateway.ingest.memory import Memory


class Receipt(NamedTuple):
    """What the broker wants back once the rows are durable.

    `connection` counts connections: a packet id means nothing on another one.
    """

    mid: int
    qos: int
    connection: int


class Held(NamedTuple):
    """A message for quarantine; its payload is already free of images."""

    topic: str
    payload: bytes
    source: str
    reason: Reason
    detail: str
    arrived_us: int
    device_id: str | None = None
    """The listed device that sent it, where that is known."""


class StatusRow(NamedTuple):
    """The last word of a device about itself."""

    online: bool
    firmware: str | None
    ts_us: int
    arrived_us: int


class Vitals(NamedTuple):
    """Battery and radio of a device as its last reading in the batch told them."""

    battery: float | None
    rssi: float | None
    arrived_us: int


class Flags(NamedTuple):
    """What a device says is the matter with it: as of `ts_us`, its own time, told when the message arrived."""

    flags: tuple[str, ...]
    ts_us: int
    arrived_us: int


@dataclass(slots=True)
class ReadingColumns:
    """Meter readings, a column a field."""

    device_no: list[int] = field(default_factory=list)
    ts_us: list[int] = field(default_factory=list)
    register: list[float] = field(default_factory=list)
    arrived_us: list[int] = field(default_factory=list)


@dataclass(slots=True)
class DoorColumns:
    """Door events; the event itself is kept, its device by number beside it."""

    device_no: list[int] = field(default_factory=list)
    event: list[DoorEvent] = field(default_factory=list)
    arrived_us: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Batch:
    """Everything that arrived since the last batch was taken."""

    readings: ReadingColumns = field(default_factory=ReadingColumns)
    doors: DoorColumns = field(default_factory=DoorColumns)
    statuses: dict[int, StatusRow] = field(default_factory=dict)
    vitals: dict[int, Vitals] = field(default_factory=dict)
    flags: dict[int, Flags] = field(default_factory=dict)
    arrivals: dict[str, int] = field(default_factory=dict)
    """When a device's message last came whose time of arrival stands in for an impossible one (µs since 1970)."""
    held: list[Held] = field(default_factory=list)
    taken: list[Message] = field(default_factory=list)
    """The messages themselves, so that one whose data the store refuses can be told from the others."""
    unknown: list[Message] = field(default_factory=list)
    """Messages of devices that the directory did not name; looked at again with fresh lists before they are held."""
    receipts: list[Receipt] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    """What devices want to hear once the batch is durable."""
    passed_over: Counter[str] = field(default_factory=Counter)
    """Messages that are right and have no rows, by the word that says why."""
    remember: Memory = field(default_factory=Memory)
    """What messages told for later ones to be understood, by key."""
    messages: int = 0
    size: int = 0
    """Bytes of payload."""
    images_removed: int = 0

    def rows(self) -> int:
        """Count what will be written to the stream."""
        return len(self.readings.ts_us) + len(self.doors.event)

    def times_us(self) -> list[int]:
        """Give the times of what will be written to the stream, in µs since 1970."""
        return self.readings.ts_us + [event.ts_us for event in self.doors.event]

    def quarantined(self) -> Counter[str]:
        """Count held messages by reason."""
        return Counter(held.reason.value for held in self.held)
