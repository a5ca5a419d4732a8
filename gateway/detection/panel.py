"""The detectors' panel: rows from the store or from files, put into arrays of unit × day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np

from detectors.panel import Bools, Floats, Panel
from gateway.detection.coarse import counts_whole
from gateway.detection.holidays import holidays
from gateway.detection.merged import (
    Shape,
    chosen,
    known_again,
    late,
    meter_figures,
    nothing_of,
    passages_by_class,
    persons,
    returning,
    spoke,
)
from gateway.store import panels
from gateway.store.database import Connection
from gateway.store.panels import Figures, Lease, Stay, Window

HISTORY_DAYS = 365
"""A year: a household is compared with its own past, holidays included."""
UNITS_AT_ONCE = 2000
"""What is said of a unit needs no other: so many are read and judged together."""
LONG_AGO_DAYS = 9999.0
"""Days since the start of a lease whose start is not known."""

Fields = dict[str, Any]


def build(conn: Connection, estate_id: str, as_of: date, *, history_days: int = HISTORY_DAYS) -> Panel | None:
    """The panel of an estate as it stood at the end of `as_of`; None where there are no units or no figures yet."""
    return next(blocks(conn, estate_id, as_of, history_days=history_days, at_once=None), None)


def blocks(
    conn: Connection,
    estate_id: str,
    as_of: date,
    *,
    history_days: int = HISTORY_DAYS,
    at_once: int | None = UNITS_AT_ONCE,
) -> Iterator[Panel]:
    """The same panel in pieces of at most so many units, so that an estate's size does not set the memory."""
    units = panels.units(conn, estate_id)
    first = panels.first_day(conn, estate_id)
    if first is None or first > as_of:
        return
    first = max(first, as_of - timedelta(days=history_days - 1))
    for start in range(0, len(units), at_once or len(units)):
        unit_ids, tenures = zip(*units[start : start + (at_once or len(units))], strict=True)
        window = Window(estate_id=estate_id, unit_ids=unit_ids, first=first, last=as_of)
        yield assemble(window, tenures, panels.figures(conn, window))


def assemble(window: Window, tenures: Sequence[str], figures: Figures) -> Panel:
    """The panel of the window's units and days; `tenures` are those of the units, in their order."""
    return Panel(
        unit_ids=window.unit_ids,
        days=np.datetime64(window.first, "D") + np.arange(window.days),
        tenure_leased=np.array([tenure == "leased" for tenure in tenures]),
        under_repair=np.array([tenure == "repair" for tenure in tenures]),
        **_meters(window, figures),
        **_doors(window, figures),
        **_lists(window, figures),
    )


def _meters(window: Window, figures: Figures) -> Fields:
    water, electricity = (meter_figures(days, _shape(window)) for days in (figures.water, figures.electricity))
    water = nothing_of(water, counts_whole(water["use"]))
    return {
        "water_l": water["use"],
        "water_coverage": water["coverage"],
        "water_hours_known": water["hours_known"],
        "water_active_hours": water["active_hours"],
        "water_min_hour_l": water["min_hour"],
        "water_max_hour_l": water["max_hour"],
        "water_least_flow_l_per_h": water["least_flow"],
        "water_morning_l": water["morning"],
        "water_evening_l": water["evening"],
        "water_roughness_l": water["roughness"],
        "electricity_kwh": electricity["use"],
        "electricity_coverage": electricity["coverage"],
        "electricity_hours_known": electricity["hours_known"],
        "electricity_min_hour_kwh": electricity["min_hour"],
        "electricity_max_hour_kwh": electricity["max_hour"],
        "electricity_evening_kwh": electricity["evening"],
        "electricity_roughness_kwh": electricity["roughness"],
        "electricity_peak_hour": electricity["peak_hour"],
        "electricity_rhythm_cos": electricity["rhythm_cos"],
        "electricity_rhythm_sin": electricity["rhythm_sin"],
        "electricity_rhythm_cos2": electricity["rhythm_cos2"],
        "electricity_rhythm_sin2": electricity["rhythm_sin2"],
    }


def _doors(window: Window, figures: Figures) -> Fields:
    """Where no door spoke nothing is known; where one did and saw nobody, that is a zero."""
    shape, seen = _shape(window), figures.passages
    heard = spoke(figures.doors, shape)
    passed = passages_by_class(seen, shape)
    came_late = chosen(seen, late(seen, figures.leases, window.first))
    counts = {
        "registered_passages": passed["registered"],
        "registered_persons": persons(seen, "registered", shape),
        "visitor_passages": passed["visitor"],
        "stranger_passages": passed["stranger"] + passed["unnamed"],
        "strangers": persons(seen, "stranger", shape),
        "unnamed_face_passages": np.where(passed["untold"] > 0, np.float32(np.nan), passed["unnamed"]),
        "unidentified_passages": passed["unidentified"] + passed["untold"],
        "returning_strangers": returning(seen, shape),
        "late_strangers": persons(chosen(came_late, known_again(came_late)), "stranger", shape),
        "late_registered_passages": passages_by_class(came_late, shape)["registered"],
    }
    known: Fields = {name: np.where(heard, count, np.float32(np.nan)) for name, count in counts.items()}
    return known | {"door_coverage": heard.astype(np.float32)}


def _lists(window: Window, figures: Figures) -> Fields:
    leases = figures.leases
    held = (Stay(unit=lease.unit, start=lease.start, end=lease.end) for lease in leases)
    days = [window.first + timedelta(days=number) for number in range(window.days)]
    return {
        "leased": _spans(held, window) > 0,
        "enrolled_persons": _spans(figures.enrolled, window),
        "declared_absence": _spans(figures.absences, window) > 0,
        "household_size": _last_size(leases, len(window.unit_ids)),
        "lone_elder": _last_care(leases, len(window.unit_ids)),
        "days_since_lease_start": _ages(leases, window),
        "holiday": np.array(holidays(days), dtype=bool),
    }


def _shape(window: Window) -> Shape:
    return len(window.unit_ids), window.days


def _spans(stays: Iterable[Stay], window: Window) -> Floats:
    """(U, D) how many of the stays cover the day."""
    array: Floats = np.zeros(_shape(window), dtype=np.float32)
    for stay in stays:
        array[stay.unit, _within(window, stay.start, stay.end)] += 1
    return array


def _within(window: Window, start: date | None, end: date | None) -> slice:
    begin = 0 if start is None else max((start - window.first).days, 0)
    stop = window.days if end is None else (end - window.first).days + 1
    return slice(begin, max(stop, begin))


def _last_size(leases: Iterable[Lease], units: int) -> Floats:
    sizes: Floats = np.full(units, np.nan, dtype=np.float32)
    for lease in leases:
        sizes[lease.unit] = np.nan if lease.size is None else lease.size
    return sizes


def _last_care(leases: Iterable[Lease], units: int) -> Bools:
    alone: Bools = np.zeros(units, dtype=bool)
    for lease in leases:
        alone[lease.unit] = lease.lone_elder
    return alone


def _ages(leases: Iterable[Lease], window: Window) -> Floats:
    """Where leases overlap, the one that began last counts."""
    ages: Floats = np.full((len(window.unit_ids), window.days), np.nan, dtype=np.float32)
    number = np.arange(window.days, dtype=np.float32)
    for lease in leases:
        covered = _within(window, lease.start, lease.end)
        before = LONG_AGO_DAYS if lease.start is None else (window.first - lease.start).days
        ages[lease.unit, covered] = number[covered] + before
    return ages
