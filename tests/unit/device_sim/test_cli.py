import os
import signal
import subprocess
import sys
import time

import pytest
from typer.testing import CliRunner

from device_sim.cli import app


def command(*arguments: str, **more) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "device_sim", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        **more,
    )


@pytest.mark.parametrize("name", ["history", "live", "load"])
def test_every_command_says_what_it_does(name):
    result = CliRunner().invoke(app, [name, "--help"], env={"COLUMNS": "200", "TERM": "dumb"})
    assert result.exit_code == 0
    assert len(result.output) > 300


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("history", "--out", "x", "--units", "0"), "--units 0: must be 1 to 1000000"),
        (("history", "--out", "x", "--end", "soon"), "--end soon: write a date"),
        (("history", "--out", "x", "--dialect", "facesluice"), "--dialect facesluice: write a dialect and its share"),
        (("history", "--out", "x", "--dialect", "klingon=1"), "--dialect klingon: not one of "),
        (("live", "--world", "nowhere", "--mqtt", "mqtt://127.0.0.1"), "no world here"),
        (("load", "--mqtt", "127.0.0.1:1883"), "--mqtt: write mqtt://host:port"),
    ],
)
def test_a_users_mistake_is_one_line(tmp_path, arguments, said):
    result = command(*arguments, cwd=tmp_path)
    assert result.returncode in {1, 2}
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("device_sim: ")
    assert said in result.stderr
    assert list(tmp_path.iterdir()) == []


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
