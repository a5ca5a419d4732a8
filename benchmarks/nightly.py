"""A nightly run as it is in a city: `estate detect`, the command, on a database of 100,000 units.

The database is plain PostgreSQL, the embedded one, made and filled here by SQL: estates of 1,000 units with their
lists, daily figures of every meter and door in the order in which a gateway writes them (day by day), and the readings
and door events of the last day for the check-up of devices. Numbers are plausible, not simulated: households that
travel, homes that stand empty, are sublet or used without a lease, leaks, lone elders, silent meters.

Three runs: the first night, on which alerts are opened; the next night, which is the usual case; and that night once
more, killed half-way and then completed. Time is the whole process's, from start to end.

    python benchmarks/nightly.py [--units 100000] [--days 90] [--keep DIR] [--option=--processes=2]

`--keep` names a folder for the database, to be filled once and measured again. Absolute figures are this machine's.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import psutil

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from servers.homes import temporary_home

from gateway.embedded import database_url
from gateway.settings import Settings
from gateway.store.database import connect
from gateway.store.rollups import analyze

AN_ESTATE = 1000
ZONE = ZoneInfo("Asia/Shanghai")
READING_DAYS = 1
SAMPLE_S = 0.25


LISTS = """
CREATE TABLE bench_homes AS
SELECT n, 'u' || lpad(n::text, 7, '0') AS unit_id, 'e' || lpad((n / %(an_estate)s)::text, 4, '0') AS estate_id,
       1 + n %% 1000 / 200 AS building, 1 + n %% 200 / 50 AS entrance, 1 + n %% 50 / 5 AS floor, 1 + n %% 5 AS room,
       CASE WHEN lot < 5 THEN 'empty' WHEN lot < 10 THEN 'sublet' WHEN lot < 15 THEN 'leak' WHEN lot < 18 THEN 'misused'
            WHEN lot < 55 THEN 'unlet' WHEN lot < 58 THEN 'helpless' WHEN lot < 105 THEN 'elder'
            WHEN lot < 108 THEN 'mute' ELSE 'honest' END AS story,
       CASE WHEN lot BETWEEN 55 AND 104 THEN 1 ELSE 1 + (n * 7 + n / 1000) %% 4 END AS size,
       exp(0.35 * random_normal()) AS level, 40 + n %% 37 AS trip_every, n * 13 %% 77 AS trip_at,
       20 + n * 11 %% 60 AS since
FROM (SELECT n, n * 7919 %% 1000 AS lot FROM generate_series(0, %(units)s - 1) AS n) AS numbered;
INSERT INTO estates SELECT DISTINCT estate_id, 'Benchmark ' || estate_id, 'Asia/Shanghai' FROM bench_homes;
INSERT INTO units (unit_id, estate_id, building, entrance, floor, room, area_m2, tenure)
    SELECT unit_id, estate_id, building, entrance, floor, floor * 100 + room, 50,
           CASE WHEN story IN ('unlet', 'misused') THEN 'vacant' ELSE 'leased' END
    FROM bench_homes;
INSERT INTO households (household_id, unit_id, size, lease_start, care)
    SELECT 'h' || unit_id, unit_id, size, %(last)s::date - 10 - n * 31 %% 2000,
           CASE WHEN story IN ('helpless', 'elder') THEN 'lone_elder' ELSE '' END
    FROM bench_homes WHERE story NOT IN ('unlet', 'misused');
INSERT INTO persons (person_id, household_id, role, face_enrolled)
    SELECT 'p' || unit_id || k, 'h' || unit_id, CASE k WHEN 1 THEN 'tenant' ELSE 'member' END, (n + k) %% 5 > 0
    FROM bench_homes, generate_series(1, size) AS k WHERE story NOT IN ('unlet', 'misused');
INSERT INTO absences SELECT 'h' || unit_id, %(last)s::date - 5, %(last)s::date + 5, 'hospital'
    FROM bench_homes WHERE story = 'elder' AND n %% 20 = 0;
