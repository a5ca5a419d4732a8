"""Past readings and door events from CSV files: the same rules as messages, the same rows, exactly once.

An import that was cut off is simply started again: what is already stored is counted as duplicate.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import msgspec

from gateway.codecs import history
from gateway.codecs.message import Message, Reason, UndecodableError
from gateway.errors import InputFileError
from gateway.ingest.batch import Batch
from gateway.ingest.intake import bind, put, take_in
from gateway.ingest.writer import Writer, Written
from gateway.store.database import Connection
from gateway.store.migrate import check
from gateway.store.rollups import analyze, refresh

_ROWS_AT_ONCE = 10_000
_WORKER = "history"
Progress = Callable[[int], None]
"""Told how many bytes of the files were read since the last time."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the rows."""

    stored: int = 0
    duplicate: int = 0
    quarantined: int = 0

    def plus(self, written: Written, quarantined: int) -> Imported:
        """Add what a batch came to."""
        return Imported(
            self.stored + written.readings_stored + written.events_stored,
            self.duplicate + written.readings_duplicate + written.events_duplicate,
            self.quarantined + quarantined,
        )


def files_of(path: Path) -> list[Path]:
    """Find the history files at `path`: a folder with either or both, or one of them.

    Raises:
        InputFileError: there is none, or one lacks a column.
    """
    found = [path / name for name in history.COLUMNS if (path / name).is_file()] if path.is_dir() else [path]
    if not found or not all(file.is_file() and file.name in history.COLUMNS for file in found):
        raise InputFileError(f"{path}: no {' or '.join(history.COLUMNS)} there")
    for file in found:
        _check_columns(file)
    return found


def import_history(conn: Connection, files: list[Path], progress: Progress) -> Imported:
    """Store all rows of the files, then bring the rollups up to date."""
    writer = Writer(conn, check(conn), _WORKER)
    writer.refresh_directory()
    total = Imported()
    for file in files:
        for batch in _batches(file, writer, progress):
            total = total.plus(writer.write(batch, source="history"), len(batch.held))
    analyze(conn)
    refresh(conn)
    return total


def _check_columns(file: Path) -> None:
    with _opened(file) as text:
        header = next(_rows(file, text), [])
    if missing := set(history.COLUMNS[file.name]) - set(header):
        raise InputFileError(f"{file}: the first line must name the columns; missing: {', '.join(sorted(missing))}")


def _batches(file: Path, writer: Writer, progress: Progress) -> Iterator[Batch]:
    batch, read = Batch(), 0
    with _opened(file) as text:
        rows = _rows(file, text)
        header = next(rows)
        for row in rows:
            _take_row(batch, file.name, dict(zip(header, row, strict=False)), writer)
            if batch.messages >= _ROWS_AT_ONCE:
                yield batch
                batch = Batch()
                at = text.buffer.tell()
                progress(at - read)
                read = at
    yield batch
    progress(file.stat().st_size - read)


def _take_row(batch: Batch, file: str, row: dict[str, str], writer: Writer) -> None:
    arrived_us = time.time_ns() // 1000
    try:
        bound = bind(history.decode_row(file, row), writer.directory, arrived_us=arrived_us)
    except UndecodableError as error:
        # The slow way round: as a message, so that quarantine holds something that can be replayed.
        message = Message(f"history/{file}", msgspec.json.encode(row), arrived_us)
        take_in(
            batch,
            message,
            writer.directory,
            source="history",
            lists_are_fresh=error.reason is not Reason.UNKNOWN_DEVICE,
        )
    else:
        batch.messages += 1
        put(batch, bound, arrived_us)


def _opened(file: Path) -> TextIO:
    try:
        return file.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise InputFileError(f"{file}: {error.strerror}") from error


def _rows(file: Path, text: TextIO) -> Iterator[list[str]]:
    reader = csv.reader(text)
    try:
        yield from (row for row in reader if row)
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputFileError(f"{file}: line {reader.line_num + 1} cannot be read: {error}") from error
