"""Lists as spreadsheets: the same words in the same order as on the page, with room to write."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from api.shapes import Case, Visit
from gateway.reports.inert import keep_text
from gateway.words import text, text_or

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_VISITS = (
    ("sheet.date", 12),
    ("sheet.order", 6),
    ("sheet.building", 10),
    ("sheet.entrance", 8),
    ("sheet.floor", 6),
    ("sheet.room", 8),
    ("sheet.unit", 16),
    ("sheet.reasons", 48),
    ("sheet.questions", 48),
    ("sheet.clears", 36),
    ("sheet.best_hours", 14),
    ("sheet.inspector", 12),
    ("sheet.outcome", 16),
    ("sheet.note", 24),
)
_CASES = (
    ("ledger.id", 8),
    ("sheet.building", 10),
    ("sheet.entrance", 8),
    ("sheet.room", 8),
    ("sheet.unit", 16),
    ("ledger.kind", 16),
    ("ledger.state", 18),
    ("ledger.opened_at", 18),
    ("ledger.due", 13),
    ("ledger.overdue", 10),
    ("ledger.updated_at", 18),
    ("ledger.statement", 48),
)


def visit_sheet(language: str, visits: Sequence[Visit]) -> bytes:
    """The visit list as an XLSX file with one row a visit."""
    return _workbook(language, "sheet.title", _VISITS, (_visit_cells(language, visit) for visit in visits))


def ledger_sheet(language: str, cases: Sequence[Case]) -> bytes:
    """The ledger as an XLSX file with one row a case."""
    return _workbook(language, "ledger.title", _CASES, (_case_cells(language, case) for case in cases))


def _workbook(language: str, title: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[object]]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101 - a new workbook has one worksheet
    sheet.title = text(language, title)
    sheet.append([text(language, key) for key, _ in columns])
    for row in rows:
        sheet.append(list(row))
    _lay_out(sheet, [width for _, width in columns])
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _visit_cells(language: str, visit: Visit) -> list[object]:
    outcome = text_or(language, f"outcome.{visit.outcome}", "") if visit.outcome else ""
    return [
        visit.date,
        visit.order,
        visit.building,
        visit.entrance,
        visit.floor,
        visit.room,
        visit.unit_id,
        "\n".join(visit.reasons),
        "\n".join(visit.questions),
        "\n".join(visit.clears),
        "\n".join(visit.best_hours),
        visit.inspector,
        outcome,
        "",
    ]


def _case_cells(language: str, case: Case) -> list[object]:
    return [
        case.id,
        case.building,
        case.entrance,
        case.room,
        case.unit_id,
        text(language, f"case_kind.{case.kind}"),
        text(language, f"case_state.{case.state}"),
        case.opened_at.replace(tzinfo=None, second=0, microsecond=0),
        case.due,
        text(language, "ledger.yes") if case.overdue else "",
        case.updated_at.replace(tzinfo=None, second=0, microsecond=0),
        case.statement,
    ]


def _lay_out(sheet: Worksheet, widths: Sequence[int]) -> None:
    for number, (column, width) in enumerate(zip(sheet.columns, widths, strict=True), start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
        for cell in column:
            keep_text(cell)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        column[0].font = Font(bold=True)
    sheet.freeze_panes = "A2"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"
