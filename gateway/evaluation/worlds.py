"""Worlds to judge: panels, and beside them what was really so. From the database, from folders, or simulated."""

from __future__ import annotations

import hashlib
import pickle
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from detectors.evaluation.truth import HONEST, Truth
from detectors.findings import Kind
from detectors.panel import Panel
from gateway.detection.panel import build
from gateway.detection.visitors import attribute_weeks
from gateway.errors import InputFileError
from gateway.evaluation.folder import panels_of
from gateway.evaluation.truth_file import read_truth
from gateway.store import panels, rollups, units
from gateway.store.database import Connection

TRUTH = "truth.csv"
_ALL_DAYS = 10_000
_SOURCES = (
    *("device_sim", "detectors.panel", "gateway.rollup.use", "gateway.detection.panel", "gateway.detection.holidays"),
    *(
        "gateway.detection.merged",
        "gateway.evaluation.folder",
        "gateway.evaluation.folder_doors",
        "gateway.evaluation.folder_meters",
        "gateway.evaluation.folder_strangers",
        "gateway.detection.attributing",
        "detectors.attribution",
    ),
)
"""What a simulated world's panel depends on."""
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One panel an estate, and the truth about their units; judges are given the panels and nothing else."""

    name: str
    panels: Sequence[Panel]
    truths: Sequence[Truth]
    notes: Sequence[str] = ()
    """What was left out, in sentences."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """Which worlds the simulator is asked for, one a seed. `keep`: a folder that saves asking for them again."""

    seeds: Sequence[int]
    units: int = 1000
    days: int = 120
    end: date
    misuse_rate: float = 0.06
    keep: Path | None = None


def stored_world(conn: Connection, truths: Sequence[Truth]) -> World:
    """All estates of the database, as far back as it goes."""
    rollups.refresh(conn)
    found = []
    for estate in units.estates(conn, limit=1_000_000):
        last = panels.latest_day(conn, estate.estate_id, date.max)
        if last:
            attribute_weeks(conn, estate.estate_id, last)
        panel = build(conn, estate.estate_id, last, history_days=_ALL_DAYS) if last else None
        found += [panel] if panel else []
    return World(name="database", panels=found, truths=truths, notes=_unused(truths, found))


def folder_world(path: Path, truth: Path | None = None, progress: Progress = lambda _: None) -> World:
    """A folder of lists, history and truth.

    Raises:
        InputFileError: one of them is not there, or cannot be read.
        FaultyRegistryError: the lists have faults.
    """
    truths = read_truth(truth or _truth_file(path))
    rows = 0

    def count(more: int) -> None:
        nonlocal rows
        rows += more
        progress(f"{path.name}: {rows:,} rows")

    notes: list[str] = []
    found = panels_of(path, count, notes.append)
    return World(name=path.name, panels=found, truths=truths, notes=[*notes, *_unused(truths, found)])


def _unused(truths: Sequence[Truth], found: Sequence[Panel]) -> list[str]:
    """What the truth says that no figure takes into account."""
    known = {HONEST, *Kind}
    strange = Counter(truth.kind for truth in truths if truth.kind not in known)
    here = {unit_id for panel in found for unit_id in panel.unit_ids}
    nowhere = sum(truth.unit_id not in here for truth in truths)
    told = [
        f"truth: {rows} rows of the kind {kind!r} left out; kinds are {', '.join(sorted(known))}"
        for kind, rows in strange.items()
    ]
    return [*told, *([f"truth: {nowhere} rows left out: their units are not on the lists"] if nowhere else [])]


def simulated_worlds(wish: Simulation, progress: Progress = lambda _: None) -> Iterator[World]:
    """Ask the simulator, a program of its own, for one world a seed.

    Raises:
        InputFileError: it refuses; the message has what it said.
    """
    for seed in wish.seeds:
        kept = wish.keep and wish.keep / f"world-{_print(wish, seed)}.pickle"
        if kept and kept.is_file():
            yield pickle.loads(kept.read_bytes())  # noqa: S301 - written below, by us
            continue
        progress(f"seed {seed}: simulating {wish.units} units, {wish.days} days")
        world = _simulated(wish, seed, progress)
        if kept:
            _keep(kept, world)
        yield world


def _keep(path: Path, world: World) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pickle.dumps(world))
    except OSError as error:
        raise InputFileError(f"cannot keep {path}: {error.strerror}") from error


def _simulated(wish: Simulation, seed: int, progress: Progress) -> World:
    with TemporaryDirectory(prefix="estate-evaluate-") as folder:
        out = Path(folder) / f"seed {seed}"
        told = subprocess.run(  # noqa: S603 - our own module
            [
                *(sys.executable, "-m", "device_sim", "history", "--out", str(out), "--seed", str(seed)),
                *("--units", str(wish.units), "--days", str(wish.days), "--misuse-rate", str(wish.misuse_rate)),
                *("--end", wish.end.isoformat()),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if told.returncode:
            last = (told.stderr.strip().splitlines() or ["it said nothing"])[-1]
            raise InputFileError(f"the simulator refused: {last.removeprefix('device_sim: ')}")
        return folder_world(out, progress=progress)


def _truth_file(path: Path) -> Path:
    for file in (path / "truth" / TRUTH, path / TRUTH):
        if file.is_file():
            return file
    raise InputFileError(f"{path}: no truth/{TRUTH} there; name it with --truth")


def _print(wish: Simulation, seed: int) -> str:
    """A fingerprint of all that a world depends on, sources included."""
    print_ = hashlib.sha256(repr((seed, wish.units, wish.days, wish.end, wish.misuse_rate)).encode())
    for name in _SOURCES:
        spec = find_spec(name)
        places = [Path(place) for place in (spec and spec.submodule_search_locations) or ()]
        files = [file for place in places for file in place.rglob("*.py")] or [Path((spec and spec.origin) or "")]
        for file in sorted(files):
            print_.update(file.read_bytes())
    return print_.hexdigest()[:16]
