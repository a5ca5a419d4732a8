"""What is measured of homes, the same way of real and of simulated ones."""

from __future__ import annotations

import warnings

import numpy as np

from benchmarks.realism.series import Homes, months, runs

DRY_L, DRY_DAYS = 3.0, (3, 7, 14, 21, 28)
NO_WATER_H = (8, 12, 24, 48)
FLOWS_L, FLOW_DAYS = (0.5, 2.0, 5.0), 3
SPAN_DAYS, LEAST_DAYS = 28, 21
LARGEST = 5


def daily(homes: Homes) -> np.ndarray:
    """(H, days) use of each day; NaN unless all hours are known."""
    return homes.use.sum(axis=2)


def by_size(homes: Homes) -> list[float]:
    """Mean litres a day of homes of one to five people."""
    means = nanmean(daily(homes), 1)
    return [float(np.nanmean(means[np.minimum(homes.size, LARGEST) == size])) for size in range(1, LARGEST + 1)]


def dry_runs(homes: Homes) -> list[float]:
    """Starts of runs of days with at most 3 L, per 1,000 units and month."""
    use = daily(homes)
    lengths = [length for home in use for length in runs(home <= DRY_L)]
    known = months(int(np.isfinite(use).sum()))
    return [1000 * sum(length >= days for length in lengths) / known for days in DRY_DAYS]


def no_water(homes: Homes) -> list[float]:
    """How often a month no water flows for some hours in a home of one person."""
    single = homes.use[homes.size == 1].reshape((homes.size == 1).sum(), -1)
    lengths = [length for home in single for length in runs(home < 0.5)]
    known = months(np.isfinite(single).sum() / 24)
    return [sum(length >= hours for length in lengths) / known for hours in NO_WATER_H]


def steady_flows(homes: Homes) -> list[float]:
    """Starts of three days in which every hour has so many litres, per 1,000 units and month."""
    use = homes.use.reshape(len(homes.use), -1)
    known = months(np.isfinite(use).sum() / 24)
    return [
        1000 * sum(length >= 24 * FLOW_DAYS for home in use for length in runs(home >= litres)) / known
        for litres in FLOWS_L
    ]


def shape(homes: Homes) -> np.ndarray:
    """(24,) share of each hour in the day of a typical home, 1 on average."""
    hours = nanmean(homes.use, 1)
    shares = hours / np.maximum(hours.mean(axis=1, keepdims=True), 1e-9)
    return np.nanmean(shares, axis=0)


def shape_above_base(homes: Homes) -> np.ndarray:
    """(24,) the same of what each home takes above its least hour."""
    hours = nanmean(homes.use, 1)
    above = hours - hours.min(axis=1, keepdims=True)
    return np.nanmean(above / np.maximum(above.mean(axis=1, keepdims=True), 1e-9), axis=0)


def drift(homes: Homes) -> list[float]:
    """Median and 95th percentile of |log ratio| of a home's use in one 28 days and the next."""
    return _changes(homes, SPAN_DAYS, LEAST_DAYS)


def weekly(homes: Homes) -> list[float]:
    """The same from week to week."""
    return _changes(homes, 7, 6)


def means(homes: Homes) -> list[float]:
    """10th, 50th, 90th percentile of homes' means a day."""
    return _percentiles(nanmean(daily(homes), 1), 10, 50, 90)


def spread_of_homes(homes: Homes) -> list[float]:
    """Standard deviation of the log of homes' means."""
    of_homes = nanmean(daily(homes), 1)
    return [float(np.nanstd(np.log(of_homes[of_homes > 0])))]


def day_to_day(homes: Homes) -> list[float]:
    """10th, 50th, 90th percentile of the coefficient of variation of a home's days."""
    use = daily(homes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _percentiles(np.nanstd(use, axis=1) / np.nanmean(use, axis=1), 10, 50, 90)


def load_factors(homes: Homes) -> list[float]:
    """10th, 50th, 90th percentile of a home's mean hour over its largest hour, day by day."""
    return _percentiles(nanmean(homes.use.mean(axis=2) / np.maximum(homes.use.max(axis=2), 1e-9), 1), 10, 50, 90)


def base_share(homes: Homes) -> list[float]:
    """10th, 50th, 90th percentile of the share of the least hour of the day in its mean hour."""
    return _percentiles(nanmean(homes.use.min(axis=2) / np.maximum(homes.use.mean(axis=2), 1e-9), 1), 10, 50, 90)


def nanmean(values: np.ndarray, axis: int) -> np.ndarray:
    """Mean of what is known; NaN, without a warning, of nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return np.nanmean(values, axis=axis)


def _changes(homes: Homes, days: int, least: int) -> list[float]:
    use = daily(homes)
    use = use[:, : use.shape[1] // days * days].reshape(len(use), -1, days)
    means = np.where(np.isfinite(use).sum(axis=2) >= least, nanmean(use, 2), np.nan)
    changes = np.abs(np.diff(np.log(np.maximum(means, 0.1)), axis=1))
    return _percentiles(changes, 50, 95)


def _percentiles(values: np.ndarray, *which: float) -> list[float]:
    return np.nanpercentile(values, which).tolist()
