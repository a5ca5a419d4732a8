"""Zigbee2MQTT: whatever speaks Zigbee, as JSON under the name that the user gave it.

A message repeats all that is known of the device, also when only a lamp's colour has changed, and says no time unless
`last_seen` is switched on. Energy is kilowatt-hours; converters of water valves differ in name and unit, so their
registers are options.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC
from functools import lru_cache
from typing import Any, NamedTuple

from msgspec import Struct, field, structs

from gateway.codecs.counters import (
    Counter,
    Found,
    Register,
    id_of,
    is_listed,
    json_object,
    json_value,
    moment_us,
    readings,
    registers_of,
    shown,
    status,
)
from gateway.codecs.dialect import Codec, Dialect
from gateway.codecs.message import Decoded, Message, Reason, Site, UndecodableError
from gateway.codecs.vitals import percent
from gateway.events import Reading

_ENERGY = {"energy": Counter(unit="kWh")}
_WATER = frozenset(
    {"water_consumed", "water_consumption", "water_total", "total_water", "volume_total", "total_volume"}
)
"""Registers of water under which different converters mean litres, cubic metres or tenths of them."""
_MAY_BE = re.compile(
    r"energy_(?!today|yesterday|hour|da|week|month|year|produced|reactive|balance|sav|calib|precision|flow|reset|meter_start)\w+"
    r"|(total|consumed|active|total_active|import)_energy(_consumption)?|current_(tier\d+_)?summ(ation|_delivered)"
    r"|(total_)?consumption|volume|cumulative_flow|water(_consumed_total)?|\w+_water_meter"
)
"""Registers of a phase, a channel, a tariff or a unit of their own, of meters that have no plain `energy`."""
_COMMANDS = frozenset({"set", "get"})
_PRESSED = "action"
"""The level under which older releases say a button's press once more, as a bare word."""
_OBJECT = b"{"
_ONLINE = {"online": True, "offline": False}


class _Options(Struct, frozen=True, forbid_unknown_fields=True):
    base: str = "zigbee2mqtt"
    """The base topic."""
    registers: dict[str, Counter] = field(default_factory=lambda: dict(_ENERGY))
    """By the key under which a converter says them."""


class _Topic(NamedTuple):
    device_id: str
    what: str
    """`state`, `availability`, `action`, `command` or `bridge`."""
    owner: str = ""
    attribute: str = ""
    """Whose attribute it is and which, where the bridge says one a topic (`output: attribute`)."""


def _codec(options: _Options) -> Codec:
    registers = registers_of(options.registers)
    if not registers:
        raise ValueError("registers is empty")

    def decode(message: Message, site: Site) -> Decoded:
        topic = _topic(message.topic, options.base)
        if topic.what == "state":
            return _state(message, site, topic, registers)
        if topic.what == "availability":
            return _availability(message.payload, site, topic.device_id)
        return Decoded((), passed_over=topic.what)

    return decode


@lru_cache(maxsize=100_000)
def _topic(topic: str, base: str) -> _Topic:
    if not topic.startswith(f"{base}/"):
        raise UndecodableError(Reason.UNKNOWN_TOPIC, f"not under {base}: say base = BASE TOPIC")
    name = topic[len(base) + 1 :]
    if name == "bridge" or name.startswith("bridge/"):
        return _Topic("", "bridge")
    front, _, last = name.rpartition("/")
    if front and last == "availability":
        return _Topic(id_of(front), last)
    if front and last == _PRESSED:
        return _Topic("", _PRESSED)
    if front and (last in _COMMANDS or front.rpartition("/")[2] in _COMMANDS):  # also NAME/set/state
        return _Topic("", "command")
    return _Topic(id_of(name), "state", id_of(front) if front else "", last)


def _state(message: Message, site: Site, topic: _Topic, registers: Mapping[str, Register]) -> Decoded:
    if not message.payload:
        return Decoded((), passed_over="cleared")
    if topic.owner and not message.payload.lstrip().startswith(_OBJECT):
        return _meaning(message, site, topic.owner, {topic.attribute: _bare(message.payload)}, registers)
    return _meaning(message, site, topic.device_id, json_object(message.payload), registers)


def _bare(payload: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Read the value of an attribute: JSON, or a text without quotes."""
    try:
        return json_value(payload)
    except UndecodableError:
        return payload.decode("utf-8", "replace")


def _meaning(
    message: Message, site: Site, device_id: str, said: dict[str, Any], registers: Mapping[str, Register]
) -> Decoded:
    found = [
        Found(device_id + register.suffix, register.kind, register.of(said[name]))
        for name, register in registers.items()
        if said.get(name) is not None
    ]
    if found:
        last_seen = said.get("last_seen")
        decoded = readings(message, site, found, None if last_seen is None else moment_us(last_seen, UTC))
        return _with_battery(decoded, percent(said["battery"])) if "battery" in said else decoded
    if unexplained := [name for name in said if name in _WATER and said[name] is not None]:
        name = min(unexplained)
        detail = f'{name} is in a unit that only its converter knows: say registers = {{ {name} = {{ unit = "L" }} }}'
        raise UndecodableError(Reason.NOT_MAPPED, detail)
    maybe = next((name for name in said if type(said[name]) in (int, float) and _MAY_BE.fullmatch(name)), None)
    if maybe and is_listed(site, device_id):
        detail = f'{maybe} may be its register: say registers = {{ {maybe} = {{ unit = "kWh" }} }}'
        raise UndecodableError(Reason.NOT_MAPPED, detail)
    return Decoded((), passed_over="no_register")


def _with_battery(decoded: Decoded, battery: float | None) -> Decoded:
    if battery is None:
        return decoded
    its = [structs.replace(event, battery=battery) for event in decoded.events if type(event) is Reading]
    return structs.replace(decoded, events=tuple(its))


def _availability(payload: bytes, site: Site, device_id: str) -> Decoded:
    if not payload:
        return Decoded((), passed_over="cleared")
    said: Any = payload.decode("ascii", "replace")
    if payload.startswith(b"{"):
        said = json_value(payload).get("state")
    if type(said) is not str or said not in _ONLINE:
        raise UndecodableError(Reason.WRONG_SHAPE, f"availability says {shown(said)}, neither online nor offline")
    return status(site, device_id, online=_ONLINE[said])


DIALECT = Dialect(name="zigbee2mqtt", codec=_codec, options=_Options, topics=("zigbee2mqtt/#",))
