"""How a case lives: a confirmed finding opens it, people carry it on step by step, and it is struck off (销号).

    found → persuaded → interviewed → rectification ordered → rectified → answered → closed
                                    ↘ transferred to the city's inspectors ↗

Steps may be left out, not taken back: what was done stays in the history. An order may be given again, with a later
day; a case may be handed over to more than one body. Closing what is neither rectified nor answered needs a reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType

from gateway.alerts.life import ActionRefusedError
from gateway.cases.model import Action, Basis, Case, Change, Event, Ground, Handover, State

_BEFORE_AN_ORDER = frozenset({State.FOUND, State.PERSUADED, State.INTERVIEWED})
_UNSETTLED = _BEFORE_AN_ORDER | {State.RECTIFICATION_ORDERED, State.TRANSFERRED}
_LIVE = frozenset(State) - {State.CLOSED}
SETTLED = frozenset({State.RECTIFIED, State.ANSWERED})
"""From here a case is closed because it has come to its end, not because it was given up."""

_FROM: Mapping[Action, frozenset[State]] = MappingProxyType(
    {
        Action.PERSUADE: frozenset({State.FOUND, State.PERSUADED}),
        Action.INTERVIEW: _BEFORE_AN_ORDER,
        Action.ORDER: _BEFORE_AN_ORDER | {State.RECTIFICATION_ORDERED, State.RECTIFIED},
        Action.RECTIFY: _UNSETTLED,
        Action.TRANSFER: _UNSETTLED,
        Action.ANSWER: frozenset({State.RECTIFIED, State.TRANSFERRED}),
        Action.CLOSE: _LIVE,
        Action.REOPEN: frozenset({State.CLOSED}),
        Action.STATEMENT: _LIVE,
        Action.NOTE: frozenset(State),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePolicy:
    """How long an order to rectify may leave at most."""

    order_days_max: int = 180


DEFAULT_POLICY = CasePolicy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a person asks for. `due` belongs to order, `handover` to transfer."""

    action: Action
    actor: str
    reason: str = ""
    due: date | None = None
    handover: Handover | None = None


def open_case(basis: Basis, *, now: datetime) -> Change:
    """A new case, with all that is known kept in it."""
    case = Case(
        kind=basis.kind,
        subtype=_subtype(basis),
        state=State.FOUND,
        estate_id=basis.estate_id,
        unit_id=basis.unit_id,
        visit_id=basis.visit_id,
        alert_ids=_confirmed(basis),
        grounds=tuple(map(Ground.of, basis.alerts)),
        opened_at=now,
        updated_at=now,
    )
    return _caused(None, case, Event.OPENED, basis)


def join(case: Case, basis: Basis, *, now: datetime) -> Change | None:
    """Add a further finding to a live case; None where the case has it already."""
    alert_ids = tuple(dict.fromkeys((*case.alert_ids, *_confirmed(basis))))
    known = {ground.alert_id for ground in case.grounds}
    grounds = (*case.grounds, *(Ground.of(alert) for alert in basis.alerts if alert.alert_id not in known))
    visit_id = case.visit_id or basis.visit_id
    if (alert_ids, grounds, visit_id) == (case.alert_ids, case.grounds, case.visit_id):
        return None
    subtype = case.subtype or _subtype(basis)
    after = replace(case, alert_ids=alert_ids, grounds=grounds, visit_id=visit_id, subtype=subtype, updated_at=now)
    return _caused(case, after, Event.JOINED, basis)


def doubt(case: Case, *, actor: str, reason: str, now: datetime) -> Change:
    """The finding that opened the case was taken back: one that nobody acted on ends, else a person decides."""
    if case.state is State.FOUND:
        after, event = replace(case, state=State.CLOSED, closed_from=State.FOUND, updated_at=now), Event.WITHDRAWN
    else:
        after, event = replace(case, updated_at=now), Event.DOUBTED
    return Change(case=after, action=event, actor=actor, from_state=case.state, reason=reason)


def apply(case: Case, request: Request, *, now: datetime, policy: CasePolicy = DEFAULT_POLICY) -> Change:
    """Do what a person asks. `now` is aware and in the estate's zone.

    Raises:
        ActionRefusedError: the case's state forbids it, or a reason, date or body is missing or out of range.
    """
    if case.state not in _FROM[request.action]:
        raise ActionRefusedError(
            "case_state",
            f"a case that is {case.state} cannot take the action {request.action}",
            case_state=case.state.value,
            case_action=request.action.value,
        )
    return _STEPS[request.action](case, request, now, policy)


