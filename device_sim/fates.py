"""Which units something happens in. Cases are spread evenly: each stratum of units gets its share of each fate.

So a world of 200 units always has about its share of cases, and more units never change the fate of the first.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache

from device_sim.seeds import Stream, dice

_STRATUM = 50


class Fate(StrEnum):
    """What happens in a unit, if anything."""

    SUBLET = "sublet"
    VACANCY = "vacancy"
    LEAK = "leak"
    SQUATTING = "squatting"
    ELDER_WITH_DAUGHTER = "elder_with_daughter"
    HOSPITAL = "hospital"
    BUSINESS_TRIPS = "business_trips"
    SHIFT_WORKER = "shift_worker"
    WEEKEND_RELATIVES = "weekend_relatives"
    CARER = "carer"
    NO_FACES = "no_faces"
    NEW_MOVE_IN = "new_move_in"
    NEWBORN = "newborn"
    NEW_SPOUSE = "new_spouse"
    DEAD_DOOR = "dead_door"
    METER_OUTAGE = "meter_outage"
    NONE = ""


MISUSE_SHARES = {Fate.SUBLET: 4 / 12, Fate.VACANCY: 4 / 12, Fate.LEAK: 2 / 12, Fate.SQUATTING: 2 / 12}
"""Shares of the cases that the misuse rate stands for."""

LOOKALIKE_RATES = {
    Fate.ELDER_WITH_DAUGHTER: 0.0125,
    Fate.HOSPITAL: 0.0125,
    Fate.BUSINESS_TRIPS: 0.0125,
    Fate.SHIFT_WORKER: 0.0125,
    Fate.WEEKEND_RELATIVES: 0.0125,
    Fate.CARER: 0.0075,
    Fate.NO_FACES: 0.0125,
    Fate.NEW_MOVE_IN: 0.0125,
    Fate.NEWBORN: 0.01,
    Fate.NEW_SPOUSE: 0.01,
    Fate.DEAD_DOOR: 0.005,
    Fate.METER_OUTAGE: 0.005,
}
"""Share of all units in which each honest look-alike happens."""


def fate_of(seed: int, misuse_rate: float, unit_index: int) -> Fate:
    """What happens in a unit."""
    stratum, position = divmod(unit_index, _STRATUM)
    return _stratum(seed, misuse_rate, stratum)[position]


@cache
def _stratum(seed: int, misuse_rate: float, stratum: int) -> tuple[Fate, ...]:
    rates = {fate: misuse_rate * share for fate, share in MISUSE_SHARES.items()} | LOOKALIKE_RATES
    phases = dice(seed, Stream.FATE)
    drawn: list[Fate] = []
    for fate, rate in rates.items():
        expected, phase = rate * _STRATUM, phases.random()
        drawn += [fate] * (int(expected * (stratum + 1) + phase) - int(expected * stratum + phase))
    drawn += [Fate.NONE] * (_STRATUM - len(drawn))
    order = dice(seed, Stream.FATE, stratum).order(_STRATUM)
    return tuple(drawn[place] for place in order)
