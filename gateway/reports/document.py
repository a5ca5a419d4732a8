"""The report as a document in the manner of official papers: title, period, summary, then the tables."""

from __future__ import annotations

from io import BytesIO

from docx import Document
from docx.document import Document as Paper
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.table import _Cell, _Row
from docx.text.paragraph import Paragraph

from gateway.reports.layout import Cell, Column, Layout, Table

_NUMERALS = "一二三四五六七八九十"
_BODY, _HEADS = "宋体", "黑体"
_LATIN = "Times New Roman"
_QUIET = RGBColor(0x62, 0x6B, 0x65)
_SHADE = "DCECEC"


def document(layout: Layout, *, chinese: bool, nothing: str, unknown: str) -> bytes:
    """A DOCX file. `nothing` stands for an empty table, `unknown` in a cell that has no figure."""
    paper = Document()
    _prepare(paper)
    _line(paper, layout.title, size=20, bold=True, font=_HEADS, centred=True)
    _line(paper, layout.month, size=14, centred=True)
    for fact in layout.facts:
        _line(paper, fact, size=10.5, centred=True, quiet=True)
    for sentence in layout.lead:
        paragraph = _line(paper, sentence, size=12)
        if chinese:
            paragraph.paragraph_format.first_line_indent = Pt(24)
    for number, table in enumerate(layout.tables):
        mark = f"{_NUMERALS[number]}、" if chinese else f"{number + 1}. "
        _heading(paper, mark + table.name)
        _draw(paper, table, nothing, unknown, size=9.5 if chinese else 8)
    file = BytesIO()
    paper.save(file)
    return file.getvalue()


def _prepare(paper: Paper) -> None:
    section = paper.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Cm(29.7), Cm(21.0)
    section.left_margin = section.right_margin = Cm(2.2)
    section.top_margin = section.bottom_margin = Cm(2.0)
    for name in ("Normal", "Heading 1"):
        style = paper.styles[name]
        assert isinstance(style, ParagraphStyle)  # noqa: S101 - both are in the library's own template
        _set_font(style.element.get_or_add_rPr(), _BODY if name == "Normal" else _HEADS)
        style.font.name = _LATIN
    _number_pages(section.footer.paragraphs[0])


def _number_pages(paragraph: Paragraph) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run()
    for kind, words in (("begin", None), (None, "PAGE"), ("end", None)):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = words
        run._r.append(part)  # noqa: SLF001 - the library has no field of its own


def _line(
    paper: Paper,
    words: str,
    *,
    size: float,
    bold: bool = False,
    font: str = _BODY,
    centred: bool = False,
    quiet: bool = False,
) -> Paragraph:
    paragraph = paper.add_paragraph()
    paragraph.paragraph_format.space_after = Pt(4)
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _say(paragraph, words, size=size, bold=bold, font=font, quiet=quiet)
    return paragraph


def _heading(paper: Paper, words: str) -> None:
    paragraph = paper.add_heading(level=1)
    paragraph.paragraph_format.space_before, paragraph.paragraph_format.space_after = Pt(14), Pt(6)
    paragraph.paragraph_format.keep_with_next = True
    run = _say(paragraph, words, size=14, bold=True, font=_HEADS)
    run.font.color.rgb = RGBColor(0, 0, 0)


def _draw(paper: Paper, table: Table, nothing: str, unknown: str, *, size: float) -> None:
    if not table.rows:
        _line(paper, nothing, size=10.5)
        return
    rows = [*table.rows, *([table.total] if table.total is not None else [])]
    drawn = paper.add_table(rows=1 + len(rows), cols=len(table.columns), style="Table Grid")
    drawn.alignment = WD_TABLE_ALIGNMENT.CENTER
    shape = tuple(drawn.rows)
    for cell, column in zip(shape[0].cells, table.columns, strict=True):
        _fill(cell, column.heading, size=size, bold=True, centred=True)
        _shade(cell)
    _repeat(shape[0])
    for line, cells in zip(shape[1:], rows, strict=True):
        last = cells is table.total
        for cell, column, value in zip(line.cells, table.columns, cells, strict=True):
            shown = _shown(column, value, "" if last else unknown)
            _fill(cell, shown, size=size, bold=last, right=column.form != "text")
    _line(paper, table.note, size=9, quiet=True).paragraph_format.space_before = Pt(4)


def _shown(column: Column, value: Cell, unknown: str) -> str:
    if value is None:
        return "" if column.form == "text" else unknown
    if isinstance(value, str):
        return value
    return f"{value * 100:.1f}%" if column.form == "share" else f"{value:,}"


def _fill(
    cell: _Cell, words: str, *, size: float, bold: bool = False, centred: bool = False, right: bool = False
) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    if centred or right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER if centred else WD_ALIGN_PARAGRAPH.RIGHT
    _say(paragraph, words, size=size, bold=bold, font=_BODY)


def _say(paragraph: Paragraph, words: str, *, size: float, bold: bool, font: str, quiet: bool = False):  # type: ignore[no-untyped-def]  # noqa: ANN202
    run = paragraph.add_run(words)
    run.font.size, run.font.bold, run.font.name = Pt(size), bold, _LATIN
    _set_font(run._r.get_or_add_rPr(), font)  # noqa: SLF001 - the library sets Latin fonts only
    if quiet:
        run.font.color.rgb = _QUIET
    return run


def _set_font(properties, font: str) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    properties.get_or_add_rFonts().set(qn("w:eastAsia"), font)


def _shade(cell: _Cell) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", _SHADE)):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)  # noqa: SLF001 - the library has no shading of its own


def _repeat(row: _Row) -> None:
    """Let the heading row stand on every page that the table goes on to."""
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)  # noqa: SLF001 - the library has no mark of its own
