"""Which units are visited on a day: the most pressing ones that were not visited lately.

Walking order is settled afterwards over the whole day (`walk.walking_key`), so that a second plan for the same
day joins the first one's route.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from detectors.findings import Kind, Level
from gateway.alerts.model import Alert
from gateway.visits.hours import best_hours
from gateway.visits.model import Candidate, LastVisit, NewVisit, Outcome
from gateway.visits.walk import walking_key

# What a true finding of the kind is worth beside the others: a person in need first, a tap last.
_WORTH = MappingProxyType(
    {Kind.CARE: 3.0, Kind.MISUSE: 1.0, Kind.SUBLET: 1.0, Kind.VACANCY: 0.9, Kind.LEAK: 0.3, Kind.DEVICE: 0.0}
)
_RED = 2.0

_QUESTIONS: Mapping[Kind, tuple[str, ...]] = MappingProxyType(
    {
        Kind.VACANCY: ("lives_here", "long_absence", "handed_over"),
        Kind.SUBLET: ("household_members", "relation", "rent_paid"),
        Kind.MISUSE: ("who_uses", "use_since", "relation"),
        Kind.CARE: ("wellbeing", "contact"),
        Kind.LEAK: ("taps",),
        Kind.DEVICE: (),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPolicy:
    """How often a household may be asked. `retry_days` counts after a visit at which nobody answered."""

    pause_days: int = 28
    retry_days: int = 2
    worth: Mapping[Kind, float] = field(default_factory=lambda: _WORTH)


DEFAULT_POLICY = PlanPolicy()

Hours = Mapping[str, tuple[Sequence[float], Sequence[float]]]
"""For a unit id: passages and electricity by local hour 0 to 23."""


def choose(
    candidates: Iterable[Candidate],
    *,
    day: date,
    places: int,
    visited: Mapping[str, LastVisit],
    policy: PlanPolicy = DEFAULT_POLICY,
) -> list[Candidate]:
    """At most `places` candidates for `day`, the most pressing first.

    A unit whose latest visit (before or after `day`) is nearer than the pause is left in peace; so is one whose
    alerts are nothing to knock for.
    """
    fit = (
        candidate
        for candidate in candidates
        if urgency(candidate, policy) > 0 and not _paused(visited.get(candidate.unit_id), day, policy)
    )
    ranked = sorted(fit, key=lambda each: (-urgency(each, policy), walking_key(each.place), each.unit_id))
    return ranked[: max(places, 0)]


def prepare(candidate: Candidate, hours: Hours) -> NewVisit:
    """Make a visit of a candidate: what to ask, and when somebody is likely to open."""
    alerts = tuple(sorted(candidate.alerts, key=_pressing, reverse=True))
    questions = dict.fromkeys(code for alert in alerts for code in _QUESTIONS[alert.kind])
    passages, electricity_kwh = hours.get(candidate.unit_id, ((), ()))
    return NewVisit(
        unit_id=candidate.unit_id,
        place=candidate.place,
        alerts=alerts,
        questions=tuple(questions),
        best_hours=best_hours(passages or _NOTHING, electricity_kwh or _NOTHING),
    )


def urgency(candidate: Candidate, policy: PlanPolicy = DEFAULT_POLICY) -> float:
    """Expected worth of a visit: over the unit's alerts, worth × probability, doubled where the level is red."""
    return sum(
        policy.worth[alert.kind] * alert.probability * (_RED if alert.level is Level.RED else 1.0)
        for alert in candidate.alerts
    )


_NOTHING = (0.0,) * 24


def _paused(last: LastVisit | None, day: date, policy: PlanPolicy) -> bool:
    if last is None:
        return False
    pause = policy.retry_days if last.outcome is Outcome.NO_ANSWER else policy.pause_days
    return abs((day - last.day).days) < pause


def _pressing(alert: Alert) -> tuple[float, float]:
    return DEFAULT_POLICY.worth[alert.kind] * (_RED if alert.level is Level.RED else 1.0), alert.probability
