"""Use is a difference of registers, taken with care.

Registers jump for many reasons that are not use. The rules, in order (docs/ingestion.md has them as a table):

- a *spike* (one value above both its neighbours, which agree) and a *dip* (one value below both) are dropped;
- where two of them stand side by side nobody can say which is wrong (*disorder*): nothing is known around them;
- a *roll-over* (from the top tenth of the dial to its bottom tenth, where `register_digits` is known, by no more than a
  home can use) counts on;
- any other fall is a *reset*: nothing is known of the use across it;
- a rise from a register near zero, or right after a reset, by more than homes use in days is a *preset*: somebody set
  the dial; nothing is known of the use across it;
- a rise that no home's pipe or fuse allows is a *jump*: nothing is known of the use across it.

Between two readings the use is spread evenly, and only where they are close enough to say when it happened:
36 hours for a day's figure, three hours for an hour's.

Every rule looks at neighbours only, so a day depends on its own readings and on the `NEIGHBOURS` before and after it,
however far away they are, and on nothing else: late data change just the days that they reach, and times are whole
microseconds, so that the same readings give the same figures to the last bit, however they were cut into batches.

Many meters are worked out at once: they are laid end to end on one axis of time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]

SECOND_US = 1_000_000
HOUR_US = 3600 * SECOND_US
DAY_GAP_US = 36 * HOUR_US
"""Readings further apart bound no day: a meter that reports daily, a little late, still does."""
HOUR_GAP_US = 3 * HOUR_US
"""Readings further apart bound no hour."""
FLOW_GAP_US = 5 * HOUR_US
"""Readings further apart do not say whether water ever stopped; a meter that is read every four hours does."""
KNOWN_HOURS_LEAST = 20
"""Hours that must be known before the least and greatest of a day mean anything."""
NEIGHBOURS = 4
"""Readings on either side of a day that its figures may depend on.

A stretch of use ends at the next reading that is not dropped (the next or the one after it), and whether that is
dropped shows in the two around it.
"""

_HOURS = 25
"""The most hours that a local day has."""
_ANGLE = 2 * np.pi * (np.arange(24) + 0.5) / 24
_WAVES = np.array([np.cos(_ANGLE), np.sin(_ANGLE), np.cos(2 * _ANGLE), np.sin(2 * _ANGLE)])
"""What an hour counts in the rhythm of its day."""
_LEAST_HOURS = 1 / 12
"""Shorter stretches are judged as five minutes: a clock's jitter makes no jump."""


class Flag(IntFlag):
    """What was noticed about a meter on a day."""

    SPIKE = 1
    DIP = 2
    ROLL_OVER = 4
    RESET = 8
    JUMP = 16
    PRESET = 32
    DISORDER = 64
    """Values that contradict each other side by side: a clock that was set back, or a sensor that flickers."""
    CLOCK = 128
    """Messages whose time was impossible are held in quarantine. Noted by the writer, by day of arrival."""
    ARRIVAL = 256
    """The device's time was impossible and its dialect lets the arrival serve. Noted by the writer."""
    STUCK = 512
    """Still to the last digit while the home lives on (gateway/rollup/stuck.py); seen over many days only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commodity:
    """What a kind of meter counts. Rates are per hour in the unit of use (litres or kWh)."""

    per_register: float
    """Units of use in one unit of the register: 1,000 L in a m³, 1 kWh in a kWh."""
    most_per_hour: float
    """No home uses more: a DN20 water meter passes 5 m³/h at most; a three-phase 63 A fuse 41 kW."""
    active_per_hour: float
    """From here on somebody, or something, used it in that hour."""
    fresh_register: float
    """A dial that shows less was just installed or set to zero."""
    most_fresh: float
    """A fresh dial that rises by more than this (a day) was set, not used."""


WATER = Commodity(per_register=1000.0, most_per_hour=5000.0, active_per_hour=1.0, fresh_register=1.0, most_fresh=2000.0)
ELECTRICITY = Commodity(per_register=1.0, most_per_hour=45.0, active_per_hour=0.1, fresh_register=10.0, most_fresh=50.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """What is to be known of a meter. `register_digits` counts its dial's digits left of the point, if known."""

    commodity: Commodity
    register_digits: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """Register readings, (N,) each: the meter's place in the row of meters, its time (µs since 1970), m³ or kWh.

    Meters ascend; times ascend within a meter.
    """

    meter: Ints
    ts_us: Ints
    register: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The local days to work out, (D,) each: the meter's place and the midnights that bound the day (µs since 1970).

    Meters ascend; days ascend within a meter and do not overlap. They are 23 to 25 hours long where clocks change.
    """

    meter: Ints
    start_us: Ints
    end_us: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterDays:
    """Meters' days, (D,) each. NaN: not known.

    `service_from` and `service_to` are the shares of the day at which the meter's first reading begins and its last
    one ends its service (0 and 1 on all days between); `in_service` is False on days that it does not touch.
    """

    use: Floats
    coverage: Floats
    hours_known: Ints
    active_hours: Ints
    min_hour: Floats
    max_hour: Floats
    least_flow: Floats
    """Least use an hour where stretches of up to `FLOW_GAP_US` count as even: the least hour where hours are known."""
    night: Floats
    morning: Floats
    evening: Floats
    roughness: Floats
    """Mean difference between one known hour and the next; like `min_hour` it wants `KNOWN_HOURS_LEAST` hours."""
    peak_hour: Floats
    """Hours from midnight to the hour of the greatest use, the first of equals; NaN also where nothing was used."""
    rhythm_cos: Floats
    """When the day is busy: the mean of log(1 + use / `active_per_hour`) over its hours, each counted by the cosine of
    its time of day (midnight 1, noon -1), which is a wave of a day's length. An hour that is not known counts as the
    others do on the mean; like `min_hour` it wants `KNOWN_HOURS_LEAST` hours."""
    rhythm_sin: Floats
    """The same by the sine (six in the morning 1, six in the evening -1)."""
    rhythm_cos2: Floats
    """By the cosine of a wave of half a day's length, which turns twice as fast."""
    rhythm_sin2: Floats
    """By its sine."""
    flags: Ints
    service_from: Floats
    service_to: Floats
    in_service: Bools


