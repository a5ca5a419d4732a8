"""The detectors' panel: columns of cells, from the store or from files, scattered into arrays of unit × day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from detectors.panel import Bools, Floats, Panel
from gateway.detection.holidays import holidays
from gateway.store import panels
from gateway.store.database import Connection
from gateway.store.panels import Cells, Figures, Lease, Stay, Window

HISTORY_DAYS = 365
"""A year: a household is compared with its own past, holidays included."""
LONG_AGO_DAYS = 9999.0
"""Days since the start of a lease whose start is not known."""

Fields = dict[str, Any]


def build(conn: Connection, estate_id: str, as_of: date, *, history_days: int = HISTORY_DAYS) -> Panel | None:
    """The panel of an estate as it stood at the end of `as_of`; None where there are no units or no figures yet."""
    units = panels.units(conn, estate_id)
    first = panels.first_day(conn, estate_id)
    if not units or first is None or first > as_of:
        return None
    first = max(first, as_of - timedelta(days=history_days - 1))
    unit_ids = tuple(unit_id for unit_id, _ in units)
    window = Window(estate_id=estate_id, unit_ids=unit_ids, first=first, last=as_of)
    return assemble(window, [tenure for _, tenure in units], panels.figures(conn, window))


def assemble(window: Window, tenures: Sequence[str], figures: Figures) -> Panel:
    """The panel of the window's units and days; `tenures` are those of the units, in their order."""
    return Panel(
        unit_ids=window.unit_ids,
        days=np.datetime64(window.first, "D") + np.arange(window.days),
        tenure_leased=np.array([tenure == "leased" for tenure in tenures]),
        **_meters(window, figures),
        **_doors(window, figures),
        **_lists(window, figures),
    )


def _meters(window: Window, figures: Figures) -> Fields:
    use, water, electricity = figures.use, figures.water_hours, figures.electricity_hours
    at = _Scatter(window)
    return {
        "water_l": at.figures(use, 0),
        "water_coverage": at.figures(use, 1, otherwise=0),
        "electricity_kwh": at.figures(use, 2),
        "electricity_coverage": at.figures(use, 3, otherwise=0),
        "water_hours_known": at.figures(water, 0, otherwise=0),
        "water_active_hours": at.figures(water, 1),
        "water_min_hour_l": at.figures(water, 2),
        "water_max_hour_l": at.figures(water, 3),
        "electricity_hours_known": at.figures(electricity, 0, otherwise=0),
        "electricity_min_hour_kwh": at.figures(electricity, 2),
        "electricity_max_hour_kwh": at.figures(electricity, 3),
        "electricity_evening_kwh": at.figures(electricity, 4),
    }


def _doors(window: Window, figures: Figures) -> Fields:
    """Where no door spoke nothing is known; where one did and saw nobody, that is a zero."""
    at = _Scatter(window)
    spoke = at.marks(figures.doors)
    seen = figures.passages
    counts = {
        "registered_passages": at.figures(seen, 0, otherwise=0),
        "registered_persons": at.figures(seen, 1, otherwise=0),
        "visitor_passages": at.figures(seen, 2, otherwise=0),
        "stranger_passages": at.figures(seen, 3, otherwise=0),
        "strangers": at.figures(seen, 4, otherwise=0),
        "unidentified_passages": at.figures(seen, 5, otherwise=0),
        "returning_strangers": at.figures(figures.returning, 0, otherwise=0),
    }
    known: Fields = {name: np.where(spoke, count, np.float32(np.nan)) for name, count in counts.items()}
    return known | {"door_coverage": spoke.astype(np.float32)}


def _lists(window: Window, figures: Figures) -> Fields:
    at = _Scatter(window)
    leases = figures.leases
    days = [window.first + timedelta(days=number) for number in range(window.days)]
    return {
        "leased": at.spans(Stay(unit=lease.unit, start=lease.start, end=lease.end) for lease in leases) > 0,
        "enrolled_persons": at.spans(figures.enrolled),
        "declared_absence": at.spans(figures.absences) > 0,
        "household_size": _last_size(leases, len(window.unit_ids)),
        "lone_elder": _last_care(leases, len(window.unit_ids)),
        "days_since_lease_start": _ages(leases, window),
        "holiday": np.array(holidays(days), dtype=bool),
    }


@dataclass(frozen=True, slots=True)
class _Scatter:
    """Puts cells and spans where they belong."""

    window: Window

    def figures(self, cells: Cells, column: int, *, otherwise: float = np.nan) -> Floats:
        """(U, D) one column of figures, `otherwise` where there is no cell."""
        array: Floats = np.full((len(self.window.unit_ids), self.window.days), otherwise, dtype=np.float32)
        array[cells.unit, cells.day] = cells.figures[:, column]
        return array

    def marks(self, cells: Cells) -> Bools:
        """(U, D) true where there is a cell."""
        array: Bools = np.zeros((len(self.window.unit_ids), self.window.days), dtype=bool)
        array[cells.unit, cells.day] = True
        return array

    def spans(self, stays: Iterable[Stay]) -> Floats:
        """(U, D) how many of the stays cover the day."""
        array: Floats = np.zeros((len(self.window.unit_ids), self.window.days), dtype=np.float32)
        for stay in stays:
            array[stay.unit, _within(self.window, stay.start, stay.end)] += 1
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
