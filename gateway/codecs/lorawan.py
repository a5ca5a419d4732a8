"""What the dialects of LoRaWAN network servers share: from an uplink to registers.

Either the meter's bytes are decoded here (`payload`), or a codec in the network server has made an object of them and
the configuration says what stands where in it. Times come from the meter, else from the network server, whose repeats
then have the same (device, time) and are stored once; the arrival here serves only where the server has no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias

from msgspec import Meta, Raw, Struct

from gateway.codecs.counters import (
    CLOCK_UNSET_US,
    Counter,
    json_value,
    look,
    moment_us,
    opened,
    path_of,
    registers_of,
    says,
    zone_of,
)
from gateway.codecs.flags import flags_of, words_of
from gateway.codecs.message import Decoded, Listed, Message, Reason, Site, UndecodableError
from gateway.codecs.native import UnitName
from gateway.codecs.payloads import PAYLOADS, Frame
from gateway.codecs.vitals import percent
from gateway.events import Condition, DeviceKind, Reading

PayloadName: TypeAlias = Literal["axioma_w1", "kamstrup"]
Path: TypeAlias = tuple[str, ...]
Moment: TypeAlias = Annotated[datetime, Meta(tz=True)]
_WATER = DeviceKind.WATER
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIELDS_TOLD = 12
_DEEPEST = 6


class Options(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a line of the configuration may say. Paths are dotted, `meter.total`; a number counts in a list, from 0."""

    payload: PayloadName | None = None
    """Decode the meter's bytes here."""
    register: str | None = None
    """Path of the register in the decoded object."""
    unit: UnitName | None = None
    factor: float = 1.0
    """What one count of the register is worth, in `unit`: 10 where a pulse is 10 litres and `unit` is L."""
    counters: dict[str, Counter] = {}
    """More than one register: path → unit, factor, and the suffix that makes the id of each."""
    readings: str | None = None
    """Path of a list of readings, in whose items `register` and `time` are looked for."""
    only: dict[str, str] = {}
    """Which items of that list are meant: path → text."""
    time: str | None = None
    """Path of the meter's own time: RFC 3339, epoch seconds or milliseconds, or local time without a zone."""
    zone: str | None = None
    """Of times that say none: `UTC`, `Asia/Shanghai`; without it that of the estate."""
    battery: str | None = None
    """Path of the battery's percent."""
    flags: list[str] = []
    """Paths of what says what is the matter: words, or names with true or false, 1 or 0."""
    port: int | None = None
    """The port of the uplinks that are meant; others are passed over."""


class Uplink(NamedTuple):
    """One uplink, whatever server it came through. `heard_us` is when the network heard it."""

    names: tuple[str, ...]
    """What the device may be called in the lists, the most telling first."""
    heard_us: int
    port: int | None
    data: bytes
    fields: Raw | None
    rssi: float | None
    battery: float | None = None


Reader: TypeAlias = Callable[[Uplink, Site], Decoded]


def reader_of(options: Options) -> Reader:
    """Make what reads uplinks as the options say.

    Raises:
        ValueError: the options contradict each other.
    """
    read = _reader(options)
    if (port := options.port) is None:
        return read
    return lambda uplink, site: read(uplink, site) if uplink.port == port else Decoded((), passed_over="other_port")


def _reader(options: Options) -> Reader:
    counters = dict(options.counters)
    if options.register is not None:
        if options.unit is None:
            raise ValueError("register needs a unit: m3, L, kWh or Wh")
        counters[options.register] = Counter(options.unit, options.factor)
    if options.payload is not None:
        if counters:
            raise ValueError("either payload or register and counters, not both")
        return _of_bytes(options.payload)
    if not counters:
        return _unmapped
    return _Mapping(options, counters).read