@dataclass(frozen=True, slots=True)
class _Spans:
    """Stretches between neighbouring readings on the axis: start, end, use (NaN: not known)."""

    start: Ints
    end: Ints
    use: Floats


@dataclass(frozen=True, slots=True)
class _Rises:
    """What the dial did between neighbouring readings; `continues`: the one before it belongs to the same meter."""

    before: Floats
    after: Floats
    hours: Floats
    continues: Bools
    disorder: Bools
    meter: Ints


@dataclass(frozen=True, slots=True)
class _Noticed:
    """What was noticed, and when on the axis."""

    at: Ints
    flag: Ints


def meter_days(points: Points, days: Days, meters: Sequence[Meter]) -> MeterDays:
    """Work out days of meters from their registers.

    `points` must hold, of each meter, what lies in its days and at least `NEIGHBOURS` readings before the first and
    after the last of them, where there are so many.
    """
    moved, at = _laid_end_to_end(points, days, len(meters))
    spans, noticed = _spans(points, moved, meters)
    day = np.stack((days.start_us, days.end_us)) + at[days.meter]
    use, coverage, hours, flows = _spread(spans, day)
    first, last = _service(points, moved, days, len(meters))
    length = days.end_us - days.start_us
    active = np.array([meter.commodity.active_per_hour for meter in meters])[days.meter]
    rhythm = _rhythm(hours, active)
    return MeterDays(
        use=np.where(coverage > 0, use, np.nan),
        coverage=coverage,
        hours_known=np.sum(np.isfinite(hours), axis=1),
        active_hours=np.sum(hours >= active[:, None], axis=1),
        min_hour=_where_known(hours, np.fmin),
        max_hour=_where_known(hours, np.fmax),
        least_flow=_where_known(flows, np.fmin),
        night=hours[:, 0:6].sum(axis=1),
        morning=hours[:, 6:12].sum(axis=1),
        evening=hours[:, 18:24].sum(axis=1),
        roughness=_roughness(hours),
        peak_hour=_peak_hour(hours),
        rhythm_cos=rhythm[0],
        rhythm_sin=rhythm[1],
        rhythm_cos2=rhythm[2],
        rhythm_sin2=rhythm[3],
        flags=_flags(noticed, day),
        service_from=np.clip((first - day[0]) / length, 0.0, 1.0),
        service_to=np.clip((last - day[0]) / length, 0.0, 1.0),
        in_service=(day[1] > first) & (day[0] <= last),
    )


