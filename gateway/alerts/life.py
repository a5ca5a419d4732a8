"""How an alert lives: findings merge into it, people act on it, and it ends when the pattern is gone.

The merging rule, in order:

1. No alert, or one that ended: a new one opens. A dismissed one keeps its pattern quiet until its pause is over,
   unless the finding is of a higher level than the one that was dismissed.
2. A finding for a day before the alert's last one changes nothing: runs for the past do not undo the present.
3. The level rises at once and does not fall while the alert lives. A rise wakes a muted alert.
4. A muted alert (acknowledged, snoozed) whose date has passed opens again.
5. A new subtype is told. Everything else (probability, evidence, an earlier first day) is refreshed silently.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType

from detectors.findings import Finding, Kind, Level
from gateway.alerts.model import ENDED, MUTED, Action, Alert, Change, Event, State, Subject
from gateway.errors import RefusedError

DETECTION = "detection"

_GONE_DAYS = MappingProxyType(
    {Kind.VACANCY: 3, Kind.SUBLET: 7, Kind.MISUSE: 3, Kind.CARE: 1, Kind.LEAK: 2, Kind.DEVICE: 1}
)
_ZONES_APART = timedelta(days=1)
"""An office in another zone may still write yesterday."""
_UNVISITED = frozenset({State.OPEN, State.ACKNOWLEDGED, State.SNOOZED})
_FROM: Mapping[Action, frozenset[State]] = MappingProxyType(
    {
        Action.ACKNOWLEDGE: _UNVISITED,
        Action.SNOOZE: _UNVISITED,
        Action.DISPATCH: _UNVISITED,
        Action.DISMISS: _UNVISITED | {State.DISPATCHED},
        Action.CONFIRM: _UNVISITED | {State.DISPATCHED},
        Action.REOPEN: frozenset(State) - {State.OPEN},
        Action.NOTE: frozenset(State),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LifePolicy:
    """How patient the rules are. `gone_days`: judged days without the pattern before an alert ends by itself."""

    acknowledge_days: int = 14
    mute_days_max: int = 90
    dismissed_days: int = 28
    gone_days: Mapping[Kind, int] = field(default_factory=lambda: _GONE_DAYS)


DEFAULT_POLICY = LifePolicy()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a person asks for. `until` belongs to acknowledge and snooze, `day` and `inspector` to dispatch."""

    action: Action
    actor: str
    reason: str = ""
    until: date | None = None
    day: date | None = None
    inspector: str = ""


class ActionRefusedError(RefusedError):
    """The action may not be taken; `code` names the reason in the catalogue (`refused.<code>`).

    `about` is the field of the request that is at fault, or None where the alert's state forbids the action.
    """

    def __init__(self, code: str, message: str, *, about: str | None = None, **facts: str | int) -> None:
        super().__init__(message)
        self.code = code
        self.about = about
        self.facts = facts


def merge(alert: Alert | None, finding: Finding, *, subject: Subject, as_of: date, now: datetime) -> Change | None:
    """Merge what was found on `as_of` into the subject's latest alert of the kind; None where nothing changes.

    `now` is aware and in the estate's zone: its date is today.
    """
    if alert is None or _opens_anew(alert, finding, now.date()):
        return _opened(finding, subject, as_of, now)
    if alert.state in ENDED or as_of < alert.last_found_on:
        return None
    found = _refreshed(alert, finding, as_of)
    if found.level is not alert.level:
        return _told(alert, _awake(found), Event.RAISED, "level_rose", now)
    if _is_over(alert, now.date()):
        return _told(alert, _awake(found), Event.REOPENED, "until_passed", now)
    if found.subtype != alert.subtype:
        return _told(alert, found, Event.UPDATED, "subtype_changed", now)
    return None if found == alert else _quiet(alert, found)


def wake(alert: Alert, *, now: datetime) -> Change | None:
    """Open a muted alert again when its date has passed, found again or not."""
    if not _is_over(alert, now.date()):
        return None
    return _told(alert, _awake(alert), Event.REOPENED, "until_passed", now)


