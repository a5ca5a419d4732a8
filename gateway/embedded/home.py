"""The folder `ESTATE_HOME`: made where it is missing, and held by one `estate run` or `estate demo` at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from gateway.embedded.locks import locked
from gateway.errors import ConfigError, RefusedError


def make_home(home: Path) -> Path:
    """Make `home` and its folder for locks; returns the latter.

    Raises:
        ConfigError: it cannot be made or written to.
    """
    locks = home / "run"
    try:
        locks.mkdir(parents=True, exist_ok=True)
        if not os.access(locks, os.W_OK | os.X_OK):
            raise PermissionError(13, "no permission to write")
    except OSError as error:
        raise ConfigError("ESTATE_HOME", f"cannot use {home}: {error.strerror}; set it to a folder of yours") from error
    return locks


@contextmanager
def sole_gateway(home: Path) -> Iterator[None]:
    """Be the only gateway that runs on `home`.

    Raises:
        RefusedError: another one does; the message has its process id.
    """
    path = make_home(home) / "gateway.lock"
    with ExitStack() as stack:
        try:
            descriptor = stack.enter_context(locked(path))
        except TimeoutError as error:
            pid = path.read_text("utf-8").strip() or "unknown"
            raise RefusedError(
                f"{home} is in use by another estate run or demo (process {pid}); stop it, or set another ESTATE_HOME"
            ) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