INSERT INTO devices (device_id, estate_id, kind, unit_id, register_digits)
    SELECT left(kind, 1) || unit_id, estate_id, kind, unit_id, 5
    FROM bench_homes, unnest(ARRAY['water', 'electricity']) AS kind ORDER BY n, kind;
INSERT INTO devices (device_id, estate_id, kind, building, entrance)
    SELECT DISTINCT 'd' || estate_id || '-' || building || '-' || entrance, estate_id, 'door', building::text,
                    entrance::text
    FROM bench_homes ORDER BY 1;
CREATE TABLE bench_meters AS
    SELECT d.device_no, d.kind = 'water' AS is_water, h.* FROM bench_homes h JOIN devices d USING (unit_id) ORDER BY 1;
CREATE TABLE bench_people AS
    SELECT d.device_no, h.*, p.person_id FROM bench_homes h
    JOIN devices d ON d.kind = 'door' AND d.estate_id = h.estate_id AND d.building = h.building::text
         AND d.entrance = h.entrance::text
    LEFT JOIN persons p ON p.household_id = 'h' || h.unit_id AND p.face_enrolled
    ORDER BY 1, n;
ANALYZE bench_homes, bench_meters, bench_people, units, households, persons, devices
"""
METER_DAY = """
WITH home AS (
    SELECT *, CASE WHEN story = 'unlet' THEN 0
                   WHEN story = 'empty' AND %(day)s::date > %(last)s::date - since THEN 0
                   WHEN story = 'helpless' AND %(day)s::date > %(last)s::date - 1 THEN 0
                   WHEN story NOT IN ('sublet', 'misused') AND (%(number)s + trip_at) %% trip_every < 3 THEN 0
                   WHEN story = 'sublet' AND %(day)s::date > %(last)s::date - since THEN 1.9
                   ELSE 1 END AS lived,
              level * exp(0.25 * random_normal()) AS today
    FROM bench_meters
    WHERE NOT (story = 'mute' AND %(day)s::date > %(last)s::date - 6)
), leaking AS (
    SELECT *, CASE WHEN story = 'leak' AND %(day)s::date > %(last)s::date - since / 4 THEN 3 + n %% 4 ELSE 0 END AS leak
    FROM home
)
INSERT INTO meter_days (device_no, day, use, coverage, hours_known, active_hours, min_hour, max_hour, night, evening,
                        morning, roughness, peak_hour, rhythm_cos, rhythm_sin, rhythm_cos2, rhythm_sin2)
SELECT device_no, %(day)s::date,
       CASE WHEN is_water THEN lived * today * (50 + 65 * size) + 24 * leak
            ELSE 0.8 + lived * today * (1 + 1.1 * size) END,
       1, 24,
       CASE WHEN leak > 0 THEN 24 WHEN lived > 0 THEN least(6 + size + 2 * random(), 24) ELSE 0 END,
       CASE WHEN is_water THEN leak ELSE 0.03 END,
       CASE WHEN is_water THEN leak + lived * today * 40 ELSE 0.05 + lived * today * 0.8 END,
       CASE WHEN is_water THEN 5 * leak ELSE 0.2 END,
       CASE WHEN is_water THEN 6 * leak + lived * today * 60 ELSE 0.2 + lived * today * (0.4 + 0.4 * size) END,
       CASE WHEN is_water THEN 6 * leak + lived * today * 50 ELSE 0.2 + lived * today * (0.2 + 0.3 * size) END,
       CASE WHEN is_water THEN lived * today * 12 ELSE 0.02 + lived * today * 0.15 END,
       CASE WHEN lived > 0 OR NOT is_water THEN 17 + floor(5 * random()) END,
       lived * (0.03 * random_normal() - 0.1), lived * (0.03 * random_normal() - 0.3), lived * 0.03 * random_normal(),
       lived * (0.03 * random_normal() + 0.2)
