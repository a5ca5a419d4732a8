"""What 90 days of readings take on a native TimescaleDB before and after a run of the columnstore policy.

Hourly readings of water and electricity meters with the noise that compresses badly: a second of their own past the
hour, uses that differ from hour to hour, up to three seconds on the way, to the millisecond. They end long enough ago
for the policy to convert them all. The database is made, filled and dropped again;
the user must be allowed to create one. TimescaleDB comes with no Python wheel, so its address is given:

    python benchmarks/columnstore.py postgresql://postgres@127.0.0.1:5432/postgres [--meters 20000]
"""

from __future__ import annotations

import argparse
import time

import psycopg
from psycopg.conninfo import make_conninfo

from gateway.store.database import Connection, connect
from gateway.store.migrate import Form, form_of, migrate

NAME = "estate_columnstore_benchmark"
DAYS = 90
AGO_S = 22 * 86_400
"""The policy waits for 14 days after a week's end."""
FILL = """
    INSERT INTO readings (device_no, ts, register, delay_ms)
    SELECT device, ts, round(register::numeric, 3)::float8, mod(abs(hashint8(device * 7919 + hour)), 3000)
    FROM (
        SELECT device, hour, to_timestamp(hour * 3600 + mod(device * 37, 3600)) AS ts,
               mod(device, 977) + (hour - %(first)s) * (0.005 + mod(device, 7) * 0.003)
                   + (hashint8(device * 104729 + hour) & 15) / 1e3 AS register
        FROM generate_series(1, %(meters)s) AS device, generate_series(%(from)s, %(to)s) AS hour
    ) AS made
    ORDER BY ts
"""

POLICY = """
    SELECT job_id FROM timescaledb_information.jobs
    WHERE proc_name = 'policy_compression' AND hypertable_name = 'readings'
"""
LEFT = "SELECT count(*) FROM timescaledb_information.chunks WHERE hypertable_name = 'readings' AND NOT is_compressed"


def fill(conn: Connection, meters: int) -> int:
    last = (int(time.time()) - AGO_S) // 3600
    first = last - DAYS * 24
    for hour in range(first, last, 24):
        around = {"meters": meters, "first": first, "from": hour, "to": min(hour + 24, last) - 1}
        conn.execute(FILL, around)
    return meters * (last - first)


def size(conn: Connection) -> int:
    """Bytes of table, indexes and columnstore together."""
    return int(conn.execute("SELECT total_bytes FROM hypertable_detailed_size('readings')").fetchone()[0])


def measure(conn: Connection, meters: int) -> None:
    migrate(conn)
    if form_of(conn) is not Form.TIMESCALE:
        raise SystemExit("columnstore: this server has no TimescaleDB")
    # The policy would work at the same time; it is run below.
    conn.execute("SELECT alter_job(job_id, scheduled => false) FROM timescaledb_information.jobs WHERE job_id >= 1000")
    began = time.perf_counter()
    rows = fill(conn, meters)
    filled_s = time.perf_counter() - began
    raw = size(conn)
    began = time.perf_counter()
    conn.execute("CALL run_job(%s)", conn.execute(POLICY).fetchone())
    converted_s = time.perf_counter() - began
    small = size(conn)
    if left := conn.execute(LEFT).fetchone()[0]:
        raise SystemExit(f"columnstore: the policy left {left} chunks as rows")
    print(f"{rows:,} rows of {meters:,} meters, {DAYS} days, made in {filled_s:.0f} s")
    print(f"rows: {raw / 1e6:,.0f} MB ({raw / rows:.0f} bytes a row, indexes included)")
    print(f"columnstore: {small / 1e6:,.0f} MB ({small / rows:.1f} bytes a row) in {converted_s:.0f} s")
    print(f"ratio: {raw / small:.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("--meters", type=int, default=20_000, help="10,000 units have 20,000")
    told = parser.parse_args()
    with psycopg.connect(told.url, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {NAME}")
        server.execute(f"CREATE DATABASE {NAME}")
        try:
            with connect(make_conninfo(told.url, dbname=NAME)) as conn:
                measure(conn, told.meters)
        finally:
            server.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


if __name__ == "__main__":
    main()
