"""A stuck meter is not an empty home.

A register that does not move is what an empty home shows, so no meter alone is ever called stuck. An electricity meter
is, on days on which its register stands still to the last digit, where

- it moved on every known day of the two weeks before (at least ten of them): even an empty home's refrigerator and
  router move it, so it is not a home whose main switch is usually off;
- and on at least three days of the standstill, and on half of those that are known, somebody drew water: 20 litres or
  more, in some hours and not in all. Water that runs round the clock is a leak, which an empty home has too.

It may as well be without power; the word for people says both. A water meter is never called stuck: nothing that an
electricity meter shows tells a home without people from one whose water meter stopped.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

MOVED_DAYS = 14
MOVED_DAYS_KNOWN = 10
LIVED_DAYS = 3
DRAWN_L = 20.0
MOST_HOURS = 20
"""Water in more hours of the day than this is not drawn: it leaks."""
WHOLE = 0.99
LOOK_BACK_DAYS = 60
"""How far before a day the beginning of a standstill is looked for; one that began earlier is not seen."""


def stuck_days(
    *, electricity_kwh: Floats, electricity_coverage: Floats, water_l: Floats, water_hours: Floats
) -> NDArray[np.bool_]:
    """Tell on which of a unit's days, (D,) without gaps, its electricity meter is stuck. NaN: not known."""
    still = (electricity_coverage >= WHOLE) & (electricity_kwh == 0)
    lived = (water_l >= DRAWN_L) & (water_hours >= 1) & (water_hours <= MOST_HOURS)
    known = np.isfinite(water_l) & np.isfinite(water_hours)
    stuck = np.zeros(len(still), dtype=bool)
    edges = np.flatnonzero(np.diff(np.concatenate(([False], still, [False]))))
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        before = electricity_kwh[max(first - MOVED_DAYS, 0) : first]
        moved = np.sum(before > 0) >= MOVED_DAYS_KNOWN and not np.any(before == 0)
        days = np.sum(lived[first:end])
        stuck[first:end] = moved and days >= LIVED_DAYS and 2 * days >= np.sum(known[first:end])
    return stuck
