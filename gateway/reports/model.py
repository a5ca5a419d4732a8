"""The figures of a month as values. A share is 0 to 1, or None where there is nothing to take a share of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Housing:
    """Homes now, by tenure, and how many of them stand empty.

    `vacancy_rate` is the share of all homes that are to let; `suspected_vacant` counts let homes with a live vacancy
    alert at the month's end, `suspected_rate` their share of let homes.
    """

    units: int
    by_tenure: Mapping[str, int]
    leased: int
    vacancy_rate: float | None
    suspected_vacant: int
    suspected_rate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFigures:
    """Alerts of one kind and level: what happened to them in the month, and how many are live at its end."""

    kind: str
    level: str
    opened: int
    confirmed: int
    dismissed: int
    resolved: int
    live: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitFigures:
    """Visits of the month. `hit_rate` is the share of visits made that confirmed something."""

    planned: int
    done: int
    by_outcome: Mapping[str, int]
    hits: int
    hit_rate: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFigures:
    """Cases: opened, closed and handed over in the month; live at its end by state, and overdue then."""

    opened: int
    closed: int
    handed_over: int
    live: Mapping[str, int]
    overdue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFigures:
    """Devices by kind, those of whom the month has no day, those that ail now, and what share of days is known."""

    total: int
    by_kind: Mapping[str, int]
    unheard: int
    ailing: int
    by_condition: Mapping[str, int]
    coverage: Mapping[str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class EstateFigures:
    """One estate's month."""

    estate_id: str
    name: str
    housing: Housing
    alerts: tuple[AlertFigures, ...]
    visits: VisitFigures
    cases: CaseFigures
    devices: DeviceFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantineFigures:
    """Messages that could not be taken in, of one reason: new and replayed in the month, held now."""

    reason: str
    new: int
    replayed: int
    held: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyFigures:
    """What was done for privacy. Counters begin with the gateway; None where the month has no count of its own.

    `looks` counts the log of who looked at homes' and persons' data.
    """

    images_removed: int | None
    images_removed_ever: int
    looks: int
    passages_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A month of all estates, or of those that were asked for. `until` is the last whole day in it."""

    month: str
    first: date
    until: date
    complete: bool
    made_at: datetime
    estates: tuple[EstateFigures, ...]
    quarantine: tuple[QuarantineFigures, ...]
    privacy: PrivacyFigures
