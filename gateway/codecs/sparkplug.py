"""Sparkplug B: edge nodes and the devices behind them, in protobuf, with names told once and numbers for them after.

A birth names its metrics and gives each an alias; data messages then carry the alias alone. What births told is kept
with the rows (`Decoded.remember`), so that every process and every later start of one understands the data. Data that
nobody has announced ask the edge node for a new birth.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, NamedTuple

import msgspec
from msgspec import Struct, field

from gateway.codecs import sparkplug_wire as wire
from gateway.codecs.counters import CLOCK_UNSET_US, Counter, Register, id_of, is_listed, registers_of
from gateway.codecs.dialect import Codec, Dialect
from gateway.codecs.message import Answer, Decoded, Message, Reason, Site, UndecodableError
from gateway.events import Event, Reading, Status

_NAMESPACE = "spBv1.0"
_REBIRTH = "Node Control/Rebirth"
_SESSION = "bdSeq"
_LARGEST = 512 * 1024
"""Births of edge nodes with many devices are long."""
_SECOND_US = 1_000_000
_LARGEST_MS = 100_000_000_000_000
_OF_NODES = frozenset({"NBIRTH", "NDEATH", "NDATA", "NCMD"})
_OF_DEVICES = frozenset({"DBIRTH", "DDEATH", "DDATA", "DCMD"})
_DATA = frozenset({"NDATA", "DDATA"})
_BIRTHS = frozenset({"NBIRTH", "DBIRTH"})
_DEATHS = frozenset({"NDEATH", "DDEATH"})
_NOTHING = {"NCMD": "command", "DCMD": "command", "STATE": "host"}


class _Options(Struct, frozen=True, forbid_unknown_fields=True):
    metrics: dict[str, Counter] = field(default_factory=dict)
    """The registers, by the names of their metrics."""
    device: Literal["device", "edge.device"] = "device"
    """Whether the id of a device needs its edge node's before it, since others use the same."""


class _Topic(NamedTuple):
    group: str
    what: str
    edge: str
    device: str
    device_id: str

    @property
    def key(self) -> str:
        """Under which the birth is remembered."""
        return f"sparkplug/{self.group}/{self.edge}" + (f"/{self.device}" if self.device else "")

    @property
    def devices_key(self) -> str:
        """Under which the devices of the edge node are remembered."""
        return f"sparkplug/{self.group}/{self.edge}/"


class _Named(NamedTuple):
    name: str
    datatype: int


class _Said(NamedTuple):
    """A payload whose metrics have their names."""

    ts_ms: int | None
    metrics: list[tuple[_Named, wire.Metric]]


class _Birth(Struct, frozen=True, array_like=True):
    aliases: dict[int, _Named]
    session: int | None = None
    """The number of the connection, which the edge node's death repeats."""
    types: dict[str, int] = {}
    """Data types of the metrics that have no alias, which data messages leave out."""


_encode = msgspec.msgpack.Encoder().encode
_decode_birth = msgspec.msgpack.Decoder(_Birth).decode
_decode_devices = msgspec.msgpack.Decoder(list[str]).decode
_UNBORN = _Birth({})


def _codec(options: _Options) -> Codec:
    registers = registers_of(options.metrics)

    def decode(message: Message, site: Site) -> Decoded:
        topic = _topic(message.topic, options.device)
        if topic.what in _DATA:
            return _data(message, site, topic, registers)
        if topic.what in _BIRTHS:
            return _birth(message, site, topic, registers)
        if topic.what in _DEATHS:
            return _death(message, site, topic)
        return Decoded((), passed_over=_NOTHING[topic.what])

    return decode


@lru_cache(maxsize=100_000)
def _topic(topic: str, device: str) -> _Topic:
    match [] if "\0" in topic else topic.split("/"):  # no broker lets it through, and no database takes it as a key
        case [namespace, "STATE", host] if namespace == _NAMESPACE:
            return _Topic("", "STATE", host, "", "")
        case [namespace, group, what, edge] if namespace == _NAMESPACE and what in _OF_NODES and edge:
            return _Topic(group, what, edge, "", id_of(edge))
        case [namespace, group, what, edge, name] if namespace == _NAMESPACE and what in _OF_DEVICES and edge and name:
            return _Topic(group, what, edge, name, id_of(name if device == "device" else f"{edge}.{name}"))
    raise UndecodableError(Reason.UNKNOWN_TOPIC, f"not {_NAMESPACE}/GROUP/TYPE/EDGE, perhaps with a DEVICE behind it")


def _data(message: Message, site: Site, topic: _Topic, registers: dict[str, Register]) -> Decoded:
    said = _said(message, topic, _born(site.recall(topic.key)))
    if not registers and said.metrics:
        names = ", ".join(name for (name, _), _ in said.metrics[:5])
        detail = f'say which metric is the register: metrics = {{ "NAME" = {{ unit = "kWh" }} }}; here: {names}'
        raise UndecodableError(Reason.NOT_MAPPED, detail)
    events = _readings(message, site, topic, said, registers)
    serves = len(events) == 1 and not message.retained and not any(metric.is_historical for _, metric in said.metrics)
    return Decoded(tuple(events), arrival_serves=serves, passed_over=None if events else "no_register")


def _said(message: Message, topic: _Topic, born: _Birth | None = None) -> _Said:
    """Give a payload's metrics their names; where there is no birth to look them up in, each must have its own."""
    payload = wire.read(message.payload)
    return _Said(payload.ts_ms, [(_named(metric, born, message, topic), metric) for metric in payload.metrics])


