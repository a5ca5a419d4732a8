"""The detectors' last word on every unit. A run for a past day does not overwrite a later one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from detectors.findings import Verdict
from detectors.occupancy import Occupancy
from detectors.panel import Floats
from gateway.store.database import Connection
from gateway.store.queries import queries

_SQL = queries("scores")


def write_scores(conn: Connection, verdict: Verdict, raw: Floats, unit_ids: Sequence[str], as_of: date) -> None:
    """Store a detector's probability for each unit, or why there is none; `raw` is its own word, uncorrected."""
    given = {
        "kind": verdict.kind.value,
        "as_of": as_of,
        "unit_ids": list(unit_ids),
        "probabilities": verdict.probability.astype(float).tolist(),
        "raw": raw.astype(float).tolist(),
        "not_ready": [verdict.not_ready.get(unit_id) for unit_id in unit_ids],
    }
    conn.execute(_SQL["write_scores"], given)


def write_states(conn: Connection, occupancy: Occupancy, unit_ids: Sequence[str], as_of: date) -> None:
    """Store whether each unit is lived in, and since when."""
    given = {
        "as_of": as_of,
        "unit_ids": list(unit_ids),
        "states": list(occupancy.state),
        "since": occupancy.since.astype("datetime64[D]").tolist(),
    }
    conn.execute(_SQL["write_states"], given)
