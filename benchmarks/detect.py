"""How fast the detectors are: all of them over a million units in memory. `nightly.py` is the run on the store.

The units are those of a simulated city, over and over, with their use varied, so that as many alerts stand as in a
city of that share of misuse. Blocks bound the memory; the detectors judge each unit alone. Beside them, on the plain
figures of the same units, all of them: IsolationForest, gradient boosting, PyOD's ECOD and river's half-space trees,
which learn unit by unit. `make speed` installs the last two first; without them they are left out.

    make speed ARGS="--units 100000"
    python benchmarks/detect.py [--units 1000000] [--days 90] [--keep DIR]

Absolute figures are this machine's; quote what a unit costs, and the ratios.
"""

from __future__ import annotations

import argparse
import resource
import time
from dataclasses import replace
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, IsolationForest

from detectors.evaluation.peers import filled
from detectors.evaluation.truth import holding
from detectors.features import features
from detectors.registry import default_detectors
from gateway.evaluation.worlds import Simulation, simulated_worlds

USE = ("water_l", "electricity_kwh", "electricity_evening_kwh", "electricity_max_hour_kwh")


class Clock:
    """Adds up what each part takes, by the wall and of the processor."""

    def __init__(self):
        self.took_s = {}

    def time(self, name, work):
        began = np.array((time.perf_counter(), time.process_time()))
        done = work()
        took_s = np.array((time.perf_counter(), time.process_time())) - began
        self.took_s[name] = self.took_s.get(name, 0.0) + took_s
        return done

    def tell(self, name, units):
        wall_s, own_s = self.took_s[name]
        print(f"{name:<28}{wall_s:9.1f} s  processor {own_s:9.1f} s{own_s / units * 1e6:9.1f} µs a unit", flush=True)


def block(base, number, size):
    """As many units as wanted, made of the base's with other ids and their use varied."""
    random = np.random.default_rng(number)
    panel = base.take(random.integers(0, len(base.unit_ids), size))
    varied = {name: getattr(panel, name) * random.lognormal(0, 0.1, (size, 1)).astype("f4") for name in USE}
    return replace(panel, unit_ids=tuple(f"{number}-{at}" for at in range(size)), **varied)


def in_memory(args):
    wish = Simulation(
        seeds=[1],
        units=1000,
        days=args.days,
        end=date(2026, 6, 30),
        misuse_rate=args.misuse_rate,
        keep=args.keep,
    )
    (world,) = simulated_worlds(wish)
    (base,) = world.panels
    clock, found, figures = Clock(), 0, []
    detectors = default_detectors()
    for number in range(-(-args.units // args.block)):
        panel = block(base, number, min(args.block, args.units - number * args.block))
        for detector in detectors:
            name = f"{detector.kind} detector"
            found += len(clock.time(name, lambda detector=detector, panel=panel: detector(panel)).findings)
        figures.append(clock.time("plain figures", lambda panel=panel: features(panel)))
    names = [f"{detector.kind} detector" for detector in detectors]
    clock.took_s["all detectors"] = sum(clock.took_s[name] for name in names)
    print(f"{args.units:,} units, {args.days} days, blocks of {args.block:,}: {found:,} findings")
    print(f"memory at most {_memory_mb():.0f} MB with the detectors")
    for name in [*names, "all detectors", "plain figures"]:
        clock.tell(name, args.units)
    _peers(clock, filled(np.concatenate(figures)), base, world.truths)


def _peers(clock, figures, base, truths):
    units = len(figures)
    clock.time("IsolationForest", lambda: IsolationForest(random_state=0).fit(figures).score_samples(figures))
    clock.tell("IsolationForest", units)
    guilty = holding([truth for truth in truths if truth.kind != "honest"], base.unit_ids, base.days[-1:])[:, 0]
    boosting = HistGradientBoostingClassifier(random_state=0).fit(filled(features(base)), guilty)
    clock.time("boosting, predicting", lambda: boosting.predict_proba(figures))
    clock.tell("boosting, predicting", units)
    if find_spec("pyod"):
        from pyod.models.ecod import ECOD  # noqa: PLC0415 - where it is installed

        clock.time("PyOD ECOD", lambda: ECOD().fit(figures))
        clock.tell("PyOD ECOD", units)
    if find_spec("river"):
        from river.anomaly import HalfSpaceTrees  # noqa: PLC0415 - where it is installed

        clock.time("river HalfSpaceTrees", lambda: _learn_one_by_one(HalfSpaceTrees(seed=0), figures))
        clock.tell("river HalfSpaceTrees", units)
    if missing := [name for name in ("pyod", "river") if not find_spec(name)]:
        print(f"not installed, so left out: {', '.join(missing)} (make speed installs them)")
    print(f"memory at most {_memory_mb():.0f} MB with the peers")


def _learn_one_by_one(model, figures):
    low, high = figures.min(axis=0), figures.max(axis=0)
    for row in (figures - low) / np.maximum(high - low, 1e-9):
        named = dict(enumerate(row.tolist()))
        model.score_one(named)
        model.learn_one(named)


def _memory_mb():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--block", type=int, default=2000, help="units at once, as in a nightly run")
    parser.add_argument("--misuse-rate", type=float, default=0.01)
    parser.add_argument("--keep", type=Path, help="keep the simulated city there for the next time")
    args = parser.parse_args()
    in_memory(args)


if __name__ == "__main__":
    main()
