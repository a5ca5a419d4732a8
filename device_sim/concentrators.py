"""A building's meters speak through one concentrator, and when it is down none of them is heard.

Most concentrators store what they could not send and send it when they are back; some forget it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from device_sim.clock import DAY_S, HOUR_S, Window
from device_sim.meters import Readings, unheard
from device_sim.seeds import Stream, dice

_PERIOD_DAYS = 40
_CHANCE = 0.25
_HOURS = ((1, 6), (6, 30), (30, 70))
_HOURS_SHARES = (0.6, 0.3, 0.1)
_STORES = 0.7


class Outage(NamedTuple):
    """From and until, in local seconds, and whether what could not be sent is sent afterwards."""

    from_s: int
    until_s: int
    stored: bool


def outages(seed: int, estate: str, building: str, window: Window) -> tuple[Outage, ...]:
    """The outages of a building's concentrator that touch a window."""
    first, last = window.first_day * DAY_S, (window.first_day + window.days) * DAY_S
    periods = range(window.first_day // _PERIOD_DAYS - 1, (window.first_day + window.days) // _PERIOD_DAYS + 1)
    found = (_outage(seed, int(estate[1:]), int(building[1:]), period) for period in periods)
    return tuple(outage for outage in found if outage and outage.until_s > first and outage.from_s < last)


def without(readings: Readings, lost: Iterable[Outage]) -> Readings:
    """The readings without those that a concentrator forgot."""
    for outage in lost:
        if not outage.stored:
            readings = unheard(readings, (outage.from_s / 60, outage.until_s / 60))
    return readings


def sent_at(second: int, late: Iterable[Outage]) -> int:
    """When a reading of a local second is sent: at once, or when its concentrator is back."""
    return max([second, *(outage.until_s for outage in late if outage.from_s <= second < outage.until_s)])


def _outage(seed: int, estate: int, building: int, period: int) -> Outage | None:
    rng = dice(seed, Stream.CONCENTRATOR, estate, building, period)
    if rng.random() >= _CHANCE:
        return None
    begins = period * _PERIOD_DAYS * DAY_S + rng.integers(0, _PERIOD_DAYS * DAY_S)
    hours = rng.uniform(*rng.pick_by_share(_HOURS, _HOURS_SHARES))
    return Outage(begins, begins + int(hours * HOUR_S), rng.random() < _STORES)
