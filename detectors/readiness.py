"""Reasons not to judge a unit. The first that applies is the one given."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detectors.panel import Bools, Panel
from detectors.policy import Policy
from detectors.stats import any_day, count
from detectors.tenancy import lease_age_days, tenancy

Reasons = list[tuple[str, Bools]]


def lease_reasons(panel: Panel, policy: Policy) -> Reasons:
    """For suspicions against a household: there is none, or it has only just come."""
    leased = panel.leased[:, -1]
    young = leased & (np.where(leased, lease_age_days(panel), np.float32(0)) < policy.new_lease_days)
    return [("no_lease", ~leased), ("moved_in_lately", young)]


def data_reasons(panel: Panel, known: Bools, absent_code: str, policy: Policy) -> Reasons:
    """For figures that are missing: never heard, heard too little in this tenancy, or silent lately."""
    days = tenancy(panel)
    return [
        (absent_code, ~any_day(known)),
        ("data_stale", ~any_day(known[:, -policy.stale_days :])),
        ("too_few_days", count(known & days) < policy.least_known_days),
    ]


def first_reason(reasons: Reasons, unit_ids: tuple[str, ...]) -> tuple[Bools, dict[str, str]]:
    """(U,) which units can be judged, and the code of the first reason for each of the others."""
    codes = np.array([code for code, _ in reasons])
    held: NDArray[np.bool_] = np.stack([mask for _, mask in reasons])
    ready = np.asarray(~held.any(axis=0))
    first = codes[np.argmax(held, axis=0)]
    return ready, {unit_ids[row]: str(first[row]) for row in np.flatnonzero(~ready)}
