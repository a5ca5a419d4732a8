"""How well the detectors do on real households into which events were put, one channel at a time.

The series are not part of the project; a folder with these files is given (arrays as in `docs/evaluation.md`):

    python benchmarks/real_series.py --data DIR [--homes test|fit|all] [--rounds 8]

Every household gives windows of days, and every window is judged on its last day: as it was, with what honest people
do (trips, a hospital stay, a meter's gap, guests, a new appliance), and with an event of each kind put in. The figures
are those of an estate in which `--share` of the homes have the event: precision at k (as many visits as there are
events), recall at 0.1, 0.3 and 1 % false positives, and alerts on honest homes. No channel has doors or leases.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from detectors.findings import Detector
from detectors.panel import Panel
from detectors.registry import default_detectors

FIRST = np.datetime64("2026-03-02")
KNOWN_HOURS = 20
LIVED_IN = {"water": 10.0, "electricity": 1.0}
"""Litres or kWh a day that the median day of a window must show: what is judged was lived in."""
ACTIVE = {"water": 1.0, "electricity": 0.1}


@dataclass(frozen=True)
class Series:
    """Hourly use of households, (N, D, 24), NaN where the meter was not heard."""

    channel: str
    hours: np.ndarray
    window: int
    step: int

    def windows(self) -> Iterator[np.ndarray]:
        """(N, window, 24) of the same days of all households, those that cannot be used all NaN."""
        for first in range(0, self.hours.shape[1] - self.window + 1, self.step):
            yield self.hours[:, first : first + self.window]


def read(folder: Path, which: str) -> dict[str, Series]:
    """The two files; `fit` are the even households, `test` the odd ones."""
    chosen = {"fit": slice(0, None, 2), "test": slice(1, None, 2), "all": slice(None)}[which]
    with np.load(folder / "water_46_households_hourly.npz") as file:
        litres = file["water_l"].astype("f4")[chosen]
    with np.load(folder / "electricity_269_households_15min.npz") as file:
        quarters = file["kwh"].astype("f4")[chosen]
    water = litres.reshape(len(litres), -1, 24)
    electricity = quarters.reshape(len(quarters), -1, 24, 4).sum(axis=3)
    return {
        "water": Series("water", water, 90, 15),
        "electricity": Series("electricity", electricity, 49, 49),
    }


def usable(channel: str, hours: np.ndarray) -> np.ndarray:
    """Households whose window is known and lived in."""
    known = np.isfinite(hours).sum(axis=2) >= KNOWN_HOURS
    day = np.where(known, np.nansum(hours, axis=2), np.nan)
    enough = (known.mean(axis=1) >= 0.8) & known[:, -3:].any(axis=1)
    middle = np.zeros(len(hours))
    middle[enough] = np.nanmedian(day[enough], axis=1)
    return enough & (middle >= LIVED_IN[channel])


# What is put in. Each takes hours (D, 24) and gives new ones; `others` are other households' same days.


def empty(channel: str, hours: np.ndarray, days: slice, random: np.random.Generator) -> np.ndarray:
    """Nobody there: no water, or what goes on by itself."""
    left = hours.copy()
    shape = left[days].shape
    if channel == "water":
        left[days] = 0
    else:
        standby = np.nanquantile(hours, random.choice([0.02, 0.1, 0.2]))
        left[days] = standby * random.gamma(8, 1 / 8, shape)
    return left


def vacancy(channel: str, hours: np.ndarray, age: int, random: np.random.Generator) -> np.ndarray:
    """Left for good: empty, in some homes with a drip, a lamp on a timer, or somebody who looks in each week."""
    since = slice(len(hours) - age, None)
    left = empty(channel, hours, since, random)
    if random.random() < 0.3:
        left[since] += drip(random) if channel == "water" else lamp(random)
    if random.random() < 0.3:
        for day in range(len(hours) - age + random.integers(7), len(hours), 7):
            at = random.integers(9, 19)
            left[day, at : at + 2] += random.uniform(5, 25) if channel == "water" else random.uniform(0.1, 0.4)
    return masked(left, hours)


def drip(random: np.random.Generator) -> float:
    return float(random.uniform(0.2, 1.5))


def lamp(random: np.random.Generator) -> np.ndarray:
    on = np.zeros(24, "f4")
    on[18 : random.integers(21, 24)] = random.uniform(0.03, 0.1)
    return on


def occupants(hours: np.ndarray, other: np.ndarray, age: int) -> np.ndarray:
    """Another household's life from then on."""
    return np.concatenate([hours[: len(hours) - age], other[len(hours) - age :]])


def leak(hours: np.ndarray, age: int, random: np.random.Generator) -> np.ndarray:
    """Water that runs all the time."""
    left = hours.copy()
    left[len(hours) - age :] += random.uniform(2, 20)
    return left


def masked(changed: np.ndarray, hours: np.ndarray) -> np.ndarray:
    return np.where(np.isnan(hours), np.nan, changed)


