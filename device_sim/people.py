"""The simulated people and homes: who they are, when they stay, what they open doors with, what they own."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import inf
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from device_sim.personas import Persona

Stay: TypeAlias = tuple[float, float]
"""From and until, in local minutes. Outside of all stays a person does not live here."""

ALWAYS: tuple[Stay, ...] = ((-inf, inf),)
_HARDLY = 0.1


class Key(StrEnum):
    """What a person without a known face opens the entrance with."""

    UNIT_CARD = "unit_card"
    OWN_CARD = "own_card"
    PIN = "pin"
    INTERCOM = "intercom"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Resident:
    """Somebody who lives in a unit for some time, whether a list names them or not."""

    persona: Persona
    key: Key
    person_id: str | None
    """The id on the lists and on the door controller; None for somebody whom no list names."""
    enrolled: bool
    """The door controller knows the face."""
    pseudonyms: tuple[str, ...]
    """What the door controller calls the face when it does not know it; two where it splits one face."""
    shift_h: float
    """How much later than others of the kind this person leaves."""
    wake_shift_h: float
    evening: float
    """About normal; high: showers in the evening rather than in the morning."""
    phase: int
    """Where in a rota the person stands."""
    stays: tuple[Stay, ...] = ALWAYS
    new_face_each_stay: bool = False
    """Each stay is another person's, as of guests by the night."""


@dataclass(frozen=True, slots=True)
class Habits:
    """How a group of people who share a home use it."""

    water_gain: float
    electricity_gain: float
    unsteady: float
    """How much the use of water changes from day to day and month to month, about 1."""
    cooks: float
    """Chance that a meal eaten at home is cooked."""
    eats_later_h: float
    """How much later than others this home eats."""
    electric_heater: bool
    heats_ahead: bool
    """The water heater is switched on an hour before a shower and off again; else it is always on."""
    laundry_chance: float
    cooling_from_c: float
    heating_below_c: float
    aircon_w: float


@dataclass(frozen=True, slots=True)
class Group:
    """People who share a home and its habits."""

    habits: Habits
    residents: tuple[Resident, ...]


@dataclass(frozen=True, slots=True)
class Building:
    """What uses power and water in a unit whoever lives there; changes hold from a local minute on."""

    standby_w: float
    fridge_w: float
    power_off_from: float = inf
    """Fridge and standby are off from here on: nobody lives here."""
    idle_from: float = inf
    idle_w: float = 0.0
    """What is left on from `idle_from` instead of fridge and standby."""
    lamp_from: float = inf
    lamp_w: float = 0.0
    """A lamp on a timer, every evening from `lamp_from` on."""
    flow_from: float = inf
    flow_l_per_h: float = 0.0
    """Water that runs by itself from `flow_from` on."""
    until: float = inf
    """From here on all of this is over, and fridge and standby are what they were."""

    def nobody_lives_here(self, minutes: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether the home stands empty at local minutes."""
        return self.since(self.power_off_from, minutes)

    def since(self, begins: float, minutes: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether a change that begins at a local minute holds at others."""
        holds: NDArray[np.bool_] = (minutes >= begins) & (minutes < self.until)
        return holds


@dataclass(frozen=True, slots=True)
class Mishap:
    """What happens to the meter of one kind in a unit.

    A `swap`, a `reset`, `jumps` of the register, a wrong `clock`, or a dial that is near its `end`. In local seconds.
    `amount`: what a new dial, or one near its end, shows at first, how far a reading jumps (steps), how much a clock is
    behind (s).
    """

    kind: str
    what: str
    from_s: int
    until_s: int
    amount: int


@dataclass(frozen=True, slots=True)
class Story:
    """All that happens in one unit. Nothing of it is on a list but what `registry` writes there."""

    index: int
    unit_id: str
    groups: tuple[Group, ...]
    building: Building
    friends: tuple[str, ...]
    """Pseudonyms of those who visit."""
    calls: float = 1.0
    """How many visitors and couriers come, as a multiple of the usual."""
    hardly_called: Stay = (inf, inf)
    """When the home stands empty, and a tenth of the couriers come; visitors find nobody."""
    silent_meters: tuple[tuple[str, Stay], ...] = field(default=())
    """Kind of a meter that is not heard, and when."""
    mishaps: tuple[Mishap, ...] = ()

    @property
    def registered(self) -> bool:
        """Somebody lives here by right, for some time at least."""
        return any(person.person_id for group in self.groups for person in group.residents)

    def couriers_at(self, minute: float) -> float:
        """How many couriers come at a local minute, as a multiple of the usual."""
        begins, ends = self.hardly_called
        return self.calls * (_HARDLY if begins <= minute < ends else 1.0)

    def with_group(self, group: Group) -> Story:
        """The same with more people."""
        return replace(self, groups=(*self.groups, group))


def away(stays: tuple[Stay, ...], leave: float, back: float) -> tuple[Stay, ...]:
    """`stays` without the time from `leave` to `back`."""
    kept: list[Stay] = []
    for start, end in stays:
        if end <= leave or start >= back:
            kept.append((start, end))
            continue
        if start < leave:
            kept.append((start, leave))
        if end > back:
            kept.append((back, end))
    return tuple(kept)


def away_group(group: Group, leave: float, back: float) -> Group:
    """The whole group is away from `leave` to `back`."""
    return replace(group, residents=tuple(replace(r, stays=away(r.stays, leave, back)) for r in group.residents))
