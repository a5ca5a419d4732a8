"""Runs the parts of the gateway as processes: starts them, starts them again, stops them in order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from gateway.embedded.keeper import dies_with_parent
from gateway.embedded.kept import last_line
from gateway.errors import RefusedError
from gateway.settings import Settings
from gateway.signals import StopSignals

_FIRST_DELAY_S = 1.0
_LONGEST_DELAY_S = 30.0
_HEALTHY_AFTER_S = 60.0
_STOP_S = 10.0
_LOOK_S = 0.2
_SETTINGS_WRONG = 2
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Part:
    """A program of the gateway: its settings on top of ours, and where it writes (None: where we do)."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    log: Path | None = None

    def start(self) -> subprocess.Popen[bytes]:
        """Start it apart from our terminal, so that a Ctrl-C reaches it through us, in order; it dies if we do."""
        with ExitStack() as stack:
            output = stack.enter_context(self.log.open("ab")) if self.log else None
            return subprocess.Popen(  # noqa: S603 - our own programs
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **self.environment},
                start_new_session=True,
                preexec_fn=dies_with_parent(signal.SIGKILL),  # noqa: PLW1509 - one system call
            )


def gateway_parts(settings: Settings, database: str, broker: str, logs: Path | None = None) -> tuple[Part, ...]:
    """The gateway's parts in the order in which they stop."""
    environment = {
        "ESTATE_DATABASE_URL": database,
        "ESTATE_MQTT_URL": broker,
        "ESTATE_HOME": str(settings.home),
        "ESTATE_HTTP_HOST": settings.http_host,
        "ESTATE_HTTP_PORT": str(settings.http_port),
    }
    commands = {"ingest": ("ingest",), "detect": ("detect", "--watch"), "serve": ("serve",)}
    return tuple(
        Part(name, (sys.executable, "-m", "gateway", *words), environment, logs and logs / f"{name}.log")
        for name, words in commands.items()
    )


class Supervisor:
    """Keeps `parts` running between entering and leaving; they start in reverse and stop in the order given."""

    def __init__(self, parts: Sequence[Part], signals: StopSignals, *, first_delay_s: float = _FIRST_DELAY_S) -> None:
        self._signals = signals
        self._children = [_Child(part, first_delay_s) for part in parts]

    def __enter__(self) -> Self:
        for child in reversed(self._children):
            child.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self._children:
            child.stop(self._signals)

    def watch(self, until: Callable[[], bool] | None = None) -> None:
        """Start again what ends, until we are asked to stop or `until`, asked a few times a second, is true.

        Raises:
            RefusedError: a part refuses its settings, which no second start would mend.
        """
        while not self._signals.asked and not (until and until()):
            for child in self._children:
                child.look()
            due = min(child.due_s() for child in self._children)
            self._signals.wait(min(due, _LOOK_S) if until else due)


class _Child:
    """One part's process, or the moment at which it starts again."""

    def __init__(self, part: Part, first_delay_s: float) -> None:
        self._part = part
        self._first_delay_s = first_delay_s
        self._delay_s = first_delay_s
        self._process: subprocess.Popen[bytes] | None = None
        self._since = 0.0
        self._again_at = 0.0

    def start(self) -> None:
        self._process = self._part.start()
        self._since = time.monotonic()

    def look(self) -> None:
        """Notice an end, or start again once the delay is over."""
        if self._process is None:
            if time.monotonic() >= self._again_at:
                self.start()
        elif (status := self._process.poll()) is not None:
            self._process = None
            self._plan_restart(status)

    def due_s(self) -> float:
        """Seconds until there is something to do without a signal."""
        return _LONGEST_DELAY_S if self._process else max(self._again_at - time.monotonic(), 0)

    def stop(self, signals: StopSignals) -> None:
        if self._process is not None:
            end(self._process, signals)
            self._process = None

    def _plan_restart(self, status: int) -> None:
        if status == _SETTINGS_WRONG:
            raise RefusedError(f"{self._part.name} refuses its settings{_where(self._part)}")
        if time.monotonic() - self._since > _HEALTHY_AFTER_S:
            self._delay_s = self._first_delay_s
        self._again_at = time.monotonic() + self._delay_s
        _log.warning(
            "part ended", action="restart", part=self._part.name, how=describe(status), again_in_s=self._delay_s
        )
        self._delay_s = min(self._delay_s * 2, _LONGEST_DELAY_S)


def end(process: subprocess.Popen[bytes], signals: StopSignals, *, within_s: float = _STOP_S) -> None:
    """Ask a process to stop, and after `within_s` make it."""
    process.terminate()
    deadline = time.monotonic() + within_s
    while process.poll() is None:
        if time.monotonic() > deadline:
            process.kill()
            process.wait()
            return
        signals.wait(_LOOK_S)


def describe(status: int) -> str:
    """How a process ended, for a log line."""
    return f"exit status {status}" if status >= 0 else signal.Signals(-status).name


def _where(part: Part) -> str:
    return f": {last_line(part.log)}" if part.log else "; see its line above"
