"""What dialects of plugs and small counters share: which of a message's figures are registers, of which device, when.

Their JSON has no fixed shape, so it is read whole and looked into; what stands where is said by the dialect or, for
converters and counters that only the installer knows, by `Counter` options.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from math import isfinite
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from gateway.codecs.clock import local_us
from gateway.codecs.message import Decoded, Message, Reason, Site, UndecodableError
from gateway.codecs.native import LARGEST_REGISTER, UNITS, UnitName
from gateway.events import DeviceKind, Reading, Status

LISTED_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SUFFIX = re.compile(r"[A-Za-z0-9._-]{0,32}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,24}(\.[0-9]{0,24})?([eE][+-]?[0-9]{1,3})?")
_SHORTEST_ISO = len("20260705T100000")
_DIGITS = re.compile(r"20[0-9]{12}([0-9]{3})?|[0-9]{12}")
"""Year to second, with or without the century or milliseconds, or year to minute: no epoch of any clock that is set has
as many."""
_LOOSE = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})(?:日 ?|[ T]+)(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d+)?)?", re.ASCII
)
_SHORT_DIGITS, _LONGEST_DIGITS = 12, 10**17
_NAME_KEPT, _DIGEST = 55, 8
_DECIMALS = 9
"""More than any meter has: what a sum has beyond them is the dust of binary fractions."""
_LARGEST_FIGURE = 1e14
"""Larger than any register in any unit."""
_NONE = frozenset((2**32 - 1) / scale for scale in (1, 10, 100, 1000))
"""32 bits that are all set, scaled or not: what stands in a register's place where the meter has none."""
_EPOCHS = ((0, 1e11, 1_000_000), (1e11, 1e14, 1000), (1e15, 1e17, 1))
"""From where to where an epoch is seconds, milliseconds, microseconds (of 2001 and later), and what one of them is."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
CLOCK_UNSET_US = 946_684_800_000_000
"""Before the year 2000: a clock that counts from its start since nobody has set it."""


class Counter(Struct, frozen=True, forbid_unknown_fields=True):
    """An option: how one figure of a device becomes a register."""

    unit: UnitName
    factor: float = 1.0
    """What one count is worth, in `unit`."""
    suffix: str = ""
    """Stands behind the device's id, where a device has several registers."""


class Register(NamedTuple):
    """A `Counter` that has been checked."""

    kind: DeviceKind
    factor: float
    per_canonical: float
    suffix: str

    def of(self, figure: object) -> float:
        """Give m³ or kWh.

        Raises:
            UndecodableError: it is no number, or none that a dial can show.
        """
        said = number(figure)
        value = said * self.factor / self.per_canonical
        if not 0 <= value <= LARGEST_REGISTER or said in _NONE:
            raise UndecodableError(Reason.IMPOSSIBLE_VALUE, f"register {shown(figure)}")
        return value


class Found(NamedTuple):
    """A register of a message: whose, what kind, how much in m³ or kWh."""

    device_id: str
    kind: DeviceKind
    register: float


def register_of(name: str, counter: Counter) -> Register:
    """Check an option.

    Raises:
        ValueError: its factor or suffix is none.
    """
    if not (isfinite(counter.factor) and counter.factor > 0):
        raise ValueError(f"{name}: the factor {counter.factor} is not above 0")
    if not _SUFFIX.fullmatch(counter.suffix):
        raise ValueError(f"{name}: the suffix {counter.suffix!r} has other characters than A-Z a-z 0-9 . _ -")
    kind, per_canonical = UNITS[counter.unit]
    return Register(kind, counter.factor, per_canonical, counter.suffix)


def registers_of(counters: Mapping[str, Counter]) -> dict[str, Register]:
    """Check a table of options.

    Raises:
        ValueError: one of them is wrong.
    """
    return {name: register_of(name, counter) for name, counter in counters.items()}


def number(figure: object) -> float:
    """Read a JSON number, or a text that is one; a decimal comma is none.

    Raises:
        UndecodableError: it is no number, or not a finite one.
    """
    if type(figure) is not float and type(figure) is not int:
        figure = _plain_number(figure)
    if not abs(figure) <= _LARGEST_FIGURE:
        raise UndecodableError(Reason.IMPOSSIBLE_VALUE, shown(figure))
    return float(figure)


