"""The supervisor, with stand-ins for the parts."""

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import psutil
import pytest
from servers.processes import of_home
from servers.tools import wait_until

from gateway.errors import RefusedError
from gateway.settings import Settings
from gateway.signals import StopSignals
from gateway.supervisor import Part, Supervisor, describe, end, gateway_parts

GOOD = """
import signal, sys, time
def stop(*_):
    open(sys.argv[1], "a").write(f"{sys.argv[2]} stopped\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
open(sys.argv[1], "a").write(f"{sys.argv[2]} started\\n")
time.sleep(60)
"""
NAGGING = GOOD.replace(
    "def stop(*_):", "def stop(*_):\n    import os; os.kill(os.getppid(), int(sys.argv[3])); time.sleep(0.1)"
)
STUBBORN = GOOD.replace("sys.exit(0)", "")
SHORT = "import sys; open(sys.argv[1], 'a').write(f'{sys.argv[2]} started\\n'); sys.exit(int(sys.argv[3]))"


class Diary:
    """What the stand-ins did, in order."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "diary"

    def part(self, name: str, script: str = GOOD, *more: str) -> Part:
        return Part(name, (sys.executable, "-c", script, str(self.path), name, *more))

    def lines(self) -> list[str]:
        return self.path.read_text().splitlines() if self.path.exists() else []


@pytest.fixture
def diary(tmp_path):
    return Diary(tmp_path)


def test_parts_start_in_reverse_and_stop_in_order(diary):
    parts = [diary.part("sim"), diary.part("ingest"), diary.part("serve")]
    with StopSignals() as signals, Supervisor(parts, signals) as supervisor:
        supervisor.watch(until=lambda: len(diary.lines()) == 3)
    assert diary.lines()[3:] == ["sim stopped", "ingest stopped", "serve stopped"]


def test_a_part_that_ends_is_started_again_ever_later(diary, capsys):
    parts = [diary.part("steady"), diary.part("short", SHORT, "1")]
    with StopSignals() as signals, Supervisor(parts, signals, first_delay_s=0.1) as supervisor:
        supervisor.watch(until=lambda: diary.lines().count("short started") == 3)
    said = [line for line in capsys.readouterr().out.splitlines() if "restart" in line]
    assert ["0.1" in said[0], "0.2" in said[1]] == [True, True]
    assert diary.lines().count("steady started") == 1


def test_a_part_that_refuses_its_settings_ends_the_watch(diary):
    with (
        StopSignals() as signals,
        pytest.raises(RefusedError, match=r"^wrong refuses its settings"),
        Supervisor([diary.part("steady"), diary.part("wrong", SHORT, "2")], signals) as supervisor,
    ):
        supervisor.watch()
    assert of_home(diary.path) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_being_asked_ends_the_watch_and_asking_again_does_not_hurt(diary, number, request):
    if signal.getsignal(number) == signal.SIG_IGN:  # as under nohup
        request.addfinalizer(partial(signal.signal, number, signal.SIG_IGN))
        signal.signal(number, signal.SIG_DFL)
    parts = [diary.part("a", NAGGING, str(int(number))), diary.part("b")]
    with StopSignals() as signals, Supervisor(parts, signals) as supervisor:
        supervisor.watch(until=lambda: len(diary.lines()) == 2)
        os.kill(os.getpid(), number)
        supervisor.watch()
    assert diary.lines()[2:] == ["a stopped", "b stopped"]


def test_a_process_that_does_not_stop_is_made_to(diary):
    process = diary.part("stubborn", STUBBORN).start()
    wait_until(diary.lines)
    with StopSignals() as signals:
        end(process, signals, within_s=0.3)
    assert process.returncode == -signal.SIGKILL
    assert diary.lines() == ["stubborn started", "stubborn stopped"]


def test_waiting_ends_with_a_child_and_with_time():
    with StopSignals() as signals:
        began = time.monotonic()
        child = subprocess.Popen([sys.executable, "-c", ""])
        signals.wait(20)
        assert child.wait() == 0
        signals.wait(0.01)
        assert time.monotonic() - began < 10
        assert not signals.asked


def test_former_handlers_come_back():
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)]
    with StopSignals():
        assert signal.getsignal(signal.SIGINT) != before[0]
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)] == before


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's death signal is Linux's")
def test_parts_die_with_a_supervisor_that_is_killed(diary):
    script = (
        "import sys; from gateway.signals import StopSignals; from gateway.supervisor import Part, Supervisor\n"
        "part = Part('child', tuple(sys.argv[1:]))\n"
        "with StopSignals() as signals, Supervisor([part], signals) as parts: parts.watch()\n"
    )
    child = diary.part("child").command
    supervisor = subprocess.Popen([sys.executable, "-c", script, *child])
    wait_until(diary.lines)
    assert len(psutil.Process(supervisor.pid).children()) == 1
    supervisor.kill()
    supervisor.wait()
    wait_until(lambda: not of_home(diary.path), what="no process left")
    assert diary.lines() == ["child started"]


def test_a_part_writes_to_its_log_and_gets_its_settings(tmp_path):
    script = "import os; print('said', os.environ['ESTATE_X'])"
    part = Part("talker", (sys.executable, "-c", script), {"ESTATE_X": "x"}, tmp_path / "talker.log")
    assert part.start().wait() == 0
    assert part.log.read_text() == "said x\n"


def test_the_gateways_parts(tmp_path):
    settings = Settings(home=tmp_path, http_port=8123)
    parts = gateway_parts(settings, "postgresql://x/y", "mqtt://z", tmp_path)
    assert [(part.name, part.command[3:], part.log.name) for part in parts] == [
        ("ingest", ("ingest",), "ingest.log"),
        ("detect", ("detect", "--watch"), "detect.log"),
        ("serve", ("serve",), "serve.log"),
    ]
    assert parts[0].environment["ESTATE_DATABASE_URL"] == "postgresql://x/y"
    assert parts[2].environment["ESTATE_HTTP_PORT"] == "8123"


def test_how_a_process_ended():
    assert [describe(3), describe(-9)] == ["exit status 3", "SIGKILL"]