def _subtype(basis: Basis) -> str | None:
    return next((alert.subtype for alert in basis.alerts if alert.kind is basis.kind and alert.subtype), None)


def _confirmed(basis: Basis) -> tuple[int, ...]:
    return tuple(alert.alert_id for alert in basis.alerts if alert.kind is basis.kind)


def _caused(before: Case | None, after: Case, event: Event, basis: Basis) -> Change:
    return Change(
        case=after,
        action=event,
        actor=basis.actor,
        from_state=before.state if before else None,
        reason=basis.reason,
        data=basis.found,
    )


def _to(state: State, *, needs_reason: bool) -> Callable[[Case, Request, datetime, CasePolicy], Change]:
    def step(case: Case, request: Request, now: datetime, policy: CasePolicy) -> Change:
        del policy
        if needs_reason:
            _require_reason(request)
        return _acted(case, replace(case, state=state), request, now)

    return step


def _order(case: Case, request: Request, now: datetime, policy: CasePolicy) -> Change:
    due, days = request.due, policy.order_days_max
    if due is None:
        raise ActionRefusedError("due_missing", "an order to rectify needs its last day", about="due")
    if due <= now.date():
        raise ActionRefusedError("due_past", f"the last day {due} does not lie ahead", about="due")
    if due > now.date() + timedelta(days=days):
        raise ActionRefusedError("due_far", f"{due} is more than {days} days ahead", about="due", days=days)
    after = replace(case, state=State.RECTIFICATION_ORDERED, due=due)
    return _acted(case, after, request, now, due=due.isoformat())


def _transfer(case: Case, request: Request, now: datetime, policy: CasePolicy) -> Change:
    del policy
    given = request.handover
    if given is None or not given.body.strip():
        raise ActionRefusedError("body_missing", "a hand-over needs the body that takes the case", about="to")
    given = Handover(body=given.body.strip(), reference=given.reference.strip())
    known = {"to": given.body, "reference": given.reference}
    said = {name: value for name, value in known.items() if value}
    return replace(_acted(case, replace(case, state=State.TRANSFERRED), request, now, **said), handover=given)


def _close(case: Case, request: Request, now: datetime, policy: CasePolicy) -> Change:
    del policy
    if case.state not in SETTLED:
        _require_reason(request)
    return _acted(case, replace(case, state=State.CLOSED, closed_from=case.state), request, now)


def _reopen(case: Case, request: Request, now: datetime, policy: CasePolicy) -> Change:
    del policy
    _require_reason(request)
    return _acted(case, replace(case, state=case.closed_from or State.FOUND, closed_from=None), request, now)


def _statement(case: Case, request: Request, now: datetime, policy: CasePolicy) -> Change:
    del policy
    _require_reason(request)
    return _acted(case, replace(case, statement=request.reason.strip(), statement_at=now), request, now)


def _note(case: Case, request: Request, now: datetime, policy: CasePolicy) -> Change:
    del policy
    _require_reason(request)
    return _acted(case, case, request, now)


def _require_reason(request: Request) -> None:
    if not request.reason.strip():
        raise ActionRefusedError(
            "case_reason_missing",
            f"the action {request.action} needs a text",
            about="reason",
            case_action=request.action.value,
        )


def _acted(before: Case, after: Case, request: Request, now: datetime, **data: str) -> Change:
    return Change(
        case=replace(after, updated_at=now),
        action=request.action,
        actor=request.actor,
        from_state=before.state,
        reason=request.reason.strip(),
        data=data,
    )


_STEPS: Mapping[Action, Callable[[Case, Request, datetime, CasePolicy], Change]] = MappingProxyType(
    {
        Action.PERSUADE: _to(State.PERSUADED, needs_reason=False),
        Action.INTERVIEW: _to(State.INTERVIEWED, needs_reason=False),
        Action.ORDER: _order,
        Action.RECTIFY: _to(State.RECTIFIED, needs_reason=True),
        Action.TRANSFER: _transfer,
        Action.ANSWER: _to(State.ANSWERED, needs_reason=True),
        Action.CLOSE: _close,
        Action.REOPEN: _reopen,
        Action.STATEMENT: _statement,
        Action.NOTE: _note,
    }
)
