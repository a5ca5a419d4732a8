"""wmbusmeters: wireless M-Bus meters as JSON, on `wmbusmeters/{id}` or wherever its `shell` line publishes.

The fields are those of the meter's driver there. Water is `total_m3`, electricity `total_energy_consumption_kwh` or
what a few drivers call it instead. Where a meter says only its tariffs, they are added up if the driver is known to say
all of them. A telegram of a known driver without its total is passed over: many meters take turns, this time a history,
next time the powers. The time is the receiver's, in UTC; the meter's own clock is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC
from functools import lru_cache
from typing import Any, TypeAlias

from msgspec import Struct, structs

from gateway.codecs.counters import (
    LISTED_ID,
    Counter,
    Found,
    Register,
    is_listed,
    json_object,
    moment_us,
    number,
    readings,
    register_of,
    registers_of,
    sum_of,
)
from gateway.codecs.dialect import Codec, Dialect
from gateway.codecs.flags import flags_of
from gateway.codecs.message import Decoded, Message, Reason, Site, UndecodableError
from gateway.codecs.vitals import decibels, percent
from gateway.events import DeviceKind, Reading

Fields: TypeAlias = dict[str, Any]

_WATER = frozenset({"water", "cold water", "warm water", "hot water", "hot/cold water"})
_ELECTRICITY = "electricity"
_TELL_NOTHING = frozenset({
    "", "other", "unknown", "reserved", "bus/system component", "a/d converter", "customer unit (display device)",
    "radio converter (meter side)", "radio converter (system side)",
})  # fmt: skip
"""Media of radio modules that say nothing of the meter behind them; there the driver tells."""
_WATER_DRIVERS = frozenset({
    "actislink", "apator162", "apator172", "apatorna1", "aptmbusna", "aquastream", "aventieswm", "dme173", "dme_07",
    "emerlin868", "engelmann_faw", "ev200", "evo868", "fiowater", "flowiq2200", "flowiq3100", "gwfwater",
    "hydrodigit", "hydrus", "iperl", "istawater", "itron", "iwmtx5", "izar", "izarv2", "kadenwater", "kamwater",
    "lse_07_17", "maddalena", "minomess", "mkradio3", "mkradio3a", "mkradio4", "mkradio4a", "multical21", "op041a",
    "picoflux", "q400", "qwater", "qwaterv2", "rfmtx1", "supercom587", "topaseskr", "uiws", "ultrimis",
    "ultrimisv2", "waterstarm", "watertech", "weh_07", "werhlemodwm", "zenner0b",
})  # fmt: skip
_ELECTRICITY_DRIVERS = frozenset({
    "abbb23", "amiplus", "ebzwmbe", "ehzp", "eltako", "em24", "esyswm", "gransystems", "iem3000", "ime", "nemo",
    "nzr", "omnipower",
})  # fmt: skip
_WATER_TOTAL = ("total_m3",)
_ENERGY_TOTALS = (
    "total_energy_consumption_kwh",
    "total_kwh",
    "positive_total_active_energy_kwh",
    "total_active_positive_3phase_kwh",
)
_SAYS_ALL_TARIFFS = frozenset({"amiplus"})
"""Drivers whose tariffs make up the total; iem3000, for one, leaves them 0 and counts all the same."""
_TARIFF = re.compile(r"total_energy_consumption_tariff_[1-9]_kwh")
_STATUSES = ("status", "current_status", "current_alarms")
_LONGEST_STATUS = 256
_TIMES = ("timestamp", "timestamp_utc", "timestamp_ut")
_ALARM = re.compile(rb"\s*(DeviceFailure|RegularResetFailure|DeviceInactivity|SpecifiedDeviceNotFound|\[ALARM)\b")
_FIELDS_TOLD = 12


class Options(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a line of the configuration may say."""

    counters: dict[str, Counter] = {}
    """Fields that are registers where the usual ones are not: name → unit, factor, suffix of the id."""


_CUBIC_METRES = register_of("total_m3", Counter("m3"))
_KILOWATT_HOURS = register_of("total_kwh", Counter("kWh"))


def make_codec(options: Options) -> Codec:
    """Make the codec.

    Raises:
        ValueError: an option is wrong.
    """
    counters = registers_of(options.counters)

    def decode(message: Message, site: Site) -> Decoded:
        """Read one telegram.

        Raises:
            UndecodableError: with the reason and where in the message it lies.
        """
        if not message.payload:
            return Decoded((), passed_over="cleared")
        if _ALARM.match(message.payload):
            return Decoded((), passed_over="alarm")
        fields = json_object(message.payload)
        said = _id_of(fields, message.topic)
        found = _configured(fields, said, counters) or _usual(fields, said, site)
        if isinstance(found, str):
            return Decoded((), passed_over=found)
        return _with_vitals(readings(message, site, found, _heard_us(fields)), fields)

    return decode


DIALECT = Dialect(
    name="wmbusmeters",
    codec=make_codec,
    options=Options,
    topics=("wmbusmeters/+", "wmbusmeters_alarm"),
    personal=frozenset({"name"}),  # the meter's name is often its tenant's
)


