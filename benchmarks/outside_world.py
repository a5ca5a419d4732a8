"""A world by another hand: a folder for `estate evaluate`, made without a look at the simulator or the detectors.

Detectors and simulator grew up side by side and may share their blind spots. Here only what a judge outside would
have is used: the formats of lists and history, what the field reports, and *real* homes' meters. Weeks of real homes
are strung together into hourly series; people, doors, strangers and stories are made up.

    python benchmarks/outside_world.py FOLDER --data DIR [--units 5000] [--days 120] [--seed 1] [--variant NAME ...]

The series are not part of the project (arrays as in `docs/evaluation.md`). A variant is another way in which a judge
could write the same homes down: `--variant` takes several, which add up. Nothing of it is calibrated to any estate.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.outside.doors import Doors
from benchmarks.outside.folder import Writer
from benchmarks.outside.forms import VARIANTS, Form
from benchmarks.outside.meters import Meters
from benchmarks.outside.world import World


def make(folder: Path, world: World, form: Form) -> None:
    """Write one world as `form` says."""
    homes = world.homes()
    draw = np.random.default_rng(world.rng.integers(2**32))
    for home in homes:
        home.lock = bool(draw.random() < form.locks)
    doors = Doors(world, form)
    if "door" in form.channels:
        for home in homes:
            doors.home(home)
        for entrance in range(homes[-1].entrance + 1):
            doors.couriers(entrance)
    Writer(folder, world, form).write(homes, doors.sorted() if doors.rows else np.zeros((0, 8)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="folder with the real homes' series")
    parser.add_argument("--units", type=int, default=5000)
    parser.add_argument("--days", type=int, default=120)
    parser.add_argument("--end", type=date.fromisoformat, default=date(2026, 11, 22))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--misuse-rate", type=float, default=0.01, help="share of let units that are misused")
    parser.add_argument("--variant", nargs="*", default=[], choices=sorted(VARIANTS))
    args = parser.parse_args()
    form = Form()
    for name in args.variant:
        form = replace(form, **VARIANTS[name])
    meters = Meters(args.data)
    world = World(meters, units=args.units, end=args.end, days=args.days, seed=args.seed, misuse=args.misuse_rate)
    make(args.folder, world, form)


if __name__ == "__main__":
    main()
