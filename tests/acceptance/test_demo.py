"""`estate demo` from the first start to the last process, as a user sees it."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

import pytest
from servers.processes import of_home
from servers.tools import free_port, wait_until

pytestmark = pytest.mark.slow

WORLD = ("--units", "40", "--days", "45", "--seed", "1")


class Demo:
    """One start of the demonstration in a process group of its own, as a shell would start it."""

    def __init__(self, home: Path, *options: str) -> None:
        self.port = free_port()
        self._output = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed in close
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gateway", "demo", "--port", str(self.port), *options],
            stdout=self._output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "ESTATE_HOME": str(home)},
            start_new_session=True,
        )

    def said(self) -> str:
        self._output.seek(0)
        return self._output.read()

    def await_address(self) -> "Demo":
        wait_until(self._has_said_address, within_s=150, what=f"the console's address; it said {self.said()}")
        return self

    def get(self, path: str) -> dict:
        return json.loads(self.text(path))

    def text(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=20) as answer:
            return answer.read().decode()

    def interrupt(self) -> int:
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(timeout=60)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        if self.process.poll() is None:
            self.kill()
        self._output.close()

    def _has_said_address(self) -> bool:
        assert self.process.poll() is None, self.said()
        return f"http://127.0.0.1:{self.port}/" in self.said()


@pytest.fixture
def start(home):
    started = []

    def start_demo(*options: str) -> Demo:
        started.append(Demo(home, *options))
        return started[-1]

    yield start_demo
    for demo in started:
        demo.close()
    wait_until(lambda: not of_home(home), within_s=20, what="no process left")


def test_a_life_of_the_demo(start, home):
    # The first start ends in a console with alerts, a visit list and live devices.
    demo = start(*WORLD).await_address()
    alerts = demo.get("/api/v1/alerts")["items"]
    assert {alert["unit_id"] for alert in alerts} & suspects(home)
    assert demo.get("/api/v1/visits")["items"]
    counted = re.compile(r"^estate_ingest_statuses_stored_total [1-9]", re.MULTILINE)
    wait_until(lambda: counted.search(demo.text("/metrics")), within_s=60, what="live devices")

    # Ctrl-C leaves no process behind.
    assert demo.interrupt() == 0, demo.said()
    assert of_home(home) == []

    # The second start goes on with the same data, without loading them again.
    again = start().await_address()
    assert again.said().count("there already") == 4
    assert {alert["id"] for alert in alerts} <= {alert["id"] for alert in again.get("/api/v1/alerts")["items"]}

    # Killed without a chance to stop anything, it leaves nothing either.
    again.kill()
    wait_until(lambda: not of_home(home), within_s=20, what="no process left")


def test_another_world_needs_a_fresh_start(start, home):
    start("--units", "4", "--days", "10").await_address().interrupt()
    refused = start("--units", "5")
    assert refused.process.wait(timeout=60) == 1
    assert refused.said().startswith("estate: the demonstration here has 4 units, 10 days and seed 3;")
    keepsake = home / "keepsake"
    keepsake.write_text("the user's own")
    anew = start("--units", "5", "--days", "10", "--fresh").await_address()
    assert len(anew.get("/api/v1/units")["items"]) == 5
    assert keepsake.exists()
    assert anew.interrupt() == 0


def test_a_second_demo_on_one_home_is_refused(start, home):
    first = start("--units", "4", "--days", "10").await_address()
    second = start()
    assert second.process.wait(timeout=60) == 1
    assert f"in use by another estate run or demo (process {first.process.pid})" in second.said()
    assert second.said().count("\n") == 1
    assert first.interrupt() == 0


def test_ctrl_c_during_the_set_up(start, home):
    demo = start(*WORLD)
    wait_until(lambda: "registry" in demo.said(), within_s=60, what="the set-up to be under way")
    assert demo.interrupt() == 130
    assert demo.said().splitlines()[-1] == "estate: stopped"
    assert of_home(home) == []


def suspects(home: Path) -> set[str]:
    lines = (home / "demo" / "world" / "truth" / "truth.csv").read_text().splitlines()[1:]
    return {line.split(",")[0] for line in lines if ",honest," not in line}
