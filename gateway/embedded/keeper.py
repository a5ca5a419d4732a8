"""Keeps one server (broker or database) running for as long as somebody uses it, and not a moment longer.

Run as a program of its own, in its own session: `python -I keeper.py '{"command": […], …}'`. Users hold a shared
lock on the `users` file; the keeper waits for the exclusive one. A user that is killed loses its lock like one that
leaves, so the server always stops with its last user, and a Ctrl-C in the users' terminal does not reach it. The
program returns at once: 0 when it has left a keeper in the background, which then holds the lock on `keeper`.

Only the standard library is imported: the process stays small, and starts in a few hundredths of a second.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1
_HEALTHY_AFTER_S = 5.0  # a server that ends sooner, by itself, was never right; any other one is started again
_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 5.0  # after a kill, former children may hold for minutes what the next server needs
_FORMER_SERVER_S = 30.0
_LOOK_S = 2.0  # somebody may just be looking whether the lock is held
_STOP_S = 20.0


def dies_with_parent(number: int) -> Callable[[], None]:
    """Make a `preexec_fn`: the kernel sends the child signal `number` when the thread that started it is gone.

    Linux only; elsewhere the function does nothing.
    """
    if not sys.platform.startswith("linux"):
        return lambda: None
    prctl = ctypes.CDLL(None).prctl  # looked up before the fork, where loading a library would not be safe
    parent = os.getpid()

    def ask_the_kernel() -> None:
        prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
        if os.getppid() != parent:  # it died between the fork and the request
            os.kill(os.getpid(), signal.SIGKILL)

    return ask_the_kernel


@dataclass(frozen=True, slots=True)
class Job:
    """What to keep: `locks` is the path that the lock files' names begin with; the account is None for our own."""

    command: list[str]
    environment: dict[str, str]
    directory: str
    log: str
    locks: str
    stop_signal: int
    user_id: int | None
    group_id: int | None


class Keeper:
    """One server and the thread that waits for its last user to leave."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._server: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._ended = threading.Event()

    def detach(self) -> bool:
        """Take the keeper's lock and go on in a process of its own; returns whether we are that process."""
        self._lock("keeper", wait_s=_LOOK_S)
        if os.fork():
            return False
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):  # whoever started us reads to the end of ours
            os.dup2(nowhere, stream)
        return True

    def run(self) -> None:
        """Run the server until nobody uses it."""
        for number in (signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda _number, _frame: self._stop())
        server_lock = self._lock("server", wait_s=_FORMER_SERVER_S)
        threading.Thread(target=self._await_last_user, daemon=True).start()
        self._keep(server_lock)
        self._ended.set()

    def _keep(self, server_lock: int) -> None:
        pause_s: float | None = None  # none for one that never was right: trying again would not mend it
        while True:
            started = time.monotonic()
            self._server = self._start(server_lock)
            if self._stopping.is_set():  # asked before there was a server to tell
                self._stop()
            killed = self._server.wait() < 0
            if killed or time.monotonic() - started >= _HEALTHY_AFTER_S:
                pause_s = _PAUSE_S
            if self._stopping.is_set() or pause_s is None:
                return
            self._stopping.wait(pause_s)
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    def _start(self, server_lock: int) -> subprocess.Popen[bytes]:
        job = self._job
        with Path(job.log).open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - the command is the gateway's own
                job.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=job.directory,
                env=job.environment,
                user=job.user_id,
                group=job.group_id,
                extra_groups=None if job.user_id is None else [],
                umask=0o077,
                pass_fds=[server_lock],  # so the lock tells whether any part of the server is still there
                preexec_fn=dies_with_parent(job.stop_signal),  # noqa: PLW1509 - one system call
            )

    def _await_last_user(self) -> None:
        descriptor = os.open(f"{self._job.locks}.users", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)  # held until we end: a newcomer waits for us and starts anew
        self._stop()
        if not self._ended.wait(_STOP_S) and self._server is not None:
            self._server.kill()

    def _stop(self) -> None:
        self._stopping.set()
        if self._server is not None:
            self._server.send_signal(self._job.stop_signal)

    def _lock(self, name: str, *, wait_s: float) -> int:
        descriptor = os.open(f"{self._job.locks}.{name}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + wait_s
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise SystemExit(f"another {name} holds {self._job.locks}.{name}") from None
                time.sleep(0.05)
            else:
                return descriptor


def main(argument: str) -> None:
    """Keep what `argument`, a `Job` in JSON, describes."""
    fields: dict[str, Any] = json.loads(argument)
    keeper = Keeper(Job(**fields))
    if keeper.detach():
        keeper.run()


if __name__ == "__main__":
    main(sys.argv[1])
