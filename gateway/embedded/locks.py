"""Locks between processes: `flock` on a file, which the kernel frees when its holder ends, however it ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_RETRY_S = 0.05


@contextmanager
def locked(path: Path, *, shared: bool = False, wait_s: float = 0) -> Iterator[int]:
    """Hold the lock on `path` and yield its file descriptor.

    Raises:
        TimeoutError: others hold it, and went on holding it for `wait_s` seconds.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _acquire(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX, time.monotonic() + wait_s)
        yield descriptor
    finally:
        os.close(descriptor)


def is_held(path: Path, *, shared: bool = False) -> bool:
    """Whether anybody holds the lock on `path` at this moment, in a way that keeps us from taking it."""
    try:
        with locked(path, shared=shared):
            return False
    except TimeoutError:
        return True


def _acquire(descriptor: int, kind: int, deadline: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
        except BlockingIOError as error:
            if time.monotonic() >= deadline:
                raise TimeoutError("another process holds the lock") from error
            time.sleep(_RETRY_S)
        else:
            return
