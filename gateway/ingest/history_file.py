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
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from gateway.codecs import history
from gateway.errors import InputFileError
from gateway.ingest.history_rows import Collected, Collector
from gateway.ingest.intake import Directory
from gateway.store.history import Progress

_ROWS_IN_BLOCK = {history.READINGS: 50_000, history.EVENTS: 10_000}
"""A block is a transaction. Door events, which are read one by one, come in smaller ones."""
_ROWS_AT_ONCE = 2_500
"""Between two such steps the thread that writes gets its turn."""
_HEAD_BYTES = 64 * 1024
_BYTES_AT_ONCE = 1024 * 1024
_BOM = b"\xef\xbb\xbf"
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

    def blocks(self, directory: Callable[[], Directory]) -> Iterator[Block]:
        """Read to the end; `directory` gives the lists as they are known now.

        Raises:
            InputFileError: what follows is no CSV.
        """
        self._file.seek(self.read_bytes)
        reader = csv.reader(map(_text, self._file))
        lines_before = self.read_lines
        collector = Collector(self.name, self._header)
        rows: list[list[str]] = [[]]
        try:
            while rows:
                first_line = lines_before + reader.line_num + 1
                rows = list(islice(reader, _ROWS_AT_ONCE))
                collector.take(rows, first_line, directory(), time.time_ns() // 1000)
                if not rows or collector.messages >= _ROWS_IN_BLOCK[self.name]:
                    self.read_lines = lines_before + reader.line_num
                    self._digest_up_to(self._file.tell())
                    yield Block(collector.collected(), self.read_bytes, self.read_lines, self._digest.digest())
        except csv.Error as error:
            line = lines_before + reader.line_num
            raise InputFileError(f"{self._path}: line {line} cannot be read: {error}") from error

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