def listed(site: Site, names: tuple[str, ...]) -> Listed:
    """Give the device that the lists have under one of its names.

    Raises:
        UndecodableError: they have none; it says the most telling.
    """
    first, *others = names
    try:
        return site.device(first)
    except UndecodableError:
        for name in others:
            with suppress(UndecodableError):
                return site.device(name)
        raise


def heard_us(moment: datetime | None, message: Message) -> int:
    """When the network heard it: as it says, or at arrival where it says nothing or has no clock.

    Raises:
        UndecodableError: it says nothing, and the broker had kept the message.
    """
    if moment is not None and (said_us := (moment - _EPOCH) // _MICROSECOND) >= CLOCK_UNSET_US:
        return said_us
    if message.retained:
        raise UndecodableError(Reason.WRONG_SHAPE, "no time, and of any age: the broker had kept it")
    return message.arrived_us


def given(fields: Raw) -> Raw | None:
    """Give a decoded object, or None where the server sends none."""
    return fields if fields and fields != b"null" else None


def _of_bytes(payload: PayloadName) -> Reader:
    decode = PAYLOADS[payload]

    def read(uplink: Uplink, site: Site) -> Decoded:
        if not uplink.data:
            return Decoded((), passed_over="no_payload")
        device = listed(site, uplink.names)
        try:
            contents = decode(Frame(uplink.data, uplink.port, uplink.heard_us, device.zone))
        except UndecodableError as error:
            raise UndecodableError(error.reason, error.detail, device_id=device.device_id) from error
        battery = uplink.battery if contents.battery is None else contents.battery
        if not contents.readings and contents.flags is not None:
            return Decoded((Condition(device.device_id, uplink.heard_us, battery, contents.flags),))
        told = (battery, uplink.rssi, contents.flags)
        events = [Reading(device.device_id, _WATER, ts_us, dial, *told) for ts_us, dial in contents.readings]
        return Decoded(tuple(events), passed_over=contents.passed_over)

    return read


def _unmapped(uplink: Uplink, _site: Site) -> Decoded:
    if uplink.fields is None and not uplink.data:
        return Decoded((), passed_over="no_payload")
    raise _not_mapped(uplink, None if uplink.fields is None else json_value(bytes(uplink.fields)))


class _Told(NamedTuple):
    """What an object says of the device itself."""

    battery: float | None = None
    flags: tuple[str, ...] | None = None


_NOTHING_TOLD = _Told()


class _Mapping:
    """Reads decoded objects by paths."""

    def __init__(self, options: Options, counters: Mapping[str, Counter]) -> None:
        self._registers = [(path_of(name), register) for name, register in registers_of(counters).items()]
        if len({register.suffix for _, register in self._registers}) < len(self._registers):
            raise ValueError("two registers would be of one device: give each a suffix of its own")
        if options.zone is not None and options.time is None:
            raise ValueError("zone is of the meter's own times: say also where the time is")
        self._readings = None if options.readings is None else path_of(options.readings)
        self._only = [(path_of(name), text) for name, text in options.only.items()]
        self._time = None if options.time is None else path_of(options.time)
        self._zone = zone_of(options.zone)
        self._battery = None if options.battery is None else path_of(options.battery)
        self._flags = [path_of(name) for name in options.flags]
        self._tells = self._battery is not None or bool(self._flags)

    def read(self, uplink: Uplink, site: Site) -> Decoded:
        if uplink.fields is None:
            if not uplink.data:
                return Decoded((), passed_over="no_payload")
            raise _not_mapped(uplink, None)
        fields = json_value(bytes(uplink.fields))
        told = self._told(fields) if self._tells else _NOTHING_TOLD
        if told != _NOTHING_TOLD and self._readings is None and not self._has_register(fields):
            return self._condition(uplink, site, told)
        if self._battery is None:
            told = _Told(uplink.battery, told.flags)
        events = [event for item in self._items(uplink, fields) for event in self._of(item, uplink, site, told)]
        return Decoded(tuple(events), passed_over=None if events else "no_readings")

    def _told(self, fields: object) -> _Told:
        return _Told(percent(look(fields, self._battery)) if self._battery else None, self._matters(fields))

    def _matters(self, fields: object) -> tuple[str, ...] | None:
        """Give the flags; None where nothing stands at their paths."""
        said = [(path[-1], look(fields, path)) for path in self._flags]
        if all(value is None for _, value in said):
            return None
        return flags_of(word for name, value in said for word in words_of(name, value))

    def _has_register(self, fields: object) -> bool:
        return any(look(fields, path) is not None for path, _ in self._registers)

    def _condition(self, uplink: Uplink, site: Site, told: _Told) -> Decoded:
        """Give an uplink of battery or flags without a register: many devices say these in turn."""
        suffixes = dict.fromkeys(register.suffix for _, register in self._registers)
        devices = [listed(site, tuple(name + suffix for name in uplink.names)) for suffix in suffixes]
        return Decoded(tuple(Condition(device.device_id, uplink.heard_us, *told) for device in devices))

    def _items(self, uplink: Uplink, fields: object) -> list[Any]:
        if self._readings is None:
            return [fields]
        items = opened(look(fields, self._readings))
        if type(items) is not list:
            raise _not_mapped(uplink, fields)
        return [item for item in items if all(says(item, path, text) for path, text in self._only)]

    def _of(self, item: Any, uplink: Uplink, site: Site, told: _Told) -> Iterator[Reading]:  # noqa: ANN401
        is_told = False
        for path, register in self._registers:
            figure = look(item, path)
            if figure is None and self._readings is None:
                continue  # told in an uplink of its own
            if figure is None:
                raise _not_mapped(uplink, item, path)
            is_told = True
            device = listed(site, tuple(name + register.suffix for name in uplink.names))
            ts_us = self._when_us(item, uplink, device)
            dial = register.of(figure)
            yield Reading(device.device_id, register.kind, ts_us, dial, told.battery, uplink.rssi, told.flags)
        if not is_told:
            raise _not_mapped(uplink, item, self._registers[0][0])

    def _when_us(self, item: object, uplink: Uplink, device: Listed) -> int:
        if self._time is None:
            return uplink.heard_us
        said = look(item, self._time)
        if said is None:
            raise UndecodableError(Reason.WRONG_SHAPE, f"no time at {'.'.join(self._time)}")
        ts_us = moment_us(said, self._zone or device.zone)
        return uplink.heard_us if ts_us < CLOCK_UNSET_US and self._readings is None else ts_us


def _not_mapped(uplink: Uplink, fields: object, missing: Path | None = None) -> UndecodableError:
    """Say what an installer may write into the configuration."""
    where = "" if missing is None else f"nothing at {'.'.join(missing)}; "
    if fields is None:
        bare = f"{len(uplink.data)} bytes on port {uplink.port} and no object"
        cure = "set payload, or let the network server decode it and set register and unit"
        return UndecodableError(Reason.NOT_MAPPED, f"{bare}: {cure}")
    told = list(_figures(fields, ()))
    more = ", …" if len(told) > _FIELDS_TOLD else ""
    names = ", ".join(told[:_FIELDS_TOLD]) or "no figures"
    return UndecodableError(Reason.NOT_MAPPED, f"{where}port {uplink.port} has {names}{more}: set register and unit")


def _figures(value: object, path: Path) -> Iterator[str]:
    """Give the paths of what may be a register."""
    if len(path) > _DEEPEST:
        return
    if type(value) is dict:
        for name, inner in value.items():
            yield from _figures(inner, (*path, str(name)))
    elif type(value) is list:
        for place, inner in enumerate(value[:1]):
            yield from _figures(inner, (*path, str(place)))
    elif type(value) in (int, float):
        yield f"{'.'.join(path)[:60]}={value!r:.20}"
    elif type(value) is str:
        yield ".".join(path)[:60]  # a text may be a name
