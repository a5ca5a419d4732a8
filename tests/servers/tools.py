"""What every server's fixtures need."""

import os
import random
import shutil
import socket
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

T = TypeVar("T")
_WORKERS = 64
_FIRST_PORT = 10_000
_FIRST_OUTGOING_PORT = 32_768
"""Linux's own; a connection that some test opens may get any port from here on, and keep it."""


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
    """A port that nobody uses and that stays so until its server comes up.

    It is below those that the system gives to outgoing connections, and another worker of the run has others.
    """
    return next(port for port in _PORTS if _is_free(port))


def _ports_of_this_worker() -> Iterator[int]:
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % _WORKERS
    ports = range(_FIRST_PORT + worker, _FIRST_OUTGOING_PORT, _WORKERS)
    return iter(random.sample(ports, len(ports)))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


_PORTS = _ports_of_this_worker()


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
