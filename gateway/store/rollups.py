"""Rollups follow the rows: what changed since the last time is worked out again, and only that.

Writers note the hours that they touched (`stale_hours`). A refresh brings the hourly rows up to date (on
TimescaleDB the continuous aggregates, on PostgreSQL tables of the same name), then the days that they reach.
Every step can be repeated; the notes go last, so a refresh that was killed is simply done again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from gateway.events import DeviceKind
from gateway.rollup.use import ELECTRICITY, WATER, MeterDays, Points, meter_days
from gateway.store.database import Connection
from gateway.store.migrate import Form, form_of
from gateway.store.queries import queries

_SQL = queries("rollups")
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_REACH = timedelta(days=2)
"""A reading bounds use at most 36 hours away, and a local day begins at most 14 hours from UTC's."""
_METERS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Span:
    """Hours or days from `first` up to, not including, `end`."""

    first: datetime
    end: datetime


class Meter(NamedTuple):
    """A meter as the rollup needs it."""

    device_no: int
    kind: DeviceKind
    register_digits: int | None
    timezone: str


def refresh(conn: Connection) -> int:
    """Bring hourly and daily figures up to date; returns how many hours had changed."""
    with _alone(conn):
        stale = conn.execute(_SQL["stale"]).fetchall()
        hours = sorted({row[1] for row in stale})
        form = form_of(conn)
        for span in spans(hours, _HOUR):
            _refresh_hours(conn, span, form)
        meters = _meters(conn) if hours else []
        for span in spans(sorted(_days_reached(hours)), _DAY):
            _refresh_meter_days(conn, span, meters)
            _refresh_door_days(conn, span)
        conn.execute(_SQL["store_door_days_online"])
        conn.execute(_SQL["settle"], {"ids": np.array([row[0] for row in stale], "i8")})
    return len(hours)


def spans(starts: Sequence[datetime], step: timedelta) -> list[Span]:
    """Join neighbouring steps into spans; `starts` ascend."""
    out: list[Span] = []
    for start in starts:
        if out and out[-1].end == start:
            out[-1] = Span(out[-1].first, start + step)
        else:
            out.append(Span(start, start + step))
    return out


def analyze(conn: Connection) -> None:
    """Let the planner know what a large import brought; it would notice only minutes later."""
    conn.execute(_SQL["analyze"])


@contextmanager
def _alone(conn: Connection) -> Iterator[None]:
    conn.execute(_SQL["lock"])
    try:
        yield
    finally:
        if not conn.closed:
            conn.execute(_SQL["unlock"])


def _days_reached(hours: Sequence[datetime]) -> set[datetime]:
    days = {hour.replace(hour=0) for hour in hours}
    reach = range(-_REACH.days, _REACH.days + 1)
    return {day + offset * _DAY for day in days for offset in reach}


def _refresh_hours(conn: Connection, span: Span, form: Form) -> None:
    timescale = form is Form.TIMESCALE
    names = ("refresh_aggregate_readings", "refresh_aggregate_passages")
    if not timescale:
        names = ("refresh_readings_hourly", "refresh_passages_hourly")
    for piece in [span] if timescale else _pieces(span, _DAY):
        for name in names:
            conn.execute(_SQL[name], {"first": piece.first, "end": piece.end})


def _pieces(span: Span, step: timedelta) -> Iterator[Span]:
    first = span.first
    while first < span.end:
        yield Span(first, min(first + step, span.end))
        first += step


def _refresh_door_days(conn: Connection, span: Span) -> None:
    around = {"first": span.first, "end": span.end}
    conn.execute(_SQL["store_passage_days"], around)
    conn.execute(_SQL["store_door_days"], around)


def _meters(conn: Connection) -> list[Meter]:
    return [Meter(row[0], DeviceKind(row[1]), row[2], row[3]) for row in conn.execute(_SQL["meters"])]


def _refresh_meter_days(conn: Connection, span: Span, meters: Sequence[Meter]) -> None:
    days = np.arange(np.datetime64(span.first.date()), np.datetime64(span.end.date()))
    for at in range(0, len(meters), _METERS_AT_ONCE):
        group = meters[at : at + _METERS_AT_ONCE]
        points = _points(conn, group, span)
        worked = [(meter, _work(meter, points[meter.device_no], span)) for meter in group if meter.device_no in points]
        if worked:
            conn.execute(_SQL["store_meter_days"], _columns(worked, days))


def _points(conn: Connection, meters: Sequence[Meter], span: Span) -> dict[int, Points]:
    around = {
        "device_no": np.array([meter.device_no for meter in meters], "i4"),
        "first": span.first - _REACH - _DAY,
        "end": span.end + _REACH + _DAY,
    }
    rows = conn.cursor(binary=True).execute(_SQL["registers"], around)
    return {row[0]: Points(ts_s=np.array(row[1]), register=np.array(row[2])) for row in rows}


def _work(meter: Meter, points: Points, span: Span) -> MeterDays:
    commodity = WATER if meter.kind is DeviceKind.WATER else ELECTRICITY
    midnights_s = _midnights_s(span.first.date(), span.end.date(), meter.timezone)
    return meter_days(points, midnights_s, commodity, meter.register_digits)


@lru_cache(maxsize=64)
def _midnights_s(first: date, end: date, timezone: str) -> NDArray[np.float64]:
    """Give the local midnights from `first` to `end`, both included, in seconds since 1970."""
    zone = ZoneInfo(timezone)
    days = (first + offset * _DAY for offset in range((end - first).days + 1))
    return np.array([datetime.combine(day, time(), zone).timestamp() for day in days])


def _columns(worked: Sequence[tuple[Meter, MeterDays]], days: NDArray[np.datetime64]) -> dict[str, NDArray[Any]]:
    keep = np.concatenate([result.in_service for _, result in worked])

    def column(name: str, kind: str) -> NDArray[Any]:
        values: NDArray[Any] = np.concatenate([getattr(result, name) for _, result in worked])
        kept: NDArray[Any] = values.astype(kind)[keep]
        return kept

    return {
        "device_no": np.repeat(np.array([meter.device_no for meter, _ in worked], "i4"), len(days))[keep],
        "day": np.tile(days, len(worked))[keep],
        **{name: column(name, "f8") for name in ("use", "min_hour", "max_hour", "night", "evening")},
        **{name: column(name, "i4") for name in ("hours_known", "active_hours", "flags")},
        "coverage": column("coverage", "f4"),
    }
