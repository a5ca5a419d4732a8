"""Start a server under a keeper, or join one that runs: the part of the keeper's protocol that its users play."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

from gateway.embedded import keeper
from gateway.embedded.locks import is_held, locked

_PATIENCE_S = 60.0
_RETRY_S = 0.05
_NOTICE_S = 0.3  # within which a keeper has noticed that its last user left
_LOG_BYTES = 10_000_000


class ServerFailedError(Exception):
    """The server did not come up; the message is one line, where possible the last one of its log."""


@contextmanager
def server(locks: Path, start_or_join: Callable[[bool], str]) -> Iterator[str]:
    """Count as a user of the server whose lock files begin with `locks`; it stops after its last user.

    `start_or_join` is told whether the server runs, is alone while it works, and returns what is yielded.
    """
    with ExitStack() as stack:
        stack.callback(_await_stop, locks)
        _enter(stack, Path(f"{locks}.users"), shared=True, otherwise="the former one does not stop")
        with ExitStack() as alone:
            _enter(alone, Path(f"{locks}.start"), shared=False, otherwise="another process is starting it")
            value = start_or_join(is_held(Path(f"{locks}.keeper")))
        yield value


def start(job: keeper.Job, answers: Callable[[], bool]) -> None:
    """Start the server in a session of its own and return when it answers.

    Raises:
        ServerFailedError: it ended, or did not answer in time.
    """
    program = [sys.executable, "-I", keeper.__file__, json.dumps(asdict(job))]
    result = subprocess.run(  # noqa: S603 - our own interpreter and file
        program,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd="/",
        start_new_session=True,
        check=False,
    )
    if result.returncode:
        raise ServerFailedError((result.stderr.strip() or "its keeper does not start").splitlines()[-1])
    await_answer(Path(job.log), answers, ended=lambda: not is_held(Path(f"{job.locks}.keeper")))


def await_answer(log: Path, answers: Callable[[], bool], *, ended: Callable[[], bool] = lambda: False) -> None:
    """Wait until the server answers, has ended, or patience has."""
    deadline = time.monotonic() + _PATIENCE_S
    while not answers():
        if ended():
            raise ServerFailedError(last_line(log))
        if time.monotonic() > deadline:
            raise ServerFailedError(f"no answer in {_PATIENCE_S:.0f} s; {last_line(log)}")
        time.sleep(_RETRY_S)


def last_line(log: Path) -> str:
    """The last line of `log` that says anything, without a name of ours before it, or what is known of it."""
    try:
        lines = log.read_text("utf-8", "replace").splitlines()
    except OSError as error:
        return f"{log}: {error.strerror}"
    said = [line.strip() for line in lines if line.strip()]
    return said[-1].removeprefix("estate: ") if said else "it said nothing"


def begin_log(log: Path) -> int:
    """Make the log, or room in one that has grown large; returns the size that it begins with."""
    log.touch()
    size = log.stat().st_size
    if size < _LOG_BYTES:
        return size
    log.replace(log.with_name(f"{log.name}.1"))
    log.touch()
    return 0


def _await_stop(locks: Path) -> None:
    """Return when the server has stopped, or when it is clear that others use it."""
    began = time.monotonic()
    while is_held(Path(f"{locks}.keeper")) and time.monotonic() < began + _PATIENCE_S:
        used = not is_held(Path(f"{locks}.users"), shared=True)  # where the keeper stops it, nobody can join
        if used and time.monotonic() > began + _NOTICE_S:
            return
        time.sleep(_RETRY_S)


def _enter(stack: ExitStack, path: Path, *, shared: bool, otherwise: str) -> None:
    try:
        stack.enter_context(locked(path, shared=shared, wait_s=_PATIENCE_S))
    except TimeoutError as error:
        raise ServerFailedError(f"{otherwise} (waited {_PATIENCE_S:.0f} s)") from error
