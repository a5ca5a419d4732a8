"""Use is a difference of registers, taken with care.

Registers jump for many reasons that are not use. The rules, in order:

- a *spike* (one value above both its neighbours, which agree) and a *dip* (one value below both) are dropped;
- a *roll-over* (from the top tenth of the dial to its bottom tenth, where `register_digits` is known) counts on;
- any other fall is a *reset*: nothing is known of the use across it;
- a rise that no home's pipe or fuse allows is a *jump*: nothing is known of the use across it.

Between two readings the use is spread evenly, and only where they are close enough to say when it happened:
36 hours for a day's figure, three hours for an hour's.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.int64]

HOUR_S = 3600
DAY_S = 86_400
DAY_GAP_S = 36 * HOUR_S
"""Readings further apart bound no day: a meter that reports daily, a little late, still does."""
HOUR_GAP_S = 3 * HOUR_S
"""Readings further apart bound no hour."""
KNOWN_HOURS_LEAST = 20
"""Hours that must be known before the least and greatest of a day mean anything."""


class Flag(IntFlag):
    """What was noticed about a meter on a day."""

    SPIKE = 1
    DIP = 2
    ROLL_OVER = 4
    RESET = 8
    JUMP = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Commodity:
    """What a kind of meter counts. Rates are per hour in the unit of use (litres or kWh)."""

    per_register: float
    """Units of use in one unit of the register: 1,000 L in a m³, 1 kWh in a kWh."""
    most_per_hour: float
    """No home uses more: a DN20 water meter passes 5 m³/h at most; a three-phase 63 A fuse 41 kW."""
    active_per_hour: float
    """From here on somebody, or something, used it in that hour."""


WATER = Commodity(per_register=1000.0, most_per_hour=5000.0, active_per_hour=1.0)
ELECTRICITY = Commodity(per_register=1.0, most_per_hour=45.0, active_per_hour=0.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Register readings of one meter, ascending in time. `ts_s` seconds since 1970, `register` in m³ or kWh."""

    ts_s: Array
    register: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterDays:
    """A meter's days, (D,) each. NaN: not known. `in_service` is False outside first to last reading."""

    use: Array
    coverage: Array
    hours_known: Indices
    active_hours: Indices
    min_hour: Array
    max_hour: Array
    night: Array
    evening: Array
    flags: Indices
    in_service: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Spans:
    """Stretches between neighbouring readings: start and end (s), use in them (NaN: not known), what was noticed."""

    start_s: Array
    end_s: Array
    use: Array
    flag: Indices


def meter_days(points: Points, midnights_s: Array, commodity: Commodity, register_digits: int | None) -> MeterDays:
    """Work out a meter's days from its registers.

    `midnights_s` (D + 1,) are the local midnights that bound the D days, seconds since 1970; days are 23 to 25
    hours long where clocks change.
    """
    spans = _spans(points, commodity, register_digits)
    use, coverage = _between(spans, midnights_s, DAY_GAP_S)
    hours = _hours(spans, midnights_s)
    count = len(midnights_s) - 1
    first, last = (points.ts_s[0], points.ts_s[-1]) if len(points.ts_s) else (np.inf, -np.inf)
    return MeterDays(
        use=np.where(coverage > 0, use, np.nan),
        coverage=coverage,
        hours_known=np.sum(np.isfinite(hours), axis=1),
        active_hours=np.sum(hours >= commodity.active_per_hour, axis=1),
        min_hour=_where_known(hours, np.fmin),
        max_hour=_where_known(hours, np.fmax),
        night=hours[:, 0:6].sum(axis=1),
        evening=hours[:, 18:24].sum(axis=1),
        flags=_flags(spans, midnights_s, count),
        in_service=(midnights_s[1:] > first) & (midnights_s[:-1] <= last),
    )


