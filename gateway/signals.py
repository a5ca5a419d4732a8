"""Being asked to stop: a flag that waits end early for, and that a second Ctrl-C cannot disturb."""

from __future__ import annotations

import contextlib
import select
import signal
import socket
from types import FrameType, TracebackType
from typing import Self

_ASKS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_WAKES = (signal.SIGCHLD,)


class StopSignals:
    """While it is entered, Ctrl-C, SIGTERM and a closed terminal only set `asked`; `wait` ends at once then.

    `wait` also ends when a child process does. Enter it in the main thread.
    """

    def __init__(self) -> None:
        self.asked = False
        self._former: dict[signal.Signals, object] = {}

    def __enter__(self) -> Self:
        self._reader, self._writer = socket.socketpair()
        self._reader.settimeout(0)
        self._writer.settimeout(0)
        self._former_wakeup = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for number in (*_ASKS, *_WAKES):
            if number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN:
                continue  # started with nohup
            self._former[number] = signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._former.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        signal.set_wakeup_fd(self._former_wakeup)
        self._reader.close()
        self._writer.close()

    def wait(self, seconds: float) -> None:
        """Sleep for `seconds`, less when there is a signal."""
        select.select([self._reader], [], [], max(seconds, 0))
        with contextlib.suppress(BlockingIOError):
            while self._reader.recv(1024):
                pass

    def _note(self, number: int, _frame: FrameType | None) -> None:
        if number in _ASKS:
            self.asked = True
