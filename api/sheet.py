"""The visit list as a spreadsheet: the same words in the same order as on the page, with room to write."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from api.shapes import Visit
from gateway.words import text, text_or

_COLUMNS = (
    ("order", 6),
    ("building", 10),
    ("entrance", 8),
    ("floor", 6),
    ("room", 8),
    ("unit", 16),
    ("reasons", 48),
    ("questions", 48),
    ("best_hours", 14),
    ("inspector", 12),
    ("outcome", 16),
    ("note", 24),
)
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def workbook(language: str, visits: Sequence[Visit]) -> bytes:
    """An XLSX file with one row a visit."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 - a new workbook has one worksheet
    sheet.title = text(language, "sheet.title")
    sheet.append([text(language, f"sheet.{name}") for name, _ in _COLUMNS])
    for visit in visits:
        sheet.append([_inert(value) for value in _cells(language, visit)])
    _lay_out(sheet)
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _cells(language: str, visit: Visit) -> list[object]:
    outcome = text_or(language, f"outcome.{visit.outcome}", "") if visit.outcome else ""
    return [
        visit.order,
        visit.building,
        visit.entrance,
        visit.floor,
        visit.room,
        visit.unit_id,
        "\n".join(visit.reasons),
        "\n".join(visit.questions),
        "\n".join(visit.best_hours),
        visit.inspector,
        outcome,
        "",
    ]


def _inert(value: object) -> object:
    """Keep text that looks like a formula text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value


def _lay_out(sheet: Worksheet) -> None:
    for number, (column, (_, width)) in enumerate(zip(sheet.columns, _COLUMNS, strict=True), start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
        for cell in column:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        column[0].font = Font(bold=True)
    sheet.freeze_panes = "A2"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"
