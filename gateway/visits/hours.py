"""The hours in which somebody is likely to open."""

from __future__ import annotations

from collections.abc import Sequence

FIRST_HOUR, LAST_HOUR = 9, 21
"""Nobody is visited before nine or after nine."""
WINDOW_HOURS = 2
WINDOWS = 2
FALLBACK = ((18, 20),)
"""After work and before bedtime, for homes whose use is not known."""
_LEAST_SHARE = 0.5
_LEAST_KWH = 0.5
"""A day's electricity above the home's base below which it tells of appliances, not of people."""

Window = tuple[int, int]


def best_hours(passages: Sequence[float], electricity_kwh: Sequence[float]) -> tuple[Window, ...]:
    """The two-hour windows in which the home is used most, the best first: at most two, never overlapping.

    Both arguments have a figure for each local hour 0 to 23: passages, and the kWh of an average day. A door speaks
    of people, so where it does its hours count twice; electricity counts only above the home's own base. The second
    window must be half as good as the first.
    """
    use = [
        2 * door + meter for door, meter in zip(_shares(passages), _shares(_above_base(electricity_kwh)), strict=True)
    ]
    starts = range(FIRST_HOUR, LAST_HOUR - WINDOW_HOURS + 1)
    ranked = sorted(starts, key=lambda hour: (-_of(use, hour), -hour))
    if _of(use, ranked[0]) <= 0:
        return FALLBACK
    enough = _of(use, ranked[0]) * _LEAST_SHARE
    chosen: list[int] = []
    for hour in ranked:
        apart = all(abs(hour - other) >= WINDOW_HOURS for other in chosen)
        if apart and len(chosen) < WINDOWS and _of(use, hour) >= enough:
            chosen.append(hour)
    return tuple((hour, hour + WINDOW_HOURS) for hour in chosen)


def _of(use: Sequence[float], hour: int) -> float:
    return sum(use[hour : hour + WINDOW_HOURS])


def _above_base(figures: Sequence[float]) -> list[float]:
    known = [figure for figure in figures if figure > 0]
    base = min(known, default=0.0)
    above = [max(figure - base, 0.0) for figure in figures]
    return above if sum(above) >= _LEAST_KWH else [0.0] * len(above)


def _shares(figures: Sequence[float]) -> list[float]:
    total = sum(figures)
    return [figure / total if total > 0 else 0.0 for figure in figures]