FROM leaking
"""
DOOR_DAY = """
INSERT INTO door_days SELECT device_no, %(day)s::date FROM devices WHERE kind = 'door' ORDER BY 1
"""
PASSAGE_DAY = """
INSERT INTO passage_days (device_no, day, unit_id, person_id, stranger_id, passages)
SELECT device_no, %(day)s::date, '', person_id, '', 1 + floor(4 * random())
FROM bench_people
WHERE person_id IS NOT NULL AND random() < 0.75
  AND NOT (story IN ('empty', 'sublet') AND %(day)s::date > %(last)s::date - since)
  AND (%(number)s + trip_at) %% trip_every >= 3
UNION ALL
SELECT DISTINCT ON (device_no, unit_id, face) device_no, %(day)s::date, unit_id, '', face, 1 + floor(3 * random())
FROM (
    SELECT device_no, unit_id, 'f' || unit_id || k AS face FROM bench_people, generate_series(1, 2) AS k
    WHERE story = 'sublet' AND %(day)s::date > %(last)s::date - since AND random() < 0.6
    UNION ALL
    SELECT device_no, unit_id, 'f' || floor(1e9 * random())::text FROM bench_people WHERE random() < 0.02
) AS strangers
ORDER BY 1, 3, 5
"""
STREAM = """
INSERT INTO readings (device_no, ts, register, delay_ms)
    SELECT device_no, ts, 1000 + extract(epoch FROM ts - %(begins)s::timestamptz) / 86400 * level, 9000
    FROM generate_series(%(begins)s::timestamptz, %(ends)s::timestamptz - interval '1 s', interval '1 hour') AS ts,
         bench_meters
    WHERE story <> 'mute' ON CONFLICT DO NOTHING;
INSERT INTO door_events (device_no, ts, event_id, kind, method, direction, received_at)
    SELECT device_no, ts, to_char(ts, 'DDHH24MI'), 'passage', 'face', 'in', ts + interval '1 s'
    FROM devices,
         generate_series(%(begins)s::timestamptz, %(ends)s::timestamptz - interval '1 s', interval '20 min') AS ts
    WHERE kind = 'door' ON CONFLICT DO NOTHING;
