import os
import signal
import subprocess
import sys
import time

import pytest
from typer.testing import CliRunner

from device_sim.cli import app
from device_sim.errors import BadParameterError
from device_sim.switches import read_levers


def command(*arguments: str, **more) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "device_sim", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        **more,
    )


@pytest.mark.parametrize("name", ["run", "init", "history", "live", "switch", "move", "tui", "load"])
def test_every_command_says_what_it_does(name):
    result = CliRunner().invoke(app, [name, "--help"], env={"COLUMNS": "200", "TERM": "dumb"})
    assert result.exit_code == 0
    assert len(result.output) > 200


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("history", "--out", "x", "--units", "0"), "--units 0: must be 1 to 1000000"),
        (("history", "--out", "x", "--end", "soon"), "--end soon: write a date"),
        (("history", "--out", "x", "--dialect", "facesluice"), "--dialect facesluice: write a dialect and its share"),
        (("history", "--out", "x", "--dialect", "klingon=1"), "--dialect klingon: not one of "),
        (("run", "--scenario", "quick"), "a live scenario needs a broker"),
        (("run", "--scenario", "slow"), "none of the ready ones"),
        (("switch", "--world", "nowhere", "cut=1"), "no world here"),
        (("live", "--world", "nowhere", "--mqtt", "mqtt://127.0.0.1"), "no world here"),
        (("load", "--mqtt", "127.0.0.1:1883"), "--mqtt: write mqtt://host:port"),
        (("history", "--units", "5"), "Missing option '--out'; see python -m device_sim history --help"),
        (("histery",), "No such command 'histery'"),
    ],
)
def test_a_users_mistake_is_one_line(tmp_path, arguments, said):
    result = command(*arguments, cwd=tmp_path)
    assert result.returncode in {1, 2}
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("device_sim: ")
    assert said in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_is_one_line(tmp_path):
    file = tmp_path / "city"
    file.write_text("")
    result = command("history", "--out", str(file), "--units", "2", "--days", "2")
    assert result.returncode == 1
    assert result.stderr == f"device_sim: {file}/registry: Not a directory\n"


def test_a_scenario_is_written_changed_and_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = CliRunner()
    assert run.invoke(app, ["init"]).exit_code == 0
    file = tmp_path / "scenario.toml"
    text = file.read_text("utf-8").replace("units = 200", "units = 20").replace("days = 60", "days = 3")
    file.write_text(text.replace('mode = "live"', 'mode = "history"').replace("cut = 0 ", "cut = 0.5 "), "utf-8")
    assert run.invoke(app, ["run", "--scenario", "scenario.toml"]).exit_code == 0
    assert (tmp_path / "city/history/readings.csv").is_file()
    assert read_levers(tmp_path / "city").switches.cut == 0.5
    assert isinstance(run.invoke(app, ["init"]).exception, BadParameterError)  # it is there


def test_ready_scenarios_are_listed():
    said = CliRunner().invoke(app, ["list"]).output
    assert "three-dialects" in said
    assert "two whole-unit sublets" in said


@pytest.fixture
def city(tmp_path):
    assert CliRunner().invoke(app, ["history", "--out", str(tmp_path), "--units", "12", "--days", "2"]).exit_code == 0
    return tmp_path


def test_switches_and_people_are_moved_from_commands_and_from_the_prompt(city):
    run, world = CliRunner(), ["--world", str(city)]
    said = run.invoke(app, ["switch", *world, "duplicates=0.1", "cut=1"]).output
    assert "duplicates=0.1" in said
    assert "cut=1" in said
    unit = (city / "registry/units.csv").read_text("utf-8").splitlines()[1].split(",")[0]
    assert f"{unit}: moved out" in run.invoke(app, ["move", *world, unit, "out"]).output
    assert (city / "truth/truth.csv").read_text("utf-8").splitlines()[-1].startswith(f"{unit},vacancy,moved_out,")
    said = run.invoke(app, ["tui", *world], input=f"off\nrain=1\nin {unit}\nin nowhere\nquit\n").output
    assert "rain: no such switch" in said
    assert "nowhere: no unit of this world" in said
    assert [move.way for move in read_levers(city).moves] == ["out", "in"]
    assert read_levers(city).switches.cut == 0


def test_load_says_how_fast_it_was(mosquitto):
    result = command("load", "--mqtt", mosquitto.url, "--messages", "2000", "--units", "20")
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("2000 messages in ")


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_live_stops_when_told(tmp_path, mosquitto, told):
    assert command("history", "--out", str(tmp_path), "--units", "12", "--days", "2").returncode == 0
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "device_sim", "live", "--world", str(tmp_path), "--mqtt", mosquitto.url],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "COLUMNS": "200"},
    )
    assert process.stderr
    assert "Ctrl-C stops" in process.stderr.readline()
    time.sleep(0.5)
    process.send_signal(told)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0
    assert "messages sent" in errors
    assert "Traceback" not in errors
