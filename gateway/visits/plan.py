"""Which units are visited on a day: those worth most that were not visited lately, and a few by lot, to learn.

Walking order is settled afterwards over the whole day (`walk.walking_key`), so that a second plan for the same
day joins the first one's route.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

import numpy as np

from detectors.findings import Kind, Level
from detectors.learning import Doubles, Model
from detectors.policy import Policy
from detectors.ranking import Option, expected_value
from detectors.ranking import choose as choose_options
from detectors.scoring import SUSPECTED_FROM
from gateway.alerts.model import Alert
from gateway.visits.hours import best_hours
from gateway.visits.model import Candidate, Chosen, LastVisit, NewVisit, Outcome
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

_UNSUSPECTED = ("lives_here", "household_members", "relation")
"""What is asked where nothing is suspected: at a visit that a person ordered."""
_CALL_FIRST = "call_first"
_CALLED_KINDS = frozenset({Kind.CARE, Kind.LEAK})
"""Where the tenant wants to hear of it, and a call may settle it."""
_CALLED_FACTS = frozenset({"short_visits", "registered_seen", "no_enrolled_face", "strangers_unnamed"})
"""Evidence behind which a house-sitter or a relative whose face nobody enrolled may stand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPolicy:
    """What a visit is worth, and how often a household may be asked. No source gives such figures: judgement."""

    pause_days: int = 28
    retry_days: int = 2
    """The pause after a visit at which nobody answered."""
    worth: Mapping[Kind, float] = field(default_factory=lambda: _WORTH)
    wrong_visit_cost: float = 0.2
    """What a stranger at an honest door costs, where a true finding is worth 1: a visit pays from about 17 % on."""
    explore_share: float = Policy().explore_share
    """Share of the places that are drawn by lot; a city sets it in its policy."""
    explore_from: float = SUSPECTED_FROM
    """Units without an alert are drawn only from this probability on."""

    @classmethod
    def of(cls, city: Policy) -> PlanPolicy:
        """The defaults with what a city's policy sets."""
        return cls(explore_share=city.explore_share)


DEFAULT_POLICY = PlanPolicy()
NOTHING_LEARNT = Model()
DRAWS = 200
"""Models drawn for a plan: chances are known to half a percent."""

Hours = Mapping[str, tuple[Sequence[float], Sequence[float]]]
"""For a unit id: passages and electricity by local hour 0 to 23."""


def choose(
    candidates: Iterable[Candidate],
    *,
    day: date,
    places: int,
    visited: Mapping[str, LastVisit],
    model: Model = NOTHING_LEARNT,
    seed: int = 0,
    policy: PlanPolicy = DEFAULT_POLICY,
) -> list[Chosen]:
    """At most `places` candidates for `day`: the most pressing first, then those drawn by the lot that `seed` throws.

    A unit whose latest visit (before or after `day`) is nearer than the pause is left in peace; so is one whose
    alerts are nothing to knock for.
    """
    fit = [each for each in candidates if _asks(each, policy) and not _paused(visited.get(each.unit_id), day, policy)]
    ranked = sorted(fit, key=lambda each: (-urgency(each, policy), walking_key(each.place), each.unit_id))
    by_unit = {candidate.unit_id: candidate for candidate in ranked}
    options = _options(ranked, model, seed, policy)
    chosen = choose_options(options, places=places, explore_share=policy.explore_share, seed=seed)
    return [Chosen(candidate=by_unit[one.unit_id], explores=one.explores, chance=one.chance) for one in chosen]


def prepare(chosen: Chosen, hours: Hours) -> NewVisit:
    """Make a visit of a candidate: what to ask, and when somebody is likely to open."""
    candidate = chosen.candidate
    alerts = tuple(sorted(candidate.alerts, key=_pressing, reverse=True))
    kinds = [alert.kind for alert in alerts] or [each.signal.kind for each in candidate.told]
    asked = [code for kind in kinds for code in _QUESTIONS[kind]] or _UNSUSPECTED
    questions = dict.fromkeys([*_call_first(alerts), *asked])
    passages, electricity_kwh = hours.get(candidate.unit_id, ((), ()))
    return NewVisit(
        unit_id=candidate.unit_id,
        place=candidate.place,
        alerts=alerts,
        questions=tuple(questions),
        best_hours=best_hours(passages or _NOTHING, electricity_kwh or _NOTHING),
        told=candidate.told,
        explores=chosen.explores,
        chance=chosen.chance,
    )


def _call_first(alerts: Sequence[Alert]) -> tuple[str, ...]:
    """Whether to call before anybody knocks: only where every alert could be settled so."""
    settled = [_settled_by_a_call(alert) for alert in alerts if alert.kind is not Kind.DEVICE]
    return (_CALL_FIRST,) if settled and all(settled) else ()


def _settled_by_a_call(alert: Alert) -> bool:
    return alert.kind in _CALLED_KINDS or any(one.code in _CALLED_FACTS for one in alert.evidence)


def urgency(candidate: Candidate, policy: PlanPolicy = DEFAULT_POLICY) -> float:
    """Expected worth of a visit: worth × probability, doubled for red alerts, less what a visit in vain costs."""
    said = np.array([[probability] for _, probability in _said(candidate)])
    return float(expected_value(_benefits(candidate, policy), said, policy.wrong_visit_cost)[0])


def _options(ranked: Sequence[Candidate], model: Model, seed: int, policy: PlanPolicy) -> list[Option]:
    """What each may be worth: probabilities that outcomes teach are drawn, the others stay."""
    drawn = iter(model.draws([told.signal for each in ranked for told in each.told], DRAWS, seed).T)
    return [
        Option(
            unit_id=each.unit_id,
            value=urgency(each, policy),
            draws=expected_value(_benefits(each, policy), _draws(each, drawn), policy.wrong_visit_cost),
            by_lot_only=not each.alerts,
        )
        for each in ranked
    ]


def _draws(candidate: Candidate, drawn: Iterator[Doubles]) -> Doubles:
    """(K, S) probabilities of its suspicions; takes from `drawn` what was told of this candidate."""
    taught = {told.signal.kind: values for told, values in zip(candidate.told, drawn, strict=False)}
    return np.stack([taught.get(kind, np.full(DRAWS, said)) for kind, said in _said(candidate)])


def _benefits(candidate: Candidate, policy: PlanPolicy) -> list[float]:
    if not candidate.alerts:
        return [policy.worth[told.signal.kind] for told in candidate.told]
    return [policy.worth[one.kind] * (_RED if one.level is Level.RED else 1.0) for one in candidate.alerts]


def _said(candidate: Candidate) -> list[tuple[Kind, float]]:
    """Its suspicions with their probabilities: those of its alerts, where it has any."""
    if not candidate.alerts:
        return [(told.signal.kind, told.said) for told in candidate.told]
    return [(alert.kind, alert.probability) for alert in candidate.alerts]


def _asks(candidate: Candidate, policy: PlanPolicy) -> bool:
    """Whether anything about it is worth knocking for at all."""
    return any(policy.worth[kind] > 0 for kind, _ in _said(candidate))


_NOTHING = (0.0,) * 24


def _paused(last: LastVisit | None, day: date, policy: PlanPolicy) -> bool:
    if last is None:
        return False
    pause = policy.retry_days if last.outcome is Outcome.NO_ANSWER else policy.pause_days
    return abs((day - last.day).days) < pause


def _pressing(alert: Alert) -> tuple[float, float]:
    return DEFAULT_POLICY.worth[alert.kind] * (_RED if alert.level is Level.RED else 1.0), alert.probability