INSERT INTO listening VALUES (%(listens)s, %(ends)s) ON CONFLICT (began) DO UPDATE SET ended = excluded.ended
"""
WITHOUT_KEYS = """
ALTER TABLE meter_days DROP CONSTRAINT meter_days_pkey;
DROP INDEX meter_days_day;
ALTER TABLE passage_days DROP CONSTRAINT passage_days_pkey;
DROP INDEX passage_days_day
"""
WITH_KEYS = """
SET maintenance_work_mem = '1GB';
ALTER TABLE meter_days ADD PRIMARY KEY (device_no, day);
CREATE INDEX meter_days_day ON meter_days (day);
ALTER TABLE passage_days ADD PRIMARY KEY (device_no, day, unit_id, person_id, stranger_id);
CREATE INDEX passage_days_day ON passage_days (day);
VACUUM ANALYZE meter_days, passage_days, door_days, readings, door_events
"""
AS_BEFORE = """
TRUNCATE unit_scores, unit_states, alerts, alert_changes, device_health, listening, stale_hours CASCADE;
DELETE FROM meter_days WHERE day > %(last)s;
DELETE FROM passage_days WHERE day > %(last)s;
DELETE FROM door_days WHERE day > %(last)s;
DELETE FROM readings WHERE ts >= %(ends)s;
DELETE FROM door_events WHERE ts >= %(ends)s
"""


class Night:
    """What is in the database on a night: days up to `last`, the stream of the last one."""

    def __init__(self, last: date, days: int):
        self.last, self.first = last, last - timedelta(days=days - 1)

    def given(self, day: date) -> dict[str, object]:
        ends = datetime.combine(day + timedelta(days=1), datetime.min.time(), ZONE)
        begins = ends - timedelta(days=READING_DAYS)
        number = (day - date(2020, 1, 1)).days
        return {"day": day, "number": number, "last": self.last, "begins": begins, "ends": ends}


def statements(conn, text, given=None):
    for statement in text.split(";\n"):
        conn.execute(statement, given)


def add_day(conn, night, day):
    for statement in (METER_DAY, DOOR_DAY, PASSAGE_DAY):
        conn.execute(statement, night.given(day))


def fill(conn, night, units):
    began = time.perf_counter()
    statements(conn, LISTS, {"units": units, "an_estate": AN_ESTATE, "last": night.last})
    statements(conn, WITHOUT_KEYS)
    for number in range((night.last - night.first).days + 1):
        add_day(conn, night, night.first + timedelta(days=number))
    ends = night.given(night.last)["ends"]
    conn.execute("SELECT ensure_partitions(%s, %s)", (ends - timedelta(days=60), ends + timedelta(days=9)))
    stream(conn, night, night.last)
    statements(conn, WITH_KEYS)
    (size,) = conn.execute("SELECT pg_size_pretty(pg_database_size(current_database()))").fetchone()
    print(f"filled in {time.perf_counter() - began:.0f} s, {size}", flush=True)


def stream(conn, night, day):
    given = night.given(day)
    listens = night.given(night.first)["begins"]
    statements(conn, STREAM, given | {"listens": listens})


@contextmanager
def detecting(url, home, extra):
    command = [sys.executable, "-m", "gateway", "detect", *extra]
    environment = os.environ | {"ESTATE_DATABASE_URL": url, "ESTATE_HOME": str(home)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()


class Watcher:
    """Samples the memory of the command and of its connections' backends, workers of theirs included."""

    def __init__(self, conn, process):
        self.conn, self.process = conn, process
        self.peak = Counter()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _run(self):
        while not self._over.wait(SAMPLE_S):
            backends = self.conn.execute(
                "SELECT pid FROM pg_stat_activity WHERE backend_type ~ 'client|parallel' AND pid <> pg_backend_pid()"
            )
            pids = [pid for (pid,) in backends]
            self._sample("command", lambda: [mine := psutil.Process(self.process.pid), *mine.children(recursive=True)])
            self._sample("backends", lambda pids=pids: [psutil.Process(pid) for pid in pids])

    def _sample(self, what, processes):
        try:
            memory = [one.memory_full_info() for one in processes()]
        except psutil.Error:
            return
        for kind in ("pss", "uss", "rss"):
            name = f"{what}, {kind.upper()}"
            self.peak[name] = max(self.peak[name], sum(getattr(one, kind) for one in memory))

    def tell(self):
        for what in ("command", "backends"):
            memory = ", ".join(f"{kind} {self.peak[f'{what}, {kind}'] / 1e6:.0f} MB" for kind in ("PSS", "USS", "RSS"))
            print(f"  {what}: at most {memory}")


def processor_s(conn):
    """Seconds of the processor that commands of ours, and backends of the server, have used that have ended."""
    ours = resource.getrusage(resource.RUSAGE_CHILDREN)
    server = psutil.Process(conn.info.backend_pid).parent().cpu_times()
    return np.array((ours.ru_utime + ours.ru_stime, server.children_user + server.children_system))


def measure(conn, url, home, what, args):
    before = counts(conn)
    began, spent_s = time.perf_counter(), processor_s(conn)
    with detecting(url, home, args.option) as process, Watcher(conn, process) as watcher:
        lines = [json.loads(line) for line in process.stderr if line.startswith("{")]
        code = process.wait()
    took_s = time.perf_counter() - began
    judged = [line for line in lines if line.get("action") == "detected"]
    parts = Counter()
    for line in judged:
        parts.update({name: its for name, its in line.items() if name.endswith("_s")})
    findings = sum(line["findings"] for line in judged)
    print(f"{what}: {took_s:.1f} s, exit code {code}, {len(judged)} estates, {findings:,} findings")
    print("  of which", ", ".join(f"{name.removesuffix('_s')} {its:.1f} s" for name, its in parts.items()))
    own_s, server_s = processor_s(conn) - spent_s
    a_unit = (own_s + server_s) / args.units * 1e3
    load = os.getloadavg()[0]
    print(f"  processor: command {own_s:.1f} s, database {server_s:.1f} s, {a_unit:.2f} ms a unit; load {load:.1f}")
    watcher.tell()
    print("  written:", ", ".join(f"{its:,} {name}" for name, its in (counts(conn) - before).items()), flush=True)


