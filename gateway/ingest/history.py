"""Past readings and door events from CSV files: the same rules as messages, the same rows, exactly once.

One thread reads a block while the other writes the one before it. How far a file has come is written with its rows, so
an import that was cut off, also by a kill, goes on there when it is started again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psycopg

from gateway.codecs import history
from gateway.errors import InputFileError
from gateway.ingest.history_file import Block, HistoryFile, opened
from gateway.ingest.writer import HISTORY, Writer
from gateway.store import history as store
from gateway.store.database import Connection
from gateway.store.history import Rows
from gateway.store.migrate import Form, check
from gateway.store.rollups import analyze, refresh


class Phase(StrEnum):
    """What an import is doing."""

    GOING_ON = "going on"
    """An earlier import had come so far."""
    READING = "reading"
    ROLLUPS = "rollups"


class Step(NamedTuple):
    """Bytes and rows of the files that were read since the last time."""

    phase: Phase
    size: int = 0
    rows: int = 0


Progress = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of the rows, with those that an import which was cut off had stored."""

    stored: int = 0
    duplicate: int = 0
    quarantined: int = 0

    def plus(self, other: Imported) -> Imported:
        """Add what came later."""
        return Imported(
            self.stored + other.stored, self.duplicate + other.duplicate, self.quarantined + other.quarantined
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
        with opened(file):
            pass
    return found


def import_history(conn: Connection, files: list[Path], progress: Progress) -> Imported:
    """Store all rows of the files, then bring the rollups up to date."""
    total = Imported()
    with store.alone(conn):
        writer = Writer(conn, check(conn), HISTORY)
        writer.refresh_directory()
        heads = []
        for path in files:
            with opened(path) as file:
                total = total.plus(_FileImport(writer, file, progress).run())
                heads.append(file.head)
        progress(Step(Phase.ROLLUPS))
        analyze(conn)
        refresh(conn)
        store.forget_progress(conn, heads)
    return total


class _FileImport:
    """Takes one file to its end."""

    def __init__(self, writer: Writer, file: HistoryFile, progress: Progress) -> None:
        self._writer = writer
        self._conn = writer.conn
        self._file = file
        self._progress = progress
        self._came_to = Imported()

    def run(self) -> Imported:
        """Go on where an earlier import came to, if there was one."""
        earlier = store.progress(self._conn, self._file.head)
        if self._file.go_on(earlier):
            self._came_to = Imported(earlier.stored, earlier.duplicate, earlier.quarantined)
            rows = earlier.stored + earlier.duplicate + earlier.quarantined
            self._progress(Step(Phase.GOING_ON, self._file.read_bytes, rows))
            read = self._file.read_bytes
        else:
            read = 0
        for block in _ahead(self._file.blocks(lambda: self._writer.directory)):
            self._write(block)
            self._progress(Step(Phase.READING, block.read_bytes - read, block.collected.batch.messages))
            read = block.read_bytes
        return self._came_to

    def _write(self, block: Block) -> None:
        batch = block.collected.batch
        self._writer.decide_unknown(batch, "history")
        times_us = np.concatenate([block.collected.rows.ts_us, np.array(batch.times_us(), "i8")])
        self._came_to = self._writer.with_partitions(times_us, lambda: self._written(block))

    def _written(self, block: Block) -> Imported:
        """Store a block, its counts and the place after it in one transaction."""
        batch, rows, repeats = block.collected
        with self._conn.transaction():
            stored = self._store(rows)
            duplicate = len(rows.ts_us) - stored + repeats
            self._writer.count_up(+Counter(readings_stored=stored, readings_duplicate=duplicate))
            written = self._writer.write(batch, source="history")
            came_to = self._came_to.plus(
                Imported(
                    stored + written.readings_stored + written.events_stored,
                    duplicate + written.readings_duplicate + written.events_duplicate,
                    len(batch.held),
                )
            )
            now = store.Progress(
                read_bytes=block.read_bytes,
                read_lines=block.read_lines,
                digest=block.digest,
                stored=came_to.stored,
                duplicate=came_to.duplicate,
                quarantined=came_to.quarantined,
            )
            store.store_progress(self._conn, self._file.head, self._file.name, now)
        return came_to

    def _store(self, rows: Rows) -> int:
        """Copy the rows that are not there; where that cannot be known, each is tried."""
        if self._writer.form is Form.PLAIN and len(rows.ts_us):
            fresh = store.fresh_among(self._conn, rows)
            if fresh is not None:
                try:
                    with self._conn.transaction():
                        return store.copy(self._conn, rows.only(fresh))
                except psycopg.errors.UniqueViolation:
                    pass  # somebody else stored one of them since we looked
        return self._writer.store_readings(rows)


def _ahead(blocks: Iterator[Block]) -> Iterator[Block]:
    """Read the next block while the caller is at work on this one."""
    with ThreadPoolExecutor(1, "history") as reader:
        coming = reader.submit(next, blocks, None)
        while block := coming.result():
            coming = reader.submit(next, blocks, None)
            yield block
