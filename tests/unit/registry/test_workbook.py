import io
import re
import zipfile
from datetime import date, datetime, time

import pytest
from openpyxl import Workbook

from gateway.registry.reading import read_registry
from gateway.registry.rows import ListName
from gateway.registry.tables import Unfit

# A workbook's times have no zone.
MIDNIGHT = datetime(2026, 3, 1)  # noqa: DTZ001
MORNING = datetime(2026, 3, 1, 8, 30)  # noqa: DTZ001


@pytest.fixture
def read(tmp_path):
    """Write one workbook of sheets given as rows, and read it."""

    def run(**sheets):
        book = Workbook()
        book.remove(book.active)
        for title, rows in sheets.items():
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append(row)
        book.save(tmp_path / "lists.xlsx")
        return read_registry(tmp_path / "lists.xlsx")

    return run


def rewrite(path, change):
    """Change the parts of a workbook, as another program might write them."""
    changed = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w") as new:
        for part in old.namelist():
            new.writestr(part, change(part, old.read(part)))
    path.write_bytes(changed.getvalue())
    return path


def lines(raw, name=ListName.UNITS):
    return [(line.number, line.cells) for line in raw.tables[name].lines]


def test_days_numbers_and_text_come_out_as_written(read):
    raw = read(units=[["a", "b", "c", "d"], [MIDNIGHT, 101, " 52.50 ", 52.5], [date(2026, 3, 2), 5.0, None, -1]])
    assert lines(raw)[1:] == [(2, (date(2026, 3, 1), "101", "52.50", "52.5")), (3, (date(2026, 3, 2), "5", "", "-1"))]
    assert raw.tables[ListName.UNITS].file == "lists.xlsx/units"


def test_a_ticked_box_is_one(read):
    assert lines(read(units=[["a"], [True], [False]]))[1:] == [(2, ("1",)), (3, ("0",))]


def test_line_numbers_are_rows_and_empty_rows_are_none(read):
    raw = read(units=[["a", "b"], [], [None, ""], ["x"], ["y", "z", None, " "], [], [None]])
    assert lines(raw) == [(1, ("a", "b")), (4, ("x", "")), (5, ("y", "z"))]


def test_a_row_wider_than_the_header_keeps_its_width(read):
    assert lines(read(units=[["a"], ["x", "y"]]))[1] == (2, ("x", "y"))


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (time(1, 2), "the time 01:02"),
        (MORNING, "the time 2026-03-01 08:30"),
        (12345678901234567, "only 15 digits"),
        ("#N/A", "formula ends in #N/A"),
    ],
)
def test_what_a_workbook_made_of_a_cell_is_told(read, value, problem):
    cell = lines(read(units=[["a"], [value]]))[1][1][0]
    assert isinstance(cell, Unfit)
    assert problem in cell.problem


def test_sheets_are_named_as_the_files(read):
    raw = read(Units=[["a"]], Tabelle1=[["x"]], person=[["y"]])
    assert list(raw.tables) == [ListName.UNITS]
    assert raw.ignored == ("lists.xlsx/Tabelle1",)
    assert [str(fault) for fault in raw.faults] == ["lists.xlsx/person: is none of the lists; did you mean persons?"]


def test_a_sheet_that_lies_about_its_size_is_read_whole(read, tmp_path):
    read(units=[["a", "b"], ["x", "y"], ["x", "z"]])
    path = rewrite(
        tmp_path / "lists.xlsx", lambda _, data: data.replace(b'<dimension ref="A1:B3"', b'<dimension ref="A1"')
    )
    assert len(lines(read_registry(path))) == 3


@pytest.mark.parametrize(
    "data", [b"", b"unit_id,estate_id\n", b"PK\x03\x04 but no more", b"\xd0\xcf\x11\xe0 old Excel"]
)
def test_what_is_no_workbook_is_told(tmp_path, data):
    path = tmp_path / "lists.xlsx"
    path.write_bytes(data)
    raw = read_registry(path)
    assert [str(fault) for fault in raw.faults] == ["lists.xlsx: is not an XLSX workbook, or a damaged one"]


def test_a_zip_that_is_no_workbook_is_told(tmp_path):
    path = tmp_path / "lists.xlsx"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("units.csv", "unit_id\n")
    assert [fault.problem for fault in read_registry(path).faults] == ["is not an XLSX workbook, or a damaged one"]


def test_a_damaged_sheet_is_told(read, tmp_path):
    read(units=[["a", "b"], ["x", "y"]])
    path = rewrite(tmp_path / "lists.xlsx", lambda part, data: data[: len(data) // 2] if "sheet1" in part else data)
    assert [fault.problem for fault in read_registry(path).faults] == ["is not an XLSX workbook, or a damaged one"]


def test_a_workbook_of_another_program_is_read_without_a_word(read, tmp_path):
    read(units=[["a"], ["x"]])
    path = rewrite(tmp_path / "lists.xlsx", lambda _, data: re.sub(rb"<cellStyles.*</cellStyles>", b"", data))
    assert lines(read_registry(path))[1] == (2, ("x",))
