from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.registry import cells
from gateway.registry.cells import CellError
from gateway.registry.rows import Care, Tenure
from gateway.registry.tables import Unfit


@pytest.mark.parametrize("text", ["a", "A-1_b.2", "0101", "x" * 64])
def test_an_id_is_what_topics_can_carry(text):
    assert cells.identifier(text) == text


@pytest.mark.parametrize("text", ["a b", "张三", "a/b", "a#", "+", "x" * 65, "a\n", "é", "１"])
def test_other_ids_are_refused(text):
    with pytest.raises(CellError, match="is not an id"):
        cells.identifier(text)


@pytest.mark.parametrize("text", ["null", "NULL", "None", "nil", "NaN", "undefined"])
def test_a_word_for_nothing_is_nobodys_id(text):
    with pytest.raises(CellError, match="word for nothing"):
        cells.identifier(text)


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("-2", -2), ("+7", 7), ("12.0", 12), ("007", 7)])
def test_a_whole_number(text, number):
    assert cells.whole(-99, 999)(text) == number


@pytest.mark.parametrize("text", ["x", "1.5", "1e2", "1_0", "１", "0x1", "9" * 5000, "nan", "1 2", "1\n"])
def test_what_is_no_whole_number(text):
    with pytest.raises(CellError, match="is not a whole number"):
        cells.whole(-99, 999)(text)


@pytest.mark.parametrize("text", ["-100", "1000"])
def test_a_whole_number_out_of_bounds(text):
    with pytest.raises(CellError, match="is not from -99 to 999"):
        cells.whole(-99, 999)(text)


@pytest.mark.parametrize(("text", "number"), [("52.5", 52.5), (".5", 0.5), ("1e2", 100.0), ("100000", 100_000.0)])
def test_a_positive_number(text, number):
    assert cells.positive(100_000)(text) == number


@pytest.mark.parametrize("text", ["nan", "NaN", "inf", "-inf", "Infinity", "1_0", "52,5", "52 m2", "", "1e99999"])
def test_what_is_no_number(text):
    with pytest.raises(CellError, match="is not a number"):
        cells.positive(100_000)(text)


@pytest.mark.parametrize("text", ["0", "-1", "100001", "1e999"])
def test_a_number_out_of_bounds(text):
    with pytest.raises(CellError, match="is not above 0 and up to 100000"):
        cells.positive(100_000)(text)


def test_a_day_is_written_or_held_as_one_or_open():
    assert cells.day("2026-02-28") == date(2026, 2, 28)
    assert cells.day(date(2026, 2, 28)) == date(2026, 2, 28)
    assert cells.day("") is None
    assert cells.first_day("") == date.min


@pytest.mark.parametrize(
    "text", ["2026-2-3", "20260203", "2026/02/03", "2026-W01-1", "2026-02-03T00:00", "46000", "２０２６-02-03"]
)
def test_what_is_no_date(text):
    with pytest.raises(CellError, match="is not a date"):
        cells.day(text)


@pytest.mark.parametrize("text", ["2026-02-29", "2026-13-01", "0000-01-01", "2026-04-31"])
def test_what_is_no_day_of_the_calendar(text):
    with pytest.raises(CellError, match="is not a day of the calendar"):
        cells.day(text)


@pytest.mark.parametrize("text", ["Asia/Shanghai", "Asia/Urumqi", "UTC"])
def test_a_time_zone(text):
    assert cells.time_zone(text) == text


@pytest.mark.parametrize(
    "text", ["Asia", "Asia/Peking", "+08:00", "../etc/passwd", "localtime", "Factory", "CST8", "asia/shanghai"]
)
def test_what_is_no_time_zone(text):
    with pytest.raises(CellError, match="is not a time zone"):
        cells.time_zone(text)


def test_one_of_an_enumeration():
    assert cells.one_of(Tenure)("leased") is Tenure.LEASED
    with pytest.raises(CellError, match='"Leased" is not one of leased, vacant, held, repair'):
        cells.one_of(Tenure)("Leased")
    with pytest.raises(CellError, match=r'"elder" is not one of lone_elder$'):
        cells.one_of(Care)("elder")


def test_a_flag():
    assert cells.flag("1") is True
    assert cells.flag("0") is False
    with pytest.raises(CellError, match='"yes" is not 0 or 1'):
        cells.flag("yes")


def test_an_empty_cell_is_a_fault_or_the_default():
    with pytest.raises(CellError, match="is empty"):
        cells.required(cells.identifier)("")
    assert cells.optional(cells.identifier)("") is None
    assert cells.optional(cells.identifier, "native")("") == "native"


def test_a_workbooks_day_in_a_column_of_text_is_refused():
    with pytest.raises(CellError, match="format the column as text"):
        cells.required(cells.identifier)(date(2026, 3, 1))
    with pytest.raises(CellError, match="broken"):
        cells.optional(cells.free_text)(Unfit("broken"))


def test_free_text_takes_chinese_and_line_breaks_but_no_control_characters():
    assert cells.free_text("1号楼\n北") == "1号楼\n北"
    with pytest.raises(CellError, match="control characters"):
        cells.free_text("a\x00b")
    with pytest.raises(CellError, match="longer than 500"):
        cells.free_text("字" * 501)


@given(st.text())
def test_a_shown_value_stands_on_one_short_line(text):
    shown = cells.quoted(text)
    assert len(shown) <= 43
    assert len(shown.splitlines()) == 1