def _laid_end_to_end(points: Points, days: Days, meters: int) -> tuple[Ints, Ints]:
    """Give the points' places on one axis, and what to add to each meter's times to get there."""
    first = np.full(meters, np.iinfo("i8").max)
    last = np.full(meters, np.iinfo("i8").min)
    for meter, start, end in (
        (points.meter, points.ts_us, points.ts_us),
        (days.meter, days.start_us, days.end_us),
    ):
        np.minimum.at(first, meter, start)
        np.maximum.at(last, meter, end)
    width = np.where(last >= first, last - first + HOUR_US, 0)
    at = np.concatenate(([0], np.cumsum(width)[:-1])) - np.where(width > 0, first, 0)
    return points.ts_us + at[points.meter], at


def _spans(points: Points, moved: Ints, meters: Sequence[Meter]) -> tuple[_Spans, _Noticed]:
    """Judge the stretches between readings that are not dropped."""
    outlier = _outliers(points)
    kept = np.flatnonzero((outlier == 0) | (outlier == Flag.DISORDER))
    here, after = kept[:-1], kept[1:]
    same = points.meter[here] == points.meter[after]
    here, after = here[same], after[same]
    rises = _Rises(
        before=points.register[here],
        after=points.register[after],
        hours=np.maximum((moved[after] - moved[here]) / HOUR_US, _LEAST_HOURS),
        continues=np.concatenate(([False], here[1:] == after[:-1]))[: len(here)],
        disorder=(outlier[here] == Flag.DISORDER) | (outlier[after] == Flag.DISORDER),
        meter=points.meter[here],
    )
    use, flag = _judged(rises, meters)
    noticed = _Noticed(np.concatenate((moved, moved[after])), np.concatenate((outlier, flag)))
    return _Spans(moved[here], moved[after], use), noticed


def _outliers(points: Points) -> Ints:
    """Give the flag of each value that stands out of an otherwise rising row, 0 for all others.

    Where two stand side by side it cannot be said which of them is wrong: then both are in disorder, and stay.
    """
    flag = np.zeros(len(points.register), dtype="i8")
    before, here, after = points.register[:-2], points.register[1:-1], points.register[2:]
    agree = (after >= before) & (points.meter[:-2] == points.meter[2:])
    flag[1:-1] = np.where(agree & (here > after), Flag.SPIKE, np.where(agree & (here < before), Flag.DIP, 0))
    seen = np.concatenate(([False], flag != 0, [False]))
    return np.where(seen[1:-1] & (seen[:-2] | seen[2:]), Flag.DISORDER, flag)


def _judged(rises: _Rises, meters: Sequence[Meter]) -> tuple[Floats, Ints]:
    """Give the use across each rise, NaN where it is not known, and what was noticed."""
    of = rises.meter
    per_register = _column([meter.commodity.per_register for meter in meters])[of]
    most = _column([meter.commodity.most_per_hour for meter in meters])[of] * rises.hours
    dial = _column([np.nan if meter.register_digits is None else 10.0**meter.register_digits for meter in meters])[of]
    over = (rises.after - rises.before + dial) * per_register
    rolled = (rises.after < rises.before) & (rises.before > 0.9 * dial) & (rises.after < 0.1 * dial) & (over <= most)
    use = np.where(rolled, over, (rises.after - rises.before) * per_register)
    reset = use < 0
    preset = _fresh(rises, meters, reset) & (use > _most_fresh(rises, meters)) & ~rolled
    jump = (use > most) & ~preset
    kinds = (
        (rises.disorder, Flag(0)),
        (rolled, Flag.ROLL_OVER),
        (reset, Flag.RESET),
        (preset, Flag.PRESET),
        (jump, Flag.JUMP),
    )
    flag = np.select([which for which, _ in kinds], [np.int64(kind) for _, kind in kinds], 0)
    return np.where(rises.disorder | reset | preset | jump, np.nan, use), flag


def _fresh(rises: _Rises, meters: Sequence[Meter], reset: Bools) -> Bools:
    """Tell where the dial stood near zero, or had just been reset."""
    near_zero = rises.before < _column([meter.commodity.fresh_register for meter in meters])[rises.meter]
    after_reset = np.concatenate(([False], reset[:-1]))[: len(reset)] & rises.continues
    return near_zero | after_reset


def _most_fresh(rises: _Rises, meters: Sequence[Meter]) -> Floats:
    return _column([meter.commodity.most_fresh for meter in meters])[rises.meter] * np.maximum(rises.hours / 24, 1)


def _column(values: Sequence[float]) -> Floats:
    return np.array(values, dtype="f8")


