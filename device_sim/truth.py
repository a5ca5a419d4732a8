"""The truth, for judging detectors. It is written to a folder of its own and goes nowhere else."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from device_sim.records import TruthRow
from device_sim.registry import date_text, write_csv

FILE = "truth.csv"
COLUMNS = ("unit_id", "kind", "subtype", "start", "end", "disguise")


def write_truth(folder: Path, rows: Iterable[TruthRow]) -> None:
    """Write truth.csv in the order of what begins when; an empty end means that it goes on."""
    folder.mkdir(parents=True, exist_ok=True)
    write_csv(folder / FILE, COLUMNS, map(_line, sorted(rows, key=lambda row: (row.start, row.unit_id))))


def append_truth(folder: Path, row: TruthRow) -> None:
    """Write down what somebody made happen while the estate lives."""
    with (folder / FILE).open("a", encoding="utf-8", newline="") as file:
        file.write(",".join(_line(row)) + "\n")


def _line(row: TruthRow) -> tuple[str, ...]:
    return row.unit_id, row.kind, row.subtype, date_text(row.start), date_text(row.end), row.disguise
