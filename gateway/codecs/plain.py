"""Topics that carry one number each, and small JSON: whatever an installer can describe in a line of configuration.

Home Assistant's state topics, dsmr-reader's split topics, ESPHome, home-made counters. Nothing is taken for granted:
the line says which level of the topic is the device, which is the metric, and what unit the number has.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from msgspec import Struct, field

from gateway.codecs.counters import (
    Counter,
    Found,
    Register,
    id_of,
    json_value,
    look,
    moment_us,
    number,
    opened,
    path_of,
    readings,
    register_of,
    registers_of,
    says,
    shown,
    status,
    sum_of,
    zone_of,
)
from gateway.codecs.dialect import Codec, Dialect
from gateway.codecs.message import Decoded, Message, Reason, Site, UndecodableError
from gateway.codecs.native import UnitName

_SILENT = frozenset({"", "unknown", "unavailable", "none", "null", "nan"})
"""What stands in place of a number where there is none."""
_ONLINE = {"online": True, "offline": False}
_LONGEST_WORD = 16
_JSON_BEGINS = (b"{", b"[")
_BY_NAME = "*"


class _Options(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    device: int | None = None
    """The level of the topic that is the device: 1 is the first, -1 the last."""
    device_id: str | None = None
    """The device, where the topics are those of a single one."""
    device_path: str | None = None
    """Where the device stands in the JSON; `*` where what is said of each stands under its name."""
    unit: UnitName | None = None
    factor: float = 1.0
    register: str | list[str] | None = None
    """Where the register stands in the JSON; of several (tariffs) the sum is taken."""
    registers: dict[str, Counter] = field(default_factory=dict)
    """Several registers of the JSON, by their paths."""
    time: str | None = None
    """Where the time stands in the JSON."""
    zone: str | None = None
    """Of times that say none: `UTC`, `Asia/Shanghai`; without it that of the estate."""
    readings: str | None = None
    """Where a list of readings stands, of one device or of several; what is not in an item is looked for around it.

    A message that is a list itself needs no word of it; `""` says so where `only` is said.
    """
    only: dict[str, str] = field(default_factory=dict)
    """Which items of that list are meant: path → text."""
    metric: int | None = None
    """The level of the topic that says what the number is."""
    metrics: dict[str, Counter] = field(default_factory=dict)
    """The registers among these metrics; others are passed over."""


class _Mapped(NamedTuple):
    paths: list[tuple[str, ...]]
    register: Register


def _codec(options: _Options) -> Codec:
    """Make the codec of a line of the configuration.

    Raises:
        ValueError: it does not say what is what, or says it twice.
    """
    if options == _Options():
        return _unmapped
    if sum(said is not None for said in (options.device, options.device_id, options.device_path)) != 1:
        raise ValueError("say which level of the topic is the device (device = 2), or device_id, or device_path")
    if 0 in (options.device, options.metric):
        raise ValueError("levels of the topic count from 1, from the end from -1")
    if options.register is not None or options.registers:
        return _json_codec(options)
    if any(said is not None for said in (options.device_path, options.time, options.zone, options.readings)):
        raise ValueError("device_path, time, zone and readings are paths in JSON: say also where its register is")
    return _number_codec(options)


def _unmapped(_message: Message, _site: Site) -> Decoded:
    detail = "plain takes nothing for granted: say at least device = LEVEL and unit in the line of its topics"
    raise UndecodableError(Reason.NOT_MAPPED, detail)


def _number_codec(options: _Options) -> Codec:
    metrics = registers_of(options.metrics)
    if (options.metric is None) != (not metrics) or (options.unit is None) != bool(metrics):
        raise ValueError("say the unit of the number, or by metric and metrics which level says what it is")
    only = register_of("unit", Counter(options.unit, options.factor)) if options.unit else None

    def decode(message: Message, site: Site) -> Decoded:
        device_id = _device(message.topic, None, None, options)
        register = metrics.get(_level(message.topic, options.metric)) if options.metric else only
        if register is None:
            return Decoded((), passed_over="other_metric")
        said = _text(message.payload)
        if decoded := _without_number(said, site, device_id):
            return decoded
        found = Found(device_id + register.suffix, register.kind, register.of(said))
        return readings(message, site, (found,), None)

    return decode


def _json_codec(options: _Options) -> Codec:
    if options.only and options.readings is None:
        raise ValueError("only says which items of readings are meant: say also where these stand")
    read = _Json(options)

    def decode(message: Message, site: Site) -> Decoded:
        if not message.payload.startswith(_JSON_BEGINS) and options.device_path is None:
            device_id = _device(message.topic, None, None, options)
            if decoded := _without_number(_text(message.payload), site, device_id):
                return decoded
        elif not message.payload:
            return Decoded((), passed_over="no_number")
        said = json_value(message.payload)
        if not read.is_list(said):
            return read.item(said, said, message, site)
        return _together([read.item(item, said, message, site) for item in read.items(said)])

    return decode


class _Json:
    """Reads JSON by paths."""

    def __init__(self, options: _Options) -> None:
        self._options = options
        self._mapped = _mapped(options)
        self._time = None if options.time is None else path_of(options.time)
        self._zone = zone_of(options.zone)
        self._readings = path_of(options.readings) if options.readings else ()
        self._by_name = options.device_path == _BY_NAME
        self._lists = self._by_name or options.readings is not None
        self._counts = any(path[0].isdecimal() for at in self._mapped for path in at.paths)
        self._only = [(path_of(name), text) for name, text in options.only.items()]

    def is_list(self, said: object) -> bool:
        """Whether a message is a list of readings: the line says so, or it is one whose items have no numbers."""
        return self._lists or (type(said) is list and not self._counts)

    def items(self, said: object) -> list[Any]:
        """Give the readings of a list that are meant."""
        items = opened(look(said, self._readings))
        if self._by_name:
            items = _by_name(items)
        if type(items) is not list:
            raise UndecodableError(Reason.WRONG_SHAPE, f"no list at {'.'.join(self._readings) or 'the top'}")
        return [item for item in items if all(says(item, path, text) for path, text in self._only)]

    def item(self, item: Any, around: Any, message: Message, site: Site) -> Decoded:  # noqa: ANN401 - any JSON value
        """Read the registers of one device at one time."""
        device_id = _device(message.topic, item, around, self._options)
        there = [at for at in self._mapped if any(look(item, path) is not None for path in at.paths)]
        if not there and any(_is_null(item, path) for at in self._mapped for path in at.paths):
            return Decoded((), passed_over="no_number")
        if not there:
            raise UndecodableError(Reason.WRONG_SHAPE, f"nothing stands at {'.'.join(self._mapped[0].paths[0])}")
        found = [
            Found(device_id + register.suffix, register.kind, register.of(_sum(item, paths)))
            for paths, register in there
            if not all(_is_silent(look(item, path)) for path in paths)
        ]
        if not found:
            return Decoded((), passed_over="no_number")
        return readings(message, site, found, self._moment_us(item, around, site, found[0]))

    def _moment_us(self, item: Any, around: Any, site: Site, first: Found) -> int | None:  # noqa: ANN401
        if self._time is None:
            return None
        moment = _seek(item, around, self._time)
        if moment is None:
            raise UndecodableError(Reason.WRONG_SHAPE, f"no time at {'.'.join(self._time)}")
        return moment_us(moment, self._zone or site.device(first.device_id).zone)


def _by_name(said: object) -> list[dict[str, Any]]:
    """Give what an object says of each device, once or in a list, with the device's name in it."""
    named = said.items() if type(said) is dict else ()
    lists = [(name, told if type(told) is list else [told]) for name, told in named if type(told) in (dict, list)]
    return [{**one, _BY_NAME: name} for name, told in lists for one in told if type(one) is dict]


