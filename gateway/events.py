"""What devices say, once understood: frozen values with aware, absolute times.

Times are whole microseconds since 1970-01-01T00:00Z (`_us`), which compare, sort and travel to the
database exactly. Registers are in the canonical units of the store: cubic metres and kilowatt-hours.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct


class DeviceKind(StrEnum):
    """Kinds of `devices.csv`."""

    WATER = "water"
    ELECTRICITY = "electricity"
    DOOR = "door"


class DoorEventKind(StrEnum):
    """Kinds of a door event in the native dialect."""

    PASSAGE = "passage"
    DENIED = "denied"
    HELD_OPEN = "held_open"
    FORCED_OPEN = "forced_open"
    TAMPER = "tamper"


class Method(StrEnum):
    """How a door was opened."""

    FACE = "face"
    CARD = "card"
    PIN = "pin"
    QR = "qr"
    ID_CARD = "id_card"
    FINGERPRINT = "fingerprint"
    REMOTE = "remote"
    BUTTON = "button"
    UNKNOWN = "unknown"


class Direction(StrEnum):
    """Which way somebody passed."""

    IN = "in"
    OUT = "out"
    UNKNOWN = "unknown"


class Reading(Struct, frozen=True, gc=False):
    """A meter's cumulative dial value at one time. `register` is in m³ (water) or kWh (electricity)."""

    device_id: str
    kind: DeviceKind
    ts_us: int
    register: float
    battery: float | None = None
    rssi: float | None = None
    flags: tuple[str, ...] | None = None
    """What the device says is the matter with it (`gateway.codecs.flags`); None: it does not tell."""


class DoorEvent(Struct, frozen=True, gc=False):
    """Something that happened at a door. Ids are pseudonyms; no image and no template ever gets here."""

    device_id: str
    ts_us: int
    event_id: str
    kind: DoorEventKind
    method: Method
    direction: Direction
    person_id: str | None = None
    stranger_id: str | None = None
    unit_id: str | None = None
    similarity: float | None = None


class Status(Struct, frozen=True, gc=False):
    """A device says that it is online, or its last will says that it is not."""

    device_id: str
    ts_us: int | None
    online: bool
    firmware: str | None = None


class Condition(Struct, frozen=True, gc=False):
    """A device tells its battery, in percent, or its flags beside its readings; it does not say that it is online."""

    device_id: str
    ts_us: int
    battery: float | None = None
    flags: tuple[str, ...] | None = None


Event: TypeAlias = Reading | DoorEvent | Status | Condition
