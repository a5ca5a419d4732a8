"""A meter's days follow its hourly rows: just the days that depend on what changed are worked out again.

A day depends on the readings in it and on the `NEIGHBOURS` on either side, however far away (gateway/rollup/use.py). So
a changed hour reaches from the day of the fourth reading before it to the day of the fourth after it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from gateway.events import DeviceKind
from gateway.rollup.use import ELECTRICITY, NEIGHBOURS, SECOND_US, WATER, Days, Meter, MeterDays, Points, meter_days
from gateway.store.arrays import read_arrays
from gateway.store.database import Connection
from gateway.store.queries import queries
from gateway.store.stretches import Stretch, columns

_SQL = queries("rollups")
_NEAR = timedelta(days=2)
"""Nearly always enough to hold the neighbours of hourly readings."""
_DAY = timedelta(days=1)
_BESIDE = 2 * NEIGHBOURS + 25
"""Hourly rows that are surely enough on a side: neighbours, the rest of the day of the last, its own neighbours."""

_Ints = NDArray[np.int64]


class _Dial(NamedTuple):
    """Readings of one meter, ascending: µs since 1970, m³ or kWh."""

    ts_us: _Ints
    register: NDArray[np.float64]


def refresh_meter_days(conn: Connection, group: Sequence[Stretch]) -> int:
    """Work out the days that the stretches reach, and store them; returns how many there were."""
    dials = _dials(conn, group)
    reached = [_reached(stretch, dial) for stretch, dial in zip(group, dials, strict=True)]
    days = _days(group, reached)
    worked = meter_days(_points(dials), days, [_meter(stretch) for stretch in group])
    dates = np.concatenate([np.arange(first, end) for first, end in reached])
    return _store(conn, np.array([stretch.device_no for stretch in group])[days.meter], dates, worked)


def _dials(conn: Connection, group: Sequence[Stretch]) -> list[_Dial]:
    """Read the registers around each stretch: two days, or as far as there are enough of them."""
    around = columns(group)
    around["firsts"] = [first - _NEAR for first in around["firsts"]]
    around["ends"] = [end + _NEAR for end in around["ends"]]
    around |= {"least": min(around["firsts"]), "most": max(around["ends"]), "near": _NEAR}
    dials = _read(conn, "registers", around, len(group))
    few = [at for at, dial in enumerate(dials) if np.sum(dial.ts_us < _us(group[at].first)) < _BESIDE]
    _lengthen(conn, "registers_before", group, dials, few)
    few = [at for at, dial in enumerate(dials) if np.sum(dial.ts_us >= _us(group[at].end)) < _BESIDE]
    _lengthen(conn, "registers_after", group, dials, few)
    return dials


def _lengthen(conn: Connection, name: str, group: Sequence[Stretch], dials: list[_Dial], few: list[int]) -> None:
    """Put further readings before or after those dials that have too few."""
    if not few:
        return
    around = columns([group[at] for at in few]) | {"beside": _BESIDE, "near": _NEAR}
    for at, more in zip(few, _read(conn, name, around, len(few)), strict=True):
        if len(more.ts_us):
            parts = (more, dials[at]) if name == "registers_before" else (dials[at], more)
            dials[at] = _Dial(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _read(conn: Connection, name: str, given: dict[str, Any], count: int) -> list[_Dial]:
    dials = [_Dial(np.array([], "i8"), np.array([], "f8"))] * count
    for at, seconds, register in read_arrays(conn).execute(_SQL[name], given):
        dials[at] = _Dial(np.rint(seconds * SECOND_US).astype("i8"), register)
    return dials


def _reached(stretch: Stretch, dial: _Dial) -> tuple[np.datetime64, np.datetime64]:
    """Give the first day that depends on the stretch, and the one after the last."""
    before = int(np.searchsorted(dial.ts_us, _us(stretch.first))) - NEIGHBOURS
    after = int(np.searchsorted(dial.ts_us, _us(stretch.end))) + NEIGHBOURS - 1
    zone = ZoneInfo(stretch.timezone)
    if not len(dial.ts_us):
        nothing = np.datetime64(stretch.first.date())
        return nothing, nothing
    ends = (dial.ts_us[max(before, 0)], dial.ts_us[min(after, len(dial.ts_us) - 1)])
    first, last = (datetime.fromtimestamp(int(ts) / SECOND_US, zone).date() for ts in ends)
    return np.datetime64(first), np.datetime64(last + _DAY)


def _days(group: Sequence[Stretch], reached: Sequence[tuple[np.datetime64, np.datetime64]]) -> Days:
    bounds = [
        _midnights_us(first.item(), end.item(), stretch.timezone)
        for stretch, (first, end) in zip(group, reached, strict=True)
    ]
    return Days(
        meter=np.repeat(np.arange(len(group)), [len(midnights) - 1 for midnights in bounds]),
        start_us=np.concatenate([midnights[:-1] for midnights in bounds]),
        end_us=np.concatenate([midnights[1:] for midnights in bounds]),
    )


def _points(dials: Sequence[_Dial]) -> Points:
    return Points(
        meter=np.repeat(np.arange(len(dials)), [len(dial.ts_us) for dial in dials]),
        ts_us=np.concatenate([dial.ts_us for dial in dials]),
        register=np.concatenate([dial.register for dial in dials]),
    )


def _meter(stretch: Stretch) -> Meter:
    commodity = WATER if stretch.kind is DeviceKind.WATER else ELECTRICITY
    return Meter(commodity=commodity, register_digits=stretch.register_digits)


@lru_cache(maxsize=4096)
def _midnights_us(first: date, end: date, timezone: str) -> _Ints:
    """Give the local midnights from `first` to `end`, both included, in microseconds since 1970."""
    zone = ZoneInfo(timezone)
    days = (first + offset * _DAY for offset in range((end - first).days + 1))
    return np.array([_us(datetime.combine(day, time(), zone)) for day in days], "i8")


def _us(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def _store(conn: Connection, device_no: _Ints, day: NDArray[np.datetime64], worked: MeterDays) -> int:
    """Write the rows that are not already so. A day may be reached from two stretches of a meter."""
    row = np.rec.fromarrays([device_no, day.astype("i8")])
    keep = np.unique(row, return_index=True)[1]
    keep = keep[worked.in_service[keep]]

    def column(name: str, kind: str) -> NDArray[Any]:
        kept: NDArray[Any] = getattr(worked, name)[keep].astype(kind)
        return kept

    rows = {
        "device_no": device_no[keep].astype("i4"),
        "day": day[keep].astype("M8[D]"),
        **{name: column(name, "f8") for name in ("use", "min_hour", "max_hour", "night", "morning", "evening")},
        **{name: column(name, "f8") for name in ("roughness", "peak_hour", "least_flow")},
        **{name: column(name, "i4") for name in ("hours_known", "active_hours", "flags")},
        **{name: column(name, "f4") for name in ("coverage", "service_from", "service_to")},
        **{name: column(name, "f4") for name in ("rhythm_cos", "rhythm_sin", "rhythm_cos2", "rhythm_sin2")},
    }
    conn.execute(_SQL["store_meter_days"], rows)
    return len(keep)
