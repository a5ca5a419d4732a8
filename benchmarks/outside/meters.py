"""Meters of made-up homes: weeks of real ones, strung together."""

from __future__ import annotations

from pathlib import Path

import numpy as np

WEEK_H = 168


class Meters:
    """Whole weeks of real homes in which somebody lived and no water ran by itself, (weeks, 168) a home."""

    def __init__(self, folder: Path) -> None:
        water = np.load(folder / "water_46_households_hourly.npz")
        monday = -int(np.datetime64(str(water["start"]), "D").astype(int) - 4) % 7 * 24
        homes = [_lived_in(_weeks(row[monday:])) for row in water["water_l"].astype(float)]
        kept = [n for n, weeks in enumerate(homes) if len(weeks) >= 6]
        self.water = [homes[n] for n in kept]
        self.sizes = water["household_size"][kept]
        power = np.load(folder / "electricity_269_households_15min.npz")
        plain = power["kwh"][power["heating"] == "nan"].astype(float)
        hourly = plain.reshape(len(plain), -1, 4).sum(-1)
        self.kwh = [_weeks(row) for row in hourly[np.isfinite(hourly).all(1) & (hourly.mean(1) > 0.05)]]

    def water_of(self, rng: np.random.Generator, size: int, hours: int, weekday: int) -> np.ndarray:
        near = np.flatnonzero(np.abs(self.sizes - min(size, 5)) <= 1)
        weeks = self.water[int(rng.choice(near))]
        return _string(rng, weeks, hours, weekday) * rng.lognormal(-0.2, 0.2)

    def kwh_of(self, rng: np.random.Generator, size: int, hours: int, weekday: int) -> np.ndarray:
        series = _string(rng, self.kwh[int(rng.integers(len(self.kwh)))], hours, weekday)
        return series / series.mean() * rng.uniform(3.0, 10.0) * (0.7 + 0.12 * size) / 24


def _weeks(row: np.ndarray) -> np.ndarray:
    return row[: len(row) // WEEK_H * WEEK_H].reshape(-1, WEEK_H)


def _lived_in(weeks: np.ndarray) -> np.ndarray:
    heard = weeks[np.isnan(weeks).sum(1) <= 12]
    days = np.nan_to_num(heard).reshape(len(heard), 7, 24)
    lived = days.sum(-1).min(1) > 0.1 * days.sum(-1).mean() if len(days) else np.zeros(0, bool)
    return days[lived & (days.min(-1).max(1) < 0.3)].reshape(-1, WEEK_H)


def _string(rng: np.random.Generator, weeks: np.ndarray, hours: int, weekday: int) -> np.ndarray:
    """Weeks one after another as they were, with a leap now and then, cut to begin on the world's first weekday."""
    wanted = hours // WEEK_H + 2
    leaps = np.where(rng.random(wanted) < 0.2, rng.integers(0, len(weeks), wanted), 1)
    return weeks[(rng.integers(len(weeks)) + np.cumsum(leaps)) % len(weeks)].ravel()[weekday * 24 :][:hours].copy()