def sum_of(figures: Iterable[float]) -> float:
    """Add up what tariffs, phases or channels count, as decimal fractions."""
    return round(sum(figures), _DECIMALS)


def _plain_number(figure: object) -> float:
    """Read a JSON number of any size, or a text that is one."""
    if type(figure) is str and _NUMBER.fullmatch(text := figure.strip()):  # `float` strips fewer signs than that
        return float(text)
    if type(figure) is not float and type(figure) is not int:
        comma = " (a decimal comma is not read)" if type(figure) is str and "," in figure else ""
        raise UndecodableError(Reason.WRONG_SHAPE, f"{shown(figure)} is no number{comma}")
    return figure


def shown(value: object) -> str:
    """Give a value for a detail: short, and never by walking through what is nested."""
    return repr(value)[:40] if isinstance(value, str | int | float | None) else f"a JSON {type(value).__name__}"


_decode: Callable[[bytes], Any] = msgspec.json.Decoder().decode


def json_value(payload: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Read JSON of any shape.

    Raises:
        UndecodableError: it is none.
    """
    try:
        return _decode(payload)
    except (ValueError, RecursionError) as error:  # what msgspec and UTF-8 refuse are ValueErrors
        raise UndecodableError(Reason.NOT_JSON, str(error)[:200] or type(error).__name__) from error


def json_object(payload: bytes) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        UndecodableError: it is none.
    """
    value = json_value(payload)
    if type(value) is not dict:
        raise UndecodableError(Reason.WRONG_SHAPE, "not a JSON object")
    return value


def path_of(name: str) -> tuple[str, ...]:
    """Split a path of an option: `ENERGY.Total`."""
    return tuple(name.split("."))


def look(value: Any, path: tuple[str, ...]) -> Any:  # noqa: ANN401 - any JSON value
    """Give what stands at a path (a number counts in a list, from 0), or None; a key may have dots of its own.

    A text on the way that is JSON again is looked into.
    """
    found = value
    for step in path:
        if type(found) is str:
            found = opened(found)
        if type(found) is dict:
            found = found.get(step)
        elif type(found) is list and step.isascii() and step.isdecimal() and int(step[:9]) < len(found):
            found = found[int(step[:9])]
        else:
            found = None
            break
    return found if found is not None or len(path) <= 1 else _look_by_dots(value, path)


def opened(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Give what a text says that is a JSON object or list, as platforms put a device's message into their own."""
    if type(value) is str and value.lstrip().startswith(("{", "[")):
        with suppress(ValueError, RecursionError):
            return _decode(value.encode())
    return value


def _look_by_dots(value: Any, path: tuple[str, ...]) -> Any:  # noqa: ANN401 - any JSON value
    """Look for keys like `1.8.0` or `metering.water.total`, the longest first."""
    value = opened(value)
    if type(value) is list:
        return look(look(value, path[:1]), path[1:])
    for end in range(len(path), 0, -1) if type(value) is dict else ():
        if (inner := value.get(".".join(path[:end]))) is not None:
            return look(inner, path[end:])
    return None


def says(value: object, path: tuple[str, ...], text: str) -> bool:
    """Whether a text stands at a path, or a whole number that is written so."""
    said = look(value, path)
    return type(said) in (str, int) and str(said) == text


@lru_cache(maxsize=100_000)
def id_of(name: str) -> str:
    """Give the id of a device that is called so.

    A name that can be an id of the lists is the id. Of any other the characters that cannot be are left out, and
    eight hexadecimal digits of its SHA-256 follow, so that no two names have one id: `hall/plug 1` is
    `hall_plug_1-` and the digits.
    """
    if LISTED_ID.fullmatch(name):
        return name
    kept = re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("_")[:_NAME_KEPT]
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST]
    return f"{kept}-{digest}" if kept else digest


def zone_of(name: str | None) -> tzinfo | None:
    """Check an option: in which zone a device says times that have none; None for that of its estate.

    Raises:
        ValueError: there is no such zone.
    """
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"zone: {name[:40]!r} is none, such as UTC or Asia/Shanghai") from error


