"""What really was so, unit by unit, as it lies beside the looks of a replay."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from detectors.panel import Bools, Days

GRACE_DAYS = 30
"""An alarm that stands so long after a case ended still is about it."""
HONEST = "honest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What really was so in a unit. `kind` is a detector's kind, or `honest` for a look-alike of class `subtype`."""

    unit_id: str
    kind: str
    start: date
    end: date | None = None
    subtype: str = ""
    disguise: str = ""
    """How well it is hidden, where that is known."""

    @property
    def name(self) -> str:
        """Kind and subtype, as false alarms are counted by."""
        return f"{self.kind}:{self.subtype}" if self.subtype else self.kind


def holding(truths: Iterable[Truth], unit_ids: Sequence[str], days: Days, *, grace_days: int = GRACE_DAYS) -> Bools:
    """(U, T) whether any of the truths holds in the unit on the day, or had ended only lately."""
    place = {unit_id: row for row, unit_id in enumerate(unit_ids)}
    held = np.zeros((len(unit_ids), len(days)), bool)
    for truth in truths:
        if truth.unit_id in place:
            held[place[truth.unit_id]] |= holds(truth, days, grace_days=grace_days)
    return held


def holds(truth: Truth, days: Days, *, grace_days: int = GRACE_DAYS) -> Bools:
    """(T,) whether it was so on the day, or had ended only lately."""
    began = days >= np.datetime64(truth.start)
    if truth.end is None:
        return np.asarray(began)
    return np.asarray(began & (days <= np.datetime64(truth.end + timedelta(days=grace_days))))
