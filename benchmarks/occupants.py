"""Fits what `detectors/occupants.py` knows of households, on half of the real ones, and prints it.

python benchmarks/occupants.py --data DIR [--homes fit]
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
from real_series import panel_of, read, trials

from detectors.occupants import (
    Manner,
    View,
    _weeks,
    clock_moves,
    compare,
    electricity_manners,
    electricity_rhythm,
    lived_in,
    splits,
    stretches,
    water_manners,
)
from detectors.policy import Policy
from detectors.presence import presence

POLICY = Policy()
FIGURES = {
    "water": ("water", lambda panel: water_manners(panel, POLICY)),
    "electricity": ("electricity", lambda panel: electricity_manners(panel, POLICY)),
    "rhythm": ("electricity", electricity_rhythm),
}
"""What is compared: the channel, and a day's figures of it."""
HOUR_LOST_DAY = 22
"""From this day on all homes of the electricity file live an hour earlier: its times are not local ones throughout."""
COMMON, RARE = 0.99, 0.995
"""Differences of the same and of other people are cut off here: tails are the t distribution's part."""
SHRINK = 0.1
LEAST_DAYS = 10


def weeks_of(what, hours):
    channel, figures = FIGURES[what]
    panel = panel_of(channel, hours)
    there = presence(panel, POLICY)
    share = {"water": there.water_share, "electricity": there.electricity_share}[channel]
    return figures(panel), lived_in(share, np.ones(panel.shape, bool))


def with_its_clock_right(series):
    """The rhythm of the same people is fitted as if no clock had been set: that is a hypothesis of its own."""
    hours = series.hours.reshape(len(series.hours), -1)
    until, lost = 24 * HOUR_LOST_DAY, np.full((len(hours), 1), np.nan, "f4")
    right = np.concatenate([hours[:, :until], lost, hours[:, until:-1]], axis=1)
    return replace(series, hours=right.reshape(series.hours.shape))


def plain(figures):
    """A view of the figures as they are."""
    width = figures.shape[2]
    one = np.ones(width, "f4")
    return View(figures, Manner(axes=np.eye(width, dtype="f4"), others=one, weekly=one, usual=0 * one))


def differences(manners, days):
    """Of all dates of a change: differences, (N, F), and squares and degrees of freedom within stretches."""
    weeks = _weeks(plain(manners), days)
    found = stretches(weeks, list(splits(len(weeks.weight))))
    return found.apart[found.enough], found.squares[found.enough], found.free[found.enough]


def middle(manners, days):
    """(F,) the middle home's mean of lived-in days."""
    known = days[:, -manners.shape[1] :] & ~np.isnan(manners).any(axis=2)
    told = known.sum(axis=1) >= LEAST_DAYS
    means = np.where(known[:, :, None], manners, 0).sum(axis=1)[told] / known.sum(axis=1)[told, None]
    return np.median(means, axis=0)


def covariance(apart, cut):
    bound = np.quantile(np.abs(apart), cut, axis=0) + 1e-9
    kept = np.clip(apart, -bound, bound)
    found = kept.T @ kept / len(kept)
    return (1 - SHRINK) * found + SHRINK * np.diag(np.diag(found))


def fit(what, honest, swapped):
    same, _, _ = differences(*weeks_of(what, honest))
    other, _, _ = differences(*weeks_of(what, swapped))
    white = np.linalg.inv(np.linalg.cholesky(covariance(same, COMMON)))
    others, turn = np.linalg.eigh(white @ covariance(other, RARE) @ white.T)
    axes = (white.T @ turn).astype("f4")
    manners, days = weeks_of(what, honest)
    _, squares, free = differences(manners @ axes, days)
    weekly = np.minimum(squares, np.quantile(squares, 0.95, axis=0)).sum(axis=0) / free.sum()
    return Manner(
        axes=axes,
        others=others.astype("f4"),
        weekly=weekly.astype("f4"),
        usual=middle(manners @ axes, days).astype("f4"),
        moves=clock_moves(axes) if what == "rhythm" else (),
    )


def said(what, hours, manner):
    manners, days = weeks_of(what, hours)
    return compare([View(manners, manner)], days)


def rounded(figures, digits):
    return np.round(figures.astype(float), digits).tolist()


def main():
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--homes", choices=("fit", "test", "all"), default="fit")
    given = parser.parse_args()
    known = read(given.data, given.homes)
    known["rhythm"] = with_its_clock_right(known["electricity"])
    for what, series in known.items():
        rounds = {"water": 2, "electricity": 12}[series.channel]
        found = {one.event: one for one in trials(series, np.random.default_rng(7), rounds)}["sublet"]
        manner = fit(what, found.honest, found.events)
        print(f"{what.upper()} = Manner(")
        print(f"    axes=floats({rounded(manner.axes, 2)}),")
        print(f"    others=floats({rounded(manner.others, 2)}),")
        print(f"    weekly=floats({rounded(manner.weekly, 3)}),")
        print(f"    usual=floats({rounded(manner.usual, 2)}),")
        print(")")
        same, other = (said(what, hours, manner) for hours in (found.honest, found.events))
        print("#", np.nanquantile(same, (0.5, 0.9, 0.99)).round(1), np.nanquantile(other, (0.1, 0.5, 0.9)).round(1))


if __name__ == "__main__":
    main()
