"""Rows a second of `estate history import`, beside a plain COPY of the same file, on an embedded PostgreSQL.

The real command in a process of its own, rollups included, with the database server on the same machine. The plain
COPY goes into a table of the same columns with the same primary key: no checks, no counts, no rollups, and a repeat
would end it. Absolute figures are this machine's, the ratio is what to quote.

    python benchmarks/history.py [--millions 10] [--rounds 1] [--by time|meter] [--repeats 0] [--faulty 0] [--kill]

`--repeats` and `--faulty` are shares: so many rows are there once more, so many beside them cannot be taken. A file
with either has no partner. `--kill` ends the import with kill -9 half-way, starts it again and checks the counts.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil
import psycopg

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from servers.gateway import lists
from servers.homes import temporary_home

from gateway.embedded import database_url
from gateway.settings import Settings

METERS = 1_000
STEP_S = 900
AT_ONCE = 100_000
RESULT = re.compile(r"(\d+) stored, (\d+) duplicate, (\d+) in quarantine")


class Counts(NamedTuple):
    """What the rows of a file are, or came to."""

    stored: int
    duplicate: int
    quarantined: int


class Run(NamedTuple):
    took_s: float
    memory_mb: float
    counts: Counts


def write_readings(path: Path, rows: int, told: argparse.Namespace) -> Counts:
    """Write readings of 1,000 meters every 15 minutes that end now, in RFC 3339 at +08:00."""
    rng = np.random.default_rng(1)
    times = rows // METERS
    start_s = int(time.time()) // STEP_S * STEP_S - times * STEP_S
    repeats = faulty = 0
    with path.open("wb") as file:
        file.write(b"device_id,ts,register,unit\n")
        for first in range(0, rows, AT_ONCE):
            at = np.arange(first, min(first + AT_ONCE, rows))
            meter, step = (at % METERS, at // METERS) if told.by == "time" else (at // times, at % times)
            good = lines(meter, start_s + step * STEP_S, meter + step * 0.013)
            again = good[rng.random(len(at)) < told.repeats].tolist()
            wrong = [line.replace(b",m3", b",gal") for line in good[rng.random(len(at)) < told.faulty].tolist()]
            file.write(b"".join(good.tolist() + again + wrong))
            repeats, faulty = repeats + len(again), faulty + len(wrong)
    return Counts(rows, repeats, faulty)


def lines(meter: np.ndarray, ts_s: np.ndarray, register: np.ndarray) -> np.ndarray:
    """Put columns together as lines of text."""
    times = np.datetime_as_string((ts_s + 8 * 3600).view("M8[s]")).astype("S")
    parts = (b"w", meter.astype("S"), b",", times, b"+08:00,", np.round(register, 3).astype("S"), b",m3\n")
    text = parts[0]
    for part in parts[1:]:
        text = np.char.add(text, part)
    return text


def imported(database: str, home: Path, folder: Path, kill_after: int | None = None) -> Run:
    """Run the command; with `kill_after` it is killed when so many bytes are read, and started again."""
    environment = os.environ | {"ESTATE_DATABASE_URL": database, "ESTATE_HOME": str(home)}
    command = [sys.executable, "-m", "gateway", "history", "import", str(folder)]
    began = time.perf_counter()
    if kill_after is not None:
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            while read_bytes(database) < kill_after:
                time.sleep(0.05)
            process.kill()
        print(f"killed after {read_bytes(database):,} bytes", flush=True)
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        memory = 0
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            memory = max(memory, watched.memory_info().rss)
            time.sleep(0.05)
        said = process.stdout.read()
    took_s = time.perf_counter() - began
    return Run(took_s, memory / 1e6, Counts(*map(int, RESULT.search(said).groups())))


def read_bytes(database: str) -> int:
    with psycopg.connect(database) as conn:
        return conn.execute("SELECT coalesce(max(read_bytes), 0) FROM history_files").fetchone()[0]


def check(database: str, came_to: Counts, expected: Counts) -> None:
    with psycopg.connect(database) as conn:
        rows = conn.execute("SELECT count(*) FROM readings").fetchone()[0]
        told = dict(conn.execute("SELECT name, value FROM ingest_counters"))
        hours = conn.execute("SELECT sum(readings) FROM readings_hourly").fetchone()[0]
    assert came_to == expected, (came_to, expected)
    assert (rows, hours, told["readings_stored"]) == (expected.stored,) * 3, (rows, hours, told)
    assert told["messages_received"] == sum(expected), told


def plain_copy(database: str, file: Path) -> float:
    """Give the seconds that a COPY of the file takes."""
    with psycopg.connect(database, autocommit=True) as conn, file.open("rb") as data:
        columns = "device_id text, ts timestamptz, register float8, unit text"
        conn.execute(f"CREATE TABLE plain ({columns}, PRIMARY KEY (device_id, ts))")
        began = time.perf_counter()
        with conn.cursor().copy("COPY plain FROM STDIN (FORMAT csv, HEADER)") as copy:
            while piece := data.read(1 << 20):
                copy.write(piece)
        took_s = time.perf_counter() - began
        conn.execute("DROP TABLE plain")
    return took_s


def empty(database: str) -> None:
    """Take away what the last round stored."""
    with psycopg.connect(database, autocommit=True) as conn:
        conn.execute("TRUNCATE readings, readings_hourly, meter_days, stale_hours, ingest_counters, quarantine")
        conn.execute("CHECKPOINT")


def one_round(database: str, home: Path, file: Path, expected: Counts, told: argparse.Namespace) -> tuple[float, ...]:
    rows = sum(expected)
    empty(database)
    run = imported(database, home, file.parent, file.stat().st_size // 2 if told.kill else None)
    check(database, run.counts, expected)
    ours = rows / run.took_s
    told_of_it = f"import {ours:9,.0f} rows/s in {run.took_s:6.1f} s, {run.memory_mb:4.0f} MB"
    if expected.duplicate or expected.quarantined:
        print(told_of_it, *expected, flush=True)
        return (ours, run.memory_mb)
    empty(database)
    plain = rows / plain_copy(database, file)
    print(f"{told_of_it}   plain COPY {plain:9,.0f} rows/s   ratio {ours / plain:.2f}", flush=True)
    return (ours, run.memory_mb, ours / plain)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--millions", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--by", choices=("time", "meter"), default="time")
    parser.add_argument("--repeats", type=float, default=0)
    parser.add_argument("--faulty", type=float, default=0)
    parser.add_argument("--kill", action="store_true")
    told = parser.parse_args()
    os.environ.pop("ESTATE_DATABASE_URL", None)
    with temporary_home() as home, database_url(Settings(home=home)) as database:
        with psycopg.connect(database) as conn:
            conn.execute(lists(METERS))
        file = home / "history" / "readings.csv"
        file.parent.mkdir()
        expected = write_readings(file, round(told.millions * 1e6) // METERS * METERS, told)
        print(f"{sum(expected):,} rows, {file.stat().st_size / 1e6:,.0f} MB", flush=True)
        rounds = [one_round(database, home, file, expected, told) for _ in range(told.rounds)]
        if told.rounds > 1:
            print("median:", *(f"{statistics.median(column):,.2f}" for column in zip(*rounds, strict=True)))


if __name__ == "__main__":
    main()
