"""The panel: everything the detectors may see, as arrays of unit × day. NaN means unknown, never zero."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
Bools: TypeAlias = NDArray[np.bool_]
Days: TypeAlias = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class Panel:
    """U units over D consecutive days, the last of which is the day judged (`as_of`).

    Figures are NaN where the day is unknown. A coverage is 0 to 1: the share of the day that readings
    bound (meters), or whether any door that serves the unit spoke (doors).
    """

    unit_ids: tuple[str, ...]
    """U ids, in the order of the rows."""
    days: Days
    """(D,) datetime64[D], consecutive, ascending."""

    water_l: Floats
    """(U, D) litres a day."""
    water_coverage: Floats
    """(U, D) 0 to 1."""
    water_hours_known: Floats
    """(U, D) hours of the day whose own use is known, 0 to 24."""
    water_active_hours: Floats
    """(U, D) of the known hours, those with at least 1 litre; NaN where none is known."""
    water_min_hour_l: Floats
    """(U, D) least use of a known hour, litres; NaN where fewer than 20 hours are known."""
    water_max_hour_l: Floats
    """(U, D) greatest use of a known hour, litres; NaN where fewer than 20 hours are known."""
    water_least_flow_l_per_h: Floats
    """(U, D) least use an hour, by readings of up to five hours apart: the least hour where hours are known."""
    water_morning_l: Floats
    """(U, D) use from 06:00 to 12:00 local time; NaN where those hours are not known."""
    water_evening_l: Floats
    """(U, D) use from 18:00 to 24:00 local time; NaN where those hours are not known."""
    water_roughness_l: Floats
    """(U, D) mean difference from one known hour to the next; NaN where fewer than 20 hours are known."""
    electricity_kwh: Floats
    """(U, D) kilowatt-hours a day."""
    electricity_coverage: Floats
    """(U, D) 0 to 1."""
    electricity_hours_known: Floats
    """(U, D) hours of the day whose own use is known, 0 to 24."""
    electricity_min_hour_kwh: Floats
    """(U, D) least use of a known hour; NaN where fewer than 20 hours are known. The standby base."""
    electricity_max_hour_kwh: Floats
    """(U, D) greatest use of a known hour; NaN where fewer than 20 hours are known."""
    electricity_evening_kwh: Floats
    """(U, D) use from 18:00 to 24:00 local time; NaN where those hours are not known."""
    electricity_roughness_kwh: Floats
    """(U, D) mean difference from one known hour to the next; NaN where fewer than 20 hours are known."""
    electricity_peak_hour: Floats
    """(U, D) hours from midnight to that of greatest use; NaN where fewer than 20 are known, or nothing was used."""
    electricity_rhythm_cos: Floats
    """(U, D) when the day is busy: mean of log(1 + kWh / 0.1) over its hours, each counted by the cosine of its time
    (midnight 1, noon -1); NaN where fewer than 20 hours are known."""
    electricity_rhythm_sin: Floats
    """(U, D) the same by the sine (06:00 1, 18:00 -1)."""
    electricity_rhythm_cos2: Floats
    """(U, D) by the cosine of a wave of half a day's length."""
    electricity_rhythm_sin2: Floats
    """(U, D) by its sine."""

    door_coverage: Floats
    """(U, D) 1 where a door that serves the unit spoke on the day, else 0."""
    registered_passages: Floats
    """(U, D) passages of tenants and members of the unit; NaN where the door coverage is 0."""
    registered_persons: Floats
    """(U, D) how many different tenants and members were seen."""
    visitor_passages: Floats
    """(U, D) passages of other listed people: carers, visitors, staff, neighbours."""
    stranger_passages: Floats
    """(U, D) passages of people that no list names; where a shared door names no unit, an expected number."""
    strangers: Floats
    """(U, D) how many different strangers were seen, as an expected number likewise."""
    returning_strangers: Floats
    """(U, D) of these, the strangers also seen for this unit on an earlier day of the 28 before."""
    late_strangers: Floats
    """(U, D) strangers seen for this unit before, whose first day lies four weeks and more into its known past."""
    late_registered_passages: Floats
    """(U, D) of the registered passages, those of tenants and members first seen so late: lately listed people."""
    unnamed_face_passages: Floats
    """(U, D) of the strangers' passages, those by faces that the door gave no pseudonym: whether it was the same one as
    before is not known, and `strangers` does not count them; NaN where it was not kept how the door was opened."""
    unidentified_passages: Floats
    """(U, D) passages by card, code or button that name nobody; where that was not kept, by faces too."""

    tenure_leased: Bools
    """(U,) the unit is leased out; the others should be empty."""
    under_repair: Bools
    """(U,) of the others, those that the list calls under repair: workmen come by day."""
    leased: Bools
    """(U, D) an active lease covers the day."""
    household_size: Floats
    """(U,) registered size of the household of the last lease; NaN where unknown."""
    enrolled_persons: Floats
    """(U, D) tenants and members with an enrolled face whose listing covers the day."""
    declared_absence: Bools
    """(U, D) the household declared that it is away."""
    lone_elder: Bools
    """(U,) the household is listed as a lone elder."""
    days_since_lease_start: Floats
    """(U, D) days since the lease that covers the day began; NaN outside leases."""
    holiday: Bools
    """(D,) public holiday in China, Spring Festival travel days included."""

    @property
    def as_of(self) -> np.datetime64:
        """The day judged: the last of the panel."""
        return np.datetime64(self.days[-1])

    @property
    def shape(self) -> tuple[int, int]:
        """(U, D)."""
        return len(self.unit_ids), len(self.days)

    def until(self, day: np.datetime64) -> Panel:
        """The same panel as it stood at the end of `day`: later days are cut off.

        Raises:
            ValueError: `day` is not in the panel.
        """
        length = int(np.searchsorted(self.days, day)) + 1
        if length > len(self.days) or self.days[length - 1] != day:
            raise ValueError(f"{day} is not a day of this panel")
        cut: dict[str, Any] = {name: getattr(self, name)[..., :length] for name in _BY_DAY}
        return replace(self, **cut)

    def take(self, rows: NDArray[np.intp]) -> Panel:
        """The same panel with only these rows, in their order. What is said of a unit does not depend on the others."""
        chosen: dict[str, Any] = {name: getattr(self, name)[rows] for name in _BY_UNIT}
        return replace(self, unit_ids=tuple(self.unit_ids[row] for row in rows), **chosen)


_PER_UNIT = {"unit_ids", "tenure_leased", "under_repair", "household_size", "lone_elder"}
_BY_DAY = tuple(field.name for field in fields(Panel) if field.name not in _PER_UNIT)
_BY_UNIT = tuple(field.name for field in fields(Panel) if field.name not in {"unit_ids", "days", "holiday"})
