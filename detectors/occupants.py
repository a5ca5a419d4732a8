"""Did the people change? Two stretches of one home's days compared, from its meters alone.

A household draws its water and power in its own way. Weeks are told by the means of their lived-in days, so that trips
and hospital stays do not look like other people: how much a day takes, its least and its greatest hour (for water the
hours with flow instead of the least), how rough it is from hour to hour, and when it is used (the share of water's
morning and evening; whether electricity peaks by night or by day). Of electricity the rhythm of the day is a view of
its own beside them: when its hours are busy, on a logarithmic scale, by which an oven or a boiler hides nothing of the
rest. The same people's rhythm may come an hour early or late from some day on: clocks are set, timers are not, and some
meters tell another time than they did. The share of electricity's morning is not compared: it has hard edges, which a
timer passes.

The weeks after a possible change are held against those before it, in the way in which two recordings are told to be of
one speaker or of two (a model of two covariances, within households and between them): how much likelier are the two
stretches if two households of those there are lived in them than if one did? Both by how far the stretches lie apart,
against the home's own restlessness from week to week, and by where they lie: two stretches in the same rare place are
hardly two households. All are Student's t, so that no single oddity decides. When the change was is not known; all
dates count alike.

The figures below were fitted on half of the households described in `docs/evaluation.md` (`benchmarks/occupants.py`
prints them). Misses: people who live alike; a change within the last two weeks, in the first three of the panel or
before it. A false alarm is a heating that was switched on, a new appliance, a baby.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.panel import Bools, Floats, Panel
from detectors.policy import Policy
from detectors.presence import Presence, known_electricity, known_water
from detectors.stats import NAN, ZERO, fill, floats, quantile, ratio

WEEK_DAYS = 7
MOST_WEEKS = 16
"""Older habits are another season's."""
LIVED_IN_SHARE = 0.33
"""A day counts over this share of the own usual: other people may use less than these did."""
SOME_SHARE, LOWER = 0.1, 0.3
"""Of the days with more than standby, the lower ones say what is usual."""
LEAST_WEEKS_BEFORE, LEAST_WEEKS_AFTER, MOST_WEEKS_AFTER = 3, 2, 6
"""Two weeks are no habit: one of them may have been odd."""
LEAST_DAYS_OF_A_WEEK, WHOLE_WEEK_DAYS = 2, 5
LEAST_WORTH_WEEKS = 1.4
"""So many whole weeks must be known of a stretch, short ones counted in part."""
OWN_WORTH_WEEKS = 4.0
"""What is usual of homes counts as so many weeks of the home's own restlessness, and the home's as so many of each
figure's."""
LEAST_RESTLESSNESS = 0.6
LIVES_CHANGE = 0.03
"""The same people's lives change, too, by this share of what tells households apart: no figure decides alone."""
ELSEWHERE = 1.0
"""Variance of where an estate's usual household lies beside that of the homes fitted on."""
TAILS = 20.0
"""Degrees of freedom: a few differences in a thousand are larger than a bell curve would have it."""
DRAWN_ANYHOW_L = 24.0
"""Added to the day of which a share is taken: on a day of little use the hour says little."""
TOLD_TOO_LOW = 0.8
"""In homes not fitted on, other people were so much likelier than told: by water 0.8, by electricity 1.3."""
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
    usual: Floats
    """(F,) where the middle household lies."""
    moves: tuple[Floats, ...] = ()
    """(F, F) each, on the axes: what the same people's figures become when a clock is set; none if it shows little."""


@dataclass(frozen=True, slots=True)
class View:
    """Figures of a day by which one commodity is told, and how households differ in them."""

    figures: Floats
    """(U, latest D, F)"""
    manner: Manner


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


@dataclass(frozen=True, slots=True)
class Stretches:
    """The weeks before and those after each of S possible changes, on the axes."""

    before: Floats
    """(S, U, F) mean."""
    after: Floats
    """(S, U, F) mean."""
    squares: Floats
    """(S, U, F) squared deviations of weeks from the mean of their stretch."""
    free: Floats
    """(S, U) weeks beyond the first of each stretch."""
    enough: Bools
    """(S, U) whether both stretches are long enough."""

    @property
    def apart(self) -> Floats:
        """(S, U, F) how far the stretches lie apart."""
        return self.after - self.before

    @property
    def middle(self) -> Floats:
        """(S, U, F) where the stretches lie."""
        return floats((self.before + self.after) / 2)


