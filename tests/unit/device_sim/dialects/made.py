"""Devices, records and times for tests of dialects."""

from datetime import datetime, timedelta

from device_sim.clock import ZONE
from device_sim.doors import DoorRecord, NumberedEvent
from device_sim.records import Device

NOW = datetime(2026, 11, 22, 8, 15, tzinfo=ZONE)


def after(seconds):
    return NOW + timedelta(seconds=seconds)


def device(device_id, kind="door", codec="facesluice"):
    return Device(device_id, "e1", kind, "", "1", "1", codec, None, "")


def numbered(kind="passage", method="face", direction="in", number=1, **who):
    record = DoorRecord(0, "d1", kind, method, direction, **who)
    return NumberedEvent(f"d1-{number:04d}", record)
