"""Processes of a test's own, found by the folder that they work on."""

import os
from pathlib import Path

import psutil


def of_home(home: Path) -> list[psutil.Process]:
    """Every live process that has `home` in its command line or its settings, except the tests themselves."""
    return [process for process in psutil.process_iter() if process.pid != os.getpid() and _works_on(process, home)]


def _works_on(process: psutil.Process, home: Path) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        words = [*process.cmdline(), process.environ().get("ESTATE_HOME", "")]
    except psutil.Error:
        return False
    return any(str(home) in word for word in words)