def vanish(alert: Alert, *, as_of: date, now: datetime, policy: LifePolicy = DEFAULT_POLICY) -> Change | None:
    """End an alert whose pattern a judged day `as_of` no longer shows; None while it may only be a pause.

    Dispatched and confirmed alerts stay: somebody is on the way, or a person has decided.
    """
    if not ends_by_itself(alert) or not has_gone(alert.kind, alert.last_found_on, as_of, policy):
        return None
    ended = replace(alert, state=State.RESOLVED, until=None)
    return _told(alert, ended, Event.RESOLVED, "no_longer_raised" if alert.is_raised else "pattern_gone", now)


def has_gone(kind: Kind, last_found_on: date, as_of: date, policy: LifePolicy = DEFAULT_POLICY) -> bool:
    """Whether a pattern that a judged day does not show has been away for long enough."""
    return (as_of - last_found_on).days >= policy.gone_days[kind]


def ends_by_itself(alert: Alert) -> bool:
    """Whether an alert ends when its pattern is gone: not where somebody is on the way, or a person has decided."""
    return alert.state in _UNVISITED


def conclude(alert: Alert, *, settled: bool, actor: str, now: datetime, policy: LifePolicy = DEFAULT_POLICY) -> Change:
    """End a confirmed alert whose case was struck off: settled, or given up, which is as good as dismissed."""
    state, action = (State.RESOLVED, Event.RESOLVED) if settled else (State.DISMISSED, Action.DISMISS)
    until = None if settled else now.date() + timedelta(days=policy.dismissed_days)
    ended = replace(alert, state=state, until=until, updated_at=now)
    return Change(alert=ended, action=action, actor=actor, from_state=alert.state, reason="case_closed")


def apply(alert: Alert, request: Request, *, now: datetime, policy: LifePolicy = DEFAULT_POLICY) -> Change:
    """Do what a person asks. `now` is aware and in the estate's zone.

    Raises:
        ActionRefusedError: the alert's state forbids it, or a reason or date is missing or out of range.
    """
    if alert.state not in _FROM[request.action]:
        raise ActionRefusedError(
            "state",
            f"an alert that is {alert.state} cannot take the action {request.action}",
            state=alert.state.value,
            action=request.action.value,
        )
    return _STEPS[request.action](alert, request, now, policy)


def refuse_past(day: date, now: datetime) -> None:
    """Refuse a visit on a day that has passed.

    Raises:
        ActionRefusedError: about the field `date`.
    """
    if day < now.date() - _ZONES_APART:
        raise ActionRefusedError("date_past", f"a visit on {day} cannot be made any more", about="date")


def _opens_anew(alert: Alert, finding: Finding, today: date) -> bool:
    if alert.state is State.DISMISSED:
        quiet = alert.until is not None and today <= alert.until
        return not quiet or _rank(finding.level) > _rank(alert.level)
    return alert.state is State.RESOLVED


def _opened(finding: Finding, subject: Subject, as_of: date, now: datetime) -> Change:
    alert = Alert(
        kind=finding.kind,
        subtype=finding.subtype,
        level=finding.level,
        state=State.OPEN,
        subject=subject,
        since=finding.since,
        probability=finding.probability,
        evidence=finding.evidence,
        opened_at=now,
        updated_at=now,
        last_found_on=as_of,
        clears=finding.clears,
    )
    return Change(alert=alert, action=Event.OPENED, actor=DETECTION, from_state=None, reason="found")


def _refreshed(alert: Alert, finding: Finding, as_of: date) -> Alert:
    return replace(
        alert,
        level=max(alert.level, finding.level, key=_rank),
        subtype=finding.subtype or alert.subtype,
        since=min(alert.since, finding.since),
        probability=finding.probability,
        evidence=finding.evidence,
        clears=finding.clears,
        last_found_on=as_of,
    )


def _rank(level: Level) -> int:
    return (Level.YELLOW, Level.RED).index(level)


