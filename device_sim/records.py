"""Rows of the lists, rows of the truth, and a dwelling: one unit with all that is known and not known about it."""

from __future__ import annotations

from dataclasses import dataclass

from device_sim.people import Stay, Story


@dataclass(frozen=True, slots=True)
class Estate:
    """A housing estate (小区)."""

    estate_id: str
    name: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A flat (套) behind an entrance (单元) of a building."""

    unit_id: str
    estate_id: str
    building: str
    entrance: str
    floor: int
    room: str
    area_m2: float
    tenure: str


@dataclass(frozen=True, slots=True)
class Household:
    """A lease. Days count from 1970-01-01."""

    household_id: str
    unit_id: str
    size: int
    lease_start: int
    lease_end: int | None
    category: str
    care: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom the lists name; property staff belong to no household."""

    person_id: str
    household_id: str
    role: str
    valid_from: int | None
    valid_to: int | None
    face_enrolled: bool


@dataclass(frozen=True, slots=True)
class Device:
    """A meter of a unit, a lock of a unit, or the door controller of an entrance."""

    device_id: str
    estate_id: str
    kind: str
    unit_id: str
    building: str
    entrance: str
    codec: str
    register_digits: int | None
    dial_unit: str
    """Unit in which the meter says its register; empty for doors. Not on the lists."""


@dataclass(frozen=True, slots=True)
class Absence:
    """A household said that it is away. Days count from 1970-01-01, both ends inclusive."""

    household_id: str
    start: int
    end: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class TruthRow:
    """What really happens in a unit. Days count from 1970-01-01; no end: it goes on."""

    unit_id: str
    kind: str
    subtype: str
    start: int
    end: int | None
    disguise: str = ""
    """How well those who misuse the home hide it: plain, careful or registered; empty where nobody hides anything."""


@dataclass(frozen=True, slots=True)
class Dwelling:
    """One unit: what the lists say of it, what happens in it, and the truth."""

    unit: Unit
    households: tuple[Household, ...]
    persons: tuple[Person, ...]
    absences: tuple[Absence, ...]
    devices: tuple[Device, ...]
    story: Story
    truth: tuple[TruthRow, ...] = ()
    dead_door: Stay | None = None
    """The entrance's door controller is dead in this time."""
    wedged_door: Stay | None = None
    """Somebody wedges the entrance open by day in this time."""
