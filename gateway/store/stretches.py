"""Stretches: the hours of one device whose rows changed, and how many of them are worked on at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np

from gateway.events import DeviceKind

_HOUR = timedelta(hours=1)
_HOURS_AT_ONCE = 250_000
"""Hours of all devices in a group: what bounds the memory of a refresh, whatever was imported."""
_MARGIN_HOURS = 100
"""What a stretch costs beside its own hours."""
_TOGETHER = timedelta(days=2)
"""Stretches that begin further apart are not asked for in one statement: it reads all between."""


class Stretch(NamedTuple):
    """Hours of a device from `first` up to, not including, `end`, and what is to be known of the device."""

    device_no: int
    kind: DeviceKind
    register_digits: int | None
    timezone: str
    first: datetime
    end: datetime

    @property
    def hours(self) -> int:
        """How many."""
        return (self.end - self.first) // _HOUR


def groups(stretches: Iterable[Stretch]) -> Iterator[list[Stretch]]:
    """Cut stretches, ascending by `first`, into groups that lie together and are not too much at once."""
    group: list[Stretch] = []
    size = 0
    for stretch in stretches:
        cost = stretch.hours + _MARGIN_HOURS
        if group and (size + cost > _HOURS_AT_ONCE or stretch.first - group[0].first > _TOGETHER):
            yield group
            group, size = [], 0
        group.append(stretch)
        size += cost
    if group:
        yield group


def columns(group: Sequence[Stretch]) -> dict[str, Any]:
    """Give `device_no`, `first` and `end` as the columns of a statement."""
    return {
        "device_no": np.array([stretch.device_no for stretch in group], "i4"),
        "firsts": [stretch.first for stretch in group],
        "ends": [stretch.end for stretch in group],
    }


def bounds(group: Sequence[Stretch]) -> dict[str, datetime]:
    """Give the time before and after which no stretch of the group has anything: partitions are left out by it."""
    return {"least": min(stretch.first for stretch in group), "most": max(stretch.end for stretch in group)}
