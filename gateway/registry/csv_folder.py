"""The lists as a folder of CSV files."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.registry.faults import Fault
from gateway.registry.naming import name_lists
from gateway.registry.rows import ListName
from gateway.registry.tables import Cell, Line, RawRegistry, RawTable, trimmed

_SUFFIX = ".csv"


@dataclass(frozen=True, slots=True)
class CsvText:
    """One file's lines, as far as they could be read."""

    lines: tuple[Line, ...]
    faults: tuple[Fault, ...]


def read_folder(folder: Path) -> RawRegistry:
    """Read every list of a folder.

    Raises:
        OSError: the folder or one of its files may not be read.
    """
    paths = {path.stem: path for path in folder.iterdir() if _is_list_file(path)}
    naming = name_lists({stem: path.name for stem, path in paths.items()}, folder.name)
    faults = list(naming.faults)
    tables: dict[ListName, RawTable] = {}
    unreadable: set[ListName] = set()
    for name, stem in naming.titles.items():
        file = paths[stem].name
        content = read_csv(paths[stem].read_bytes(), file)
        faults.extend(content.faults)
        if content.faults and not content.lines:
            unreadable.add(name)
        else:
            tables[name] = RawTable(file, content.lines)
    return RawRegistry(folder.name, tables, tuple(faults), frozenset(unreadable), naming.ignored)


def read_csv(data: bytes, file: str) -> CsvText:
    """Split one file into lines of cells; `file` is the name for faults. A byte that is not UTF-8 spoils no other."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return CsvText((), (Fault(file, 1, "", 'is UTF-16; save it as "CSV UTF-8"'),))
    faults = list(_encoding_fault(data, file))
    text = data.decode("utf-8-sig", errors="replace")
    lines: list[Line] = []
    for number, cells in _records(text, file, faults):
        width = len(lines[0].cells) if lines else 0
        lines.append(Line(number, _fitted(cells, width)))
    return CsvText(tuple(lines), tuple(faults))


def _is_list_file(path: Path) -> bool:
    return path.suffix.casefold() == _SUFFIX and not path.name.startswith((".", "~")) and path.is_file()


def _encoding_fault(data: bytes, file: str) -> Iterator[Fault]:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        yield Fault(file, line, "", 'is not UTF-8 from here on; save it as "CSV UTF-8"')


def _records(text: str, file: str, faults: list[Fault]) -> Iterator[tuple[int, list[Cell]]]:
    """Records that are not empty, each with the physical line on which it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        number = reader.line_num + 1
        try:
            cells: list[Cell] = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            faults.append(Fault(file, number, "", _explained(error)))
            continue
        if any(cells):
            yield number, cells


def _explained(error: csv.Error) -> str:
    if "unexpected end" in str(error):
        return "a quotation mark that opens in this line is never closed"
    return f"is not CSV: {error}"


def _fitted(cells: list[Cell], width: int) -> tuple[Cell, ...]:
    """A header without empty columns at its end, or a row without empty cells beyond the header."""
    if not width:
        return trimmed(cells)
    return tuple(cells) if any(cells[width:]) else tuple(cells[:width])