def _spread(spans: _Spans, day: Ints) -> tuple[Floats, Floats, Floats, Floats]:
    """Give each day's use and covered share, the use of its hours (D, 25) and their flows, NaN where not known.

    Stretches are cut where hours begin and end; the pieces are added up in order, so that a figure depends on nothing
    but the stretches that it touches.
    """
    count = day.shape[1]
    hours = np.minimum(day[0][:, None] + np.arange(_HOURS + 1) * HOUR_US, day[1][:, None])
    cuts = np.sort(np.concatenate((spans.start, spans.end, hours.ravel())), kind="stable")  # three rows of runs
    length, cuts = np.diff(cuts), cuts[:-1]
    cuts, length = cuts[length > 0], length[length > 0]
    span = np.searchsorted(spans.start, cuts, "right") - 1
    place = np.searchsorted(day[0], cuts, "right") - 1
    inside = (span >= 0) & (place >= 0)
    inside[inside] = (cuts[inside] < spans.end[span[inside]]) & (cuts[inside] < day[1][place[inside]])
    cuts, length, span, place = cuts[inside], length[inside], span[inside], place[inside]
    whole = spans.end[span] - spans.start[span]
    use = spans.use[span] * (length / whole)
    known = np.isfinite(use)
    of_day = known & (whole <= DAY_GAP_US)
    hour = place * _HOURS + (cuts - day[0][place]) // HOUR_US
    day_use, day_known = (_summed(place, of_day, what, count) for what in (use, length))
    hour_length = np.diff(hours, axis=1).ravel()

    def by_hour(gap_us: int) -> Floats:
        near = known & (whole <= gap_us)
        hour_use, hour_known = (_summed(hour, near, what, count * _HOURS) for what in (use, length))
        whole_hour = (hour_known == hour_length) & (hour_length > 0)
        return np.where(whole_hour, hour_use, np.nan).reshape(count, _HOURS)

    return day_use, day_known / (day[1] - day[0]), by_hour(HOUR_GAP_US), by_hour(FLOW_GAP_US)


def _summed(place: Ints, which: Bools, what: Floats | Ints, count: int) -> Floats:
    sums: Floats = np.bincount(place[which], weights=what[which], minlength=count).astype("f8")
    return sums


def _where_known(hours: Floats, reduce: np.ufunc) -> Floats:
    return np.where(_enough(hours), reduce.reduce(hours, axis=1), np.nan)


def _roughness(hours: Floats) -> Floats:
    steps = np.abs(np.diff(hours, axis=1))
    known = np.isfinite(steps)
    total = np.where(known, steps, 0).sum(axis=1)
    return np.where(_enough(hours), total / np.maximum(known.sum(axis=1), 1), np.nan)


def _peak_hour(hours: Floats) -> Floats:
    shown = np.nan_to_num(hours)
    used = _enough(hours) & (shown > 0).any(axis=1)
    return np.where(used, np.argmax(shown, axis=1), np.nan)


def _rhythm(hours: Floats, active: Floats) -> Floats:
    """(4, D); summed hour by hour, so that a day does not depend on those it is worked out with."""
    told = np.log1p(hours[:, :24] / active[:, None])
    known = np.isfinite(told)
    total = np.where(known, told, 0).sum(axis=1)
    beside = np.where(known, told - (total / np.maximum(known.sum(axis=1), 1))[:, None], 0)
    return np.stack([np.where(_enough(hours), (beside * wave).mean(axis=1), np.nan) for wave in _WAVES])


def _enough(hours: Floats) -> Bools:
    return np.asarray(np.sum(np.isfinite(hours), axis=1) >= KNOWN_HOURS_LEAST)


def _service(points: Points, moved: Ints, days: Days, meters: int) -> tuple[Ints, Ints]:
    """Give, for each day, where its meter's first and last readings are on the axis."""
    first = np.full(meters, np.iinfo("i8").max // 2)
    last = np.full(meters, np.iinfo("i8").min // 2)
    np.minimum.at(first, points.meter, moved)
    np.maximum.at(last, points.meter, moved)
    return first[days.meter], last[days.meter]


def _flags(noticed: _Noticed, day: Ints) -> Ints:
    flags = np.zeros(day.shape[1], dtype="i8")
    seen = noticed.flag != 0
    at, flag = noticed.at[seen], noticed.flag[seen]
    place = np.searchsorted(day[0], at, "right") - 1
    inside = (place >= 0) & (at < day[1][place])
    np.bitwise_or.at(flags, place[inside], flag[inside])
    return flags
