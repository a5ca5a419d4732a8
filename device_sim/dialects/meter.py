"""What speakers of meters have in common: they do without what only doors do."""

from __future__ import annotations

import json
from datetime import datetime
from zlib import crc32

from device_sim.dialects.speaker import Say
from device_sim.doors import NumberedEvent
from device_sim.records import Device


class Meter:
    """A meter that says nothing yet."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self.name = device.device_id
        self.is_water = device.kind == "water"

    def hello(self, now: datetime) -> list[Say]:  # noqa: ARG002 - a speaker's shape, here and below
        """What it says when it has connected."""
        return []

    def will(self) -> Say | None:
        """What the broker says for it when it vanishes."""
        return None

    def event(self, event: NumberedEvent, ts: datetime) -> list[Say]:  # noqa: ARG002
        """It has no door."""
        return []

    def listens(self) -> tuple[str, ...]:
        """Topics that it subscribes to."""
        return ()

    def hear(self, topic: str, payload: bytes, now: datetime) -> list[Say]:  # noqa: ARG002
        """What it answers."""
        return []

    def due(self, now: datetime) -> list[Say]:  # noqa: ARG002
        """What time brings."""
        return []


def family(device: Device, count: int) -> int:
    """Which of so many makes or firmwares a device is: always the same one."""
    return crc32(device.device_id.encode()) % count


def encode(content: object) -> bytes:
    """Write JSON as small devices do."""
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()