def change(panel: Panel, there: Presence, policy: Policy, days: Bools) -> Change:
    """Compare, in all units, the `days` of the tenancy with each other."""
    by_water, by_electricity = (lived_in(share, days) for share in (there.water_share, there.electricity_share))
    water = (View(water_manners(panel, policy), WATER),)
    electricity = View(electricity_manners(panel, policy), ELECTRICITY), View(electricity_rhythm(panel), RHYTHM)
    return Change(water=compare(water, by_water), electricity=compare(electricity, by_electricity))


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
    """(U, latest D, 5) a day's electricity, least and greatest hour, roughness, peak by night."""
    kwh = known_electricity(panel, policy)
    hours = panel.electricity_min_hour_kwh, panel.electricity_max_hour_kwh, panel.electricity_roughness_kwh
    night = np.cos((panel.electricity_peak_hour + 0.5) * (2 * np.pi / 24))
    return _stacked(np.log(kwh + 0.1), *(np.log(hour + 0.02) for hour in hours), night)


def electricity_rhythm(panel: Panel) -> Floats:
    """(U, latest D, 4) when a day is busy: a wave of a day's length and one of half a day's."""
    day = panel.electricity_rhythm_cos, panel.electricity_rhythm_sin
    return _stacked(*day, panel.electricity_rhythm_cos2, panel.electricity_rhythm_sin2)


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


def compare(views: Sequence[View], days: Bools) -> Floats:
    """(U,) log-likelihood ratio of a change at any of the possible dates; NaN where there are too few weeks.

    The figures of a view are those of the last of the `days`, as many as there are.
    """
    told = [(view.manner, _weeks(view, days)) for view in views]
    dates = list(splits(len(told[0][1].weight)))
    if not dates:
        return np.full(len(days), NAN)
    every = _ratio([(manner, stretches(weeks, dates)) for manner, weeks in told])
    known = ~np.isnan(every)
    total = np.logaddexp.reduce(np.where(known, every, -np.inf), axis=0) + TOLD_TOO_LOW
    return np.where(known.any(axis=0), floats(total - np.log(np.maximum(known.sum(axis=0), 1))), NAN)


def splits(weeks: int) -> Iterator[tuple[slice, slice]]:
    """Weeks before and after each possible change; the week of the change itself may belong to neither."""
    for after in range(LEAST_WEEKS_AFTER, MOST_WEEKS_AFTER + 1):
        for between in (0, 1):
            if weeks - after - between >= LEAST_WEEKS_BEFORE:
                yield slice(0, weeks - after - between), slice(weeks - after, weeks)


def _weeks(view: View, days: Bools) -> _Weeks:
    values = floats(view.figures @ view.manner.axes)
    known = days[:, -values.shape[1] :] & ~np.isnan(values).any(axis=2)
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


def _ratio(apart: Sequence[tuple[Manner, Stretches]]) -> Floats:
    """(S, U) for each date of the change: the views that have enough weeks, added up."""
    restless = _restlessness(apart)
    said = sum(np.where(one.enough, _of_a_view(one, manner, restless), ZERO) for manner, one in apart)
    return np.where(np.any([one.enough for _, one in apart], axis=0), floats(said), NAN)


def _restlessness(apart: Sequence[tuple[Manner, Stretches]]) -> Floats:
    """(S, U) variance from week to week over that of homes, by all figures: who is restless in one is so in others."""
    squares = sum((one.squares / manner.weekly).sum(axis=-1) for manner, one in apart)
    free = sum(one.free * len(manner.weekly) for manner, one in apart)
    usual = OWN_WORTH_WEEKS * sum(len(manner.weekly) for manner, _ in apart)
    return floats((usual + squares) / (usual + free))


def _of_a_view(one: Stretches, manner: Manner, restless: Floats) -> Floats:
    """(S, U) how much likelier others are: by how far apart the stretches lie, and by where among households."""
    own = _own(one, manner, restless)
    among = floats((manner.others - 1) / 2)
    place, sure = (one.middle - manner.usual) ** 2, floats(own / 4 + ELSEWHERE)
    same = _of_the_same(one, own, manner) + _density(place, floats(among + sure))
    others = _density(one.apart**2, floats(2 * among + own)) + _density(place, floats(among / 2 + sure))
    return floats(others - same)


