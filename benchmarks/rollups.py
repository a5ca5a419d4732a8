"""What a refresh of the rollups costs after a day of late data, beside working everything out again.

Plain PostgreSQL, hourly readings of water and electricity meters. Rows are written by the database itself
(generate_series), noted as changed as the writer notes them, and refreshed by the gateway. Absolute figures are this
machine's; the ratio is what to quote.

    python benchmarks/rollups.py [--meters 20000] [--days 90] [--share 0.01]
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from servers.homes import temporary_home

from gateway.embedded import database_url
from gateway.settings import Settings
from gateway.store.database import connect
from gateway.store.rollups import analyze, rebuild, refresh

START = datetime(2026, 6, 1, tzinfo=UTC)
LISTS = """
INSERT INTO estates VALUES ('e1', 'Benchmark', 'Asia/Shanghai');
INSERT INTO units (unit_id, estate_id, building, entrance, room, tenure)
    SELECT 'u' || n, 'e1', '1', '1', n, 'leased' FROM generate_series(1, %(units)s) AS n;
INSERT INTO devices (device_id, estate_id, kind, unit_id, register_digits)
    SELECT kind || n, 'e1', kind, 'u' || n, 5
    FROM generate_series(1, %(units)s) AS n, unnest(ARRAY['water', 'electricity']) AS kind;
"""
READINGS = """
INSERT INTO readings (device_no, ts, register, delay_ms)
SELECT device_no, ts + device_no %% 3600 * interval '1 second',
       100 + 0.002 * extract(epoch FROM ts - %(origin)s) / 3600, 0
FROM devices, generate_series(%(first)s, %(last)s, interval '1 hour') AS ts
WHERE device_no %% %(every)s = 0
ORDER BY ts, device_no
"""
NOTES = """
INSERT INTO stale_hours (hour, last_hour, device_nos)
SELECT %(first)s, %(last)s, array_agg(device_no) FROM devices WHERE device_no %% %(every)s = 0
"""


def write(conn, first, hours, *, every=1, origin=START):
    """Store hourly readings of every n-th meter and note them; returns how many."""
    given = {"first": first, "last": first + timedelta(hours=hours - 1), "every": every, "origin": origin}
    count = conn.execute(READINGS, given).rowcount
    conn.execute(NOTES, given)
    return count


def timed(conn, what):
    began = time.perf_counter()
    done = refresh(conn)
    took_s = time.perf_counter() - began
    print(f"{what:<46}{took_s:8.2f} s   {done.devices:7,} meters  {done.meter_days:9,} days")
    return took_s


def measure(conn, args):
    conn.execute("SELECT ensure_partitions(%s, %s)", (START, START + timedelta(days=args.days + 1)))
    late = START + timedelta(days=args.days // 2)
    every = round(1 / args.share)
    count = write(conn, START, 24 * (args.days // 2))
    count += write(conn, late + timedelta(days=1), 24 * (args.days - args.days // 2 - 1))
    analyze(conn)
    print(f"{args.meters:,} meters, {args.days} days but one, {count:,} readings")
    timed(conn, "first time")
    analyze(conn)
    write(conn, late, 24, every=every)
    few_s = timed(conn, f"a day that comes late, {args.share:.0%} of the meters")
    conn.execute("DELETE FROM readings WHERE ts >= %s AND ts < %s", (late, late + timedelta(days=1)))
    write(conn, late, 24)
    all_s = timed(conn, "a day that comes late, all meters")
    write(conn, START + timedelta(days=args.days), 1)
    timed(conn, "the newest hour, all meters")
    rebuild(conn)
    whole_s = timed(conn, "everything worked out again")
    print(f"late day of {args.share:.0%}: {few_s / whole_s:.1%} of everything; of all: {all_s / whole_s:.1%}")
    print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--meters", type=int, default=20_000)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--share", type=float, default=0.01, help="share of the meters with late data")
    args = parser.parse_args()
    with temporary_home() as home, database_url(Settings(home=home)) as url, connect(url) as conn:
        for statement in LISTS.split(";\n"):
            conn.execute(statement, {"units": args.meters // 2}) if statement.strip() else None
        measure(conn, args)


if __name__ == "__main__":
    main()
