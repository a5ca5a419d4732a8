"""Simulated time: minutes of local wall clock since 1970-01-01T00:00, and whole days of it.

The estates stand in China, whose clocks know no summer time, so local time is UTC + 8 h all year.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from device_sim.errors import BadParameterError

ZONE_NAME = "Asia/Shanghai"
ZONE = timezone(timedelta(hours=8), ZONE_NAME)
OFFSET_TEXT = "+08:00"

DAY_MIN = 1440
HOUR_MIN = 60
HOUR_S = 3600
DAY_S = 86_400
SLOT_MIN = 10
SLOTS_A_DAY = DAY_MIN // SLOT_MIN
_EPOCH = date(1970, 1, 1)
_EPOCH_LOCAL = datetime(1970, 1, 1, tzinfo=ZONE)


@dataclass(frozen=True, slots=True)
class Window:
    """Whole days from `first_day` (days since 1970) on."""

    first_day: int
    days: int

    @property
    def start_min(self) -> int:
        """First local minute."""
        return self.first_day * DAY_MIN

    @property
    def slots(self) -> int:
        """How many ten minutes it has."""
        return self.days * SLOTS_A_DAY

    @property
    def minutes(self) -> NDArray[np.int64]:
        """(S,) first local minute of each ten minutes."""
        minutes: NDArray[np.int64] = self.start_min + SLOT_MIN * np.arange(self.slots)
        return minutes

    def with_day_before(self) -> Window:
        """One day more at the front: who leaves in the evening comes back within the window."""
        return Window(self.first_day - 1, self.days + 1)


def day_of(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def date_of(day: int) -> date:
    """The date that is `day` days after 1970-01-01."""
    return _EPOCH + timedelta(days=day)


def local_second(moment: datetime) -> int:
    """Seconds of local wall clock since 1970 of an aware time."""
    return int((moment - _EPOCH_LOCAL).total_seconds())


def last_full_hour(now: datetime) -> datetime:
    """`now` without its minutes, in the estates' zone."""
    return now.astimezone(ZONE).replace(minute=0, second=0, microsecond=0)


def parse_end(text: str | None, now: datetime) -> datetime:
    """When history ends: a date means through the end of that day, nothing means the last full hour before `now`.

    Raises:
        BadParameterError: `text` is neither a date nor a time.
    """
    if text is None:
        return last_full_hour(now)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadParameterError(f"--end {text}: write a date (2026-11-22) or a time (2026-11-22T08:00)") from error
    if len(text) == len("2026-11-22"):
        moment += timedelta(days=1)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZONE)
    return moment.astimezone(ZONE).replace(microsecond=0)


def texts(local_seconds: NDArray[np.int64]) -> list[str]:
    """RFC 3339 texts with offset of local seconds."""
    hours, within = np.divmod(local_seconds, HOUR_S)
    rests = _within_the_hour()
    return [_hour_text(hour) + rests[rest] for hour, rest in zip(hours.tolist(), within.tolist(), strict=True)]


@lru_cache(maxsize=20_000)
def _hour_text(hour: int) -> str:
    return f"{date_of(hour // 24)}T{hour % 24:02d}"


@cache
def _within_the_hour() -> tuple[str, ...]:
    return tuple(f":{minute:02d}:{second:02d}{OFFSET_TEXT}" for minute in range(60) for second in range(60))


def utc_now() -> datetime:
    """The wall clock."""
    return datetime.now(UTC)
