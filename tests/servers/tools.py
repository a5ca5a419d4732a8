"""What every server's fixtures need."""

import os
import shutil
import socket
import time
from collections.abc import Callable
from typing import TypeVar

import pytest

T = TypeVar("T")


def need(*, present: object, what: str) -> None:
    """Skip the test where `what` is missing; with CI=true fail, since nothing may go untested there."""
    if present:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing, and CI=true allows no skip", pytrace=False)
    pytest.skip(f"{what} is missing; make test installs it where it may")


def program(name: str, what: str) -> str:
    """The path of an installed program, looked for in the system's own folders too."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin")
    need(present=path, what=what)
    assert path
    return path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition: Callable[[], T], *, within_s: float = 10, what: str = "") -> T:
    """Return the first true value of `condition`; fail when there is none in time, thrice that on a busy machine."""
    deadline = time.monotonic() + 3 * within_s
    while True:
        if value := condition():
            return value
        if time.monotonic() > deadline:
            pytest.fail(f"not within {3 * within_s} s: {what or condition}")
        time.sleep(0.02)


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
