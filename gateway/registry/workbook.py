"""The lists as the sheets of one XLSX workbook."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator
from datetime import datetime, time
from pathlib import Path
from typing import IO, Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.cell.cell import ERROR_CODES
from openpyxl.utils.exceptions import InvalidFileException

from gateway.registry.faults import Fault
from gateway.registry.naming import name_lists
from gateway.registry.rows import ListName
from gateway.registry.tables import Cell, Line, RawRegistry, RawTable, Unfit, trimmed

# What openpyxl raises over a file that is no workbook, or a damaged one.
_DAMAGED = (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, ParseError, EOFError)
# A workbook keeps 15 digits of a number; the last ones of a longer id are gone when the file is saved.
_DIGITS_KEPT = 10**15


def read_workbook(path: Path) -> RawRegistry:
    """Read every list of a workbook; formulas count as what they last came to.

    Raises:
        OSError: the file may not be read.
    """
    with path.open("rb") as file, warnings.catch_warnings():
        # openpyxl warns of styles and validations that it does not keep; nobody here needs them.
        warnings.simplefilter("ignore", UserWarning)
        try:
            return _read(file, path.name)
        except _DAMAGED:
            fault = Fault(path.name, 0, "", "is not an XLSX workbook, or a damaged one")
            return RawRegistry(path.name, {}, (fault,), frozenset(ListName))


def _read(file: IO[bytes], name: str) -> RawRegistry:
    book = load_workbook(file, read_only=True, data_only=True)
    try:
        naming = name_lists({title: f"{name}/{title}" for title in book.sheetnames}, name)
        tables = {key: RawTable(f"{name}/{title}", tuple(_lines(book[title]))) for key, title in naming.titles.items()}
        return RawRegistry(name, tables, naming.faults, ignored=naming.ignored)
    finally:
        book.close()


def _lines(sheet: Any) -> Iterator[Line]:  # noqa: ANN401 - openpyxl's sheets share no typed class
    # Programs write wrong sizes into sheets; without one openpyxl looks for itself.
    sheet.reset_dimensions()
    width = 0
    for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        cells = trimmed([_cell(value) for value in values])
        if cells:
            yield Line(number, cells + ("",) * (width - len(cells)))
            width = width or len(cells)


def _cell(value: object) -> Cell:
    match value:
        case None:
            return ""
        case str():
            return Unfit(f"the workbook's formula ends in {value}") if value in ERROR_CODES else value.strip()
        case int() | float():  # a ticked box is True, which is 1
            return _number(value)
        case datetime() if value.time() == time():
            return value.date()
        case _:
            return Unfit(f"the workbook holds this as the time {value}; format the column as text and type it anew")


def _number(value: float) -> Cell:
    if abs(value) >= _DIGITS_KEPT:
        return Unfit("a workbook keeps only 15 digits of a number; format the column as text and type it anew")
    return str(int(value)) if value == int(value) else repr(value)
