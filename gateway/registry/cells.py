"""One cell at a time: text in, value out, or a `CellError` that says what is wrong with it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from functools import cache
from typing import TypeVar
from zoneinfo import available_timezones

from gateway.registry.tables import Cell, Unfit

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_NOTHING = frozenset({"null", "none", "nil", "nan", "undefined"})
"""What exports write into an empty cell. Devices say the same of nobody, so it can be nobody's id."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Programs that cannot leave a whole number empty write it as 5.0.
_WHOLE = re.compile(r"[+-]?[0-9]{1,9}(\.0+)?")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_LONGEST_TEXT = 500
_LONGEST_QUOTE = 40
# Both are files of the zone database that mean "not set" and "this machine's".
_NO_PLACES = {"Factory", "localtime"}


class CellError(ValueError):
    """What is wrong with a cell; the text follows the place in a fault."""


def quoted(value: str) -> str:
    """A value as a fault shows it: on one line, and not longer than one."""
    shown = value if value.isprintable() else value.encode("unicode_escape").decode()
    return f'"{shown if len(shown) <= _LONGEST_QUOTE else shown[:_LONGEST_QUOTE] + "…"}"'


def required(parse: Callable[[str], T]) -> Callable[[Cell], T]:
    """A cell that must hold something."""

    def parse_required(cell: Cell) -> T:
        if text := as_text(cell):
            return parse(text)
        raise CellError("is empty")

    return parse_required


def optional(parse: Callable[[str], T], default: T | None = None) -> Callable[[Cell], T | None]:
    """A cell that may be empty, which means `default`."""

    def parse_optional(cell: Cell) -> T | None:
        text = as_text(cell)
        return parse(text) if text else default

    return parse_optional


def as_text(cell: Cell) -> str:
    """The cell of a column that holds text, numbers or ids."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, Unfit):
        raise CellError(cell.problem)
    raise CellError(
        f'the workbook holds this as the day "{cell.isoformat()}"; format the column as text and type it anew'
    )


def free_text(text: str) -> str:
    """Any writing, Chinese included."""
    if len(text) > _LONGEST_TEXT:
        raise CellError(f"{quoted(text)} is longer than {_LONGEST_TEXT} characters")
    if _CONTROL.search(text):
        raise CellError(f"{quoted(text)} holds control characters")
    return text


def identifier(text: str) -> str:
    """An id as topics and addresses carry it."""
    if not _ID.fullmatch(text):
        raise CellError(f"{quoted(text)} is not an id (1 to 64 of A-Z a-z 0-9 . _ -)")
    if text.lower() in _NOTHING:
        raise CellError(f"{quoted(text)} is a program's word for nothing, not an id; leave the cell empty")
    return text


def whole(least: int, most: int) -> Callable[[str], int]:
    """A whole number within bounds that no real one leaves."""

    def parse_whole(text: str) -> int:
        if not _WHOLE.fullmatch(text):
            raise CellError(f"{quoted(text)} is not a whole number")
        number = int(text.partition(".")[0])
        if not least <= number <= most:
            raise CellError(f"{quoted(text)} is not from {least} to {most}")
        return number

    return parse_whole


def positive(most: float) -> Callable[[str], float]:
    """A finite number above 0."""

    def parse_positive(text: str) -> float:
        number = float(text) if _NUMBER.fullmatch(text) else math.nan
        if math.isnan(number):
            raise CellError(f"{quoted(text)} is not a number")
        if not 0 < number <= most:
            raise CellError(f"{quoted(text)} is not above 0 and up to {most:g}")
        return number

    return parse_positive


def one_of(kinds: type[E]) -> Callable[[str], E]:
    """One of an enumeration's values."""
    values = {kind.value: kind for kind in kinds}
    shown = ", ".join(value for value in values if value)

    def parse_one_of(text: str) -> E:
        if text not in values:
            raise CellError(f"{quoted(text)} is not one of {shown}")
        return values[text]

    return parse_one_of


def flag(text: str) -> bool:
    """Yes or no, written 1 or 0."""
    if text not in {"0", "1"}:
        raise CellError(f"{quoted(text)} is not 0 or 1")
    return text == "1"


def time_zone(text: str) -> str:
    """The name of a time zone in the IANA database, such as Asia/Shanghai."""
    if text not in _time_zones():
        raise CellError(f"{quoted(text)} is not a time zone (such as Asia/Shanghai)")
    return text


def day(cell: Cell) -> date | None:
    """A day, or None where the cell is empty."""
    if isinstance(cell, date):
        return cell
    text = as_text(cell)
    if not text:
        return None
    if not _DAY.fullmatch(text):
        raise CellError(f"{quoted(text)} is not a date (YYYY-MM-DD)")
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CellError(f"{quoted(text)} is not a day of the calendar") from error


def first_day(cell: Cell) -> date:
    """A day; empty, which means open, is the first day that there is."""
    return day(cell) or date.min


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones() - _NO_PLACES)
