"""What the detectors cost: every one of them over made-up estates, block by block, as a province would be judged.

Units are independent, so that a block of them is judged at a time and memory does not grow with their number. The
figures of a block are drawn once and shuffled for each block; drawing is not timed.

    python benchmarks/detect.py [--units 1000000] [--days 90] [--block 10000] [--share 0.02]
"""

from __future__ import annotations

import argparse
import resource
import time
from dataclasses import fields

import numpy as np

from detectors.panel import Panel
from detectors.registry import default_detectors

FIRST = np.datetime64("2026-03-01")
GAPS = 0.02
METERS = ("water", "electricity")


def estate(units, days, share, random):
    """Lived-in homes with gaps; of `share` of them nobody is there for the last five weeks."""
    litres = random.lognormal(5.2, 0.5, (units, 1)) * random.lognormal(0, 0.4, (units, days))
    kwh = random.lognormal(1.6, 0.5, (units, 1)) * random.lognormal(0, 0.25, (units, days))
    away = (random.random((units, 1)) < share) & (np.arange(days) >= days - 35)[None, :]
    litres, kwh = np.where(away, 0, litres), np.where(away, 1.2, kwh + 1.2)
    seen = np.where(away | (random.random((units, days)) < 0.2), 0, random.poisson(4, (units, days)))
    strange = random.poisson(0.1, (units, days))
    figures = {
        "water_l": litres,
        "water_active_hours": np.where(away, 0, random.integers(6, 14, (units, days))),
        "water_min_hour_l": np.zeros((units, days)),
        "water_max_hour_l": litres / 4,
        "electricity_kwh": kwh,
        "electricity_min_hour_kwh": np.full((units, days), 0.05),
        "electricity_max_hour_kwh": kwh / 6,
        "electricity_evening_kwh": kwh / 3,
        "registered_passages": seen,
        "registered_persons": np.minimum(seen, 2),
        "visitor_passages": random.poisson(0.1, (units, days)),
        "stranger_passages": 2 * strange,
        "strangers": strange,
        "returning_strangers": strange // 2,
        "unidentified_passages": random.poisson(0.3, (units, days)),
    }
    gap = random.random((units, days)) < GAPS
    unknown = {name: np.where(gap, np.nan, values) for name, values in figures.items() if name.startswith(METERS)}
    return (
        figures
        | unknown
        | {
            "water_coverage": ~gap * 1.0,
            "electricity_coverage": ~gap * 1.0,
            "water_hours_known": ~gap * 24.0,
            "electricity_hours_known": ~gap * 24.0,
            "door_coverage": np.ones((units, days)),
            "enrolled_persons": np.full((units, days), 2.0),
            "days_since_lease_start": np.arange(400, 400 + days) * np.ones((units, 1)),
            "household_size": random.integers(1, 5, units).astype(float),
        }
    )


def panel(units, days, share, random):
    drawn = {name: values.astype("f4") for name, values in estate(units, days, share, random).items()}
    kinds = random.random(units)
    leased = np.broadcast_to((kinds > 0.03)[:, None], (units, days)).copy()
    flags = {
        "tenure_leased": kinds > 0.03,
        "leased": leased,
        "declared_absence": np.zeros((units, days), bool),
        "lone_elder": kinds > 0.9,
        "holiday": np.zeros(days, bool),
    }
    made = Panel(unit_ids=tuple(f"u{n}" for n in range(units)), days=FIRST + np.arange(days), **drawn, **flags)
    assert len(fields(made)) == len(drawn) + len(flags) + 2
    return made


def judge(block, random, total):
    """Judge blocks until `total` units are done; returns seconds of processor by detector, and findings."""
    detectors, spent, found = default_detectors(), {}, 0
    for _ in range(max(total // len(block.unit_ids), 1)):
        mixed = block.take(random.permutation(len(block.unit_ids)))
        for detector in detectors:
            began = time.process_time()
            found += len(detector(mixed).findings)
            spent[detector.kind] = spent.get(detector.kind, 0) + time.process_time() - began
    return spent, found


def main():
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--block", type=int, default=10_000)
    parser.add_argument("--share", type=float, default=0.005)
    given = parser.parse_args()
    random = np.random.default_rng(1)
    block = panel(min(given.block, given.units), given.days, given.share, random)
    spent, found = judge(block, random, given.units)
    for kind, seconds in spent.items():
        print(f"{kind:10}{seconds:10.1f} s of processor")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"{'all':10}{sum(spent.values()):10.1f} s, {most:.2f} GB at most")
    print(f"{given.units:,} units × {given.days} days, {found:,} findings")


if __name__ == "__main__":
    main()
