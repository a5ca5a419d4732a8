"""Shelly of the second generation and later (Plus, Pro, Gen3, Gen4): component statuses and notifications.

Counters of energy are watt-hours; `by_minute` is milliwatt-hours and is not needed. A device with several channels is
several meters: channel 0 has the device's own id, channel N `ID.N`, the pulse counter of input N `ID.inputN`.
"""

from __future__ import annotations

from datetime import UTC
from functools import lru_cache
from typing import Any, NamedTuple

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
    readings,
    register_of,
    registers_of,
    shown,
    status,
)
from gateway.codecs.dialect import Codec, Dialect
from gateway.codecs.message import Decoded, Message, Reason, Site, UndecodableError

_ENERGY = register_of("energy", Counter(unit="Wh"))
_TOTALS = {"emdata": ("total_act",), "em1data": ("total_act_energy",)}
_TOTAL = ("aenergy", "total")
"""Where switch, cover, light, pm1 and whatever else measures count."""
_COUNTING = {"switch": _TOTAL, **_TOTALS, "input": ("counts", "total")}
"""Kinds of components by what they count with, to tell which one an answer is about."""
_ONLINE = {b"true": True, b"false": False}
_NOTES = ("NotifyStatus", "NotifyFullStatus")
_CHANNEL_DIGITS = 3


class _Options(Struct, frozen=True, forbid_unknown_fields=True):
    channels: list[int] | None = None
    """Channels that are meters of the estate; else all that count."""
    counters: dict[str, Counter] = field(default_factory=dict)
    """What a pulse of an input is worth, by the component: `input:2`."""


class _Topic(NamedTuple):
    device_id: str
    what: str
    """`online`, `rpc`, or the component whose status it is; empty for that of all."""


class _Component(NamedTuple):
    suffix: str
    channel: int
    total: tuple[str, ...]
    counts_pulses: bool


def _codec(options: _Options) -> Codec:
    counters = registers_of(options.counters)
    if wrong := next((name for name in counters if not _counts_pulses(name)), None):
        raise ValueError(f"counters: {wrong} is no input, such as input:2")
    channels = None if options.channels is None else frozenset(options.channels)

    def decode(message: Message, site: Site) -> Decoded:
        topic = _topic(message.topic)
        if not message.payload:
            return Decoded((), passed_over="cleared")
        if topic.what == "online":
            return _online(message.payload, site, topic.device_id)
        said = json_object(message.payload)
        sender, statuses = _frame(said) if topic.what == "rpc" else ("", _statuses(said, topic.what))
        if statuses is None:
            return Decoded((), passed_over="no_status")
        found = _found(statuses, counters, channels)
        if not found:
            return Decoded((), passed_over="no_register")
        device_id = _listed(site, sender, topic.device_id, found)
        named = [Found(device_id + suffix, kind, value) for suffix, kind, value in found]
        return readings(message, site, named, _moment_us(statuses), arrival_serves=True)

    return decode


@lru_cache(maxsize=100_000)
def _topic(topic: str) -> _Topic:
    levels = topic.split("/")
    match levels:
        case [_, *_, "events", "rpc"]:
            return _Topic(id_of("/".join(levels[:-2])), "rpc")
        case [_, *_, "online" | "rpc" as what]:
            return _Topic(id_of("/".join(levels[:-1])), what)
        case [_, *_, "status", component]:
            return _Topic(id_of("/".join(levels[:-2])), component)
        case [_, *_, "status"]:
            return _Topic(id_of("/".join(levels[:-1])), "")
    raise UndecodableError(Reason.UNKNOWN_TOPIC, "not DEVICE/status/COMPONENT, DEVICE/events/rpc or DEVICE/online")


@lru_cache(maxsize=1000)
def _component(name: str) -> _Component | None:
    kind, colon, number = name.partition(":")
    if not colon or not number.isascii() or not number.isdecimal() or len(number) > _CHANNEL_DIGITS:
        return None
    channel = int(number)
    if kind == "input":
        return _Component(f".input{channel}", channel, ("counts", "total"), counts_pulses=True)
    return _Component(f".{channel}" if channel else "", channel, _TOTALS.get(kind, _TOTAL), counts_pulses=False)


def _counts_pulses(name: str) -> bool:
    component = _component(name)
    return component is not None and component.counts_pulses


def _frame(said: dict[str, Any]) -> tuple[str, dict[str, Any] | None]:
    """Open a notification, or an answer to a call: who says it, and the statuses of components in it, if any."""
    sender = said.get("src", "")
    if type(sender) is not str:
        raise UndecodableError(Reason.WRONG_SHAPE, f"src {shown(sender)}")
    if ("method" in said and said["method"] not in _NOTES) or "error" in said:
        return sender, None
    statuses = said.get("params", said.get("result", said if _has_components(said) else None))
    if type(statuses) is not dict:
        raise UndecodableError(Reason.WRONG_SHAPE, "neither params nor result")
    return sender, _named(statuses)


def _named(said: dict[str, Any]) -> dict[str, Any]:
    """Give an answer about one component, such as that to Switch.GetStatus, the name that it has in a whole status."""
    channel = said.get("id")
    if type(channel) is not int or _has_components(said):
        return said
    kind = next((kind for kind, total in _COUNTING.items() if look(said, total) is not None), None)
    return {f"{kind}:{channel}": said} if kind else said


def _has_components(said: dict[str, Any]) -> bool:
    return any(type(value) is dict and _component(name) for name, value in said.items())


def _statuses(said: dict[str, Any], component: str) -> dict[str, Any]:
    """Give the statuses by component: what stands under a topic is one of them, or the device's whole status."""
    if _has_components(said):
        return said
    if component:
        return {component: said}
    raise UndecodableError(Reason.WRONG_SHAPE, "a status of no component")


def _found(statuses: dict[str, Any], counters: dict[str, Register], channels: frozenset[int] | None) -> list[Found]:
    found, unexplained = [], ""
    for name, said in statuses.items():
        component = _component(name)
        if component is None or (total := look(said, component.total)) is None:
            continue
        register = counters.get(name) if component.counts_pulses else _ENERGY
        if register is None:
            unexplained = name
        elif component.counts_pulses or channels is None or component.channel in channels:
            found.append(Found(component.suffix + register.suffix, register.kind, register.of(total)))
    if unexplained and not found:
        raise UndecodableError(
            Reason.NOT_MAPPED, f'{unexplained} counts pulses: say counters = {{ "{unexplained}" = {{ unit = "L" }} }}'
        )
    return found


def _listed(site: Site, sender: str, prefix: str, found: list[Found]) -> str:
    """Choose the id that the lists have: what the device calls itself, or the prefix of its topics."""
    if not sender or sender == prefix:
        return prefix
    for name in (sender, prefix):
        if any(is_listed(site, name + suffix) for suffix, *_ in found):
            return name
    return sender


def _moment_us(statuses: dict[str, Any]) -> int | None:
    moment = statuses.get("ts") or (look(statuses, ("sys", "unixtime")) if "sys" in statuses else None)
    return None if moment is None else moment_us(moment, UTC)


def _online(payload: bytes, site: Site, device_id: str) -> Decoded:
    if payload not in _ONLINE:
        raise UndecodableError(Reason.WRONG_SHAPE, f"online says {payload[:40]!r}, neither true nor false")
    return status(site, device_id, online=_ONLINE[payload])


DIALECT = Dialect(
    name="shelly",
    codec=_codec,
    options=_Options,
    topics=("+/status", "+/status/+", "+/events/rpc", "+/rpc", "+/online"),
)
