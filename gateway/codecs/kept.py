"""Frames that a logger kept, with the time at which it read each: a line that is down for a night, told in the morning.

A frame of DL/T 645 bears no time, and not every meter of CJ/T 188 has a clock. Where the logger's JSON says when each
was read, that moment stands in for the arrival.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import tzinfo

import msgspec
from msgspec import structs

from gateway.codecs.clock import is_near
from gateway.codecs.counters import CLOCK_UNSET_US, look, moment_us, opened, path_of, zone_of
from gateway.codecs.dialect import Codec
from gateway.codecs.frames import FieldOptions, json_of
from gateway.codecs.message import Decoded, Message, Reason, Site, UndecodableError
from gateway.events import Event


def as_kept(options: FieldOptions, decode: Codec) -> Codec:
    """Make what reads each frame as of the time beside it, where the options say where that stands.

    Raises:
        ValueError: `readings` or `zone` is said without `time`, or there is no such zone.
    """
    if options.time is not None:
        return _Kept(decode, options, options.time).read
    if options.readings is not None or options.zone is not None:
        raise ValueError("readings and zone are of frames that a logger kept: say also where the time of each is")
    return decode


class _Kept:
    """Reads the frames of a message one by one."""

    def __init__(self, decode: Codec, options: FieldOptions, time: str) -> None:
        self._decode = decode
        self._time = path_of(time)
        self._readings = None if options.readings is None else path_of(options.readings)
        self._zone = zone_of(options.zone)

    def read(self, message: Message, site: Site) -> Decoded:
        """Read a message; what is no JSON has no time beside its frames, and is read as it comes."""
        said = json_of(message.payload)
        if said is None:
            return self._decode(message, site)
        found = [self._item(item, said, message, site) for item in self._items(said)]
        events = tuple(event for one in found for event in one.events)
        words = [one.passed_over for one in found if one.passed_over]
        return Decoded(events, passed_over=next(iter(words), None if events else "no_readings"))

    def _items(self, said: object) -> list[object]:
        if self._readings is None:
            return [said]
        items = opened(look(said, self._readings))
        if not isinstance(items, list):
            raise UndecodableError(Reason.WRONG_SHAPE, f"no list at {'.'.join(self._readings)}")
        return items

    def _item(self, item: object, around: object, message: Message, site: Site) -> Decoded:
        part = structs.replace(message, payload=msgspec.json.encode(item), retained=False)
        whose = self._decode(part, site)
        if not whose.events:
            return whose
        zone = self._zone or site.device(whose.events[0].device_id).zone
        ts_us = self._moment_us(item, around, zone)
        if ts_us < CLOCK_UNSET_US:
            return self._decode(structs.replace(part, retained=message.retained), site)
        found = self._decode(structs.replace(part, arrived_us=ts_us), site)
        return Decoded(tuple(_timed(found, ts_us)), passed_over=found.passed_over)

    def _moment_us(self, item: object, around: object, zone: tzinfo) -> int:
        moment = look(item, self._time)
        if moment is None:
            moment = look(around, self._time)
        if moment is None:
            raise UndecodableError(Reason.WRONG_SHAPE, f"no time at {'.'.join(self._time)}")
        return moment_us(moment, zone)


def _timed(found: Decoded, read_us: int) -> Iterator[Event]:
    """Give the events; a meter whose own clock is far off the logger's was read when the logger says."""
    for event in found.events:
        near = event.ts_us is None or is_near(event.ts_us, read_us)
        yield event if near else structs.replace(event, ts_us=read_us)
