"""The report as a workbook: one sheet a part, ready to print."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from io import BytesIO

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooterItem, _HeaderFooterPart
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from gateway.reports.inert import keep_text
from gateway.reports.layout import Cell, Column, Layout, Table

_FORMATS = {"text": "@", "count": "#,##0", "share": "0.0%"}
_LINE = Side(style="thin", color="B0B7B3")
_GRID = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_HEAD = PatternFill("solid", fgColor="DCECEC")
_FOOT = PatternFill("solid", fgColor="F3F4F1")
_HEAD_ROW = 4
_NARROWEST, _WIDEST = 9, 46
_BREAKS = 12
_TITLE_COLUMNS = 12
"""Titles and notes go over so many columns at least, however narrow the table is."""
_ROW_HEIGHT = 18
_A4 = 9


def workbook(layout: Layout, *, nothing: str, unknown: str) -> bytes:
    """An XLSX file. `nothing` stands in an empty table, `unknown` in a cell that has no figure."""
    book = Workbook()
    first = book.active
    assert isinstance(first, Worksheet)  # noqa: S101 - a new workbook has one worksheet
    for number, table in enumerate(layout.tables):
        sheet = first if number == 0 else book.create_sheet()
        sheet.title = table.name
        _write(sheet, layout, table, nothing=nothing, unknown=unknown)
        if number == 0:
            _write_lead(sheet, layout.lead, max(len(table.columns), _TITLE_COLUMNS))
    file = BytesIO()
    book.save(file)
    return file.getvalue()


def _write(sheet: Worksheet, layout: Layout, table: Table, *, nothing: str, unknown: str) -> None:
    across = max(len(table.columns), _TITLE_COLUMNS)
    _across(sheet, 1, f"{layout.title}（{layout.month}）", across).font = _font(bold=True, size=16)
    _across(sheet, 2, f"{table.name}　{'　'.join(layout.facts)}", across).alignment = Alignment(vertical="center")
    sheet.row_dimensions[1].height = 30
    for at, heading in enumerate((column.heading for column in table.columns), start=1):
        _style(sheet.cell(_HEAD_ROW, at, heading), "text", head=True)
    for row, cells in enumerate(table.rows, start=_HEAD_ROW + 1):
        _write_row(sheet, row, table.columns, cells, unknown)
    end = _HEAD_ROW + len(table.rows)
    if table.total is not None:
        end += 1
        _write_row(sheet, end, table.columns, table.total, unknown, last=True)
    if not table.rows:
        end += 1
        _across(sheet, end, nothing, across)
    note = _across(sheet, end + 2, table.note, across)
    note.font = _font(color="626B65", size=10)
    note.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.row_dimensions[end + 2].height = 32
    _set_page(sheet, table)


def _write_row(
    sheet: Worksheet, row: int, columns: Sequence[Column], cells: Sequence[Cell], unknown: str, *, last: bool = False
) -> None:
    for at, column, value in zip(range(1, len(cells) + 1), columns, cells, strict=True):
        empty = "" if column.form == "text" or (last and column.form == "share" and value is None) else unknown
        shown = empty if value is None else value
        _style(sheet.cell(row, at, shown), column.form, last=last)
    sheet.row_dimensions[row].height = _ROW_HEIGHT


def _write_lead(sheet: Worksheet, lead: Sequence[str], across: int) -> None:
    row = sheet.max_row + 2
    for line in lead:
        cell = _across(sheet, row, line, across)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        cell.font = _font(size=12)
        sheet.row_dimensions[row].height = 32
        row += 1


def _across(sheet: Worksheet, row: int, value: str, across: int) -> SheetCell:
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=across)
    cell = sheet.cell(row, 1, value)
    assert isinstance(cell, SheetCell)  # noqa: S101 - the first of the merged ones is a plain cell
    return cell


def _style(cell: object, form: str, *, head: bool = False, last: bool = False) -> None:
    assert isinstance(cell, SheetCell)  # noqa: S101 - nothing is merged in a table
    keep_text(cell)
    cell.border = _GRID
    cell.number_format = "General" if head else _FORMATS[form]
    side = "center" if head else "left" if form == "text" else "right"
    cell.alignment = Alignment(horizontal=side, vertical="center", wrap_text=head)
    cell.font = _font(bold=head or last)
    if head or last:
        cell.fill = _HEAD if head else _FOOT


def _font(*, size: float = 11, bold: bool = False, color: str = "000000") -> Font:
    return Font(name="宋体", size=size, bold=bold, color=color)


def _set_page(sheet: Worksheet, table: Table) -> None:
    for at, column in enumerate(table.columns):
        sheet.column_dimensions[get_column_letter(at + 1)].width = _column_width(
            column, [row[at] for row in table.rows]
        )
    sheet.row_dimensions[_HEAD_ROW].height = 32
    sheet.freeze_panes = f"B{_HEAD_ROW + 1}"
    sheet.print_title_rows = f"1:{_HEAD_ROW}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = _A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.HeaderFooter.oddFooter = HeaderFooterItem(center=_HeaderFooterPart("&P / &N"))


def _column_width(column: Column, cells: Sequence[Cell]) -> int:
    """Wide enough for a text and its heading; the heading over figures may break into two lines."""
    if column.form == "text":
        needed = max(_width(str(cell or "")) for cell in (column.heading, *cells))
    else:
        needed = min(_width(column.heading), _BREAKS)
    return min(max(needed + 2, _NARROWEST), _WIDEST)


def _width(value: str) -> int:
    """How many columns of a letter's width a text takes: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in value)
