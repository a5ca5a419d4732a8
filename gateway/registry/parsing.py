"""From raw lines to values: header, cells, rules within a row, keys within a list. Pure; nothing stops at a fault."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gateway.registry.cells import CellError, quoted
from gateway.registry.columns import SPECS, ListSpec, Values
from gateway.registry.faults import Fault
from gateway.registry.rows import ListName
from gateway.registry.tables import Cell, Line, RawRegistry, RawTable, Unfit

# What people are called, reached or recognised by. The gateway takes none of it (contract, section 2).
_PERSONAL = re.compile(
    r"(\w+[_ ])?name|surname|((tele|mobile[_ ]?)?phone|mobile)([_ ]?(no|number))?|e?mail|address|photo|image|face"
    r"|birth\w+|id[_ ](card|no|number)|identity\w*|passport\w*|姓名|名字|\w*电话|手机号?码?|身份证号?码?|照片|人脸"
)


@dataclass(frozen=True, slots=True)
class ParsedRow:
    """The right cells of one line."""

    line: int
    values: Values


@dataclass(frozen=True, slots=True)
class ParsedList:
    """A list as far as it could be understood. `rows` include those with faults, without their faulty cells."""

    spec: ListSpec
    file: str
    rows: tuple[ParsedRow, ...]
    faults: tuple[Fault, ...]
    has_key: bool

    def typed(self) -> Iterator[Any]:
        """The rows that are whole."""
        wanted = len(self.spec.columns)
        return (self.spec.make(**row.values) for row in self.rows if len(row.values) == wanted)


def parse_lists(raw: RawRegistry) -> dict[ListName, ParsedList]:
    """Understand every list that is there."""
    return {name: parse_list(SPECS[name], table) for name, table in raw.tables.items()}


def parse_list(spec: ListSpec, table: RawTable) -> ParsedList:
    """Understand one list."""
    if not table.lines:
        fault = Fault(table.file, 1, "", f"has no header row ({', '.join(spec.columns)})")
        return ParsedList(spec, table.file, (), (fault,), has_key=False)
    header, *lines = table.lines
    places = _places(header, spec)
    reader = _Reader(spec, table.file, tuple(places.items()), len(header.cells))
    faults = list(_header_faults(header, spec, table.file))
    rows = tuple(reader.row(line, faults) for line in lines)
    faults.extend(_repeated_keys(spec, table.file, rows))
    return ParsedList(spec, table.file, rows, tuple(faults), has_key=all(name in places for name in spec.key))


def _places(header: Line, spec: ListSpec) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, cell in enumerate(header.cells):
        if isinstance(cell, str) and cell in spec.columns:
            found.setdefault(cell, place)
    return {name: found[name] for name in spec.columns if name in found}


def _header_faults(header: Line, spec: ListSpec, file: str) -> Iterator[Fault]:
    seen: set[str] = set()
    for place, cell in enumerate(header.cells, start=1):
        name = _header_text(cell)
        if not name:
            yield Fault(file, header.number, "", f"column {place} of the header has no name")
        elif name in seen:
            yield Fault(file, header.number, name, "is in the header twice")
        elif name not in spec.columns:
            yield Fault(file, header.number, name, _not_a_column(name, spec))
        seen.add(name)
    for name in spec.columns:
        if name not in seen:
            yield Fault(file, header.number, name, "this column is missing")


def _header_text(cell: Cell) -> str:
    return "" if isinstance(cell, Unfit) else str(cell)


def _not_a_column(name: str, spec: ListSpec) -> str:
    if spec.about_people and _PERSONAL.fullmatch(name.casefold()):
        return "people are ids here, nothing personal is taken; remove this column"
    if near := difflib.get_close_matches(name.casefold(), spec.columns, n=1):
        return f"is not a column of this list; did you mean {near[0]}?"
    return f"is not a column of this list ({', '.join(spec.columns)})"


@dataclass(frozen=True, slots=True)
class _Reader:
    """Understands the lines below one header. `places` says where each column stands, `width` how many there are."""

    spec: ListSpec
    file: str
    places: tuple[tuple[str, int], ...]
    width: int

    def row(self, line: Line, faults: list[Fault]) -> ParsedRow:
        if len(line.cells) != self.width:
            problem = f"has {len(line.cells)} columns where the header has {self.width}"
            faults.append(Fault(self.file, line.number, "", problem))
            return ParsedRow(line.number, self._key(line))
        values = self._values(line, self.places, faults)
        for rule in self.spec.rules:
            if wrong := rule(values):
                faults.append(Fault(self.file, line.number, *wrong))  # noqa: PERF401 - three lines say it plainer
        return ParsedRow(line.number, values)

    def _key(self, line: Line) -> Values:
        """Which cell belongs where is open, but the key mostly stands right, and other rows refer to it."""
        places = tuple(
            (name, place) for name, place in self.places if name in self.spec.key and place < len(line.cells)
        )
        return self._values(line, places, [])

    def _values(self, line: Line, places: tuple[tuple[str, int], ...], faults: list[Fault]) -> Values:
        values: dict[str, Any] = {}
        cells, columns = line.cells, self.spec.columns
        for name, place in places:
            try:
                values[name] = columns[name](cells[place])
            except CellError as error:
                faults.append(Fault(self.file, line.number, name, str(error)))
        return values


def _repeated_keys(spec: ListSpec, file: str, rows: tuple[ParsedRow, ...]) -> Iterator[Fault]:
    first: dict[tuple[Any, ...], int] = {}
    for row in rows:
        if all(name in row.values for name in spec.key):
            key = tuple(row.values[name] for name in spec.key)
            line = first.setdefault(key, row.line)
            if line != row.line:
                shown = quoted(" ".join(str(part) for part in key))
                yield Fault(file, row.line, spec.key[0], f"{shown} is already in line {line}")
