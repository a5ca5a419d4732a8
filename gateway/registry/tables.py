"""Lists as they stand in the files, before anything is understood: lines of cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from gateway.registry.faults import Fault
from gateway.registry.rows import ListName


@dataclass(frozen=True, slots=True)
class Unfit:
    """A cell that a workbook holds as something no column takes; `problem` says what and how to mend it."""

    problem: str


Cell: TypeAlias = str | date | Unfit
"""Text without surrounding blanks; a day where a workbook holds one as such."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not empty. `number` counts the file's physical lines, or the sheet's rows, from 1."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class RawTable:
    """One list. The first line is the header; `file` is the name that faults are reported under."""

    file: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class RawRegistry:
    """Everything that a folder or a workbook holds.

    `faults` are those of the files themselves; a list that could not be read at all is in `unreadable`, so that
    nothing is said about references to it. `ignored` names what is there but is none of the lists.
    """

    source: str
    tables: Mapping[ListName, RawTable]
    faults: tuple[Fault, ...] = ()
    unreadable: frozenset[ListName] = field(default_factory=frozenset)
    ignored: tuple[str, ...] = ()


def trimmed(cells: list[Cell]) -> tuple[Cell, ...]:
    """The cells without the empty ones at the end."""
    end = len(cells)
    while end and cells[end - 1] == "":
        end -= 1
    return tuple(cells[:end])