def counts(conn):
    (alerts, live) = conn.execute(
        "SELECT count(*), count(*) FILTER (WHERE state NOT IN ('dismissed', 'resolved')) FROM alerts"
    ).fetchone()
    (changes,) = conn.execute("SELECT count(*) FROM alert_changes").fetchone()
    told = dict(conn.execute("SELECT kind, count(*) FROM alerts GROUP BY kind ORDER BY kind").fetchall())
    return Counter({"alerts": alerts, "live alerts": live, "changes": changes} | told)


def judged_units(conn, day):
    query = "SELECT count(*) FROM unit_scores WHERE kind = 'vacancy' AND as_of = %s"
    return conn.execute(query, (day,)).fetchone()[0]


def kill_half_way(conn, url, home, day, args):
    conn.execute("DELETE FROM unit_scores WHERE as_of = %s", (day,))
    with detecting(url, home, args.option) as process:
        threading.Thread(target=process.stderr.read, daemon=True).start()
        began = time.perf_counter()
        while judged_units(conn, day) < args.units / 2:
            assert process.poll() is None, "the run ended before it could be killed"
            time.sleep(0.2)
        process.send_signal(signal.SIGKILL)
        process.wait()
    print(f"killed after {time.perf_counter() - began:.1f} s, {judged_units(conn, day):,} units judged")


def doubled(conn):
    query = """
        SELECT count(*)
        FROM (SELECT FROM alerts GROUP BY unit_id, device_id, kind, last_found_on HAVING count(*) > 1) AS twice
    """
    return conn.execute(query).fetchone()[0]


def nights(conn, url, home, night, args):
    statements(conn, AS_BEFORE, night.given(night.last))
    stream(conn, night, night.last)
    conn.execute("CHECKPOINT")
    measure(conn, url, home, "first night", args)
    tomorrow = night.last + timedelta(days=1)
    add_day(conn, night, tomorrow)
    stream(conn, night, tomorrow)
    analyze(conn)
    conn.execute("CHECKPOINT")
    measure(conn, url, home, "next night", args)
    if args.no_kill:
        return
    kill_half_way(conn, url, home, tomorrow, args)
    measure(conn, url, home, "completed", args)
    print(f"{judged_units(conn, tomorrow):,} of {args.units:,} units judged, {doubled(conn)} alerts doubled")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--keep", type=Path, help="the database's folder, filled where it is empty")
    parser.add_argument("--fill-only", action="store_true")
    parser.add_argument("--no-kill", action="store_true", help="only the first and the next night")
    parser.add_argument("--option", action="append", default=[], help="a further word for estate detect")
    args = parser.parse_args()
    night = Night(datetime.now(UTC).astimezone(ZONE).date() - timedelta(days=2), args.days)
    with temporary_home() as own:
        home = args.keep or own
        home.mkdir(exist_ok=True, parents=True)
        home.chmod(0o711)
        with database_url(Settings(home=home)) as url, connect(url) as conn:
            print(f"{args.units:,} units, {args.days} days, embedded PostgreSQL", flush=True)
            if not conn.execute("SELECT to_regclass('bench_homes')").fetchone()[0]:
                fill(conn, night, args.units)
            if not args.fill_only:
                nights(conn, url, home, night, args)


if __name__ == "__main__":
    main()
