"""A visit and what leads to it, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gateway.alerts.model import Alert
from gateway.visits.hours import Window
from gateway.visits.walk import Place


class Outcome(StrEnum):
    """What an inspector found (contract, section 4)."""

    CONFIRMED_SUBLET = "confirmed_sublet"
    CONFIRMED_VACANT = "confirmed_vacant"
    CONFIRMED_MISUSE = "confirmed_misuse"
    NORMAL = "normal"
    NO_ANSWER = "no_answer"
    REFUSED = "refused"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A unit with the open alerts that ask for a visit; never without one."""

    unit_id: str
    place: Place
    alerts: tuple[Alert, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LastVisit:
    """The latest visit to a unit, planned or made. `outcome` is None while it is only planned."""

    day: date
    outcome: Outcome | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVisit:
    """A visit to be made. Questions are codes of the catalogue (`question.<code>`)."""

    unit_id: str
    place: Place
    alerts: tuple[Alert, ...]
    questions: tuple[str, ...]
    best_hours: tuple[Window, ...]
