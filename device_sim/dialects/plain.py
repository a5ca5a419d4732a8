"""State topics of a number each, kept by the broker: electricity from Home Assistant, water from an ESPHome counter.

Before the first value, and while its source is away, a state is a word.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from device_sim.dialects.meter import Meter
from device_sim.dialects.speaker import Say, Speaker
from device_sim.records import Device

KINDS = ("electricity", "water")
_LITRES = 1000


def device_id(kind: str, number: int) -> str:
    """An entity's name."""
    return f"{kind}_meter_{number}"


def speaker(device: Device) -> Speaker:
    """The voice of a device that has just been switched on."""
    return _Entity(device)


class _Entity(Meter):
    def hello(self, now: datetime) -> list[Say]:  # noqa: ARG002 - a speaker's shape
        """Nothing is known yet."""
        return [self._say("unknown")]

    def will(self) -> Say | None:
        """Its source is away."""
        return self._say("unavailable")

    def reading(self, ts: datetime, register: Decimal, seq: int) -> list[Say]:  # noqa: ARG002 - a state has neither
        """The state is a number."""
        return [self._say(f"{register * _LITRES:.1f}" if self.is_water else f"{register:.3f}")]

    def _say(self, state: str) -> Say:
        topic = f"{self.name}/sensor/water/state" if self.is_water else f"homeassistant/sensor/{self.name}/state"
        return Say(topic, state.encode(), retain=True)
