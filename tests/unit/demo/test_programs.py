"""Programs of the set-up, run to their end."""

import os
import signal
import sys
import threading

import pytest

from gateway.demo import programs
from gateway.errors import StepFailedError, StoppedError
from gateway.signals import StopSignals
from gateway.supervisor import Part


def part(tmp_path, script: str) -> Part:
    return Part("history", (sys.executable, "-c", script), {}, tmp_path / "history.log")


def test_the_last_line_is_what_a_program_says(tmp_path):
    with StopSignals() as signals:
        assert programs.run(part(tmp_path, "print('one'); print('two')"), signals) == "two"


def test_a_failure_is_one_line_with_its_reason(tmp_path):
    script = "import sys; sys.exit('estate: the file is not there')"
    with (
        StopSignals() as signals,
        pytest.raises(StepFailedError, match=r"^history: the file is not there; its log is "),
    ):
        programs.run(part(tmp_path, script), signals)


def test_being_asked_to_stop_stops_the_program(tmp_path):
    with StopSignals() as signals:
        timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        with pytest.raises(StoppedError):
            programs.run(part(tmp_path, "import time; time.sleep(60)"), signals)
        timer.join()


def test_a_program_of_this_environment(tmp_path):
    made = programs.python("world", "device_sim", "history", environment={"A": "b"}, logs=tmp_path)
    assert made.command == (sys.executable, "-m", "device_sim", "history")
    assert (made.environment, made.log) == ({"A": "b"}, tmp_path / "world.log")
