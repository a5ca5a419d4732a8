"""The detectors' last word on every unit. A run for a past day does not overwrite a later one."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from datetime import date

import numpy as np
from numpy.typing import NDArray
from psycopg.types.json import Jsonb

from detectors.findings import Verdict
from detectors.occupancy import Occupancy
from detectors.panel import Floats
from detectors.taught import weights_of
from gateway.store.arrays import text_array
from gateway.store.database import Connection
from gateway.store.queries import queries

_SQL = queries("scores")


def write_scores(
    conn: Connection, verdicts: Sequence[tuple[Verdict, Verdict]], unit_ids: Sequence[str], as_of: date
) -> None:
    """Store each detector's probability for each unit, or why there is none, and its own word, uncorrected."""
    told = [one for _, own in verdicts for one in (*own.findings, *own.suspicions)]
    reasons = [[verdict.not_ready.get(unit_id, "") for unit_id in unit_ids] for verdict, _ in verdicts]
    given = {
        "as_of": as_of,
        "kinds": [verdict.kind.value for verdict, _ in verdicts],
        "unit_ids": text_array(unit_ids),
        "probability": _in_a_row(verdict.probability for verdict, _ in verdicts),
        "raw": _in_a_row(own.probability for _, own in verdicts),
        "not_ready": text_array(itertools.chain.from_iterable(reasons)),
        "told_of": [one.unit_id for one in told],
        "told_kinds": [one.kind.value for one in told],
        "facts": [Jsonb({"subtype": one.subtype, "evidence": weights_of(one.evidence)}) for one in told],
    }
    conn.execute(_SQL["write_scores"], given)


def write_states(conn: Connection, occupancy: Occupancy, unit_ids: Sequence[str], as_of: date) -> None:
    """Store whether each unit is lived in, and since when."""
    given = {
        "as_of": as_of,
        "unit_ids": text_array(unit_ids),
        "states": text_array(occupancy.state),
        "since": occupancy.since.astype("datetime64[D]").tolist(),
    }
    conn.execute(_SQL["write_states"], given)


def _in_a_row(columns: Iterable[Floats]) -> NDArray[np.float64]:
    return np.concatenate([column.astype("f8") for column in columns])