def _spans(points: Points, commodity: Commodity, register_digits: int | None) -> _Spans:
    ts_s, register, noticed = _without_outliers(points)
    rise = np.diff(register)
    flag = np.array(noticed[1:], dtype="i8")
    if register_digits is not None:
        dial = 10.0**register_digits
        rolled = (rise < 0) & (register[:-1] > 0.9 * dial) & (register[1:] < 0.1 * dial)
        rise = np.where(rolled, rise + dial, rise)
        flag |= np.where(rolled, Flag.ROLL_OVER, 0)
    use = rise * commodity.per_register
    reset = rise < 0
    jump = use > commodity.most_per_hour * np.maximum(np.diff(ts_s) / HOUR_S, 1 / 12)
    flag |= np.where(reset, Flag.RESET, 0) | np.where(jump, Flag.JUMP, 0)
    return _Spans(ts_s[:-1], ts_s[1:], np.where(reset | jump, np.nan, use), flag)


def _without_outliers(points: Points) -> tuple[Array, Array, Indices]:
    """Drop single values that stand out of an otherwise rising row; notice them at the value that follows."""
    register = points.register
    if len(register) < 3:  # noqa: PLR2004 - an outlier has two neighbours
        return points.ts_s, register, np.zeros(len(register), dtype="i8")
    before, here, after = register[:-2], register[1:-1], register[2:]
    agree = after >= before
    spike = agree & (here > after)
    dip = agree & (here < before)
    out = np.concatenate(([False], spike | dip, [False]))
    kind = np.concatenate(([0], np.where(spike, Flag.SPIKE, np.where(dip, Flag.DIP, 0)), [0]))
    noticed = np.where(out, 0, np.concatenate(([0], kind[:-1])))
    return points.ts_s[~out], register[~out], noticed[~out]


def _between(spans: _Spans, edges_s: Array, longest_gap_s: float) -> tuple[Array, Array]:
    """Give use and covered share between neighbouring edges, each span spread evenly over its time."""
    known = np.isfinite(spans.use) & (spans.end_s - spans.start_s <= longest_gap_s)
    use = _spread(spans, np.where(known, spans.use, 0.0), edges_s)
    covered_s = _spread(spans, np.where(known, spans.end_s - spans.start_s, 0.0), edges_s)
    share = covered_s / np.diff(edges_s)
    return use, np.where(share > 1e-6, np.clip(share, 0.0, 1.0), 0.0)  # noqa: PLR2004 - rounding, not coverage


def _spread(spans: _Spans, amount: Array, edges_s: Array) -> Array:
    if not len(amount):
        return np.zeros(len(edges_s) - 1)
    total = np.concatenate(([0.0], np.cumsum(amount)))
    at = np.concatenate((spans.start_s[:1], spans.end_s))
    return np.diff(np.interp(edges_s, at, total))


def _hours(spans: _Spans, midnights_s: Array) -> Array:
    """Give use of each local hour, (D, 24), NaN where readings do not bound the whole hour."""
    starts = midnights_s[:-1, None] + np.arange(25) * HOUR_S
    edges = starts.ravel()
    use, coverage = _between(spans, np.unique(edges), HOUR_GAP_S)
    at = np.searchsorted(np.unique(edges), starts[:, :24])
    return np.where(coverage[at] >= 1 - 1e-6, use[at], np.nan)


def _where_known(hours: Array, reduce: np.ufunc) -> Array:
    enough = np.sum(np.isfinite(hours), axis=1) >= KNOWN_HOURS_LEAST
    return np.where(enough, reduce.reduce(hours, axis=1), np.nan)


def _flags(spans: _Spans, midnights_s: Array, count: int) -> Indices:
    flags = np.zeros(count, dtype="i8")
    seen = spans.flag != 0
    day = np.searchsorted(midnights_s, spans.end_s[seen], side="left") - 1
    inside = (day >= 0) & (day < count)
    np.bitwise_or.at(flags, day[inside], spans.flag[seen][inside])
    return flags
