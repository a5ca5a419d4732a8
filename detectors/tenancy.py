"""Which days belong to the household that lives in the unit now."""

from __future__ import annotations

import numpy as np

from detectors.panel import Bools, Floats, Panel
from detectors.stats import NAN, fill, floats, from_index, last_true


def tenancy(panel: Panel) -> Bools:
    """(U, D) days of the lease that covers the day judged; for a unit without one, the days since the last lease."""
    length = panel.shape[1]
    age = fill(panel.days_since_lease_start[:, -1], float(length))
    began = np.maximum(length - 1 - np.minimum(age, length), 0).astype(np.intp)
    freed = last_true(panel.leased) + 1
    return from_index(np.where(panel.leased[:, -1], began, freed), length)


def lease_age_days(panel: Panel) -> Floats:
    """(U,) age of the lease that covers the day judged, infinite where it is not known; NaN without a lease."""
    age = fill(panel.days_since_lease_start[:, -1], float("inf"))
    return np.where(panel.leased[:, -1], age, NAN)


def days_unleased(panel: Panel) -> Floats:
    """(U,) days in a row without a lease up to the day judged, as far as the panel reaches."""
    return floats(panel.shape[1] - 1 - last_true(panel.leased))
