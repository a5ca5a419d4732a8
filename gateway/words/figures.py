"""Figures and days as people write them."""

from __future__ import annotations

from datetime import date

from gateway.words import text, text_or

_WHOLE_FROM = 10
_FINE_UNITS = ("kWh", "kWh/day")


def figure(language: str, value: float, unit: str) -> str:
    """A value with its unit: `38 天`, `0.42 度/天`; no more digits than it is worth."""
    digits = (1 if unit in _FINE_UNITS else 0) if abs(value) >= _WHOLE_FROM else (2 if unit in _FINE_UNITS else 1)
    number = f"{value:,.{digits}f}"
    if "." in number:
        number = number.rstrip("0").rstrip(".")
    one = number == "1"
    form = text_or(language, f"unit_one.{unit}" if one else f"unit.{unit}", "{number} " + unit)
    return form.format(number=number)


def day(language: str, when: date, *, year: bool = False) -> str:
    """A calendar day: `11月3日`, `3 Nov`; with its year where asked."""
    key = "day.with_year" if year else "day.short"
    month = text(language, f"month.{when.month}")
    return text(language, key, year=when.year, month=month, day=when.day)


def span(language: str, start: date, end: date) -> str:
    """Two days and what lies between; the years are named only where they differ."""
    years = start.year != end.year
    if start == end:
        return day(language, start)
    return text(language, "day.span", start=day(language, start, year=years), end=day(language, end, year=years))
