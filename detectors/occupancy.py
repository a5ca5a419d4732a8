"""The state of a unit as the housing list shows it: occupied, away, vacant or unknown, and since when.

Vacant: the vacancy clock has run out (whatever the reason), or the unit has no lease and nobody is there. Away: a run
of at least two days with nobody there. Unknown: nothing heard lately, or nothing clear.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detectors.absence import absence
from detectors.panel import Bools, Days, Panel
from detectors.policy import Policy
from detectors.presence import presence
from detectors.stats import Indexes, any_day, count, last_true

OCCUPIED, AWAY, VACANT, UNKNOWN = "occupied", "away", "vacant", "unknown"
AWAY_DAYS, GAP_DAYS = 2, 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Occupancy:
    """States of U units on the day judged."""

    state: tuple[str, ...]
    """(U,) `occupied`, `away`, `vacant` or `unknown`."""
    since: Days
    """(U,) first day of the state within the panel; NaT where unknown."""


def occupancy(panel: Panel, policy: Policy | None = None) -> Occupancy:
    """Who is home, as far as the devices can say."""
    rules = policy or Policy()
    there = presence(panel, rules)
    away = absence(panel, there, rules)
    heard = any_day(there.known[:, -rules.stale_days :])
    idle = count(there.absent & away.run)
    gone = heard & (idle >= AWAY_DAYS)
    unleased = ~panel.leased[:, -1]
    vacant = gone & (unleased | (idle >= rules.vacancy_clock_days))
    occupied = heard & ~gone & any_day(there.present)
    state = np.select([vacant, gone, occupied], [VACANT, AWAY, OCCUPIED], UNKNOWN)
    return Occupancy(state=tuple(state.tolist()), since=_since(panel, gone, occupied, away.start, there.present))


def _since(panel: Panel, gone: Bools, occupied: Bools, start: Indexes, present: Bools) -> Days:
    """A home is occupied since the first presence after the last absence that was long enough to be one."""
    back = _back(present)
    index = np.where(gone, start, np.where(occupied, back, 0))
    since = panel.days[np.minimum(index, len(panel.days) - 1)]
    return np.where(gone | occupied, since, np.datetime64("NaT"))


def _back(present: Bools) -> Indexes:
    """(U,) index of the first day of presence after the last gap of a week without any."""
    length = present.shape[1]
    index = np.where(present, np.arange(length)[None, :], -1)
    latest = np.maximum.accumulate(index, axis=1)
    before = np.concatenate([np.full((len(present), 1), -1), latest[:, :-1]], axis=1)
    returned = present & ((np.arange(length)[None, :] - before > GAP_DAYS) | (before < 0))
    return np.maximum(last_true(returned), 0)
