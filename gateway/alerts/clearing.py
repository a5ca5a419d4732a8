"""What would clear an alert as it lies in the store: codes and figures, no words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from detectors.findings import Clearing


def to_columns(item: Clearing) -> dict[str, object]:
    """Plain values for JSON; figures come from numpy and may be of its types."""
    return {
        "code": item.code,
        "value": float(item.value),
        "unit": item.unit,
        "limit": None if item.limit is None else float(item.limit),
        "limit_unit": item.limit_unit,
        "start": item.start.isoformat(),
        "end": item.end.isoformat(),
    }


def from_columns(columns: Mapping[str, Any]) -> Clearing:
    """What `to_columns` made, read back."""
    return Clearing(
        code=columns["code"],
        value=columns["value"],
        unit=columns["unit"],
        limit=columns["limit"],
        limit_unit=columns["limit_unit"],
        start=date.fromisoformat(columns["start"]),
        end=date.fromisoformat(columns["end"]),
    )
