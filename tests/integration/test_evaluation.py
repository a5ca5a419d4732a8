"""Worlds to judge, as an authority would bring them: the same figures whether files or database hold them."""

import csv
import json
import shutil
import subprocess
import sys
from dataclasses import fields
from datetime import date

import numpy as np
import pytest
from openpyxl import Workbook
from typer.testing import CliRunner

from gateway.cli import app
from gateway.detection.panel import build
from gateway.detection.visitors import attribute_weeks
from gateway.errors import ConfigError, InputFileError
from gateway.evaluation.folder import panels_of
from gateway.evaluation.worlds import Simulation, folder_world, simulated_worlds
from gateway.ingest.history import files_of, import_history
from gateway.registry.importing import import_registry
from gateway.registry.reading import read_registry
from gateway.store import panels
from gateway.store.database import connect

END = "2026-10-31"
WISH = {"units": "40", "days": "40", "end": END, "misuse-rate": "0.3", "seed": "5"}
ESTATE = "e01"


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    """A simulated folder; some of its rows are spoilt as real files are."""
    out = tmp_path_factory.mktemp("city")
    options = [word for name, value in WISH.items() for word in (f"--{name}", value)]
    subprocess.run([sys.executable, "-m", "device_sim", "history", "--out", str(out), *options], check=True)
    _exchange_a_meter(out)
    _forget_pseudonyms(out / "history" / "events.csv")
    readings = out / "history" / "readings.csv"
    lines = readings.read_text("utf-8").splitlines()
    spoilt = [lines[1], lines[900].rpartition(",")[0] + ",gallons", "nobody,2026-10-01T00:00:00Z,1,m3", "short,row"]
    readings.write_text("\n".join([*lines, *spoilt]) + "\n", "utf-8")
    return out


def _exchange_a_meter(out):
    """From noon of a day on another meter serves the first home, and its dial begins anew."""
    devices, readings = out / "registry" / "devices.csv", out / "history" / "readings.csv"
    text = devices.read_text("utf-8")
    (old,) = [line for line in text.splitlines() if line.startswith("wm000003,")]
    devices.write_text(text + old.replace("wm000003", "wm9") + "\n", "utf-8")
    lines = readings.read_text("utf-8").splitlines()
    after = [
        at for at, line in enumerate(lines) if line.startswith("wm000003,") and line.split(",")[1] > "2026-10-12T12"
    ]
    for at in after:
        lines[at] = lines[at].replace("wm000003", "wm9")
    readings.write_text("\n".join(lines) + "\n", "utf-8")


def _forget_pseudonyms(events):
    """Every third visitor of a unit is a face that the door gave no pseudonym."""
    rows = [line.split(",") for line in events.read_text("utf-8").splitlines()]
    for row in [row for row in rows[1:] if row[7] and row[8]][::3]:
        row[4], row[7] = "face", ""
    events.write_text("".join(",".join(row) + "\n" for row in rows), "utf-8")


def test_a_folder_gives_the_panel_that_the_database_gives(city, database):
    (mine,) = panels_of(city)
    with connect(database) as conn:
        import_registry(conn, read_registry(city / "registry"))
        import_history(conn, files_of(city / "history"), lambda _: None)
        last = panels.latest_day(conn, ESTATE, date.max)
        attribute_weeks(conn, ESTATE, last)
        stored = build(conn, ESTATE, last, history_days=10_000)
    assert mine.unit_ids == stored.unit_ids
    for one in fields(stored)[1:]:
        np.testing.assert_array_equal(getattr(mine, one.name), getattr(stored, one.name), err_msg=one.name)
    assert np.nansum(mine.strangers) > 0
    assert np.nansum(mine.returning_strangers) > 0
    assert np.nansum(mine.unnamed_face_passages) > 0
    assert np.nansum(mine.stranger_passages) > np.nansum(mine.unnamed_face_passages)
    assert (np.nan_to_num(mine.strangers) % 1 > 0).any()  # some of them a shared door told to be likely a unit's


def run(*words):
    return CliRunner().invoke(app, ["evaluate", *words], catch_exceptions=False)


