"""How a device of another make speaks: what it says when, what it listens to, and what it still waits for."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple, Protocol

from device_sim.doors import NumberedEvent
from device_sim.records import Device


class Say(NamedTuple):
    """A message that a device publishes (QoS 1)."""

    topic: str
    payload: bytes
    retain: bool = False


class Speaker(Protocol):
    """One device and its state, for example which records nobody has acknowledged yet. Times are aware."""

    def hello(self, now: datetime) -> list[Say]:
        """What it says when it has connected."""

    def will(self) -> Say | None:
        """What the broker says for it when it vanishes."""

    def reading(self, ts: datetime, register: Decimal, seq: int) -> list[Say]:
        """It has read its dial: the cumulative register in m³ or kWh."""

    def event(self, event: NumberedEvent, ts: datetime) -> list[Say]:
        """Something happened at its door."""

    def listens(self) -> tuple[str, ...]:
        """Topics that it subscribes to."""

    def hear(self, topic: str, payload: bytes, now: datetime) -> list[Say]:
        """Somebody said this on such a topic; what it answers."""

    def due(self, now: datetime) -> list[Say]:
        """What time brings: resends, heartbeats. Called about once a second."""


class Make(Protocol):
    """A module of this package: how the devices of one dialect are called, and how they speak."""

    @property
    def KINDS(self) -> tuple[str, ...]:  # noqa: N802 - a module's constant
        """Kinds of device that speak so: `water`, `electricity`, `door`."""

    def device_id(self, kind: str, number: int) -> str:
        """An id such as these devices send; another one for each number."""

    def speaker(self, device: Device) -> Speaker:
        """The voice of a device that has just been switched on."""
