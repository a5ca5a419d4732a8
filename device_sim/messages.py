"""The native dialect (contract, section 1): topics and payloads of readings, door events and status."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from device_sim.clock import ZONE
from device_sim.doors import NumberedEvent
from device_sim.records import Device

FIRMWARE = "1.4.2"
_ROOT = "estate/v1"


def reading_topic(device: Device) -> str:
    """Where a meter publishes."""
    return f"{_ROOT}/{device.estate_id}/meter/{device.device_id}/reading"


def event_topic(device: Device) -> str:
    """Where a door publishes."""
    return f"{_ROOT}/{device.estate_id}/door/{device.device_id}/event"


def status_topic(device: Device) -> str:
    """Where a device says that it is there; retained."""
    family = "door" if device.kind == "door" else "meter"
    return f"{_ROOT}/{device.estate_id}/{family}/{device.device_id}/status"


def reading(device: Device, ts: str, register: str, seq: int, health: Mapping[str, int]) -> bytes:
    """One reading; `health` holds what the meter says of itself, such as battery and rssi."""
    return _encode({"ts": ts, "register": float(register), "unit": device.dial_unit, "seq": seq, **health})


def reading_batch(device: Device, rows: Iterable[tuple[str, str, int]]) -> bytes:
    """Several readings of a meter: (ts, register, seq)."""
    items = [{"ts": ts, "register": float(register), "seq": seq} for ts, register, seq in rows]
    return _encode({"unit": device.dial_unit, "readings": items})


def event(numbered: NumberedEvent, ts: str) -> bytes:
    """One door event."""
    return _encode(_event(numbered, ts))


def event_batch(rows: Sequence[tuple[NumberedEvent, str]]) -> bytes:
    """Several events of a door."""
    return _encode({"events": [_event(numbered, ts) for numbered, ts in rows]})


def status(now: datetime, *, online: bool) -> bytes:
    """A device says that it is there, or that it goes."""
    ts = now.astimezone(ZONE).isoformat(timespec="seconds")
    return _encode({"ts": ts, "online": online, "firmware": FIRMWARE})


def _event(numbered: NumberedEvent, ts: str) -> dict[str, Any]:
    record = numbered.record
    return {
        "ts": ts,
        "event_id": numbered.event_id,
        "kind": record.kind,
        "method": record.method,
        "direction": record.direction,
        "person_id": record.person_id,
        "stranger_id": record.stranger_id,
        "unit_id": record.unit_id,
        "similarity": record.similarity,
    }


def _encode(content: object) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode()
