"""Did the people change? Two stretches of one home's days compared, from its meters alone.

A household draws its water and power in its own way. Weeks are told by the means of their lived-in days, so that trips
and hospital stays do not look like other people: how much a day takes, its least and its greatest hour (for water the
hours with flow instead of the least), how rough it is from hour to hour, what share falls into its morning, and when
else it is used (the share of water's evening; whether electricity peaks by night or by day). Of electricity the rhythm
of the day is compared beside them: when its hours are busy, on a logarithmic scale, by which an oven or a boiler hides
nothing of the rest. The same people's rhythm may come an hour early or late from some day on: clocks are set, timers
are not, and some meters tell another time than they did. The weeks after a possible
change are held against those before it: how much likelier is the difference if other people moved in than if the same
ones live on? Both are Student's t, so that no single oddity decides: the same people's differences are scaled by this
home's own restlessness from week to week, other people's by how much households differ. When the change was is not
known; all dates count alike.

The figures below were fitted on half of the households described in `docs/detectors.md` (`benchmarks/occupants.py`
prints them). Misses: people who live alike; a change within the last two weeks or before the panel. A false alarm is
a heating that was switched on, a new appliance, a baby.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.panel import Bools, Floats, Panel
from detectors.policy import Policy
from detectors.presence import Presence, known_electricity, known_water
from detectors.stats import NAN, fill, floats, quantile, ratio

WEEK_DAYS = 7
MOST_WEEKS = 16
"""Older habits are another season's."""
LIVED_IN_SHARE = 0.33
"""A day counts over this share of the own usual: other people may use less than these did."""
SOME_SHARE, LOWER = 0.1, 0.3
"""Of the days with more than standby, the lower ones say what is usual."""
LEAST_WEEKS, MOST_WEEKS_AFTER = 2, 6
LEAST_DAYS_OF_A_WEEK, WHOLE_WEEK_DAYS = 2, 5
OWN_WORTH_WEEKS = 4.0
"""What is usual of homes counts as so many weeks of the home's own restlessness."""
LEAST_RESTLESSNESS = 0.6
TAILS = 20.0
"""Degrees of freedom: a few differences in a thousand are larger than a bell curve would have it."""
DRAWN_ANYHOW_L, DRAWN_ANYHOW_KWH = 24.0, 0.5
"""Added to the day of which a share is taken: on a day of little use the hour says little."""
CLOCK_SET = 0.1
"""Chance that between two stretches a clock was set an hour forward; and as much that it was set back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How households differ from themselves and from others in one commodity, after `axes` made it independent."""

    axes: NDArray[np.float32]
    """(F, F) from features to axes on which the same people's differences have variance one."""
    others: Floats
    """(F,) variance of the difference to other people."""
    weekly: Floats
    """(F,) variance from week to week within a stretch."""
    moves: tuple[Floats, ...] = ()
    """(F, F) each, on the axes: what the same people's figures become when a clock is set; none if it shows little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What the meters say about a change of occupants."""

    water: Floats
    """(U,) log-likelihood ratio; NaN where the weeks do not allow one."""
    electricity: Floats
    """(U,) likewise."""

    @property
    def known(self) -> Bools:
        """(U,) whether any meter says something."""
        return ~(np.isnan(self.water) & np.isnan(self.electricity))


@dataclass(frozen=True, slots=True)
class _Weeks:
    """(B, U, F) means of lived-in days on the axes, oldest first, and (B, U) how much of a week they stand for.

    Weeks come first because it is over them that everything is summed.
    """

    means: Floats
    weight: Floats


def change(panel: Panel, there: Presence, policy: Policy, days: Bools) -> Change:
    """Compare, in all units, the `days` of the tenancy with each other."""
    by_water, by_electricity = (lived_in(share, days) for share in (there.water_share, there.electricity_share))
    manners = compare(electricity_manners(panel, policy), by_electricity, ELECTRICITY)
    rhythm = compare(electricity_rhythm(panel), by_electricity, RHYTHM)
    water = compare(water_manners(panel, policy), by_water, WATER)
    return Change(water=water, electricity=together(manners, rhythm))


def lived_in(share: Floats, days: Bools) -> Bools:
    """(U, D) days that tell who lives there; where the use has grown, the days before it still count."""
    usual = quantile(share, days & (share >= SOME_SHARE), LOWER)
    return np.asarray(days & (share >= LIVED_IN_SHARE * np.minimum(fill(usual, 1.0), 1)[:, None]))


