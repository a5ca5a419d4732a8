"""Public holidays in China, with the days on which people travel around the Spring Festival."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache

import chinese_calendar
from chinese_calendar import Holiday

_TRAVEL = timedelta(days=7)
"""Most tenants leave in the week before the Spring Festival and are back a week after its holidays."""


def holidays(days: Sequence[date]) -> list[bool]:
    """For each day whether it is a public holiday. Weekends are not; neither is any day of a year not yet announced."""
    return [_is_holiday(day) for day in days]


@cache
def _is_holiday(day: date) -> bool:
    return _name(day) is not None or any(
        _name(day + timedelta(days=apart)) == Holiday.spring_festival.value
        for apart in range(-_TRAVEL.days, _TRAVEL.days + 1)
    )


@cache
def _name(day: date) -> str | None:
    """The holiday on which nobody works, or None; also for years whose calendar is not known."""
    try:
        free, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        return None
    return str(name) if free and name is not None else None
