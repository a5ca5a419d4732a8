"""Homes whose dials begin again at zero during a simulated history: the days' use is that of dials that do not."""

import csv
import subprocess
import sys
from datetime import date

import numpy as np
import pytest

from gateway.detection.panel import build
from gateway.evaluation.folder import panels_of
from gateway.ingest.history import files_of, import_history
from gateway.registry.importing import import_registry
from gateway.registry.reading import read_registry
from gateway.store import panels
from gateway.store.database import connect

SCENARIO = """
[world]
units = 60
days = 30
seed = 5
end = "2026-10-31"
misuse_rate = 0
lookalike_rate = 0
[lookalikes]
meter_rolls = {share}
"""


def made(out, share):
    scenario = out.with_suffix(".toml")
    scenario.write_text(SCENARIO.format(share=share), "utf-8")
    command = [sys.executable, "-m", "device_sim", "run", "--scenario", str(scenario), "--out", str(out)]
    subprocess.run([*command, "--mode", "history"], check=True, capture_output=True)
    return out


@pytest.fixture(scope="module")
def worlds(tmp_path_factory):
    """The same homes twice: half of them have a dial near its end, or none of them."""
    folder = tmp_path_factory.mktemp("worlds")
    return made(folder / "rolling", 0.5), made(folder / "steady", 0.0)


def digits_of_fallen(world) -> dict[str, str]:
    """Units with a meter whose register fell from one reading to the next, and how many digits the lists tell."""
    with (world / "registry" / "devices.csv").open(encoding="utf-8") as file:
        devices = {row["device_id"]: row for row in csv.DictReader(file)}
    last, found = {}, {}
    with (world / "history" / "readings.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            register = float(row["register"])
            if register < last.get(row["device_id"], 0.0):
                device = devices[row["device_id"]]
                found[device["unit_id"]] = device["register_digits"]
            last[row["device_id"]] = register
    return found


def test_imported_days_are_those_of_dials_that_do_not_roll_over(worlds, database):
    rolling, steady = worlds
    with connect(database) as conn:
        import_registry(conn, read_registry(rolling / "registry"))
        import_history(conn, files_of(rolling / "history"), lambda _: None)
        stored = build(conn, "e01", panels.latest_day(conn, "e01", date.max), history_days=10_000)
    (wanted,) = panels_of(steady)
    digits = digits_of_fallen(rolling)
    lived_in = np.nansum(wanted.water_l, axis=1) > 0  # a home to which nothing happens may stand empty
    rolled = np.array([bool(digits.get(unit)) for unit in stored.unit_ids]) & lived_in
    unlisted = np.array([digits.get(unit) == "" for unit in stored.unit_ids]) & lived_in
    assert rolled.sum() >= 8
    assert unlisted.any()
    for kind in ("water_l", "electricity_kwh"):
        use, right = getattr(stored, kind), getattr(wanted, kind)
        np.testing.assert_allclose(use[rolled], right[rolled], atol=0.02)
        np.testing.assert_array_less(use[unlisted], right[unlisted] + 0.02)  # an hour is not known there
        assert not (use < 0).any()