def water_manners(panel: Panel, policy: Policy) -> Floats:
    """(U, latest D, 6) a day's water, hours with flow, greatest hour, roughness, shares of morning and evening."""
    litres = known_water(panel, policy)
    hours = floats(ratio(panel.water_active_hours * 24, panel.water_hours_known) / 4)
    rough = np.log(panel.water_roughness_l + 1)
    whole = litres + DRAWN_ANYHOW_L
    shares = panel.water_morning_l / whole, panel.water_evening_l / whole
    return _stacked(np.log(litres + 5), hours, np.log(panel.water_max_hour_l + 1), rough, *shares)


def electricity_manners(panel: Panel, policy: Policy) -> Floats:
    """(U, latest D, 6) a day's electricity, least and greatest hour, roughness, share of morning, peak by night."""
    kwh = known_electricity(panel, policy)
    hours = panel.electricity_min_hour_kwh, panel.electricity_max_hour_kwh, panel.electricity_roughness_kwh
    morning = panel.electricity_morning_kwh / (kwh + DRAWN_ANYHOW_KWH)
    night = np.cos((panel.electricity_peak_hour + 0.5) * (2 * np.pi / 24))
    return _stacked(np.log(kwh + 0.1), *(np.log(hour + 0.02) for hour in hours), morning, night)


def electricity_rhythm(panel: Panel) -> Floats:
    """(U, latest D, 4) when a day is busy: a wave of a day's length and one of half a day's."""
    day = panel.electricity_rhythm_cos, panel.electricity_rhythm_sin
    return _stacked(*day, panel.electricity_rhythm_cos2, panel.electricity_rhythm_sin2)


def together(one: Floats, other: Floats) -> Floats:
    """(U,) the mean of what is known: both tell of the same days, so that neither counts whole."""
    return np.where(np.isnan(one), other, np.where(np.isnan(other), one, (one + other) / 2))


def clock_moves(axes: NDArray[np.float32]) -> tuple[Floats, ...]:
    """What an hour forward and an hour back make of a rhythm on these axes: a wave of half a day turns twice as far."""
    return tuple(_clock_move(axes, hours) for hours in (1, -1))


