"""Reads a history file by the block, and knows how far it has come."""

from __future__ import annotations

import csv
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import numpy as np

from gateway.codecs import history
from gateway.errors import InputFileError
from gateway.ingest.history_rows import Collected, Collector, Piece
from gateway.ingest.intake import Directory
from gateway.store.history import Progress

_ROWS_IN_BLOCK = {history.READINGS: 50_000, history.EVENTS: 10_000}
"""A block is a transaction. Door events, which are read one by one, come in smaller ones."""
_BYTES_IN_PIECE = 128 * 1024
"""Between two pieces the thread that writes gets its turn."""
_HEAD_BYTES = 64 * 1024
_BYTES_AT_ONCE = 1024 * 1024
_BOM = b"\xef\xbb\xbf"
_COMMA, _LINE_END = b",\n"
_text = partial(str, encoding="utf-8", errors="backslashreplace")


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that are written together, and how far the file is read with them."""

    collected: Collected
    read_bytes: int
    read_lines: int
    digest: bytes
    """Of all bytes up to there."""


class HistoryFile:
    """An open file that is read from a place on."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.name = path.name
        self.head = hashlib.sha256(path.name.encode() + b"\0" + file.read(_HEAD_BYTES)).digest()
        """What the file is known by when it is met again: its name and how it begins."""
        self._path = path
        self._file = file
        self._header, self._lines_before_data = _header(path, file)
        self._bytes_before_data = file.tell()
        self._begin()

    def go_on(self, progress: Progress) -> bool:
        """Go to where an earlier import came to; False if what it read is not what this file begins with."""
        if not self.read_bytes < progress.read_bytes <= self._file.seek(0, os.SEEK_END):
            return False
        self._digest_up_to(progress.read_bytes)
        if self._digest.digest() == progress.digest:
            self.read_lines = progress.read_lines
            return True
        self._begin()
        return False

    @property
    def places(self) -> list[int]:
        """Where the columns of this kind of file stand; of two of one name the last counts."""
        last_of = {name: at for at, name in enumerate(self._header)}
        return [last_of[name] for name in history.COLUMNS[self.name]]

    def pieces(self) -> Iterator[Piece]:
        """Read to the end, some thousands of rows at a time, without noting how far it came.

        Raises:
            InputFileError: what follows is no CSV.
        """
        self._file.seek(self._bytes_before_data)
        while piece := self._piece():
            yield piece

    def blocks(self, directory: Callable[[], Directory]) -> Iterator[Block]:
        """Read to the end; `directory` gives the lists as they are known now.

        Raises:
            InputFileError: what follows is no CSV.
        """
        self._file.seek(self.read_bytes)
        collector = Collector(self.name, self._header)
        while piece := self._piece():
            collector.take(piece, directory(), time.time_ns() // 1000)
            if collector.messages >= _ROWS_IN_BLOCK[self.name]:
                yield self._block(collector)
        if collector.messages:
            yield self._block(collector)

    def _block(self, collector: Collector) -> Block:
        self._digest_up_to(self._file.tell())
        return Block(collector.collected(), self.read_bytes, self.read_lines, self._digest.digest())

    def _piece(self) -> Piece | None:
        """Read whole rows, some thousands; none at the end."""
        text = self._file.read(_BYTES_IN_PIECE) + self._file.readline()
        first_line = self.read_lines + 1
        if columns := _plain_columns(text, len(self._header)):
            self.read_lines += len(columns[0])
            return Piece(columns, range(first_line, first_line + len(columns[0])))
        return self._quoted(text) if text else None

    def _quoted(self, text: bytes) -> Piece:
        """Read a piece that needs all that CSV allows; its last row may go on in the lines that follow it."""
        given = 0

        def lines() -> Iterator[str]:
            nonlocal given
            for part in chain([text], self._file):
                found = list(StringIO(_text(part), newline=""))
                given += len(found)
                yield from found

        reader = csv.reader(lines())
        rows, first_lines, begins = [], [], 1
        try:
            for row in reader:
                rows.append(row)
                first_lines.append(self.read_lines + begins)
                begins = reader.line_num + 1
                if reader.line_num == given:
                    break
        except csv.Error as error:
            line = self.read_lines + reader.line_num
            raise InputFileError(f"{self._path}: line {line} cannot be read: {error}") from error
        self.read_lines += reader.line_num
        even = [at for at, row in enumerate(rows) if len(row) == len(self._header)]
        columns = list(zip(*(rows[at] for at in even), strict=True)) or [()] * len(self._header)
        uneven = [(line, row) for line, row in zip(first_lines, rows, strict=True) if 0 < len(row) != len(self._header)]
        return Piece(columns, [first_lines[at] for at in even], uneven)

    def _begin(self) -> None:
        self._digest = hashlib.sha256()
        self.read_bytes = 0
        self.read_lines = self._lines_before_data
        self._digest_up_to(self._bytes_before_data)

    def _digest_up_to(self, end: int) -> None:
        while self.read_bytes < end:
            piece = os.pread(self._file.fileno(), min(_BYTES_AT_ONCE, end - self.read_bytes), self.read_bytes)
            if not piece:
                raise InputFileError(f"{self._path}: the file became shorter while it was read")
            self._digest.update(piece)
            self.read_bytes += len(piece)


@contextmanager
def opened(path: Path) -> Iterator[HistoryFile]:
    """Open a file and read its first line.

    Raises:
        InputFileError: it cannot be opened, or a column is missing.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise InputFileError(f"{path}: {error.strerror}") from error
    with file:
        yield HistoryFile(path, file)


def _plain_columns(text: bytes, width: int) -> list[list[str]] | None:
    """Cut lines that are nothing but so many fields with commas between; None where one of them is not."""
    if b'"' in text:
        return None
    text = text.replace(b"\r\n", b"\n")
    if not text.endswith(b"\n"):
        text += b"\n"
    marks = np.frombuffer(text, "u1")
    marks = marks[(marks == _COMMA) | (marks == _LINE_END)]
    if b"\r" in text or len(marks) % width:
        return None
    ends_line = marks.reshape(-1, width) == _LINE_END
    if not ends_line[:, -1].all() or ends_line[:, :-1].any():
        return None
    fields = _text(text).replace("\n", ",").split(",")
    return [fields[at:-1:width] for at in range(width)]


def _header(path: Path, file: BinaryIO) -> tuple[list[str], int]:
    """Read the names of the columns; the file stands behind them then. Returns how many lines that took, too."""
    file.seek(0)
    file.seek(len(_BOM) if file.read(len(_BOM)) == _BOM else 0)
    reader = csv.reader(map(_text, file))
    try:
        header = next((row for row in reader if row), [])
    except csv.Error as error:
        raise InputFileError(f"{path}: line {reader.line_num} cannot be read: {error}") from error
    if missing := set(history.COLUMNS[path.name]) - set(header):
        raise InputFileError(f"{path}: the first line must name the columns; missing: {', '.join(sorted(missing))}")
    return header, reader.line_num
