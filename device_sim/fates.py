"""Which units something happens in. Cases are spread evenly: each stratum of units gets its share of each fate.

So a world of 200 units always has about its share of cases, and more units never change the fate of the first.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import TypeAlias

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
    ROOM_SUBLET = "room_sublet"
    SHORT_LET = "short_let"
    GROUP_RENTAL = "group_rental"
    OVERSTAY = "overstay"
    WEDGED_DOOR = "wedged_door"
    METER_SWAP = "meter_swap"
    METER_RESET = "meter_reset"
    METER_JUMPS = "meter_jumps"
    CLOCK_WRONG = "clock_wrong"
    METER_ROLLS = "meter_rolls"
    NONE = ""


MISUSE_SHARES = {
    Fate.SUBLET: 0.17,
    Fate.ROOM_SUBLET: 0.08,
    Fate.SHORT_LET: 0.05,
    Fate.GROUP_RENTAL: 0.05,
    Fate.VACANCY: 0.32,
    Fate.LEAK: 0.16,
    Fate.SQUATTING: 0.1,
    Fate.OVERSTAY: 0.07,
}
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
    Fate.WEDGED_DOOR: 0.004,
    Fate.METER_SWAP: 0.003,
    Fate.METER_RESET: 0.003,
    Fate.METER_JUMPS: 0.003,
    Fate.CLOCK_WRONG: 0.003,
    Fate.METER_ROLLS: 0.006,
}
"""Share of all units in which each honest look-alike happens."""


Rates: TypeAlias = tuple[tuple[Fate, float], ...]
"""What happens, and in what share of the units."""


def rates(misuse_rate: float, lookalike_rate: float, own: Rates) -> Rates:
    """Shares of `misuse_rate`, look-alikes `lookalike_rate` times as often as usual, and `own` rates instead."""
    usual = {fate: misuse_rate * share for fate, share in MISUSE_SHARES.items()}
    usual |= {fate: lookalike_rate * rate for fate, rate in LOOKALIKE_RATES.items()}
    return tuple((usual | dict(own)).items())


def fate_of(seed: int, all_rates: Rates, unit_index: int) -> Fate:
    """What happens in a unit."""
    stratum, position = divmod(unit_index, _STRATUM)
    return _stratum(seed, all_rates, stratum)[position]


@cache
def _stratum(seed: int, all_rates: Rates, stratum: int) -> tuple[Fate, ...]:
    phases = dice(seed, Stream.FATE)
    drawn: list[Fate] = []
    for fate, rate in all_rates:
        expected, phase = rate * _STRATUM, phases.random()
        drawn += [fate] * (int(expected * (stratum + 1) + phase) - int(expected * stratum + phase))
    drawn += [Fate.NONE] * (_STRATUM - len(drawn))
    order = dice(seed, Stream.FATE, stratum).order(_STRATUM)
    return tuple(drawn[place] for place in order)
