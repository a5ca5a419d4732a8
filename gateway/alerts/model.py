"""An alert and a change of it, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from detectors.findings import Clearing, Evidence, Kind, Level
from detectors.taught import RAISED


class State(StrEnum):
    """States of an alert (contract, section 4)."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    DISPATCHED = "dispatched"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    RESOLVED = "resolved"


MUTED = frozenset({State.ACKNOWLEDGED, State.SNOOZED})
ENDED = frozenset({State.DISMISSED, State.RESOLVED})


class Action(StrEnum):
    """What a person may do to an alert."""

    ACKNOWLEDGE = "acknowledge"
    SNOOZE = "snooze"
    DISPATCH = "dispatch"
    DISMISS = "dismiss"
    CONFIRM = "confirm"
    REOPEN = "reopen"
    NOTE = "note"


class Event(StrEnum):
    """What the gateway itself does to an alert."""

    OPENED = "opened"
    RAISED = "raised"
    UPDATED = "updated"
    REOPENED = "reopened"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What an alert is about: a unit, or a device that serves many."""

    estate_id: str
    unit_id: str | None = None
    device_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One suspicion. `alert_id` is 0 until the store has numbered it.

    `until` is the last day that an acknowledged or snoozed alert stays quiet; on a dismissed one, the last day
    on which the same pattern opens no new alert. `clears` is what would make it end, as its last finding told it.
    """

    alert_id: int = 0
    kind: Kind
    subtype: str | None
    level: Level
    state: State
    subject: Subject
    since: date
    probability: float
    evidence: tuple[Evidence, ...]
    opened_at: datetime
    updated_at: datetime
    last_found_on: date
    until: date | None = None
    clears: tuple[Clearing, ...] = ()

    @property
    def is_raised(self) -> bool:
        """Whether only the outcomes of visits raised it to the line; the detector alone would say less."""
        return any(item.code == RAISED for item in self.evidence)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """`alert` as it stands afterwards, and how it got there.

    A change that is not `told` only refreshes figures: no history, no message, no activity.
    `reason` is a person's words, or a code of the catalogue (`reason.<code>`) where the gateway acted.
    """

    alert: Alert
    action: Action | Event
    actor: str
    from_state: State | None
    reason: str = ""
    data: Mapping[str, str | int] = field(default_factory=dict)
    told: bool = True
