import pytest

from gateway.errors import InputFileError
from gateway.registry.csv_folder import read_csv, read_folder
from gateway.registry.reading import read_registry
from gateway.registry.rows import ListName


def lines(text):
    content = read_csv(text if isinstance(text, bytes) else text.encode(), "units.csv")
    assert content.faults == ()
    return [(line.number, line.cells) for line in content.lines]


def faults(data):
    return [str(fault) for fault in read_csv(data, "units.csv").faults]


def test_a_byte_order_mark_and_blanks_are_no_content():
    assert lines("\ufeffa, b \n\u3000x\t,y\n") == [(1, ("a", "b")), (2, ("x", "y"))]


def test_line_numbers_are_the_files_own_across_quoted_line_breaks_and_empty_lines():
    assert lines('\na,b\n"x\ny\r\nz",1\n\n,,\n2,"3"\n') == [(2, ("a", "b")), (3, ("x\ny\r\nz", "1")), (8, ("2", "3"))]


def test_any_line_ending_will_do():
    assert [number for number, _ in lines("a\r\nb\r\nc")] == [1, 2, 3]
    assert [number for number, _ in lines("a\rb\rc")] == [1, 2, 3]


def test_empty_columns_at_the_end_are_no_columns():
    assert lines("a,b,,\nx,y,,\nx,y,z,\n") == [(1, ("a", "b")), (2, ("x", "y")), (3, ("x", "y", "z", ""))]


def test_bytes_that_are_not_utf8_are_told_once_with_their_line():
    data = b"a,b\nx,y\nx," + "张三\n李四,1\n".encode("gbk")
    assert faults(data) == ['units.csv:3: is not UTF-8 from here on; save it as "CSV UTF-8"']
    assert len(read_csv(data, "units.csv").lines) == 4


def test_utf16_is_told_by_name():
    assert faults("a,b\n".encode("utf-16")) == ['units.csv:1: is UTF-16; save it as "CSV UTF-8"']


def test_a_quotation_mark_that_stays_open_is_told_where_it_opens():
    assert faults(b'a,b\nx,y\n"x,y\nx,y\n') == ["units.csv:3: a quotation mark that opens in this line is never closed"]


def test_after_a_line_that_is_no_csv_the_rest_is_read():
    content = read_csv(b'a,b\n"x"x,y\n1,2\n', "units.csv")
    assert [fault.line for fault in content.faults] == [2]
    assert [line.cells for line in content.lines] == [("a", "b"), ("1", "2")]


def test_a_folder_holds_some_of_the_lists_and_other_things(tmp_path):
    (tmp_path / "Units.CSV").write_text("unit_id\n")
    (tmp_path / "._units.csv").write_bytes(b"\xff")
    (tmp_path / "readings.csv").write_text("device_id\n")
    (tmp_path / "notes.txt").write_text("")
    raw = read_folder(tmp_path)
    assert list(raw.tables) == [ListName.UNITS]
    assert raw.tables[ListName.UNITS].file == "Units.CSV"
    assert raw.ignored == ("readings.csv",)
    assert raw.faults == ()


def test_a_list_that_cannot_be_read_is_known_to_be_there(tmp_path):
    (tmp_path / "units.csv").write_text("unit_id\n", encoding="utf-16")
    raw = read_folder(tmp_path)
    assert raw.unreadable == {ListName.UNITS}
    assert not raw.tables


def test_nothing_at_the_path_is_said_at_once(tmp_path):
    with pytest.raises(InputFileError, match="there is no such folder or workbook"):
        read_registry(tmp_path / "lists")
