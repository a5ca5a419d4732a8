"""Programs that the set-up runs one after the other, each to its end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from gateway.embedded.kept import begin_log, last_line
from gateway.errors import StepFailedError, StoppedError
from gateway.signals import StopSignals
from gateway.supervisor import Part, end


def python(name: str, module: str, *words: str, environment: dict[str, str], logs: Path) -> Part:
    """A program of this environment whose output goes to a log of its own."""
    log = logs / f"{name}.log"
    begin_log(log)
    return Part(name, (sys.executable, "-m", module, *words), environment, log)


def run(part: Part, signals: StopSignals) -> str:
    """Run a program to its end; returns the last line that it wrote.

    Raises:
        StepFailedError: it failed; the message has its last line.
        StoppedError: we were asked to stop, and it has.
    """
    process = part.start()
    _await(process, signals)
    said = last_line(part.log) if part.log else ""
    if process.returncode:
        raise StepFailedError(f"{part.name}: {said}; its log is {part.log}")
    return said


def _await(process: subprocess.Popen[bytes], signals: StopSignals) -> None:
    while process.poll() is None:
        if signals.asked:
            end(process, signals)
            raise StoppedError
        signals.wait(1)