def _clock_move(axes: NDArray[np.float32], hours: int) -> Floats:
    turn = np.zeros((4, 4))
    for wave in (1, 2):
        angle = wave * hours * 2 * np.pi / 24
        at = slice(2 * wave - 2, 2 * wave)
        turn[at, at] = [[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]
    return floats(np.linalg.inv(axes.astype(float)) @ turn @ axes)


def _stacked(*figures: Floats) -> Floats:
    """Of the latest weeks only: older days are not compared."""
    return np.stack([figure[:, -MOST_WEEKS * WEEK_DAYS :] for figure in figures], axis=2, dtype=np.float32)


def compare(manners: Floats, days: Bools, manner: Manner) -> Floats:
    """(U,) log-likelihood ratio of a change at any of the possible dates; NaN where there are too few weeks.

    `manners` are those of the last of the `days`, as many as there are.
    """
    weeks = _weeks(floats(manners @ manner.axes), days[:, -manners.shape[1] :])
    said = [_ratio(weeks, before, after, manner) for before, after in splits(len(weeks.weight))]
    if not said:
        return np.full(len(manners), NAN)
    every = np.stack(said)
    known = ~np.isnan(every)
    total = np.logaddexp.reduce(np.where(known, every, -np.inf), axis=0)
    return np.where(known.any(axis=0), floats(total - np.log(np.maximum(known.sum(axis=0), 1))), NAN)


def splits(weeks: int) -> Iterator[tuple[slice, slice]]:
    """Weeks before and after each possible change; the week of the change itself may belong to neither."""
    for after in range(LEAST_WEEKS, MOST_WEEKS_AFTER + 1):
        for between in (0, 1):
            if weeks - after - between >= LEAST_WEEKS:
                yield slice(0, weeks - after - between), slice(weeks - after, weeks)


def _weeks(values: Floats, days: Bools) -> _Weeks:
    known = days & ~np.isnan(values).any(axis=2)
    worth = _by_week(known).sum(axis=1)
    clean = _by_week(np.where(known[:, :, None], values, np.float32(0)))
    means = clean.sum(axis=1) / np.maximum(worth, 1)[:, :, None]
    weight = np.where(worth >= LEAST_DAYS_OF_A_WEEK, np.minimum(worth / WHOLE_WEEK_DAYS, 1), 0)
    return _Weeks(floats(means), floats(weight))


def _by_week(values: NDArray[Any]) -> NDArray[Any]:
    """(B, 7, U, …) the last weeks of (U, D, …), oldest first."""
    units, length, *width = values.shape
    number = min(length // WEEK_DAYS, MOST_WEEKS)
    last = values[:, length - number * WEEK_DAYS :].reshape(units, number, WEEK_DAYS, *width)
    return np.ascontiguousarray(np.moveaxis(last, 0, 2))


def _ratio(weeks: _Weeks, before: slice, after: slice, manner: Manner) -> Floats:
    """(U,) for one date of the change."""
    middle_before, squares_before, free_before, worth_before = _stretch(weeks, before)
    middle_after, squares_after, free_after, worth_after = _stretch(weeks, after)
    free = (free_before + free_after)[:, None]
    squares = (squares_before + squares_after) / manner.weekly
    own = np.maximum((OWN_WORTH_WEEKS + squares) / (OWN_WORTH_WEEKS + free), np.float32(LEAST_RESTLESSNESS))
    others = _density((middle_after - middle_before) ** 2, np.maximum(manner.others, own))
    said = others - _of_the_same(middle_before, middle_after, own, manner)
    enough = np.minimum(worth_before, worth_after) >= LEAST_WEEKS - LEAST_RESTLESSNESS
    return np.where(enough, said, NAN)


def _of_the_same(before: Floats, after: Floats, own: Floats, manner: Manner) -> Floats:
    """(U,) log-density of the same people's difference, whether or not a clock was set."""
    said = _density((after - before) ** 2, own)
    if not manner.moves:
        return said
    set_ = [_density((_moved(after, move) - before) ** 2, own) for move in manner.moves]
    as_before = said + np.log(1 - CLOCK_SET * len(set_))
    return floats(np.logaddexp.reduce([as_before, *(one + np.log(CLOCK_SET) for one in set_)], axis=0))


def _moved(values: Floats, move: Floats) -> Floats:
    """(U, F) `values @ move`, summed in the same order whatever other homes there are."""
    return floats(sum(values[:, at, None] * row for at, row in enumerate(move)))


def _stretch(weeks: _Weeks, part: slice) -> tuple[Floats, Floats, Floats, Floats]:
    """Means, squared deviations from them, weeks beyond the first, and how many weeks it is worth."""
    means, weight = weeks.means[part], weeks.weight[part, :, None]
    worth = weight.sum(axis=0)
    middle = (means * weight).sum(axis=0) / np.maximum(worth, np.float32(1e-6))
    squares = ((means - middle) ** 2 * weight).sum(axis=0)
    free = np.maximum((weight[:, :, 0] > 0).sum(axis=0) - 1, 0)
    return floats(middle), floats(squares), floats(free), floats(worth[:, 0])


def _density(squares: Floats, scale: Floats) -> Floats:
    """(U,) logarithm of Student's t of squared differences, (U, F), without what both hypotheses share."""
    each = -np.log(scale) / 2 - (TAILS + 1) / 2 * np.log1p(squares / (TAILS * scale))
    return floats(each.sum(axis=1))


WATER = Manner(
    axes=floats(
        [
            [-0.1, 0.66, -8.39, -7.21, 1.53, -4.3],
            [-0.43, 2.12, -0.43, 2.43, -0.19, 2.23],
            [0.13, -7.32, -3.1, 6.28, 1.29, 7.78],
            [-0.76, 2.33, 12.05, -5.16, -6.67, -0.77],
            [12.76, 3.87, -7.27, 7.09, -16.38, -7.28],
            [17.23, 6.26, 0.5, -0.3, 2.44, 2.95],
        ]
    ),
    others=floats([2.3, 4.62, 6.72, 7.86, 10.32, 11.69]),
    weekly=floats([1.166, 1.298, 0.944, 0.942, 1.6, 1.142]),
)
ELECTRICITY = Manner(
    axes=floats(
        [
            [-1.08, 4.07, 3.6, -0.78, -2.09, 2.63],
            [-0.41, -0.61, -2.13, 1.98, -0.81, -0.5],
            [1.58, -1.0, 1.65, 3.38, 7.09, -2.8],
            [-0.49, -2.04, -2.38, -3.45, -4.46, -4.96],
            [26.01, 1.21, 7.47, 8.33, -7.12, -2.45],
            [2.38, 3.56, -3.01, -1.3, 0.29, -0.9],
        ]
    ),
    others=floats([3.29, 5.29, 7.14, 8.03, 15.07, 20.27]),
    weekly=floats([0.49, 0.643, 0.729, 0.435, 0.474, 0.638]),
)
_RHYTHM_AXES = floats(
    [
        [-5.24, -10.62, -3.7, -7.35],
        [-7.44, 14.0, 3.64, -10.56],
        [3.83, 9.03, -15.67, -9.87],
        [14.8, -5.22, 6.98, -10.89],
    ]
)
RHYTHM = Manner(
    axes=_RHYTHM_AXES,
    others=floats([3.39, 5.22, 6.51, 16.36]),
    weekly=floats([0.594, 0.52, 0.559, 0.797]),
    moves=clock_moves(_RHYTHM_AXES),
)