def _is_over(alert: Alert, today: date) -> bool:
    return alert.state in MUTED and alert.until is not None and today > alert.until


def _awake(alert: Alert) -> Alert:
    return replace(alert, state=State.OPEN, until=None) if alert.state in MUTED else alert


def _told(before: Alert, after: Alert, event: Event, reason: str, now: datetime) -> Change:
    after = replace(after, updated_at=now)
    return Change(alert=after, action=event, actor=DETECTION, from_state=before.state, reason=reason)


def _quiet(before: Alert, after: Alert) -> Change:
    return Change(alert=after, action=Event.UPDATED, actor=DETECTION, from_state=before.state, told=False)


def _acknowledge(alert: Alert, request: Request, now: datetime, policy: LifePolicy) -> Change:
    until = request.until or now.date() + timedelta(days=policy.acknowledge_days)
    return _muted(alert, replace(alert, state=State.ACKNOWLEDGED, until=until), request, now, policy)


def _snooze(alert: Alert, request: Request, now: datetime, policy: LifePolicy) -> Change:
    if request.until is None:
        raise ActionRefusedError("until_missing", "snoozing needs a date until which", about="until")
    return _muted(alert, replace(alert, state=State.SNOOZED, until=request.until), request, now, policy)


def _muted(alert: Alert, after: Alert, request: Request, now: datetime, policy: LifePolicy) -> Change:
    until, days = after.until or date.min, policy.mute_days_max
    if until <= now.date():
        raise ActionRefusedError("until_past", f"until {until} does not lie ahead", about="until")
    if until > now.date() + timedelta(days=days):
        raise ActionRefusedError("until_far", f"until {until} is more than {days} days ahead", about="until", days=days)
    return _acted(after, alert, request, now, until=until.isoformat())


def _dispatch(alert: Alert, request: Request, now: datetime, policy: LifePolicy) -> Change:
    del policy
    day = request.day or now.date()
    refuse_past(day, now)
    after = replace(alert, state=State.DISPATCHED, until=None)
    return _acted(after, alert, request, now, date=day.isoformat(), inspector=request.inspector)


def _dismiss(alert: Alert, request: Request, now: datetime, policy: LifePolicy) -> Change:
    _require_reason(request)
    quiet_until = now.date() + timedelta(days=policy.dismissed_days)
    return _acted(replace(alert, state=State.DISMISSED, until=quiet_until), alert, request, now)


def _confirm(alert: Alert, request: Request, now: datetime, policy: LifePolicy) -> Change:
    del policy
    _require_reason(request)
    return _acted(replace(alert, state=State.CONFIRMED, until=None), alert, request, now)


def _reopen(alert: Alert, request: Request, now: datetime, policy: LifePolicy) -> Change:
    del policy
    return _acted(replace(alert, state=State.OPEN, until=None), alert, request, now)


def _note(alert: Alert, request: Request, now: datetime, policy: LifePolicy) -> Change:
    del policy
    _require_reason(request)
    return _acted(alert, alert, request, now)


def _require_reason(request: Request) -> None:
    if not request.reason.strip():
        raise ActionRefusedError(
            "reason_missing", f"the action {request.action} needs a reason", about="reason", action=request.action.value
        )


def _acted(after: Alert, before: Alert, request: Request, now: datetime, **data: str) -> Change:
    return Change(
        alert=replace(after, updated_at=now),
        action=request.action,
        actor=request.actor,
        from_state=before.state,
        reason=request.reason.strip(),
        data=data,
    )


_STEPS: Mapping[Action, Callable[[Alert, Request, datetime, LifePolicy], Change]] = MappingProxyType(
    {
        Action.ACKNOWLEDGE: _acknowledge,
        Action.SNOOZE: _snooze,
        Action.DISPATCH: _dispatch,
        Action.DISMISS: _dismiss,
        Action.CONFIRM: _confirm,
        Action.REOPEN: _reopen,
        Action.NOTE: _note,
    }
)
