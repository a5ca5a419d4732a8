"""Simulated homes beside real ones: litres, dry days, shapes, drift, load factors, and how hard a change is to see.

    python benchmarks/simulated_vs_real.py --data DIR [--units 900] [--days 365] [--seed 2] [--plots docs/simulator]

DIR holds the two extracts of public data that the project's developers share (`water_46_households_hourly.npz`,
`electricity_269_households_15min.npz`). Prints one Markdown table; with `--plots` writes SVG files as well. Published
figures of the whole sets stand where the extract is only half of them.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.realism import measures, series
from benchmarks.realism.occupants import recall
from benchmarks.realism.plots import Plot, svg
from benchmarks.realism.profiles import PROFILES
from benchmarks.realism.series import Homes

LITRES_BY_SIZE = (127, 228, 244, 319, 373)
DRY_STARTS = (331, 70, 12, 5, 0)
NO_WATER = (8.5, 1.33, 0.36, 0.19)
STEADY = (74, 25, 4.8)
DRIFT = (0.14, 1.09)
ELECTRICITY_DAYS = 49
ROUNDS = 8
DRY, DRY_LABELS = "starts of dry runs, 1,000 units and month", ("3 days", "7", "14", "21", "28")
ELECTRICITY_SHAPE = "electricity: shape of the day, correlation"
THREE = "10th / 50th / 90th percentile"


class Row(NamedTuple):
    """One thing measured: of what, by which columns, real (published or of the extract) and simulated."""

    what: str
    columns: str
    real: Sequence[float]
    simulated: Sequence[float]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--units", type=int, default=900)
    arguments.add_argument("--days", type=int, default=365)
    arguments.add_argument("--seed", type=int, default=2)
    arguments.add_argument("--processes", type=int, default=1)
    arguments.add_argument("--plots", type=Path)
    told = arguments.parse_args()
    real_water, (swiss, unknown) = series.real_water(told.data), series.real_electricity(told.data)
    water, year = series.simulated(told.units, told.days, told.seed, told.processes)
    power, alike = year.last(ELECTRICITY_DAYS), series.without_night_load(swiss)
    rows = [
        *water_rows(real_water, water),
        *power_rows(alike, power),
        *shape_rows(swiss, alike, power, year),
        *hard(real_water, water, unknown, power),
    ]
    print(table(rows))
    if told.plots:
        write_plots(told.plots, rows, (real_water, water), year)


def water_rows(real: Homes, simulated: Homes) -> list[Row]:
    """Water: published figures of the whole set where there are any, else of the extract."""
    published = (
        ("litres a day", "1 / 2 / 3 / 4 / 5 people", LITRES_BY_SIZE, measures.by_size),
        (DRY, "3 / 7 / 14 / 21 / 28 days", DRY_STARTS, measures.dry_runs),
        ("no water, one person, a month", "8 / 12 / 24 / 48 h", NO_WATER, measures.no_water),
        ("never still for 3 days, 1,000 units and month", "0.5 / 2 / 5 L/h", STEADY, measures.steady_flows),
        ("change of 28-day mean, abs log ratio", "median / 95th percentile", DRIFT, measures.drift),
    )
    return [
        *(Row(what, columns, figures, of(simulated)) for what, columns, figures, of in published),
        _both("variation of a home's days (extract)", THREE, measures.day_to_day, real, simulated),
        _both("spread of homes' means, log (extract)", "standard deviation", measures.spread_of_homes, real, simulated),
        _alike("water: shape of the day", "correlation", measures.shape(real), measures.shape(simulated)),
    ]


def power_rows(real: Homes, simulated: Homes) -> list[Row]:
    """Electricity, of homes of the extract that have no load at night."""
    return [
        _both("kWh a day (Switzerland)", THREE, measures.means, real, simulated),
        _both("load factor of a day", THREE, measures.load_factors, real, simulated),
        _both("least hour over mean hour", THREE, measures.base_share, real, simulated),
        _both("electricity: variation of a home's days", THREE, measures.day_to_day, real, simulated),
        _both("electricity: week to week, abs log ratio", "median / 95th percentile", measures.weekly, real, simulated),
    ]


def shape_rows(swiss: Homes, alike: Homes, power: Homes, year: Homes) -> list[Row]:
    """The day's shape of electricity against each kind of home: `power` is `year` in the weeks of the Swiss."""
    kinds = ((", all", swiss), (" without a load at night", alike), (" of them small", series.as_small_as_flats(alike)))
    return [
        *(
            _alike(
                ELECTRICITY_SHAPE,
                f"{one.whose}: {one.when}{'' if one.like_ours else ' (unlike)'}",
                one.shape,
                measures.shape(year.on(series.days_of(year, one.months, workdays_only=one.workdays_only))),
            )
            for one in PROFILES
        ),
        *(
            _alike(ELECTRICITY_SHAPE, f"{len(homes.use)} Swiss homes{which}{how}", of(homes), of(power))
            for which, homes in kinds
            for how, of in (("", measures.shape), (", above each home's least hour", measures.shape_above_base))
        ),
    ]


def _both(what: str, columns: str, of: Callable[[Homes], list[float]], real: Homes, simulated: Homes) -> Row:
    return Row(what, columns, of(real), of(simulated))


def _alike(what: str, columns: str, real: np.ndarray, simulated: np.ndarray) -> Row:
    return Row(what, columns, [1.0], [float(np.corrcoef(real, simulated)[0, 1])])


def hard(water: Homes, sim_water: Homes, power: Homes, sim_power: Homes) -> list[Row]:
    """The same classifier on as many real as simulated homes."""
    return [
        _hard("water", water, sim_water),
        _hard("electricity", power, sim_power),
    ]


def _hard(what: str, real: Homes, simulated: Homes) -> Row:
    many = len(real.use)
    rounds = min(ROUNDS, len(simulated.use) // many)
    of_real = [recall(real, seed) for seed in range(rounds)]
    of_simulated = [recall(simulated.sample(many * n, many), n) for n in range(rounds)]
    return Row(
        f"{what}: changes of occupants found at 1 % false", "recall", [np.mean(of_real)], [np.mean(of_simulated)]
    )


def table(rows: list[Row]) -> str:
    """The rows as Markdown."""
    lines = ["| | | real | simulated |", "| --- | --- | --- | --- |"]
    lines += [f"| {row.what} | {row.columns} | {_figures(row.real)} | {_figures(row.simulated)} |" for row in rows]
    return "\n".join(lines)


def write_plots(folder: Path, rows: list[Row], water: tuple[Homes, Homes], year: Homes) -> None:
    """Write what a reader sees sooner than reads."""
    folder.mkdir(parents=True, exist_ok=True)
    of = {row.what: row for row in rows}
    hours = [str(hour) for hour in range(24)]
    litres, dry = of["litres a day"], of[DRY]
    plots = {
        "litres": Plot("Litres a day by people", "12345", litres.real, litres.simulated),
        "dry": Plot("Runs of dry days begun, 1,000 units and month", DRY_LABELS, dry.real, dry.simulated),
        "water-day": Plot("Water by hour, mean 1", hours, *map(measures.shape, water), line=True),
        "electricity-day": Plot(
            "Electricity by hour, mean 1 (real: German households)",
            hours,
            PROFILES[0].shape,
            measures.shape(year),
            line=True,
        ),
    }
    for name, plot in plots.items():
        (folder / f"{name}.svg").write_text(svg(plot), "utf-8")


def _figures(values: Sequence[float]) -> str:
    return " / ".join(f"{value:.0f}" if value >= 100 else f"{value:.3g}" for value in values)


if __name__ == "__main__":
    main()
