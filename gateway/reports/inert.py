"""Texts of others in a workbook: a room called `=1+1` is no formula."""

from __future__ import annotations

from openpyxl.cell.cell import Cell, MergedCell

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def keep_text(cell: Cell | MergedCell) -> None:
    """Let a text that looks like a formula be text in the file, and stay text when somebody edits the cell."""
    if isinstance(cell, Cell) and isinstance(cell.value, str) and cell.value.startswith(_FORMULA_STARTS):
        cell.data_type = "s"
        cell.quotePrefix = True
