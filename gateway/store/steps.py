"""Lines of a history, of alerts and of cases alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from gateway.alerts.model import Change as AlertChange
from gateway.cases.model import Change as CaseChange


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """One line of a history. `seq` grows in the order of commits over all alerts, or over all cases."""

    seq: int
    at: datetime
    actor: str
    action: str
    from_state: str | None
    to_state: str
    reason: str
    data: Mapping[str, Any]


def step_columns(change: AlertChange | CaseChange, *, at: datetime, to_state: str) -> dict[str, object]:
    """What is stored of a change beside whose it is."""
    return {
        "at": at,
        "actor": change.actor,
        "action": change.action.value,
        "from_state": change.from_state,
        "to_state": to_state,
        "reason": change.reason,
        "data": Jsonb(dict(change.data)),
    }