def test_a_folder_is_judged_from_the_shell(city, tmp_path):
    html = tmp_path / "page.html"
    said = run(str(city), "--json", "--rounds", "5", "--html", str(html))
    figures = json.loads(said.stdout)
    own = [one["quality"] for one in figures["results"] if one["name"] == "detector"]
    assert sum(one["cases"] for one in own) >= 5
    assert sum(one["found"] for one in own) >= 2
    assert figures["span"]["units"] == 40
    assert html.read_text("utf-8").startswith("<!doctype html>")
    assert "IsolationForest" in run(str(city), "--rounds", "0").stdout


def test_what_is_left_out_is_told(city, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(city, other)
    events, truth = other / "history" / "events.csv", other / "truth" / "truth.csv"
    nameless = "door,2026-10-01T08:00:00+08:00,,passage,face,in,,,,\n"
    door = events.read_text("utf-8").splitlines()[1].split(",")[0]
    with events.open("a", encoding="utf-8") as file:
        file.write(nameless + nameless.replace("door", door) * 2)
    with truth.open("a", encoding="utf-8") as file:
        file.write("nowhere,sublet,whole,2026-10-01,,\n" + "nowhere,SUBLET,,2026-10-01,,\n" * 2)
    said = run(str(other), "--no-peers", "--rounds", "0", "--json")
    readings = other / "history" / "readings.csv"
    assert json.loads(said.stdout)["notes"] == [
        f"{readings}: 3 rows left out: they are of no meter on the lists, or their time, register or unit is none",
        f"{events}: 3 rows left out: they are of no door on the lists, or their time, id or kind is none",
        "truth: 2 rows of the kind 'SUBLET' left out; kinds are care, device, honest, leak, misuse, sublet, vacancy",
        "truth: 3 rows left out: their units are not on the lists",
    ]
    assert "2 rows of the kind 'SUBLET'" in " ".join(said.stderr.split())


def test_the_lists_of_a_folder_may_be_a_workbook(city, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(city, other, ignore=shutil.ignore_patterns("registry"))
    book = Workbook()
    book.remove(book.active)
    for file in sorted((city / "registry").glob("*.csv")):
        sheet = book.create_sheet(file.stem)
        for row in csv.reader(file.read_text("utf-8-sig").splitlines()):
            sheet.append(row)
    book.save(other / "registry.xlsx")
    (mine,), (theirs,) = panels_of(other), panels_of(city)
    np.testing.assert_array_equal(mine.leased, theirs.leased)


@pytest.mark.parametrize(("missing", "channel"), [("readings.csv", "water"), ("events.csv", "door")])
def test_a_file_of_the_history_may_be_missing_although_its_devices_are_listed(city, tmp_path, missing, channel):
    other = tmp_path / "other"
    shutil.copytree(city, other)
    (other / "history" / missing).unlink()
    (mine,), (theirs,) = panels_of(other), panels_of(city)
    assert getattr(theirs, f"{channel}_coverage").any()
    assert not getattr(mine, f"{channel}_coverage").any()


def test_simulated_worlds_are_made_once_a_seed_and_kept(tmp_path):
    wish = Simulation(seeds=[7], units=20, days=30, end=date(2026, 10, 31), keep=tmp_path / "kept")
    (first,) = simulated_worlds(wish)
    said = []
    (again,) = simulated_worlds(wish, said.append)
    assert not said
    assert first.truths == again.truths
    np.testing.assert_array_equal(first.panels[0].water_l, again.panels[0].water_l)


def test_what_cannot_be_judged_is_said_in_one_line(city, tmp_path):
    with pytest.raises(ConfigError, match="FOLDER"):
        run()
    with pytest.raises(ConfigError, match="--seeds"):
        run("--seeds", "one")
    with pytest.raises(InputFileError, match="truth"):
        folder_world(city / "registry")
    with pytest.raises(InputFileError, match="no history"):
        panels_of(city / "registry")
    with pytest.raises(InputFileError, match="refused"):
        list(simulated_worlds(Simulation(seeds=[1], units=20, days=5000, end=date(2026, 10, 31))))
