"""The report in the form that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType

import msgspec

from gateway.reports.document import document
from gateway.reports.layout import Layout, lay_out
from gateway.reports.model import Report
from gateway.reports.spreadsheet import workbook
from gateway.words import text


class Format(StrEnum):
    """What a report can be written as; also the ending of its file."""

    JSON = "json"
    XLSX = "xlsx"
    DOCX = "docx"

    @property
    def media_type(self) -> str:
        """What it is called in HTTP."""
        return _MEDIA_TYPES[self]


_OFFICE = "application/vnd.openxmlformats-officedocument"
_MEDIA_TYPES: Mapping[Format, str] = MappingProxyType(
    {
        Format.JSON: "application/json",
        Format.XLSX: f"{_OFFICE}.spreadsheetml.sheet",
        Format.DOCX: f"{_OFFICE}.wordprocessingml.document",
    }
)


def render(language: str, report: Report, form: Format) -> bytes:
    """The report's file."""
    return _RENDERERS[form](language, report)


def _json(language: str, report: Report) -> bytes:
    del language
    return msgspec.json.encode(report)


def _xlsx(language: str, report: Report) -> bytes:
    return workbook(lay_out(language, report), **_signs(language))


def _docx(language: str, report: Report) -> bytes:
    layout: Layout = lay_out(language, report)
    return document(layout, chinese=language.startswith("zh"), **_signs(language))


def _signs(language: str) -> dict[str, str]:
    return {"nothing": text(language, "report.none"), "unknown": text(language, "report.unknown")}


_RENDERERS: Mapping[Format, Callable[[str, Report], bytes]] = MappingProxyType(
    {Format.JSON: _json, Format.XLSX: _xlsx, Format.DOCX: _docx}
)
