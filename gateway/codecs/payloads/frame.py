"""What goes into a payload decoder and what comes out of it."""

from __future__ import annotations

from datetime import tzinfo
from typing import NamedTuple


class Frame(NamedTuple):
    """The bytes of one uplink. `heard_us` is when the network heard it, `zone` the meter's estate's."""

    data: bytes
    port: int | None
    heard_us: int
    zone: tzinfo


class Contents(NamedTuple):
    """What the bytes say of a water meter: (time in microseconds, m³), each time once."""

    readings: tuple[tuple[int, float], ...]
    battery: float | None = None
    passed_over: str | None = None
    flags: tuple[str, ...] | None = None