def _id_of(fields: Fields, topic: str) -> str:
    said = fields.get("id")
    if said is None:
        said = topic.rpartition("/")[2]  # `selectfields` may leave it out
    if type(said) is int:
        said = str(said)
    if type(said) is not str or not LISTED_ID.fullmatch(said):
        raise UndecodableError(Reason.WRONG_SHAPE, "no id")
    return said


def _configured(fields: Fields, said: str, counters: Mapping[str, Register]) -> list[Found]:
    present = ((register, fields.get(name)) for name, register in counters.items())
    return [
        Found(said + register.suffix, register.kind, register.of(figure))
        for register, figure in present
        if figure is not None
    ]


def _usual(fields: Fields, said: str, site: Site) -> list[Found] | str:
    """Give the total, or a word for why there is nothing to store."""
    kind = _kind_of(fields)
    if kind is None:
        return _of_another_medium(fields, said, site)
    total = _total(fields, kind)
    if total is not None:
        return [Found(said, kind, (_CUBIC_METRES if kind is DeviceKind.WATER else _KILOWATT_HOURS).of(total))]
    if (error := _text(fields, "error")) and is_listed(site, said):
        raise UndecodableError(
            Reason.DEVICE_ERROR, f"the receiver says: {error[:80]}", device_id=site.device(said).device_id
        )
    if _text(fields, "meter") in (_WATER_DRIVERS if kind is DeviceKind.WATER else _ELECTRICITY_DRIVERS):
        return "no_total"
    raise _not_mapped(fields, said, site)


def _kind_of(fields: Fields) -> DeviceKind | None:
    """Tell the kind of a meter by its medium, or by its driver where the medium tells nothing."""
    medium, driver = _text(fields, "media").lower(), _text(fields, "meter")
    if medium in _WATER or (medium in _TELL_NOTHING and driver in _WATER_DRIVERS):
        return DeviceKind.WATER
    if medium == _ELECTRICITY or (medium in _TELL_NOTHING and driver in _ELECTRICITY_DRIVERS):
        return DeviceKind.ELECTRICITY
    return None


def _of_another_medium(fields: Fields, said: str, site: Site) -> str:
    """Pass over the heat meter next door; one that a list has as something else is a fault of the list."""
    medium = _text(fields, "media")
    try:
        device_id = site.device(said).device_id
    except UndecodableError as error:
        if error.reason is not Reason.UNKNOWN_DEVICE:
            raise
        return "other_medium"
    if medium.lower() in _TELL_NOTHING:
        raise _not_mapped(fields, said, site)
    raise UndecodableError(Reason.WRONG_KIND, f"its medium is {medium[:40]}", device_id=device_id)


def _text(fields: Fields, name: str) -> str:
    said = fields.get(name)
    return said if type(said) is str else ""


def _total(fields: Fields, kind: DeviceKind) -> object:
    for name in _WATER_TOTAL if kind is DeviceKind.WATER else _ENERGY_TOTALS:
        if (total := fields.get(name)) is not None:
            return total
    if kind is DeviceKind.ELECTRICITY and _text(fields, "meter") in _SAYS_ALL_TARIFFS:
        return _sum_of_tariffs(fields)
    return None


def _sum_of_tariffs(fields: Fields) -> float | None:
    tariffs = [figure for name, figure in fields.items() if _TARIFF.fullmatch(name)]
    return None if not tariffs or None in tariffs else sum_of(map(number, tariffs))


def _not_mapped(fields: Fields, said: str, site: Site) -> UndecodableError:
    device_id = site.device(said).device_id
    figures = [name[:60] for name, figure in fields.items() if type(figure) in (int, float)]
    figures.sort(key=lambda name: "total" not in name and "counter" not in name)
    what = f"driver {_text(fields, 'meter')[:20]}, medium {_text(fields, 'media')[:30]}"
    told = ", ".join(figures[:_FIELDS_TOLD]) or "no figures"
    return UndecodableError(Reason.NOT_MAPPED, f"{what} has {told}: set counters", device_id=device_id)


def _heard_us(fields: Fields) -> int | None:
    said = next((fields[name] for name in _TIMES if fields.get(name) is not None), None)
    return None if said is None else moment_us(said, UTC)


def _with_vitals(decoded: Decoded, fields: Fields) -> Decoded:
    battery, rssi, flags = percent(fields.get("battery_pct")), decibels(fields.get("rssi_dbm")), _flags(fields)
    if battery is None and rssi is None and flags is None:
        return decoded
    its = [event for event in decoded.events if type(event) is Reading]
    told = [structs.replace(event, battery=battery, rssi=rssi, flags=flags) for event in its]
    return structs.replace(decoded, events=tuple(told))


def _flags(fields: Fields) -> tuple[str, ...] | None:
    """Read the words of a status; older releases call it `current_status`, and izar's driver `current_alarms`."""
    for name in _STATUSES:
        if type(said := fields.get(name)) is str:
            return _words(said[:_LONGEST_STATUS])
    return None


@lru_cache(maxsize=1024)
def _words(said: str) -> tuple[str, ...]:
    return flags_of(said.replace(",", " ").split())
