"""How fast messages are taken in, counted into buckets: once a batch, beside the rows that they measure.

A histogram lies in the store as counters, one a bucket that has anything in it, and the sum. `api/telemetry.py`
puts them together again.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gateway.ingest.batch import Batch

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0
_MICRO = 1e6
SUM_PARTS = 1e3
"""Counters are whole numbers, so sums are kept in thousandths: of a year's backfill, too, they stay small enough."""


@dataclass(frozen=True, slots=True)
class Buckets:
    """A histogram by the upper edges of its buckets (seconds, or messages); above the last is one without an end."""

    help: str
    edges: tuple[float, ...]

    def label(self, bucket: int) -> str:
        """The upper edge of a bucket, as Prometheus writes it."""
        return f"{self.edges[bucket]:g}" if bucket < len(self.edges) else "+Inf"


HISTOGRAMS: Mapping[str, Buckets] = {
    "device_lag_seconds": Buckets(
        "From the device's own time of a row to its commit",
        (
            *(0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, _MINUTE, 5 * _MINUTE, 15 * _MINUTE),
            *(_HOUR, 6 * _HOUR, _DAY, 3 * _DAY, 7 * _DAY, 30 * _DAY),
        ),
    ),
    "arrival_lag_seconds": Buckets(
        "From the arrival of a row's message to its commit",
        (0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 1, 3, 10, 30, _MINUTE, 3 * _MINUTE, 10 * _MINUTE),
    ),
    "batch_messages": Buckets("Messages in one transaction", (1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000)),
    "commit_seconds": Buckets(
        "One transaction, from its first statement to its commit",
        (0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 1, 3, 10, 30, _MINUTE),
    ),
}


def measured(batch: Batch, commit_s: float | None, now_us: int | None = None) -> Counter[str]:
    """What a batch adds to the histograms just before its commit; `commit_s` is how long the one before it took.

    Rows count whether they are new or repeats. A device whose clock runs ahead has no lag.
    """
    now_us = time.time_ns() // 1000 if now_us is None else now_us
    arrived = np.array(batch.readings.arrived_us + batch.doors.arrived_us, "i8")
    told = np.array(batch.readings.ts_us + [event.ts_us for event in batch.doors.event], "i8")
    counts = _counted("device_lag_seconds", (now_us - told) / _MICRO)
    counts += _counted("arrival_lag_seconds", (now_us - arrived) / _MICRO)
    counts += _counted("batch_messages", np.array([batch.messages], "f8"))
    return counts + _counted("commit_seconds", np.array([] if commit_s is None else [commit_s], "f8"))


def _counted(name: str, values: NDArray[np.float64]) -> Counter[str]:
    """Count values at or below each edge."""
    histogram = HISTOGRAMS[name]
    values = np.maximum(values, 0.0)
    buckets = np.bincount(np.searchsorted(histogram.edges, values, side="left"))
    counts = Counter({f"{name}.le.{histogram.label(int(at))}": int(buckets[at]) for at in np.flatnonzero(buckets)})
    return counts + Counter({f"{name}.sum": round(float(values.sum()) * SUM_PARTS)})