def _own(one: Stretches, manner: Manner, restless: Floats) -> Floats:
    """(S, U, F) variance of the same people's differences, by how restless the home is in all figures and in each."""
    weeks = OWN_WORTH_WEEKS * restless[..., None] + one.squares / manner.weekly
    found = np.maximum(weeks / (OWN_WORTH_WEEKS + one.free[..., None]), LEAST_RESTLESSNESS)
    return floats(found + LIVES_CHANGE * manner.others)


def _of_the_same(one: Stretches, own: Floats, manner: Manner) -> Floats:
    """(S, U) log-density of the same people's difference, whether or not a clock was set."""
    said = _density(one.apart**2, own)
    if not manner.moves:
        return said
    set_ = [_density((_moved(one.after, move) - one.before) ** 2, own) for move in manner.moves]
    as_before = said + np.log(1 - CLOCK_SET * len(set_))
    return floats(np.logaddexp.reduce([as_before, *(moved + np.log(CLOCK_SET) for moved in set_)], axis=0))


def _moved(values: Floats, move: Floats) -> Floats:
    """(S, U, F) `values @ move`, summed in the same order whatever other homes there are."""
    return floats(sum(values[..., at, None] * row for at, row in enumerate(move)))


def stretches(weeks: _Weeks, dates: Sequence[tuple[slice, slice]]) -> Stretches:
    """What the weeks before and those after each date say; dates share stretches."""
    parts = {(part.start, part.stop): _stretch(weeks, part) for both in dates for part in both}
    told = [[parts[part.start, part.stop] for part in side] for side in zip(*dates, strict=True)]
    one, two = ([np.stack(figure) for figure in zip(*side, strict=True)] for side in told)
    enough = np.minimum(one[3], two[3]) >= LEAST_WORTH_WEEKS
    return Stretches(one[0], two[0], one[1] + two[1], one[2] + two[2], enough)


def _stretch(weeks: _Weeks, part: slice) -> tuple[Floats, Floats, Floats, Floats]:
    """Means, squared deviations from them, weeks beyond the first, and how many weeks it is worth."""
    means, weight = weeks.means[part], weeks.weight[part, :, None]
    worth = weight.sum(axis=0)
    middle = (means * weight).sum(axis=0) / np.maximum(worth, np.float32(1e-6))
    squares = ((means - middle) ** 2 * weight).sum(axis=0)
    free = np.maximum((weight[:, :, 0] > 0).sum(axis=0) - 1, 0)
    return floats(middle), floats(squares), floats(free), floats(worth[:, 0])


def _density(squares: Floats, scale: Floats) -> Floats:
    """(S, U) logarithm of Student's t of squared differences, (S, U, F), without what both hypotheses share."""
    each = -np.log(scale) / 2 - (TAILS + 1) / 2 * np.log1p(squares / (TAILS * scale))
    return floats(each.sum(axis=-1))


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
    usual=floats([6.33, -10.01, -35.81, -15.43, -6.51, 13.72]),
)
ELECTRICITY = Manner(
    axes=floats(
        [
            [3.61, 3.5, -3.18, 2.44, 2.7],
            [-0.48, -0.33, 3.04, 0.72, -0.43],
            [-1.31, 2.16, 1.18, -8.2, -2.61],
            [-1.61, -3.71, -0.57, 5.26, -5.5],
            [4.03, -3.31, 0.75, -0.47, -0.98],
        ]
    ),
    others=floats([5.94, 8.26, 8.76, 18.05, 25.1]),
    weekly=floats([0.722, 0.711, 0.449, 0.563, 0.722]),
    usual=floats([13.85, 15.22, -13.13, -5.05, 6.13]),
)
_RHYTHM_AXES = floats(
    [
        [-5.08, -11.29, -5.41, -7.86],
        [-8.05, 14.77, 2.64, -11.12],
        [5.19, 9.93, -17.24, -8.37],
        [15.26, -5.04, 9.47, -11.53],
    ]
)
RHYTHM = Manner(
    axes=_RHYTHM_AXES,
    others=floats([4.03, 6.44, 8.86, 20.01]),
    weekly=floats([0.712, 0.606, 0.814, 0.844]),
    usual=floats([-0.63, -0.03, -0.0, -0.73]),
    moves=clock_moves(_RHYTHM_AXES),
)
