"""The run of days with nobody there that reaches the day judged.

A lone day of presence is a visit and does not end the run; a second one within a fortnight does, and so does a week of
which nothing is known. Days that are unclear do not end it; they and visits
take back what other days gained. Declared absences stop the clock, holidays slow it down: journeys of holidays last
for days, yet an empty home stays empty on them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detectors.panel import Bools, Floats, Panel
from detectors.policy import Policy
from detectors.presence import Presence
from detectors.stats import ZERO, Indexes, any_day, count, first_true, floats, from_index, last_true, trailing_sum
from detectors.tenancy import tenancy

CLOSE_DAYS = 4
"""A day of presence with another one in the three days before it is not a lone day."""
HOLIDAY_DAY = 0.5
"""Of a day: what an absent day of holidays counts (judgement; measured in `docs/decisions/0017`)."""
A_DOUBT = 1.0
"""Days that a visit or an unclear day in the run takes off: an empty home is empty without exceptions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """Each unit's run, empty where somebody is there now."""

    run: Bools
    """(U, D) days of the run, from its first absent day to the day judged."""
    start: Indexes
    """(U,) index of the first absent day; D where there is no run."""
    counted: Bools
    """(U, D) absent days of the run for which the clock ticks."""
    counted_days: Floats
    """(U,) how many they are; holidays count in part."""
    effective_days: Floats
    """(U,) the same, less days in doubt."""
    clock_days: Floats
    """(U,) likewise, where days that only one channel supports count less."""
    channels: Floats
    """(U,) channels that say absent on counted days, on average; 0 without a run."""
    never_lived_in: Bools
    """(U,) the tenancy has shown no day of presence at all."""


def absence(panel: Panel, presence: Presence, policy: Policy) -> Absence:
    """The runs of all units that end on the panel's last day."""
    days = tenancy(panel)
    length = panel.shape[1]
    after = from_index(last_true(_ends(presence, policy) | ~days) + 1, length)
    start = first_true(after & presence.absent)
    run = from_index(start, length)
    counted = run & presence.absent & ~panel.declared_absence
    channels = np.where(counted, presence.channels_absent, ZERO)
    part = counted * np.where(panel.holiday, np.float32(HOLIDAY_DAY), np.float32(1))
    alone = policy.vacancy_clock_days / policy.vacancy_one_channel_days
    whole = alone + (1 - alone) * np.clip(channels - 1, 0, 1)
    doubt = A_DOUBT * count(run & presence.known & ~presence.absent)
    return Absence(
        run=run,
        start=start,
        counted=counted,
        counted_days=floats(part.sum(axis=1)),
        effective_days=floats(np.maximum(part.sum(axis=1) - doubt, 0)),
        clock_days=floats(np.maximum((part * whole).sum(axis=1) - doubt, 0)),
        channels=floats(channels.sum(axis=1) / np.maximum(count(counted), 1)),
        never_lived_in=~any_day(presence.present & days),
    )


def _ends(presence: Presence, policy: Policy) -> Bools:
    """Days that end a run: presence that is no visit, and the last day of a week of which nothing is known."""
    present = presence.present
    alone = present & (trailing_sum(present, CLOSE_DAYS) == 1)
    visit = alone & (trailing_sum(alone, policy.visit_every_days) == 1)
    heard = trailing_sum(presence.known, policy.longest_gap_days)
    return np.asarray((present & ~visit) | (heard == 0))
