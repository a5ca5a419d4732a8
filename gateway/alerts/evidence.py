"""Evidence as it lies in the store: codes and figures, no words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from detectors.findings import Evidence


def to_columns(item: Evidence) -> dict[str, object]:
    """Plain values for JSON; figures come from numpy and may be of its types."""
    return {
        "code": item.code,
        "value": float(item.value),
        "unit": item.unit,
        "baseline": None if item.baseline is None else float(item.baseline),
        "start": item.start.isoformat(),
        "end": item.end.isoformat(),
        "weight": float(item.weight),
    }


def from_columns(columns: Mapping[str, Any]) -> Evidence:
    """What `to_columns` made, read back."""
    return Evidence(
        code=columns["code"],
        value=columns["value"],
        unit=columns["unit"],
        baseline=columns["baseline"],
        start=date.fromisoformat(columns["start"]),
        end=date.fromisoformat(columns["end"]),
        weight=columns["weight"],
    )
