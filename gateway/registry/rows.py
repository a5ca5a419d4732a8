"""The lists as typed rows, one class a list (contract, section 2). People are ids and nothing else.

Dates are inclusive at both ends; None is open. Empty text stays empty text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gateway.events import DeviceKind


class ListName(StrEnum):
    """The lists, in the order in which each refers only to those before it."""

    ESTATES = "estates"
    UNITS = "units"
    HOUSEHOLDS = "households"
    PERSONS = "persons"
    DEVICES = "devices"
    ABSENCES = "absences"


class Tenure(StrEnum):
    """What the operator says about a unit; only `leased` ones should be lived in."""

    LEASED = "leased"
    VACANT = "vacant"
    HELD = "held"
    REPAIR = "repair"


class Care(StrEnum):
    """Who needs somebody to look after them."""

    NONE = ""
    LONE_ELDER = "lone_elder"


class Role(StrEnum):
    """Why a person may pass; tenants and members live in the unit."""

    TENANT = "tenant"
    MEMBER = "member"
    CAREGIVER = "caregiver"
    VISITOR = "visitor"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Estate:
    """A housing estate (小区); its days are counted in `timezone`, an IANA name."""

    estate_id: str
    name: str
    timezone: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A home (套) behind an entrance (单元) of a building."""

    unit_id: str
    estate_id: str
    building: str
    entrance: str
    floor: int | None
    room: str
    area_m2: float | None
    tenure: Tenure


@dataclass(frozen=True, slots=True)
class Household:
    """Who leases a unit, and when. `size` counts the registered people."""

    household_id: str
    unit_id: str
    size: int | None
    lease_start: date | None
    lease_end: date | None
    category: str
    care: Care


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom the door controllers know by id; `household_id` is None for staff and other helpers."""

    person_id: str
    household_id: str | None
    role: Role
    valid_from: date | None
    valid_to: date | None
    face_enrolled: bool


@dataclass(frozen=True, slots=True)
class Device:
    """A meter or a door controller. `unit_id` is None for a shared door; `device_id` is what the device sends."""

    device_id: str
    estate_id: str
    kind: DeviceKind
    unit_id: str | None
    building: str
    entrance: str
    codec: str
    register_digits: int | None


@dataclass(frozen=True, slots=True)
class Absence:
    """A household said that it is away. An open start is `date.min`, for the start is part of the key."""

    household_id: str
    start: date
    end: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class Lists:
    """All lists, or what an import gives of them."""

    estates: tuple[Estate, ...] = ()
    units: tuple[Unit, ...] = ()
    households: tuple[Household, ...] = ()
    persons: tuple[Person, ...] = ()
    devices: tuple[Device, ...] = ()
    absences: tuple[Absence, ...] = ()
