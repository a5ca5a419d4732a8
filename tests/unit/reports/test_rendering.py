"""The report is read back from what was written, as an official would see it."""

from io import BytesIO

import msgspec
import openpyxl
import pytest
from docx import Document
from unit.reports.made import NOTHING, estate, report

from gateway.reports.layout import lay_out
from gateway.reports.rendering import Format, render
from gateway.words import LANGUAGES

TWO = report(estate(), estate(NOTHING, name="=秋水园"))


def test_the_summary_is_in_whole_sentences():
    layout = lay_out("zh-CN", report(estate()))
    assert layout.lead[0] == (
        "监测范围内共有 1 个小区、100 套房屋，其中在租 80 套，待租空置 15 套，空置率 15.0%；"
        "月末疑似空置 4 套，占在租房屋的 5.0%。"
    )
    assert layout.month == "2026年11月"
    assert layout.facts[0] == "统计期：2026年11月1日至2026年11月30日"
    assert "尚未结束" in lay_out("zh-CN", report(estate(), complete=False)).facts[0]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("made", [TWO, report()], ids=["two", "none"])
def test_every_part_is_there_in_both_languages(language, made):
    layout = lay_out(language, made)
    assert len(layout.tables) == 7
    for table in layout.tables:
        assert all(len(row) == len(table.columns) for row in (*table.rows, *([table.total] if table.total else [])))
    for form in (Format.XLSX, Format.DOCX):
        assert render(language, made, form).startswith(b"PK")


def test_shares_of_a_total_are_of_sums_and_not_added_up():
    overview, _, visits, *_ = lay_out("zh-CN", report(estate(), estate())).tables
    assert overview.total[:5] == ("合计", 200, 160, 30, 0.15)
    assert visits.total[-1] == 3 / 8


def test_the_workbook_has_numbers_formats_and_widths():
    book = openpyxl.load_workbook(BytesIO(render("zh-CN", TWO, Format.XLSX)))
    assert book.sheetnames == ["总体情况", "预警情况", "入户核查", "台账办理", "设备与数据", "隔离消息", "个人信息保护"]
    sheet = book["总体情况"]
    assert sheet["A1"].value == "公租房使用监测月报（2026年11月）"
    assert [cell.value for cell in sheet[4]][:5] == ["小区", "房屋", "在租", "待租空置", "空置率"]
    assert (sheet["B5"].value, sheet["B5"].number_format) == (100, "#,##0")
    assert (sheet["E5"].value, sheet["E5"].number_format) == (0.15, "0.0%")
    assert sheet["E6"].value == "—"  # nothing to take a share of
    assert (sheet["A6"].value, sheet["A6"].data_type, sheet["A6"].quotePrefix) == ("=秋水园", "s", True)
    assert (sheet["A7"].value, sheet["B7"].value) == ("合计", 100)
    assert sheet.column_dimensions["A"].width >= 9
    assert sheet.freeze_panes == "B5"
    assert any("监测范围内共有" in str(cell.value) for cell in sheet["A"])


def test_the_document_has_titles_and_tables_with_repeated_heads():
    paper = Document(BytesIO(render("zh-CN", TWO, Format.DOCX)))
    words = [paragraph.text for paragraph in paper.paragraphs]
    assert words[:2] == ["公租房使用监测月报", "2026年11月"]
    heads = [paragraph.text for paragraph in paper.paragraphs if paragraph.style.name == "Heading 1"]
    assert heads[0] == "一、总体情况"
    assert heads[-1] == "七、个人信息保护"
    assert len(paper.tables) == 7
    first = paper.tables[0]
    assert [cell.text for cell in first.rows[1].cells][:5] == ["枫林苑", "100", "80", "15", "15.0%"]
    assert "w:tblHeader" in first.rows[0]._tr.xml
    assert [cell.text for cell in paper.tables[-1].rows[1].cells] == ["本月剔除的人脸图片和特征值", "—"]


def test_json_has_the_figures_and_no_words():
    read = msgspec.json.decode(render("zh-CN", TWO, Format.JSON))
    assert read["estates"][0]["housing"]["vacancy_rate"] == 0.15
    assert read["estates"][0]["cases"]["overdue"] == 1
    assert (read["month"], read["privacy"]["images_removed"]) == ("2026-11", None)