def _named(metric: wire.Metric, born: _Birth | None, message: Message, topic: _Topic) -> _Named:
    alias = metric.alias
    told = None if alias is None or born is None else born.aliases.get(alias)
    name = metric.name or (told and told.name)
    if name:
        return _Named(name, metric.datatype or (told.datatype if told else born.types.get(name, 0) if born else 0))
    if alias is None or born is None:  # a birth that names nothing would only be said again
        raise UndecodableError(Reason.WRONG_SHAPE, "a metric without a name")
    raise _unborn(f"alias {alias}", topic, message)


def _unborn(what: str, topic: _Topic, message: Message) -> UndecodableError:
    detail = f"{what} of {topic.device_id}: its birth was not heard, a new one is asked for"
    return UndecodableError(Reason.UNKNOWN_ALIAS, detail, answers=(_rebirth(topic, message.arrived_us),))


def _rebirth(topic: _Topic, arrived_us: int) -> Answer:
    """Ask for a birth; in whole seconds, so that many messages of one moment ask once."""
    payload = wire.command(_REBIRTH, max(arrived_us, 0) // _SECOND_US * 1000)
    return Answer(f"{_NAMESPACE}/{topic.group}/NCMD/{topic.edge}", payload)


def _readings(message: Message, site: Site, topic: _Topic, said: _Said, registers: dict[str, Register]) -> list[Event]:
    events: list[Event] = []
    whose: dict[str, str] = {}
    for (name, datatype), metric in said.metrics:
        register = registers.get(name)
        if register is None or metric.is_null:
            continue
        device_id = site.device(topic.device_id + register.suffix).device_id
        if whose.setdefault(device_id, name) != name:
            detail = f"{whose[device_id]} and {name} are registers of one device: give one of them a suffix"
            raise UndecodableError(Reason.NOT_MAPPED, detail)
        ts_us = _moment_us(metric, said.ts_ms, message)
        figure = _figure(metric, datatype, message, topic)
        events.append(Reading(device_id, register.kind, ts_us, register.of(figure)))
    return events


def _figure(metric: wire.Metric, datatype: int, message: Message, topic: _Topic) -> int | float | str:
    """Give a metric's value; whether a whole number has a sign only its type tells, which data leave to the birth."""
    if not datatype and metric.is_whole and topic.what in _DATA:
        raise _unborn("a register's data type", topic, message)
    return metric.number(datatype)


def _moment_us(metric: wire.Metric, sent_ms: int | None, message: Message) -> int:
    """Give the metric's own time, else the payload's, else that of arrival; what was kept needs one that is set."""
    ts_ms = metric.ts_ms or sent_ms
    if ts_ms is None or (ts_ms * 1000 < CLOCK_UNSET_US and not metric.is_historical):
        return message.arrived_us
    if ts_ms > _LARGEST_MS:
        raise UndecodableError(Reason.IMPOSSIBLE_VALUE, f"time {ts_ms} ms")
    return ts_ms * 1000


def _birth(message: Message, site: Site, topic: _Topic, registers: dict[str, Register]) -> Decoded:
    said = _said(message, topic)
    told = _told(site, topic, said)
    try:
        events = _readings(message, site, topic, said, registers)
    except UndecodableError as error:
        error.remember = told
        raise
    if is_listed(site, topic.device_id):
        events.insert(0, Status(site.device(topic.device_id).device_id, None, online=True))
    return Decoded(tuple(events), remember=told, passed_over=None if events else "not_listed")


def _told(site: Site, topic: _Topic, said: _Said) -> tuple[tuple[str, bytes], ...]:
    """Say what the birth tells: its aliases, the number of the connection, that the edge node has this device."""
    aliases = {alias: name for name, metric in said.metrics if (alias := metric.alias) is not None}
    types = {name: datatype for (name, datatype), metric in said.metrics if metric.alias is None and datatype}
    told = [(topic.key, _encode(_Birth(aliases, _session(said), types)))]
    if topic.device:
        devices = _devices(site, topic)
        if topic.device_id not in devices:
            told.append((topic.devices_key, _encode(sorted([*devices, topic.device_id]))))
    return tuple(told)


def _death(message: Message, site: Site, topic: _Topic) -> Decoded:
    """Say who is gone: the device, or the edge node with all its devices.

    The broker says an edge node's death for it, perhaps of a connection that a newer birth has replaced. Its time is
    that of the connection's beginning.
    """
    gone = [topic.device_id]
    if topic.what == "NDEATH":
        ended = _session(_said(message, topic))
        born = _born(site.recall(topic.key)).session
        if ended is not None and born is not None and ended != born:
            return Decoded((), passed_over="old_death")
        gone += _devices(site, topic)
    events = tuple(Status(site.device(one).device_id, None, online=False) for one in gone if is_listed(site, one))
    return Decoded(events, passed_over=None if events else "not_listed")


def _session(said: _Said) -> int | None:
    for (name, datatype), metric in said.metrics:
        if name == _SESSION and not metric.is_null:
            number = metric.number(datatype)
            return number if type(number) is int else None
    return None


@lru_cache(maxsize=10_000)
def _born(told: bytes | None) -> _Birth:
    try:
        return _UNBORN if told is None else _decode_birth(told)
    except msgspec.MsgspecError:  # an older release told it otherwise; a new birth puts it right
        return _UNBORN


def _devices(site: Site, topic: _Topic) -> list[str]:
    told = site.recall(topic.devices_key)
    try:
        return [] if told is None else _decode_devices(told)
    except msgspec.MsgspecError:
        return []


DIALECT = Dialect(name="sparkplug", codec=_codec, options=_Options, topics=(f"{_NAMESPACE}/#",), largest=_LARGEST)
