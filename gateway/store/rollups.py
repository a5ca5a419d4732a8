"""Rollups follow the rows: what changed since the last time is worked out again, and only that.

Writers note the hours and the devices that they touched (`stale_hours`). A refresh joins the notes into stretches,
brings their hourly rows up to date (on TimescaleDB the continuous aggregates, on PostgreSQL tables of the same
name), then the days that depend on them. Every step can be repeated; the notes go last, so a refresh that was
killed is simply done again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from gateway.events import DeviceKind
from gateway.store.database import Connection
from gateway.store.meter_days import refresh_meter_days
from gateway.store.migrate import Form, form_of
from gateway.store.queries import queries
from gateway.store.stretches import Stretch, bounds, columns, groups

_SQL = queries("rollups")


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh cost: devices and the hours of theirs that were gone through, and meter days worked out."""

    devices: int = 0
    hours: int = 0
    meter_days: int = 0


def refresh(conn: Connection) -> Refreshed:
    """Bring hourly and daily figures up to date; returns how much had to be worked out again."""
    with _alone(conn):
        notes = np.array([row[0] for row in conn.execute(_SQL["notes"])], "i8")
        changed = _stretches(conn, notes)
        meters = [stretch for stretch in changed if stretch.kind is not DeviceKind.DOOR]
        doors = [stretch for stretch in changed if stretch.kind is DeviceKind.DOOR]
        _refresh_hours(conn, meters, doors)
        days = sum(refresh_meter_days(conn, group) for group in groups(meters))
        for group in groups(doors):
            _refresh_door_days(conn, group)
        conn.execute(_SQL["store_door_days_online"])
        conn.execute(_SQL["settle"], {"ids": notes})
    return Refreshed(len({one.device_no for one in changed}), sum(one.hours for one in changed), days)


def rebuild(conn: Connection) -> None:
    """Note everything that is stored, so that the next refresh works all of it out again."""
    conn.execute(_SQL["note_everything"])


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


def _stretches(conn: Connection, notes: NDArray[np.int64]) -> list[Stretch]:
    if not len(notes):
        return []
    rows = conn.cursor(binary=True).execute(_SQL["stretches"], {"ids": notes})
    return [Stretch(row[0], DeviceKind(row[1]), *row[2:]) for row in rows]


def _refresh_hours(conn: Connection, meters: Sequence[Stretch], doors: Sequence[Stretch]) -> None:
    if form_of(conn) is Form.TIMESCALE:
        conn.execute(_SQL["refresh_without_limit"])
        for first, end in _joined(meters):
            conn.execute(_SQL["refresh_aggregate_readings"], {"first": first, "end": end})
        for first, end in _joined(doors):
            conn.execute(_SQL["refresh_aggregate_passages"], {"first": first, "end": end})
    else:
        for group in groups(meters):
            conn.execute(_SQL["refresh_readings_hourly"], columns(group) | bounds(group))
        for group in groups(doors):
            conn.execute(_SQL["refresh_passages_hourly"], columns(group) | bounds(group))


def _joined(stretches: Iterable[Stretch]) -> Iterator[tuple[datetime, datetime]]:
    """Join stretches of any devices that touch; a continuous aggregate knows only times."""
    whole: tuple[datetime, datetime] | None = None
    for first, end in sorted({(one.first, one.end) for one in stretches}):
        if whole and first <= whole[1]:
            whole = (whole[0], max(whole[1], end))
        else:
            if whole:
                yield whole
            whole = (first, end)
    if whole:
        yield whole


def _refresh_door_days(conn: Connection, group: Sequence[Stretch]) -> None:
    around = columns(group) | bounds(group)
    conn.execute(_SQL["store_passage_days"], around)
    conn.execute(_SQL["store_door_days"], around)
