"""A visit and what leads to it, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from detectors.findings import Kind
from detectors.learning import Signal
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
class Told:
    """A suspicion as it was told when a visit was planned: what was known, and the probability that it was given."""

    signal: Signal
    said: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A unit with the open alerts that ask for a visit, or without any where it is just below the line."""

    unit_id: str
    place: Place
    alerts: tuple[Alert, ...]
    told: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A candidate that is visited: whether by lot, to learn, and with what chance; None where a person chose it."""

    candidate: Candidate
    explores: bool = False
    chance: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LastVisit:
    """The latest visit to a unit, planned or made. `outcome` is None while it is only planned."""

    day: date
    outcome: Outcome | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVisit:
    """A visit to be made. Questions are codes of the catalogue (`question.<code>`); `note`: why a person ordered it."""

    unit_id: str
    place: Place
    alerts: tuple[Alert, ...]
    questions: tuple[str, ...]
    best_hours: tuple[Window, ...]
    told: tuple[Told, ...] = ()
    explores: bool = False
    chance: float | None = None
    note: str = ""


def told_to_columns(told: Told) -> dict[str, object]:
    """Plain values for JSON."""
    its = told.signal
    return {
        "kind": its.kind.value,
        "score": float(its.score),
        "said": float(told.said),
        "subtype": its.subtype,
        "evidence": {code: float(weight) for code, weight in its.evidence.items()},
    }


def signal_from_columns(columns: Mapping[str, Any]) -> Signal:
    """What was known, read back."""
    return Signal(
        kind=Kind(columns["kind"]),
        score=columns["score"],
        subtype=columns["subtype"],
        evidence=columns["evidence"],
    )
