"""A case of the ledger and a change of it, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from detectors.findings import Evidence, Kind, Level
from gateway.alerts.model import Alert


class State(StrEnum):
    """States of a case, after Shanghai 沪房保障〔2024〕45号 (contract, section 4)."""

    FOUND = "found"
    PERSUADED = "persuaded"
    INTERVIEWED = "interviewed"
    RECTIFICATION_ORDERED = "rectification_ordered"
    RECTIFIED = "rectified"
    TRANSFERRED = "transferred"
    ANSWERED = "answered"
    CLOSED = "closed"


CASE_KINDS = frozenset({Kind.VACANCY, Kind.SUBLET, Kind.MISUSE})
"""What breaks the rules of the tenancy; help, leaks and devices are no cases."""


class Action(StrEnum):
    """What a person may do to a case. `statement` takes down the tenant's own answer (申辩)."""

    PERSUADE = "persuade"
    INTERVIEW = "interview"
    ORDER = "order"
    RECTIFY = "rectify"
    TRANSFER = "transfer"
    ANSWER = "answer"
    CLOSE = "close"
    REOPEN = "reopen"
    STATEMENT = "statement"
    NOTE = "note"


class Event(StrEnum):
    """What happens to a case because of something else."""

    OPENED = "opened"
    JOINED = "joined"
    DOUBTED = "doubted"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """An alert as it stood when it led to the case; kept, whatever becomes of the alert and its data."""

    alert_id: int
    kind: Kind
    subtype: str | None
    level: Level
    since: date
    probability: float
    facts: tuple[Evidence, ...]

    @classmethod
    def of(cls, alert: Alert) -> Ground:
        """What is kept of an alert."""
        return cls(
            alert_id=alert.alert_id,
            kind=alert.kind,
            subtype=alert.subtype,
            level=alert.level,
            since=alert.since,
            probability=alert.probability,
            facts=alert.evidence,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What opens a case or adds to it: a confirmed alert, or a visit with the alerts that it was made for.

    `found` says more of the finding for the history: visit, outcome, inspector.
    """

    kind: Kind
    estate_id: str
    unit_id: str
    alerts: tuple[Alert, ...]
    actor: str
    reason: str
    visit_id: int | None = None
    found: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One household's breach, from finding to striking off. `case_id` is 0 until the store has numbered it.

    `due` is the last day of the order to rectify. `closed_from` is the state before closing, to which reopening
    leads back. `statement` is what the tenant said last.
    """

    case_id: int = 0
    kind: Kind
    subtype: str | None
    state: State
    estate_id: str
    unit_id: str
    visit_id: int | None
    alert_ids: tuple[int, ...]
    grounds: tuple[Ground, ...]
    opened_at: datetime
    updated_at: datetime
    due: date | None = None
    closed_from: State | None = None
    statement: str = ""
    statement_at: datetime | None = None

    def is_overdue(self, today: date) -> bool:
        """Whether the order's last day is past and nothing has come of it. `today` is the estate's."""
        return self.state is State.RECTIFICATION_ORDERED and self.due is not None and self.due < today


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """A case given to another body: to whom, and under which reference (文号) it goes, if any."""

    body: str
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """`case` as it stands afterwards, and how it got there.

    `reason` is a person's words, or a code of the catalogue (`because.<code>`) where something else caused it.
    """

    case: Case
    action: Action | Event
    actor: str
    from_state: State | None
    reason: str = ""
    data: Mapping[str, str | int] = field(default_factory=dict)
    handover: Handover | None = None
