"""What always runs in a home (fridge, router, standby), and whether it runs on while nobody is there.

A household on a journey leaves the fridge on; in a home that was cleared out nothing is left to run. So the middle one
of the days away is held against the least hour of lived-in days, or against earlier days away where those were lower:
whoever switches the power off on every journey is known by them. Hours from 18:00 to midnight are left out where they
can be, for a lamp on a timer burns then.

Of 18 absences of three days and more in ResidentialEnergyConsumption 17 kept at least 0.8 of the least hour, and one
nothing at all. Misses: a home that is left with the fridge running; a false alarm: a first journey with the power off.
"""

from __future__ import annotations

import numpy as np

from detectors.panel import Bools, Floats, Panel
from detectors.policy import Policy
from detectors.presence import EVENING_HOURS, HOURS_A_DAY, Presence, known_electricity
from detectors.stats import NAN, count, floats, quantile
from detectors.tenancy import tenancy

LOW = 0.1
"""Of the least hours of lived-in days: a machine that ran by night on some of them is no base."""
LEAST_DAYS = 3
LEAST_BASE_KWH = 0.002
"""Two watts: where no more than that ever ran, nothing can be missed. If that is so on earlier days away, too, it is as
on those: the meter may count a boiler only."""


def base_kept(panel: Panel, there: Presence, run: Bools, policy: Policy) -> Floats:
    """(U,) share of what always ran before the run that runs on its absent days; NaN where either is not known."""
    away = run & there.absent
    kept = np.full(len(away), NAN)
    rows = np.flatnonzero(count(away) >= LEAST_DAYS)
    before = ~run[rows]
    kept[rows] = _kept(panel.take(rows), before & there.present[rows], before & there.absent[rows], away[rows], policy)
    return kept


def _kept(panel: Panel, lived_in: Bools, away_before: Bools, away: Bools, policy: Policy) -> Floats:
    hour, days = _mean_hour(panel, policy), tenancy(panel)
    least = _typical(panel.electricity_min_hour_kwh, days & lived_in, LOW, LEAST_DAYS)
    before, now = (_typical(hour, which, 0.5, LEAST_DAYS) for which in (days & away_before, away))
    base = np.fmin(least, before)
    unchanged = np.where(np.isnan(before), NAN, np.float32(1))
    kept = np.where(np.fmax(base, now) < LEAST_BASE_KWH, unchanged, now / np.maximum(base, LEAST_BASE_KWH))
    return floats(np.where(np.isnan(least) | np.isnan(now), NAN, kept))


def _mean_hour(panel: Panel, policy: Policy) -> Floats:
    """(U, D) kilowatt-hours of a mean hour before 18:00, or of the whole day where the evening is not known."""
    kwh, evening = known_electricity(panel, policy), panel.electricity_evening_kwh
    by_day = np.maximum(kwh - evening, 0) / (HOURS_A_DAY - EVENING_HOURS)
    return floats(np.where(np.isnan(evening), kwh / HOURS_A_DAY, by_day))


def _typical(values: Floats, days: Bools, share: float, least_days: int) -> Floats:
    """(U,) the quantile over the days, NaN where too few of them are known."""
    enough = count(days & ~np.isnan(values)) >= least_days
    return np.where(enough, quantile(values, days, share), NAN)
