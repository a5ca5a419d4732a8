"""A calendar month, and the part of it that is over."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gateway.errors import RefusedError

_SHAPE = re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)", re.ASCII)
_DECEMBER = 12


class MonthError(RefusedError):
    """The text names no month, or one that has not begun."""


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the calendar."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Month:
        """Read `YYYY-MM`.

        Raises:
            MonthError: it is not of that shape.
        """
        found = _SHAPE.fullmatch(text)
        if not found or not 1 <= int(found["month"]) <= _DECEMBER or int(found["year"]) < 1:
            raise MonthError(f"{text!r} is not a month; write it as 2026-11")
        return cls(int(found["year"]), int(found["month"]))

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return (self.first + timedelta(days=31)).replace(day=1) - timedelta(days=1)

    def span(self, zone: ZoneInfo, now: datetime) -> Span:
        """What of it is over in a zone.

        Raises:
            MonthError: it has not begun there.
        """
        today = now.astimezone(zone).date()
        if today < self.first:
            raise MonthError(f"{self} has not begun")
        begin = datetime.combine(self.first, time(), zone)
        end = datetime.combine(self.last + timedelta(days=1), time(), zone)
        return Span(begin=begin, end=min(end, now), first=self.first, last=min(self.last, today - timedelta(days=1)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From `begin` to before `end`; `first` to `last` are the whole days in it (none where last lies before first)."""

    begin: datetime
    end: datetime
    first: date
    last: date

    @property
    def days(self) -> int:
        """How many whole days there are."""
        return max((self.last - self.first).days + 1, 0)
