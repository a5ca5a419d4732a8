"""Days that have not come yet: a panel that goes on as it is, and what may happen on its days.

Panels in, panels out; `days` are masks (U, D) of the days that are changed. A channel that is not heard stays unheard.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from detectors.panel import Bools, Floats, Panel
from detectors.policy import Policy
from detectors.presence import CLEAR, Presence, presence
from detectors.stats import Indexes, any_day, fill
from detectors.tenancy import tenancy

REPEATED_DAYS = 14
HOURS_A_DAY, EVENING_HOURS = 24.0, 6.0
_LISTS = {"leased", "enrolled_persons", "declared_absence"}
_ONE_A_UNIT = {"unit_ids", "tenure_leased", "under_repair", "household_size", "lone_elder"}
_SINGLE = _ONE_A_UNIT | {"days", "holiday", "days_since_lease_start"}
_OF_UNITS = tuple(field.name for field in fields(Panel) if field.name not in {"unit_ids", "days", "holiday"})
_MEASURED = tuple(field.name for field in fields(Panel) if field.name not in _SINGLE | _LISTS)


def go_on(panel: Panel, typical: Bools, days: int) -> Panel:
    """The panel with `days` more days, each like one of the last `typical` days, in turn; the lists stay as they are.

    No coming day is a holiday: the core has no calendar.
    """
    length = panel.shape[1]
    source = np.concatenate([np.tile(np.arange(length), (len(typical), 1)), _source(typical, days)], axis=1)
    last = np.minimum(np.arange(length + days), length - 1)
    longer: dict[str, Any] = {name: np.take_along_axis(getattr(panel, name), source, axis=1) for name in _MEASURED} | {
        name: getattr(panel, name)[:, last] for name in _LISTS
    }
    age = panel.days_since_lease_start
    return replace(
        panel,
        days=panel.days[0] + np.arange(length + days),
        holiday=np.concatenate([panel.holiday, np.zeros(days, bool)]),
        days_since_lease_start=np.concatenate([age, age[:, -1:] + np.arange(1, days + 1, dtype=np.float32)], axis=1),
        **longer,
    )


def _source(typical: Bools, days: int) -> Indexes:
    """(U, days) which day each coming day is like; the last one where none is typical."""
    rows = []
    for row in typical:
        like = np.flatnonzero(row)[-REPEATED_DAYS:]
        rows.append(np.resize(like if len(like) else np.array([len(row) - 1]), days))
    return np.stack(rows)


def lived_in(panel: Panel, days: Bools, policy: Policy) -> Panel:
    """Somebody lives there as on the last days of the tenancy that all meters call so, else as the policy has it."""
    like = _all_meters_agree(presence(panel, policy)) & tenancy(panel) & ~days
    source, has_shown = _source(like, panel.shape[1]), any_day(like)[:, None]
    usual = _usual_days(panel, policy)
    changed: dict[str, Any] = {}
    for name in _MEASURED:
        old = getattr(panel, name)
        day = np.where(has_shown, np.take_along_axis(old, source, axis=1), usual.get(name, old))
        changed[name] = np.where(days, day, old)
    return replace(panel, **changed)


def _all_meters_agree(there: Presence) -> Bools:
    """(U, D) days on which somebody was there by each channel that was heard; by the door where it stands alone."""
    meters = [np.isnan(said) | (said >= CLEAR) for said in (there.water, there.electricity)]
    return np.asarray(there.present & np.all(meters, axis=0))


def _usual_days(panel: Panel, policy: Policy) -> dict[str, Floats]:
    """What the policy takes for lived-in days, on top of what runs anyway; no two are alike, as with people."""
    least, standby = fill(panel.water_min_hour_l, 0.0), fill(panel.electricity_min_hour_kwh, 0.0)
    varied = np.where(np.arange(panel.shape[1]) % 2, 1.2, 0.8)[None, :].astype(np.float32)
    days = {
        "water_l": least * HOURS_A_DAY + policy.default_water_l * varied,
        "water_active_hours": policy.default_active_hours * varied,
        "water_max_hour_l": least + policy.default_water_l / 4 * varied,
        "electricity_kwh": standby * HOURS_A_DAY + policy.default_electricity_kwh * varied,
        "electricity_max_hour_kwh": standby + policy.default_peak_kwh * varied,
        "electricity_evening_kwh": standby * EVENING_HOURS + policy.default_electricity_kwh / 2 * varied,
    }
    return {name: np.where(np.isnan(old := getattr(panel, name)), old, value) for name, value in days.items()}


def empty(panel: Panel, days: Bools) -> Panel:
    """Nobody there: no water, the standby of the least hour, nobody at the door."""
    standby = fill(panel.electricity_min_hour_kwh, 0.0)
    nothing = np.zeros(panel.shape, np.float32)
    return _set(
        panel,
        days,
        water_l=nothing,
        water_active_hours=nothing,
        water_min_hour_l=nothing,
        water_least_flow_l_per_h=nothing,
        water_max_hour_l=nothing,
        electricity_kwh=standby * HOURS_A_DAY,
        electricity_max_hour_kwh=standby,
        electricity_evening_kwh=standby * EVENING_HOURS,
        registered_passages=nothing,
        registered_persons=nothing,
        late_registered_passages=nothing,
        visitor_passages=nothing,
        stranger_passages=nothing,
        strangers=nothing,
        returning_strangers=nothing,
        late_strangers=nothing,
        unnamed_face_passages=nothing,
        unidentified_passages=nothing,
    )


def registered_at_door(panel: Panel, days: Bools) -> Panel:
    """At least one registered person who did from the first goes out and comes back."""
    passages = np.maximum(panel.registered_passages, panel.late_registered_passages + 2)
    persons = np.maximum(panel.registered_persons, 1)
    return _set(panel, days, registered_passages=passages, registered_persons=persons)


def visited(panel: Panel, days: Bools) -> Panel:
    """At least one other listed person passes."""
    return _set(panel, days, visitor_passages=np.maximum(panel.visitor_passages, 1))


def no_strangers(panel: Panel, days: Bools) -> Panel:
    """Whoever was a stranger is listed, as a relative or a carer, or does not come."""
    nothing = np.zeros(panel.shape, np.float32)
    return _set(
        panel,
        days,
        visitor_passages=panel.visitor_passages + panel.stranger_passages,
        stranger_passages=nothing,
        strangers=nothing,
        returning_strangers=nothing,
        late_strangers=nothing,
        unnamed_face_passages=nothing,
    )


def least_hour(panel: Panel, days: Bools, below_l_per_h: float) -> Panel:
    """In some hour less flows than that."""
    below = 0.99 * below_l_per_h
    return _set(
        panel,
        days,
        water_min_hour_l=np.minimum(panel.water_min_hour_l, below),
        water_least_flow_l_per_h=np.minimum(panel.water_least_flow_l_per_h, below),
    )


def water(panel: Panel, days: Bools, litres: Floats) -> Panel:
    """So much water on the day; `litres` is (U, 1) or wider."""
    return _set(panel, days, water_l=np.broadcast_to(litres, panel.shape))


def declared_away(panel: Panel, days: Bools) -> Panel:
    """The household has declared that it is away."""
    return replace(panel, declared_absence=panel.declared_absence | days)


def unleased(panel: Panel, days: Bools) -> Panel:
    """No lease covers these days, which reach to the panel's end."""
    ages = np.where(days, np.float32(np.nan), panel.days_since_lease_start)
    return replace(panel, leased=panel.leased & ~days, days_since_lease_start=ages)


def leased(panel: Panel, days: Bools) -> Panel:
    """A lease covers these days, which are one stretch to the panel's end."""
    age = np.cumsum(days, axis=1, dtype=np.float32) - 1
    return replace(
        panel,
        leased=panel.leased | days,
        days_since_lease_start=np.where(days, age, panel.days_since_lease_start),
    )


def beside(panels: Sequence[Panel]) -> Panel:
    """The units of several panels of the same days; their ids are numbered, for it may be one unit in several ways."""
    every: dict[str, Any] = {name: np.concatenate([getattr(panel, name) for panel in panels]) for name in _OF_UNITS}
    unit_ids = (unit_id for panel in panels for unit_id in panel.unit_ids)
    return replace(panels[0], unit_ids=tuple(f"{unit_id}/{at}" for at, unit_id in enumerate(unit_ids)), **every)


def _set(panel: Panel, days: Bools, **values: Floats) -> Panel:
    """New figures on the days on which there was one before."""
    changed: dict[str, Any] = {}
    for name, value in values.items():
        old: Floats = getattr(panel, name)
        changed[name] = np.where(days & ~np.isnan(old), value, old).astype(np.float32)
    return replace(panel, **changed)
