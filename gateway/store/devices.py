"""Devices and when they were last heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from psycopg.rows import dict_row

from gateway.events import DeviceKind
from gateway.rollup.stuck import LOOK_BACK_DAYS, MOVED_DAYS, WHOLE, stuck_days
from gateway.rollup.use import Flag
from gateway.store.arrays import read_arrays
from gateway.store.database import Connection
from gateway.store.queries import queries

_SQL = queries("devices")
_REACH = timedelta(days=60)
"""Rows further back are not looked for; the days that were made of them are."""
_RESET = Flag.RESET | Flag.PRESET
RESET_DAYS = 7
"""How far back a reset is looked for; …"""
ALARM_DAYS = 1
"""… and an alarm."""
FRESH_S = 86_400.0
"""What arrives later after its own time is backfill: then the device's time is taken for its last word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRow:
    """A device, what it last said of itself, when it was last heard at all, what is expected of it and what is wrong.

    `flags` are what it says is the matter with it (`gateway.codecs.flags`). `heard_at` is its last word when it was
    found silent; `judged` says whether a check-up has looked at it yet.
    """

    device_id: str
    estate_id: str
    kind: str
    unit_id: str | None
    building: str
    entrance: str
    codec: str
    timezone: str
    online: bool | None
    firmware: str | None
    battery: float | None
    rssi: float | None
    flags: list[str]
    last_seen: datetime | None
    last_device_time: datetime | None
    interval_s: float | None
    patience_s: float | None
    conditions: list[str]
    heard_at: datetime | None
    judged: bool


def page(
    conn: Connection,
    *,
    limit: int,
    after: str | None = None,
    estates: Sequence[str] | None = None,
    kind: str | None = None,
    unit_id: str | None = None,
    condition: str | None = None,
) -> list[DeviceRow]:
    """Devices by id; with a condition only those that suffer from it, with `any` those that suffer from something."""
    given = {"limit": limit, "after": after, "estates": estates, "kind": kind, "unit_id": unit_id}
    given |= {"condition": condition, "alarm_days": ALARM_DAYS}
    with conn.cursor(row_factory=dict_row) as cursor:
        return [DeviceRow(**row) for row in cursor.execute(_SQL["page"], given)]


def counts(conn: Connection) -> list[tuple[str, str | None, int]]:
    """How many devices each estate has (condition None), and how many of them suffer from each condition."""
    return [(str(estate_id), condition, int(count)) for estate_id, condition, count in conn.execute(_SQL["counts"])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the store knows of a device at a moment. Times are seconds since 1970.

    `told_s` and `row_s` are time and arrival of its newest row, `day_s` the end of its last day where rows are long
    gone. `flags` are what it says is the matter with it, as of `flags_s`. `held` counts messages of the last two days
    that are held for their time, `tampered` and `forced` alarms of the last day; resets and standstills are those of
    the last week. First and last day are known only where a home has two meters of a kind.
    """

    device_no: int
    device_id: str
    kind: DeviceKind
    unit_id: str | None
    building: str
    entrance: str
    told_s: float | None = None
    row_s: float | None = None
    day_s: float | None = None
    status_s: float | None = None
    online: bool | None = None
    battery: float | None = None
    flags: Sequence[str] = ()
    flags_s: float | None = None
    held: int = 0
    held_reason: str | None = None
    held_s: float | None = None
    reset_day: date | None = None
    stuck_day: date | None = None
    tampered: int = 0
    forced: int = 0
    first_day: date | None = None
    last_day: date | None = None
    interval_s: float | None = None
    patience_s: float | None = None
    learnt_s: float | None = None
    together_s: float | None = None

    @property
    def word_s(self) -> float | None:
        """When it was last heard, None for never: by whatever it sent, held messages included."""
        row_s = self.row_s
        if row_s is not None and self.told_s is not None and row_s - self.told_s > FRESH_S:
            row_s = self.told_s
        heard = [at for at in (row_s, self.day_s, self.status_s, self.held_s) if at is not None]
        return max(heard, default=None)


def facts(conn: Connection, estate_id: str, at: datetime) -> list[Facts]:
    """Every device of an estate as it was known at a moment."""
    given = {
        "estate_id": estate_id,
        "at": at,
        "reach": _REACH,
        "reset": int(_RESET),
        "reset_days": RESET_DAYS,
        "alarm_days": ALARM_DAYS,
    }
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(_SQL["facts"], given).fetchall()
    return [Facts(**{**row, "kind": DeviceKind(row["kind"])}) for row in rows]


def words(
    conn: Connection, device_nos: Sequence[int], at: datetime
) -> dict[int, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Arrivals and own times of the last rows of some devices, seconds since 1970."""
    given = {"device_no": np.array(device_nos, "i4"), "at": at, "reach": _REACH}
    return {number: (arrived, told) for number, arrived, told in read_arrays(conn).execute(_SQL["words"], given)}


def stuck(conn: Connection, estate_id: str, last: date) -> dict[int, date]:
    """Electricity meters that are stuck on the day `last`, with the first day of it (rule: gateway/rollup/stuck.py)."""
    first = last - timedelta(days=LOOK_BACK_DAYS + MOVED_DAYS)
    given = {"estate_id": estate_id, "first": first, "last": last, "whole": WHOLE}
    rows = np.array(conn.execute(_SQL["stills"], given).fetchall(), "f8").reshape(-1, 6)
    found = {}
    for number in np.unique(rows[:, 0]).astype(int).tolist():
        its = rows[rows[:, 0] == number]
        days = np.full((4, (last - first).days + 1), np.nan)
        days[:, its[:, 1].astype(int)] = its[:, 2:].T
        use, coverage, water_l, water_hours = days
        still = stuck_days(electricity_kwh=use, electricity_coverage=coverage, water_l=water_l, water_hours=water_hours)
        if still[-1]:
            moving = np.flatnonzero(~still)
            found[number] = first + timedelta(days=int(moving[-1]) + 1 if len(moving) else 0)
    return found


def store_habits(conn: Connection, habits: Mapping[int, tuple[float | None, float | None]], at: datetime) -> None:
    """Keep interval and patience (seconds, None: still not known) of devices by number, learnt at a moment."""
    columns = np.array(list(habits.values()), "f8").reshape(-1, 2)  # None becomes NaN
    given = {"device_no": np.array(list(habits), "i4"), "interval_s": columns[:, 0], "patience_s": columns[:, 1]}
    conn.execute(_SQL["store_habits"], {**given, "at": at})


@dataclass(frozen=True, slots=True)
class State:
    """What is wrong with a device now, when it was last heard if it is silent, and whether others are with it."""

    conditions: Sequence[str]
    heard_s: float | None
    together: bool


def store_states(conn: Connection, states: Mapping[int, State], at: datetime) -> None:
    """Keep the conditions of devices by number; costs what changed."""
    values = states.values()
    given = {
        "device_no": np.array(list(states), "i4"),
        "conditions": [" ".join(state.conditions) for state in values],
        "heard_s": np.array([state.heard_s or 0.0 for state in values], "f8"),
        "together": [state.together for state in values],
        "at": at,
    }
    conn.execute(_SQL["store_conditions"], given)
