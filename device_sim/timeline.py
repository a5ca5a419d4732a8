"""What an entrance's devices have to say, and when: native messages, and facts that other makes put into words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from typing import TypeAlias

import numpy as np

from device_sim import messages
from device_sim.clock import texts
from device_sim.concentrators import sent_at
from device_sim.dialects import MAKES
from device_sim.dialects.speaker import Say, Speaker
from device_sim.doors import NumberedEvent
from device_sim.engine import EntranceDays
from device_sim.meters import Readings, between, register_texts
from device_sim.records import Device
from device_sim.world import Entrance

_BACKFILL_ROWS = 200
_HOUR_S = 3600
_BATCHING_ONE_IN = 10
_BATCH_HOURS = 4


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message, and the local second at which it is due."""

    due_s: int
    topic: str
    payload: bytes

    def says(self, _speakers: Mapping[str, Speaker]) -> list[Say]:
        """The message as it is published."""
        return [Say(self.topic, self.payload)]


@dataclass(frozen=True, slots=True)
class Fact:
    """What a device of another make has to tell at a local second; its speaker knows how."""

    due_s: int
    device_id: str
    ts: str
    register: str = ""
    seq: int = 0
    event: NumberedEvent | None = None

    def says(self, speakers: Mapping[str, Speaker]) -> list[Say]:
        """The messages as they are published."""
        speaker, moment = speakers[self.device_id], datetime.fromisoformat(self.ts)
        if self.event is None:
            return speaker.reading(moment, Decimal(self.register), self.seq)
        return speaker.event(self.event, moment)


Due: TypeAlias = Outgoing | Fact


def backlog(entrance: Entrance, days: EntranceDays, after_s: int, until_s: int) -> Iterator[Due]:
    """What devices had stored of a time gone by, sent in batches: every message is due at once.

    Doors of other makes store their records as well; their meters tell where the dial stands now.
    """
    for meter in days.readings:
        rows = _rows(between(meter, after_s, until_s))
        if meter.device.codec in MAKES:
            yield from (_reading_fact(meter.device, row) for row in rows[-1:])
            continue
        for first in range(0, len(rows), _BACKFILL_ROWS):
            part = [(ts, register, seq) for _, ts, register, seq in rows[first : first + _BACKFILL_ROWS]]
            payload = messages.reading_batch(meter.device, part)
            yield Outgoing(until_s, messages.reading_topic(meter.device), payload)
    for device, events in _by_door(entrance, days, after_s, until_s):
        if device.codec in MAKES:
            yield from _event_facts(device, events)
            continue
        for first in range(0, len(events), _BACKFILL_ROWS):
            payload = messages.event_batch(_stamped(events[first : first + _BACKFILL_ROWS]))
            yield Outgoing(until_s, messages.event_topic(device), payload)


def due_messages(entrance: Entrance, days: EntranceDays, after_s: int, until_s: int) -> list[Due]:
    """What is sent as it happens, in order of time. One meter in ten gathers four hours into one message.

    What a concentrator had to store is sent when it is back, or at the end of the time asked for.
    """
    found: list[Due] = []
    for number, meter in enumerate(days.readings):
        if meter.device.codec in MAKES:
            found += (_reading_fact(meter.device, row) for row in _rows(between(meter, after_s, until_s)))
            continue
        gathers = number % _BATCHING_ONE_IN == 0
        found += (_gathered if gathers else _one_by_one)(between(meter, after_s, until_s))
    found = [replace(due, due_s=min(sent_at(due.due_s, days.outages), until_s)) for due in found]
    for device, events in _by_door(entrance, days, after_s, until_s):
        if device.codec in MAKES:
            found += _event_facts(device, events)
            continue
        topic = messages.event_topic(device)
        found += [Outgoing(one.record.second, topic, messages.event(one, ts)) for one, ts in _stamped(events)]
    return sorted(found, key=lambda due: due.due_s)


def _reading_fact(device: Device, row: tuple[int, str, str, int]) -> Fact:
    second, ts, register, seq = row
    return Fact(second, device.device_id, ts, register, seq)


def _event_facts(device: Device, events: list[NumberedEvent]) -> Iterator[Fact]:
    return (Fact(one.record.second, device.device_id, ts, event=one) for one, ts in _stamped(events))


def _one_by_one(meter: Readings) -> Iterator[Outgoing]:
    topic, health = messages.reading_topic(meter.device), _health(meter.device)
    for second, ts, register, seq in _rows(meter):
        yield Outgoing(second, topic, messages.reading(meter.device, ts, register, seq, health))


def _gathered(meter: Readings) -> Iterator[Outgoing]:
    topic = messages.reading_topic(meter.device)
    for _, group in groupby(_rows(meter), key=lambda row: row[0] // (_BATCH_HOURS * _HOUR_S)):
        rows = list(group)
        payload = messages.reading_batch(meter.device, [row[1:] for row in rows])
        yield Outgoing(rows[-1][0], topic, payload)


def _rows(meter: Readings) -> list[tuple[int, str, str, int]]:
    seconds = meter.seconds.tolist()
    counted = (meter.seconds // _HOUR_S).tolist()
    return list(zip(seconds, texts(meter.clock_s), register_texts(meter), counted, strict=True))


def _by_door(
    entrance: Entrance, days: EntranceDays, after_s: int, until_s: int
) -> Iterator[tuple[Device, list[NumberedEvent]]]:
    doors = {door.device_id: door for door in entrance.doors}
    kept = (one for one in days.events if after_s < one.record.second <= until_s)
    for device_id, events in groupby(kept, key=lambda one: one.record.device_id):
        yield doors[device_id], list(events)


def _stamped(events: list[NumberedEvent]) -> list[tuple[NumberedEvent, str]]:
    stamps = texts(np.array([one.record.second for one in events], dtype=np.int64))
    return list(zip(events, stamps, strict=True))


def _health(device: Device) -> dict[str, int]:
    """Battery and radio of a water meter, steady for each; electricity meters hang on the mains."""
    if device.kind != "water":
        return {}
    number = int(device.device_id[2:])
    return {"battery": 55 + number % 45, "rssi": -60 - number % 40}