def _together(parts: list[Decoded]) -> Decoded:
    """Make one of the readings of a list; two of one device at one time contradict each other."""
    events = tuple(event for one in parts for event in one.events)
    if len({(event.device_id, event.ts_us) for event in events}) < len(events):
        raise UndecodableError(Reason.NOT_MAPPED, "two readings of one device at one time: say time, only or suffix")
    words = [one.passed_over for one in parts if one.passed_over]
    return Decoded(events, passed_over=None if events else next(iter(words), "no_readings"))


def _seek(item: Any, around: Any, path: tuple[str, ...]) -> Any:  # noqa: ANN401 - any JSON value
    """Give what stands at a path in an item, else around it."""
    found = look(item, path)
    return look(around, path) if found is None else found


def _mapped(options: _Options) -> list[_Mapped]:
    mapped = [_Mapped([path_of(name)], register) for name, register in registers_of(options.registers).items()]
    if options.register is None:
        return mapped
    if options.unit is None:
        raise ValueError("say the unit of the register")
    paths = [options.register] if isinstance(options.register, str) else options.register
    if not paths:
        raise ValueError("register is empty")
    register = register_of("unit", Counter(options.unit, options.factor))
    return [_Mapped([path_of(path) for path in paths], register), *mapped]


def _device(topic: str, item: Any, around: Any, options: _Options) -> str:  # noqa: ANN401 - any JSON value
    if options.device_id is not None:
        return options.device_id
    if options.device is not None:
        return id_of(_level(topic, options.device))
    name = _seek(item, around, path_of(options.device_path or ""))
    if type(name) is not str and type(name) is not int:
        raise UndecodableError(Reason.WRONG_SHAPE, f"{options.device_path}: {shown(name)} is no device")
    return id_of(str(name).strip())


@lru_cache(maxsize=100_000)
def _level(topic: str, level: int) -> str:
    levels = topic.split("/")
    if not -len(levels) <= level <= len(levels):
        raise UndecodableError(Reason.UNKNOWN_TOPIC, f"no level {level}")
    return levels[level - 1 if level > 0 else level]


def _text(payload: bytes) -> str:
    try:
        text = payload.decode().strip()
    except UnicodeDecodeError as error:
        raise UndecodableError(Reason.WRONG_SHAPE, str(error)) from error
    return text[1:-1] if text[:1] == text[-1:] == '"' and len(text) > 1 else text


def _is_silent(said: object) -> bool:
    return isinstance(said, str) and said.strip()[:_LONGEST_WORD].lower() in _SILENT


def _is_null(item: object, path: tuple[str, ...]) -> bool:
    around = look(item, path[:-1])
    return type(around) is dict and path[-1] in around


def _without_number(said: str, site: Site, device_id: str) -> Decoded | None:
    word = said[:_LONGEST_WORD].lower()
    if word in _ONLINE:
        return status(site, device_id, online=_ONLINE[word])
    return Decoded((), passed_over="no_number") if word in _SILENT else None


def _sum(said: Any, paths: list[tuple[str, ...]]) -> object:  # noqa: ANN401 - any JSON value
    if len(paths) == 1:
        return look(said, paths[0])
    return sum_of(number(look(said, path)) for path in paths)


DIALECT = Dialect(name="plain", codec=_codec, options=_Options)
