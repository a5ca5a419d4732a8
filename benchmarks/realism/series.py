"""Hourly use of many homes: real ones from a folder of extracts, simulated ones from a plan."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from device_sim.clock import DAY_S, HOUR_S, ZONE, Window
from device_sim.engine import simulate
from device_sim.history import history_window
from device_sim.parallel import in_order
from device_sim.plan import Plan
from device_sim.world import Entrance, build_world

WATER, ELECTRICITY = "water_46_households_hourly.npz", "electricity_269_households_15min.npz"
LONGEST_BRIDGED_H = 3
SATURDAY = 5
NIGHT_H, LIVED_IN_KWH, FLATS_KWH = 6, 2.0, 12.3
STEPS_A_UNIT = {"water": 1, "electricity": 100}
END = datetime(2026, 12, 7, tzinfo=ZONE)
"""A Monday, a week after which the real electricity ends too."""


class Homes(NamedTuple):
    """Use of H homes in each hour, litres or kilowatt-hours: (H, days, 24), NaN where the meter was not heard."""

    use: np.ndarray
    size: np.ndarray

    def sample(self, first: int, many: int) -> Homes:
        """Some of the homes."""
        return Homes(self.use[first : first + many], self.size[first : first + many])

    def only(self, kept: np.ndarray) -> Homes:
        """Those of them that are kept, (H,) of bool."""
        return Homes(self.use[kept], self.size[kept])

    def on(self, days: np.ndarray) -> Homes:
        """Some of the days only, (days,) of bool."""
        return Homes(self.use[:, days], self.size)

    def last(self, days: int) -> Homes:
        """The last days only."""
        return Homes(self.use[:, -days:], self.size)


def days_of(simulated: Homes, months: Collection[int], *, workdays_only: bool) -> np.ndarray:
    """(days,) which days of simulated homes, the last of which is the one before END, lie in some months."""
    many = simulated.use.shape[1]
    dates = [END - timedelta(days=many - number) for number in range(many)]
    return np.array([d.month in months and not (workdays_only and d.weekday() >= SATURDAY) for d in dates])


def real_water(folder: Path) -> Homes:
    """46 homes of Alicante over 445 days."""
    stored = np.load(folder / WATER)
    return Homes(stored["water_l"].astype(np.float64).reshape(46, -1, 24), stored["household_size"])


def real_electricity(folder: Path) -> tuple[Homes, Homes]:
    """269 homes of Switzerland over 49 days; and the 187 of them that did not tell how they heat."""
    stored = np.load(folder / ELECTRICITY)
    use = stored["kwh"].astype(np.float64).reshape(269, -1, 24, 4).sum(axis=-1)
    homes = Homes(use, np.zeros(269, dtype=int))
    return homes, homes.only(stored["heating"] == "nan")


def without_night_load(homes: Homes) -> Homes:
    """Lived-in homes that take at most a quarter of their electricity in the six hours after midnight.

    Who fills a boiler or heats with cheap electricity takes more then than through the day.
    """
    hours = np.nansum(homes.use, axis=1)
    share = hours[:, :NIGHT_H].sum(axis=1) / np.maximum(hours.sum(axis=1), 1e-9)
    return homes.only((share <= NIGHT_H / 24) & (_daily_means(homes) >= LIVED_IN_KWH))


def as_small_as_flats(homes: Homes) -> Homes:
    """Those that take no more a day than a flat does where gas or a district heats."""
    return homes.only(_daily_means(homes) <= FLATS_KWH)


def _daily_means(homes: Homes) -> np.ndarray:
    days = homes.use.sum(axis=2)
    return np.nansum(days, axis=1) / np.maximum(np.isfinite(days).sum(axis=1), 1)


def simulated(units: int, days: int, seed: int, processes: int) -> tuple[Homes, Homes]:
    """Water and electricity of the homes of a simulated city in which nobody misuses one."""
    plan = Plan(seed, units, days, END, 0.0)
    world = build_world(plan)
    water, power, sizes = [], [], []
    for homes in in_order(partial(_homes, plan), world.entrances, processes):
        for size, litres, kwh in homes:
            sizes.append(size)
            water.append(litres)
            power.append(kwh)
    return Homes(np.array(water), np.array(sizes)), Homes(np.array(power), np.array(sizes))


def _homes(plan: Plan, entrance: Entrance) -> list[tuple[int, np.ndarray, np.ndarray]]:
    window = history_window(plan)
    heard = {reading.device.device_id: reading for reading in simulate(plan.seed, entrance, window, {}).readings}
    return [
        (dwelling.households[-1].size, *(_hourly(heard[d.device_id], window) for d in dwelling.devices[:2]))
        for dwelling in entrance.dwellings
        if dwelling.unit.tenure == "leased" and dwelling.households[-1].lease_start < plan.first_day
        if not dwelling.story.mishaps  # dials that jump or begin anew were cleaned from the real series as well
    ]


def _hourly(heard, window: Window) -> np.ndarray:
    """Use of each hour by the dial, bridged where it was not heard for at most three hours."""
    edges = window.first_day * DAY_S + HOUR_S * np.arange(window.days * 24 + 1)
    dial = np.interp(edges, heard.seconds, heard.steps) / STEPS_A_UNIT[heard.device.kind]
    after = np.minimum(np.searchsorted(heard.seconds, edges), len(heard.seconds) - 1)
    gap = heard.seconds[after] - heard.seconds[np.maximum(after - 1, 0)]
    dial[gap > (LONGEST_BRIDGED_H + 0.1) * HOUR_S] = np.nan
    return np.diff(dial).reshape(window.days, 24)


def months(days: int) -> float:
    """Months of so many days."""
    return days / 30.44


def runs(within: np.ndarray) -> Iterator[int]:
    """Lengths of the runs of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], within.astype(np.int8), [0]])))
    yield from (edges[1::2] - edges[::2]).tolist()
