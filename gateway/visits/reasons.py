"""Why a visit is made: its alerts as they stood when it was planned, kept as codes and figures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from gateway.alerts import clearing
from gateway.alerts.evidence import from_columns, to_columns
from gateway.alerts.model import Alert
from gateway.words import section, text
from gateway.words.sentences import clearing_text, line

BY_LOT: Mapping[str, object] = {"code": "exploration"}
"""The visit was drawn by lot, so that the ranking learns about what it would not have chosen."""


def ordered(note: str) -> dict[str, object]:
    """A person ordered the visit, and said why."""
    return {"code": "ordered", "note": note}


def reason_columns(alert: Alert) -> dict[str, object]:
    """One reason as plain values for JSON."""
    return {
        "alert_id": alert.alert_id,
        "kind": alert.kind.value,
        "subtype": alert.subtype,
        "level": alert.level.value,
        "since": alert.since.isoformat(),
        "fact": to_columns(max(alert.evidence, key=lambda item: item.weight)),
        "raised": alert.is_raised,
        "clears": [clearing.to_columns(item) for item in alert.clears],
    }


def reason_text(language: str, reason: Mapping[str, Any]) -> str:
    """A stored reason in one line."""
    if code := reason.get("code"):
        return text(language, f"visit_reason.{code}", note=reason.get("note", ""))
    told = line(
        language,
        kind=reason["kind"],
        subtype=reason["subtype"],
        since=date.fromisoformat(reason["since"]),
        fact=from_columns(reason["fact"]),
    )
    return told + (text(language, "visit_reason.raised") if reason.get("raised") else "")


def ask_texts(language: str, reason: Mapping[str, Any]) -> list[str]:
    """What of all that would clear a stored reason can be asked for on the spot: what lists or a closed tap show."""
    asked = section(language, "clearing_ask")
    clears = [clearing.from_columns(columns) for columns in reason.get("clears", ())]
    return [clearing_text(language, item, section="clearing_ask") for item in clears if item.code in asked]