def moment_us(said: object, zone: tzinfo) -> int:
    """Read a time in microseconds since 1970: epochs in s, ms and µs, ISO 8601 with a zone or in `zone`.

    So are 20260705100000, 202607051000 and 260705100000, with and without milliseconds, 2026/7/5 8:05:09 and the like.

    Raises:
        UndecodableError: it is none of these.
    """
    if type(said) is str and not _NUMBER.fullmatch(said):
        return _iso_us(said.strip(), zone)
    if (local := _of_digits(said)) is not None:
        return local_us(local, zone)
    epoch = _plain_number(said)
    for begin, end, microseconds in _EPOCHS:
        if begin <= epoch < end:
            return round(epoch * microseconds)
    raise UndecodableError(Reason.IMPOSSIBLE_VALUE, f"time {shown(said)}")


def _of_digits(said: object) -> datetime | None:
    """Read a local time that is written as one number; None where it is another."""
    if type(said) is int and 0 < said < _LONGEST_DIGITS:
        said = str(said)
    if type(said) is not str or not _DIGITS.fullmatch(text := said):
        return None
    for digits in (text,) if len(text) > _SHORT_DIGITS else (f"20{text}", f"{text}00"):
        with suppress(ValueError):
            return datetime.fromisoformat(f"{digits[:8]}T{digits[8:14]}.{digits[14:] or '000'}")
    return None


def _iso_us(said: str, zone: tzinfo) -> int:
    try:
        moment = _moment(said)
    except ValueError as error:
        raise UndecodableError(Reason.WRONG_SHAPE, f"time {said[:40]!r}") from error
    try:
        return (moment - _EPOCH) // _MICROSECOND if moment.tzinfo else local_us(moment, zone)
    except OverflowError as error:
        raise UndecodableError(Reason.IMPOSSIBLE_VALUE, f"time {said[:40]!r}") from error


def _moment(said: str) -> datetime:
    if len(said) >= _SHORTEST_ISO:  # no date alone, nor other short forms
        with suppress(ValueError):
            return datetime.fromisoformat(said)
    loose = _LOOSE.fullmatch(said)
    if loose is None:
        raise ValueError(said)
    year, month, day, hour, minute, second = (int(part or 0) for part in loose.groups())
    return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - a local time, whose zone is beside it


def readings(
    message: Message, site: Site, found: Sequence[Found], ts_us: int | None, *, arrival_serves: bool = False
) -> Decoded:
    """Make readings of the registers of one moment, at least one.

    Where the device says no time, or one of before its clock was set, the time of arrival serves, and then a message
    that the broker kept says nothing. `arrival_serves` is said of devices that send at once what they measure.
    """
    unset = ts_us is None or ts_us < CLOCK_UNSET_US
    if unset and message.retained:
        return Decoded((), passed_over="retained")
    if len(found) > 1:
        return Decoded(_several(site, found, message.arrived_us if ts_us is None or unset else ts_us))
    said, kind, register = found[0]
    device_id = site.device(said).device_id
    if ts_us is None or (unset and not arrival_serves):
        return Decoded((Reading(device_id, kind, message.arrived_us, register),))
    serves = arrival_serves and not message.retained  # who puts the arrival in its place also counts wrong clocks
    return Decoded((Reading(device_id, kind, ts_us, register),), arrival_serves=serves)


def _several(site: Site, found: Sequence[Found], ts_us: int) -> tuple[Reading, ...]:
    events = [Reading(site.device(said).device_id, kind, ts_us, register) for said, kind, register in found]
    if len({event.device_id for event in events}) < len(events):
        raise UndecodableError(Reason.NOT_MAPPED, "two registers of one device: give one of them a suffix")
    return tuple(events)


def is_listed(site: Site, said: str) -> bool:
    """Whether the lists have a device that calls itself so."""
    try:
        site.device(said)
    except UndecodableError:
        return False
    return True


def status(site: Site, said: str, *, online: bool, ts_us: int | None = None) -> Decoded:
    """Say whether a device is there; of one in no list it is passed over, since lamps and the like say so too."""
    if not is_listed(site, said):
        return Decoded((), passed_over="not_listed")
    return Decoded((Status(site.device(said).device_id, ts_us, online),))
