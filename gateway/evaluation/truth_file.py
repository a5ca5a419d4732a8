"""The file that says what really was so. Only evaluations read one."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from detectors.evaluation.truth import Truth
from gateway.errors import InputFileError

_COLUMNS = {"unit_id", "kind", "subtype", "start", "end"}
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_NOTHING = frozenset({"", "null", "nan", "none"})
"""What programs write into a cell that has no value."""


def read_truth(path: Path) -> list[Truth]:
    """Read a truth file: unit_id, kind, subtype, start, end, and perhaps disguise; an empty end is open.

    A cell that says null, nan or none is empty.

    Raises:
        InputFileError: it cannot be read, or a line is not of this form.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if missing := _COLUMNS - set(rows.fieldnames or ()):
                raise InputFileError(f"{path}: the column {min(missing)} is missing")
            return [_truth(path, rows.line_num, row) for row in rows]
    except OSError as error:
        raise InputFileError(f"cannot read {path}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputFileError(f"{path} is not a CSV file in UTF-8: {error}") from error


def _truth(path: Path, line: int, row: Mapping[str | None, str | None]) -> Truth:
    cells = {name: _cell(row.get(name)) for name in (*_COLUMNS, "disguise")}
    try:
        end = _day("end", cells["end"]) if cells["end"] else None
        return _in_order(
            Truth(
                unit_id=_unit(cells["unit_id"]),
                kind=_kind(cells["kind"]),
                subtype=cells["subtype"],
                start=_day("start", cells["start"]),
                end=end,
                disguise=cells["disguise"],
            )
        )
    except ValueError as error:
        raise InputFileError(f"{path}, line {line}: {error}") from error


def _cell(text: str | None) -> str:
    text = (text or "").strip()
    return "" if text.lower() in _NOTHING else text


def _unit(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError(f"unit_id: {text!r} is not an id" if text else "unit_id is missing")
    return text


def _kind(text: str) -> str:
    if not text:
        raise ValueError("kind is missing")
    return text


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(
            f"{name}: {text!r} is not a day such as 2026-11-22" if text else f"{name} is missing"
        ) from error


def _in_order(truth: Truth) -> Truth:
    if truth.end is not None and truth.end < truth.start:
        raise ValueError(f"end {truth.end} lies before start {truth.start}")
    return truth
