"""Guessing passwords is made slow: so many failures, then a wait. Pure but for what it remembers."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

WINDOW_S = 300.0
_MOST_KEYS = 10_000


@dataclass(slots=True)
class Throttle:
    """Counts failures by name and by address. Times are seconds of a clock that never goes back."""

    by_name: int = 5
    by_address: int = 20
    _failures: dict[tuple[str, str], deque[float]] = field(default_factory=dict)

    def wait_s(self, name: str, address: str, now: float) -> float:
        """Seconds until another try is allowed; 0 at once."""
        return max(
            self._wait(("name", name), self.by_name, now), self._wait(("address", address), self.by_address, now)
        )

    def failed(self, name: str, address: str, now: float) -> None:
        """Remember a failure."""
        if len(self._failures) >= _MOST_KEYS:
            self._forget_old(now)
        for key, most in ((("name", name), self.by_name), (("address", address), self.by_address)):
            self._failures.setdefault(key, deque(maxlen=most)).append(now)

    def succeeded(self, name: str) -> None:
        """Forget a name's failures. The address's stay, else one good account would open the way to all."""
        self._failures.pop(("name", name), None)

    def _wait(self, key: tuple[str, str], most: int, now: float) -> float:
        times = self._failures.get(key)
        return max(times[0] + WINDOW_S - now, 0.0) if times and len(times) >= most else 0.0

    def _forget_old(self, now: float) -> None:
        self._failures = {key: times for key, times in self._failures.items() if times[-1] + WINDOW_S > now}