def honest(channel: str, hours: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """What honest people do: most do nothing remarkable."""
    draw, length = random.random(), len(hours)
    if draw < 0.12:
        return stay_away(channel, hours, int(random.integers(2, 15)), random)
    if draw < 0.14:
        return stay_away(channel, hours, int(random.integers(10, 22)), random)
    if draw < 0.18:
        start, days = random.integers(length), random.integers(3, 15)
        left = hours.copy()
        left[start : min(start + days, length - 1)] = np.nan
        return left
    if draw < 0.21:
        start = random.integers(length)
        left = hours.copy()
        left[start : start + random.integers(5, 15)] *= random.uniform(1.2, 1.6)
        return left
    if draw < 0.24:
        start, more = random.integers(length), random.uniform(0.05, 0.3)
        left = hours.copy()
        added = more / 24 if channel == "electricity" else 0
        left[start:] = left[start:] * random.uniform(0.85, 1.2) + added
        return left
    return hours


def stay_away(channel: str, hours: np.ndarray, days: int, random: np.random.Generator) -> np.ndarray:
    start = int(random.integers(-days + 1, len(hours)))
    return masked(empty(channel, hours, slice(max(start, 0), start + days), random), hours)


def panel_of(channel: str, hours: np.ndarray) -> Panel:
    """The panel that the gateway would give for meters of one channel, (U, D, 24)."""
    units, days = hours.shape[:2]
    nothing = nothing_known(units, days)
    known = np.isfinite(hours)
    counted = known.sum(axis=2)
    enough = counted >= KNOWN_HOURS
    clean = np.where(known, hours, 0)
    figures = {
        "coverage": counted / 24,
        "hours_known": counted,
        "min_hour": np.where(enough, np.where(known, hours, np.inf).min(axis=2), np.nan),
        "max_hour": np.where(enough, np.where(known, hours, -np.inf).max(axis=2), np.nan),
        "active_hours": np.where(counted > 0, (known & (clean >= ACTIVE[channel])).sum(axis=2), np.nan),
        "use": np.where(counted > 0, clean.sum(axis=2), np.nan),
        "morning": hours[:, :, 6:12].sum(axis=2),
        "evening": hours[:, :, 18:].sum(axis=2),
        "roughness": np.where(enough, roughness(hours), np.nan),
        "peak_hour": np.where(enough & (clean > 0).any(axis=2), clean.argmax(axis=2), np.nan),
        **dict(zip(RHYTHM, rhythm(hours, ACTIVE[channel], enough), strict=True)),
    }
    return replace(nothing, **{name: figures[key].astype("f4") for name, key in COLUMNS[channel].items()})


def roughness(hours: np.ndarray) -> np.ndarray:
    """Mean difference from one known hour to the next."""
    steps = np.abs(np.diff(hours, axis=2))
    return np.nansum(steps, axis=2) / np.maximum(np.isfinite(steps).sum(axis=2), 1)


RHYTHM = ("rhythm_cos", "rhythm_sin", "rhythm_cos2", "rhythm_sin2")


def rhythm(hours: np.ndarray, active: float, enough: np.ndarray) -> Iterator[np.ndarray]:
    """When the day is busy: what its hours say, on a logarithmic scale, against waves of a day and of half a day."""
    told = np.log1p(hours / active)
    known = np.isfinite(told)
    mean = np.nansum(told, axis=2) / np.maximum(known.sum(axis=2), 1)
    beside = np.where(known, told - mean[:, :, None], 0)
    angle = 2 * np.pi * (np.arange(24) + 0.5) / 24
    for wave in (np.cos(angle), np.sin(angle), np.cos(2 * angle), np.sin(2 * angle)):
        yield np.where(enough, (beside * wave).mean(axis=2), np.nan)


COLUMNS = {
    "water": {
        "water_l": "use",
        "water_coverage": "coverage",
        "water_hours_known": "hours_known",
        "water_active_hours": "active_hours",
        "water_min_hour_l": "min_hour",
        "water_max_hour_l": "max_hour",
        "water_least_flow_l_per_h": "min_hour",
        "water_morning_l": "morning",
        "water_evening_l": "evening",
        "water_roughness_l": "roughness",
    },
    "electricity": {
        "electricity_kwh": "use",
        "electricity_coverage": "coverage",
        "electricity_hours_known": "hours_known",
        "electricity_min_hour_kwh": "min_hour",
        "electricity_max_hour_kwh": "max_hour",
        "electricity_evening_kwh": "evening",
        "electricity_roughness_kwh": "roughness",
        "electricity_peak_hour": "peak_hour",
        **{f"electricity_{name}": name for name in RHYTHM},
    },
}


def nothing_known(units: int, days: int) -> Panel:
    """Leased homes of whom nothing was heard."""
    unknown, zero = np.full((units, days), np.nan, "f4"), np.zeros((units, days), "f4")
    yes, no = np.ones((units, days), bool), np.zeros((units, days), bool)
    absent = {
        name: zero if name.endswith(("coverage", "hours_known")) else unknown
        for name in Panel.__dataclass_fields__
        if name.startswith(
            (
                "water",
                "electricity",
                "door",
                "registered",
                "visitor",
                "stranger",
                "returning",
                "unnamed",
                "uniden",
                "late",
            )
        )
    }
    return Panel(
        unit_ids=tuple(f"u{number}" for number in range(units)),
        days=FIRST + np.arange(days),
        tenure_leased=np.ones(units, bool),
        under_repair=np.zeros(units, bool),
        leased=yes,
        household_size=np.full(units, np.nan, "f4"),
        enrolled_persons=zero,
        declared_absence=no,
        lone_elder=np.zeros(units, bool),
        days_since_lease_start=np.arange(400, 400 + days, dtype="f4")[None, :].repeat(units, axis=0),
        holiday=np.zeros(days, bool),
        **absent,
    )


@dataclass(frozen=True)
class Trial:
    """Windows of one channel: as honest people live, and with an event; `home` is each row's household."""

    channel: str
    event: str
    honest: np.ndarray
    events: np.ndarray


def trials(series: Series, random: np.random.Generator, rounds: int) -> Iterator[Trial]:
    """For each kind of event, all windows of all usable households, `rounds` times over."""
    calm, put = [], {name: [] for name in EVENTS[series.channel]}
    for hours in list(series.windows()) * rounds:
        rows = np.flatnonzero(usable(series.channel, hours))
        for row in rows:
            calm.append(honest(series.channel, hours[row], random))
            for name, event in EVENTS[series.channel].items():
                other = hours[random.choice(rows[rows != row])]
                put[name].append(event(hours[row], other, random))
    for name, changed in put.items():
        yield Trial(series.channel, name, np.stack(calm), np.stack(changed))


EVENTS: dict[str, dict[str, Callable[..., np.ndarray]]] = {
    "water": {
        "vacancy": lambda hours, _, random: vacancy("water", hours, int(random.integers(14, 43)), random),
        "sublet": lambda hours, other, random: occupants(hours, other, int(random.integers(14, 43))),
        "leak": lambda hours, _, random: leak(hours, int(random.integers(3, 22)), random),
    },
    "electricity": {
        "vacancy": lambda hours, _, random: vacancy("electricity", hours, int(random.integers(14, 29)), random),
        "sublet": lambda hours, other, random: occupants(hours, other, int(random.integers(14, 29))),
    },
}


def figures(detector: Detector, trial: Trial, share: float, yellow: float) -> str:
    """One line of the table."""
    calm, found = (detector(panel_of(trial.channel, hours)).probability for hours in (trial.honest, trial.events))
    alerts = 1000 * np.mean(np.nan_to_num(calm) >= yellow)
    told = np.mean(np.nan_to_num(found) >= yellow)
    calm, found = np.nan_to_num(calm, nan=-1), np.nan_to_num(found, nan=-1)
    recalls = [recall_at(calm, found, rate) for rate in (0.001, 0.003, 0.01)]
    row = [precision_at_k(calm, found, share), *recalls, told]
    return "".join(f"{value:8.3f}" for value in row) + f"{alerts:10.1f}{len(calm):8d}"


def precision_at_k(calm: np.ndarray, found: np.ndarray, share: float) -> float:
    """In an estate with this share of events, of as many visits as there are events, how many find one."""
    scores = np.concatenate([found, calm])
    weight = np.concatenate([np.full(len(found), share / len(found)), np.full(len(calm), (1 - share) / len(calm))])
    right = np.arange(len(scores)) < len(found)
    order = np.lexsort((right, -scores))  # of equals, the honest ones are visited first
    visited = np.cumsum(weight[order]) <= share
    return float(weight[order][visited & right[order]].sum() / share)


def recall_at(calm: np.ndarray, found: np.ndarray, rate: float) -> float:
    """Share of events above the score that so many of the honest ones exceed."""
    line = np.sort(calm)[::-1][min(int(rate * len(calm)), len(calm) - 1)]
    return float(np.mean(found > line))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--homes", choices=("fit", "test", "all"), default="test")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--share", type=float, default=0.01)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    detectors = {str(one.kind): one for one in default_detectors()}
    columns = ("prec@k", "r@0.1%", "r@0.3%", "r@1%", "alerted")
    print(f"{'':24}" + "".join(f"{name:>8}" for name in columns) + f"{'false/1000':>10}{'windows':>8}")
    for channel, series in read(given.data, given.homes).items():
        rounds = given.rounds * (8 if channel == "electricity" else 1)
        for trial in trials(series, np.random.default_rng(given.seed), rounds):
            line = figures(detectors[trial.event], trial, given.share, 0.5)
            print(f"{channel + ' ' + trial.event:24}{line}", flush=True)


if __name__ == "__main__":
    main()
