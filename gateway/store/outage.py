"""A database that fails us, told once and not at every try."""

from __future__ import annotations

import threading
import time

import structlog

_log = structlog.get_logger()
_REMIND_S = 60.0


class Outage:
    """What is told of a database that fails us: one line when it begins, one a minute, one when it is over."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._began: float | None = None
        self._told = 0.0
        self._reason = ""

    def goes_on(self, reason: str) -> None:
        """Something failed, or has still not been answered."""
        with self._lock:
            now, self._reason = time.monotonic(), reason
            if self._began is None:
                self._began = self._told = now
                _log.warning("the database is in trouble; waiting", action="database_lost", reason=reason)
            elif now - self._told >= _REMIND_S:
                self._told = now
                lasts_s = round(now - self._began)
                _log.warning("still waiting", action="database_still_lost", reason=reason, lasts_s=lasts_s)

    def over(self) -> None:
        """The database did what it was asked to do."""
        with self._lock:
            if self._began is not None:
                lasted_s = round(time.monotonic() - self._began, 1)
                _log.info("the database works again", action="database_back", lasted_s=lasted_s, was=self._reason)
                self._began = None
