"""What an inspector's finding does to the alerts that the visit was made for.

| outcome | alerts of the kind it confirms | the visit's other alerts |
| --- | --- | --- |
| confirmed_* | confirmed | open again: the visit found something else, a person decides |
| normal | | dismissed; the pattern stays quiet for the pause |
| no_answer | | open again, for another try |
| refused, other | | open again, a person decides |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from detectors.findings import Kind
from gateway.alerts.life import DEFAULT_POLICY, LifePolicy, Request, apply
from gateway.alerts.model import ENDED, Action, Alert, Change, State
from gateway.visits.model import Outcome

CONFIRMS: Mapping[Outcome, Kind] = MappingProxyType(
    {
        Outcome.CONFIRMED_SUBLET: Kind.SUBLET,
        Outcome.CONFIRMED_VACANT: Kind.VACANCY,
        Outcome.CONFIRMED_MISUSE: Kind.MISUSE,
    }
)
"""What an outcome confirms; each of these opens a case of that kind, whatever the visit was made for."""
_REACHED = MappingProxyType(
    {Action.CONFIRM: State.CONFIRMED, Action.DISMISS: State.DISMISSED, Action.REOPEN: State.OPEN}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What an inspector found at a visit, and when."""

    outcome: Outcome
    note: str
    inspector: str
    found_at: datetime


def consequence(outcome: Outcome, kind: Kind) -> tuple[Action, str]:
    """The action that `outcome` calls for on an alert of `kind`, and its reason's code (`because.<code>`)."""
    if outcome in CONFIRMS:
        if CONFIRMS[outcome] is kind:
            return Action.CONFIRM, "visit_confirmed"
        return Action.REOPEN, "visit_other_finding"
    if outcome is Outcome.NORMAL:
        return Action.DISMISS, "visit_normal"
    return Action.REOPEN, f"visit_{outcome.value}"


def settle(
    alert: Alert, result: Result, *, corrects: bool, now: datetime, policy: LifePolicy = DEFAULT_POLICY
) -> list[Change]:
    """The changes that bring an alert to what the result says; none where it already is there.

    A result that corrects an earlier one may find the alert ended or confirmed by that one: then it is opened again
    on the way, and the history shows both steps. A first result opens only what waits for it, and nothing but a
    confirmation moves an alert that ended by itself.
    """
    action, code = consequence(result.outcome, alert.kind)
    waits = alert.state is State.DISPATCHED or corrects
    if alert.state is _REACHED[action] or (action is Action.REOPEN and not waits):
        return []
    if alert.state is State.RESOLVED and action is not Action.CONFIRM:
        return []
    actor, reason = result.inspector or "inspector", result.note.strip() or code
    reopen = Request(action=Action.REOPEN, actor=actor, reason=reason)
    steps: list[Change] = []
    if action is not Action.REOPEN and alert.state in ENDED | {State.CONFIRMED}:
        steps.append(apply(alert, reopen, now=now, policy=policy))
        alert = steps[-1].alert
    steps.append(apply(alert, Request(action=action, actor=actor, reason=reason), now=now, policy=policy))
    return steps
