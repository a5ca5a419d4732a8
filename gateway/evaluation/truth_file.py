"""The file that says what really was so. Only evaluations read one."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from detectors.evaluation.truth import Truth
from gateway.errors import InputFileError

_COLUMNS = {"unit_id", "kind", "subtype", "start", "end"}


def read_truth(path: Path) -> list[Truth]:
    """Read a truth file: unit_id, kind, subtype, start, end, and perhaps disguise; an empty end is open.

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


def _truth(path: Path, line: int, row: Mapping[str, str]) -> Truth:
    try:
        return Truth(
            unit_id=row["unit_id"],
            kind=row["kind"],
            subtype=row["subtype"] or "",
            start=date.fromisoformat(row["start"]),
            end=date.fromisoformat(row["end"]) if row["end"] else None,
            disguise=row.get("disguise") or "",
        )
    except (ValueError, TypeError) as error:
        raise InputFileError(f"{path}, line {line}: {error}") from error
