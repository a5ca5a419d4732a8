import csv
import re
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from device_sim.cli import app
from device_sim.clock import ZONE
from device_sim.fates import LOOKALIKE_RATES
from device_sim.history import write_history
from device_sim.plan import Plan
from device_sim.state import load_plan
from device_sim.world import build_world

END = "2026-11-20T15:00"
FILES = {
    *(f"registry/{name}.csv" for name in ("estates", "units", "households", "persons", "devices", "absences")),
    "history/readings.csv",
    "history/events.csv",
    "truth/truth.csv",
    "sim/world.json",
    "sim/dials.json",
}
OF_TRUTH = "|".join(
    (
        "truth|sublet|vacancy|misuse|leak|honest|squatting|whole|cleared|standby|drip|toilet|pipe",
        "lamp|room_|short_let|group|overstay|disguise|careful|registered|\\btap",
        *(fate.value for fate in LOOKALIKE_RATES),
    )
)


def make(out: Path, *, units: int = 60, days: int = 12, seed: int = 3, end: str = END) -> Path:
    sizes = ["--units", str(units), "--days", str(days)]
    result = CliRunner().invoke(app, ["history", "--out", str(out), *sizes, "--seed", str(seed), "--end", end])
    assert result.exit_code == 0, result.output
    return out


@pytest.fixture(scope="module")
def city(tmp_path_factory) -> Path:
    return make(tmp_path_factory.mktemp("city"))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.*")}


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text("utf-8").splitlines()))


def test_same_seed_and_end_same_bytes(city, tmp_path):
    assert contents(make(tmp_path)) == contents(city)


def test_the_number_of_processes_changes_nothing(plan, tmp_path):
    world = build_world(replace(plan, units=150, days=2))
    for processes in (1, 2):
        write_history(tmp_path / str(processes), world, lambda _: None, processes)
    assert contents(tmp_path / "1") == contents(tmp_path / "2")


def test_another_seed_other_bytes(city, tmp_path):
    other = contents(make(tmp_path, seed=4))
    assert other["history/events.csv"] != contents(city)["history/events.csv"]


def test_lists_history_truth_and_state_stand_apart(city):
    assert set(contents(city)) == FILES


def test_nothing_of_the_truth_is_in_lists_or_history(city, world, tmp_path):
    for name, content in contents(city).items():
        if name.startswith(("registry/", "history/")):
            assert not re.search(OF_TRUTH, content.decode(), re.IGNORECASE), name


def test_history_is_of_the_days_before_its_end(city):
    end = datetime(2026, 11, 20, 15, tzinfo=ZONE)
    for name in ("readings", "events"):
        stamps = [datetime.fromisoformat(row["ts"]) for row in rows(city / f"history/{name}.csv")]
        assert end - timedelta(days=12) < min(stamps) < end - timedelta(days=12) + timedelta(hours=2)
        assert end - timedelta(hours=2) < max(stamps) <= end
        assert {stamp.utcoffset() for stamp in stamps} == {timedelta(hours=8)}


def test_readings_have_the_contracts_columns_and_registers_never_fall(city):
    lines = rows(city / "history/readings.csv")
    assert list(lines[0]) == ["device_id", "ts", "register", "unit"]
    assert {line["unit"] for line in lines} == {"m3", "L", "kWh", "Wh"}
    assert re.fullmatch(r"\d+\.\d{3}", next(line["register"] for line in lines if line["unit"] == "m3"))
    of_device = defaultdict(list)
    for line in lines:
        of_device[line["device_id"]].append((line["ts"], float(line["register"])))
    assert len(of_device) == 120
    for series in of_device.values():
        assert series == sorted(series)


def test_events_have_the_contracts_columns_and_ids_of_their_own(city):
    lines = rows(city / "history/events.csv")
    columns = "device_id ts event_id kind method direction person_id stranger_id unit_id similarity"
    assert list(lines[0]) == columns.split()
    keys = [(line["device_id"], line["event_id"]) for line in lines]
    assert len(keys) == len(set(keys)) > 1000


def test_every_device_that_speaks_is_listed(city):
    listed = {row["device_id"] for row in rows(city / "registry/devices.csv")}
    for name in ("readings", "events"):
        assert {row["device_id"] for row in rows(city / f"history/{name}.csv")} <= listed


def test_truth_tells_cases_and_lookalikes(city):
    lines = rows(city / "truth/truth.csv")
    assert list(lines[0]) == ["unit_id", "kind", "subtype", "start", "end", "disguise"]
    assert {line["kind"] for line in lines} <= {"vacancy", "sublet", "misuse", "leak", "honest"}
    assert "sublet" in {line["kind"] for line in lines}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", line["start"]) for line in lines)


def test_state_gives_the_same_plan_back(city):
    assert load_plan(city) == Plan(3, 60, 12, datetime(2026, 11, 20, 7, tzinfo=UTC), 0.06)


def test_progress_is_told_entrance_by_entrance(plan, tmp_path):
    world = build_world(replace(plan, units=60, days=2))
    done = []
    written = write_history(tmp_path, world, done.append)
    assert done == list(world.entrances)
    assert written.readings == len(rows(tmp_path / "readings.csv"))
    assert written.events == len(rows(tmp_path / "events.csv"))
