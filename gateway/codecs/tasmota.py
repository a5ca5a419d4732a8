"""Tasmota: plugs with energy metering, pulse counters, and meters read by its scripts.

Full topics are as the user sets them: `tele/plug1/SENSOR` by default, often `plug1/tele/SENSOR`. Times are local
without a zone unless options 52 or the time format say otherwise, and count from 1970 until the clock is set. Versions
before 5.11 say on `ENERGY` what stands under that key of SENSOR since.
`TotalStartTime` says when somebody last set the counter, to whatever value: no sign of a reset.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from msgspec import Struct, field

from gateway.codecs.counters import (
    Counter,
    Found,
    Register,
    id_of,
    is_listed,
    json_object,
    look,
    moment_us,
    path_of,
    readings,
    registers_of,
    status,
    sum_of,
)
from gateway.codecs.dialect import Codec, Dialect
from gateway.codecs.message import Decoded, Message, Reason, Site, UndecodableError

_PREFIXES = ("tele", "stat")
_ANSWERS = frozenset({"STATUS0", "STATUS8", "STATUS10"})
_SENSOR = "StatusSNS"
"""In an answer to the command `Status 8` or `Status 10` what a SENSOR message says stands under this key."""
_OLD_SENSOR = "ENERGY"
_ONLINE = {b"Online": True, b"Offline": False}
_ENERGY = {"ENERGY.Total": Counter(unit="kWh")}
_SOUNDS = re.compile(
    r"total|^e_?in|imp|consum|energ|enrg|verbrauch|zaehl|count|volum|wasser|water|kwh|m3|1[._]8[._]\d", re.IGNORECASE
)


class _Options(Struct, frozen=True, forbid_unknown_fields=True):
    registers: dict[str, Counter] = field(default_factory=lambda: dict(_ENERGY))
    """By their paths: `ENERGY.Total`, `COUNTER.C1`, `MT174.E_in`."""
    phases: Literal["sum", "separate"] = "sum"
    """What to make of a register that is a list, one figure a phase or channel (option 129)."""
    clock: Literal["device", "arrival"] = "device"
    """Whose time a reading has: the device's zone may not be the estate's."""
    device: int | None = None
    """The level of the topic that is the device, from 1; else all but the prefix and the last."""


class _Topic(NamedTuple):
    device_id: str
    what: str


def _codec(options: _Options) -> Codec:
    registers = [(path_of(name), register) for name, register in registers_of(options.registers).items()]
    if not registers:
        raise ValueError("registers is empty")
    if options.device is not None and options.device < 1:
        raise ValueError("device counts the levels of the topic from 1")
    separate, reads_clock = options.phases == "separate", options.clock == "device"

    def decode(message: Message, site: Site) -> Decoded:
        topic = _topic(message.topic, options.device)
        if not message.payload:
            return Decoded((), passed_over="cleared")
        if topic.what == "SENSOR":
            said: object = json_object(message.payload)
        elif topic.what in _ANSWERS:
            said = json_object(message.payload).get(_SENSOR)
        elif topic.what == _OLD_SENSOR:
            energy = json_object(message.payload)
            said = {_OLD_SENSOR: energy, "Time": energy.get("Time")}
        elif topic.what == "LWT":
            return _will(message.payload, site, topic.device_id)
        else:
            return Decoded((), passed_over="no_register")
        found = _found(said, registers, topic.device_id, separate=separate)
        if not found:
            return _without(said, site, topic.device_id)
        ts_us = _moment_us(said, site, found[0]) if reads_clock else None
        return readings(message, site, found, ts_us, arrival_serves=True)

    return decode


@lru_cache(maxsize=100_000)
def _topic(topic: str, level: int | None) -> _Topic:
    *levels, what = topic.split("/")
    if level is not None:
        if level > len(levels):
            raise UndecodableError(Reason.UNKNOWN_TOPIC, f"no level {level} before the last")
        return _Topic(id_of(levels[level - 1]), what)
    prefix = next((place for place in (0, -1) if levels and levels[place] in _PREFIXES), None)
    if prefix is None or len(levels) == 1:
        raise UndecodableError(
            Reason.UNKNOWN_TOPIC, "neither tele/DEVICE/WHAT nor DEVICE/tele/WHAT: say device = LEVEL"
        )
    del levels[prefix]
    return _Topic(id_of("/".join(levels)), what)


def _found(
    said: object, registers: Sequence[tuple[tuple[str, ...], Register]], device_id: str, *, separate: bool
) -> list[Found]:
    found = []
    for path, register in registers:
        figure = look(said, path)
        if figure is None:
            continue
        figures = [figure] if type(figure) is not list else _figures(figure, look(said, (*path[:-1], "Today")))
        values = [register.of(one) for one in figures]
        its_id = device_id + register.suffix
        if separate:
            ids = [its_id, *(f"{its_id}.{phase}" for phase in range(1, len(values)))]
            found += [Found(one, register.kind, value) for one, value in zip(ids, values, strict=True)]
        elif values:
            found.append(Found(its_id, register.kind, values[0] if len(values) == 1 else sum_of(values)))
    return found


def _figures(figures: list[Any], today: object) -> list[Any]:
    """Give the figures of a register that is a list: each phase or channel, as in the day's use beside it.

    Where that is no list, it is the total and then its two tariffs (versions 6.6 to 9).
    """
    return figures[:1] if type(today) in (int, float) else figures


def _without(said: object, site: Site, device_id: str) -> Decoded:
    """Tell counts that nobody explained from what has no register at all (temperatures, Teleinfo's doubles)."""
    counters = look(said, ("COUNTER",))
    if type(counters) is dict and counters:
        raise UndecodableError(
            Reason.NOT_MAPPED, 'COUNTER counts pulses: say registers = { "COUNTER.C1" = { unit = "L", factor = 10 } }'
        )
    if (name := next(_counts(said), "")) and is_listed(site, device_id):
        detail = f'{name} may be its register: say registers = {{ "{name}" = {{ unit = "kWh" }} }}'
        raise UndecodableError(Reason.NOT_MAPPED, detail)
    return Decoded((), passed_over="no_register")


def _counts(said: object) -> Iterator[str]:
    """Give the paths of figures whose name sounds like a register's, as scripts that read meters call them."""
    for sensor, figures in said.items() if type(said) is dict else ():
        for name, figure in figures.items() if type(figures) is dict else ():
            if type(figure) in (int, float) and _SOUNDS.search(name):
                yield f"{sensor}.{name}"[:80]


def _moment_us(said: object, site: Site, first: Found) -> int | None:
    moment = look(said, ("Epoch",)) or look(said, ("Time",))
    if moment is None:
        return None
    return moment_us(moment, UTC if type(moment) is int else site.device(first.device_id).zone)


def _will(payload: bytes, site: Site, device_id: str) -> Decoded:
    if payload not in _ONLINE:
        raise UndecodableError(Reason.WRONG_SHAPE, f"LWT says {payload[:40]!r}, neither Online nor Offline")
    return status(site, device_id, online=_ONLINE[payload])


DIALECT = Dialect(name="tasmota", codec=_codec, options=_Options, topics=("tele/#", "stat/#", "+/tele/+", "+/stat/+"))
