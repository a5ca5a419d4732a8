"""Each week's word on whose visitors come to the shared doors of an estate, worked out once from the store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from detectors.panel import Floats
from gateway.detection.attributing import (
    HOURS,
    LEAST_DAYS,
    MOST_KWH,
    MOST_L,
    WINDOW_DAYS,
    DoorWeeks,
    attribute,
    candidates,
    company,
    free_days,
    hourly_use,
    hours_since,
    places,
    week_ends,
)
from gateway.store import panels, strangers, units
from gateway.store.database import Connection
from gateway.store.panels import Ints
from gateway.store.strangers import FourWeeks

KEPT_WEEKS = 26
"""Single passages of longer ago are gone."""
_LITRES = 1000.0


def attribute_weeks(conn: Connection, estate_id: str, as_of: date) -> int:
    """Work out the weeks up to `as_of` that were not yet; returns how many."""
    first = panels.first_day(conn, estate_id)
    if first is None:
        return 0
    known = strangers.weeks_done(conn, estate_id)
    oldest = as_of - timedelta(weeks=KEPT_WEEKS)
    missing = [end for end in week_ends(estate_id, first, as_of) if end >= oldest and end not in known]
    zone = ZoneInfo(units.estate(conn, estate_id).timezone)
    unit_ids = tuple(unit_id for unit_id, _ in panels.units(conn, estate_id))
    for end in missing:
        begins = end - timedelta(days=WINDOW_DAYS - 1)
        start, stop = (datetime.combine(day, time(), zone) for day in (begins, end + timedelta(days=1)))
        weeks = FourWeeks(estate_id=estate_id, unit_ids=unit_ids, first=begins, last=end, start=start, end=stop)
        with conn.transaction():
            _attribute(conn, weeks)
            strangers.done(conn, estate_id, end)
    return len(missing)


def _attribute(conn: Connection, weeks: FourWeeks) -> None:
    of = strangers.faces(conn, weeks, LEAST_DAYS)
    if not of:
        return
    found = list(_by_door(conn, weeks, of))
    if found:
        face, unit, chance = (np.concatenate(column) for column in zip(*found, strict=True))
        strangers.store(conn, weeks, of, (face, unit, chance))


def _by_door(conn: Connection, weeks: FourWeeks, of: list[tuple[int, str]]) -> Iterator[tuple[Ints, Ints, Floats]]:
    """Faces, units and how likely, door by door."""
    door_of = np.array([door for door, _ in of])
    doors = np.unique(door_of).tolist()
    face, face_us, direction, named = strangers.face_passages(conn, weeks, of)
    near, near_us, home = strangers.registered_passages(conn, weeks, doors)
    serving, unit = strangers.served(conn, weeks, doors)
    use = _use(conn, weeks, np.unique(unit))
    for door in doors:
        here, others, served = door_of[face] == door, near == door, unit[serving == door]
        place = places(served, len(weeks.unit_ids))
        homes = place[home[others]]
        at = DoorWeeks(
            stranger=face[here],
            hour=hours_since(face_us[here], weeks.start),
            direction=direction[here],
            unit=place[named[here]],
            company=company(face_us[here], face[here], near_us[others][homes >= 0], homes[homes >= 0]),
            registered=np.bincount(homes[homes >= 0], minlength=len(served)).astype(np.float32),
            use=tuple(of_kind[served] for of_kind in use),
            free_day=free_days(weeks.first),
        )
        faces = candidates(at)
        row, column = np.nonzero(chance := attribute(at, faces))
        yield faces[row], served[column], chance[row, column]


def _use(conn: Connection, weeks: FourWeeks, served: Ints) -> list[Floats]:
    """Water in litres and electricity in kWh of each hour of the window, (U, H) each."""
    found = []
    for kind, most, size in (("water", MOST_L, _LITRES), ("electricity", MOST_KWH, 1.0)):
        unit, hour, register = strangers.registers(conn, weeks, kind, served)
        inside = (hour >= -1) & (hour < HOURS)
        shape = len(weeks.unit_ids), HOURS
        found.append(hourly_use(unit[inside], hour[inside], register[inside] * size, shape, most))
    return found
