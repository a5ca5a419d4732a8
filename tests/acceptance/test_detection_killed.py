"""A detection run that is killed half-way: what it wrote is whole, and the next run completes it without doubling."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import psutil
import psycopg
import pytest
from servers.tools import wait_until

ESTATES, UNITS = 4, 3
LISTS = """
INSERT INTO estates SELECT 'e' || e, 'Estate ' || e, 'Asia/Shanghai' FROM generate_series(1, %(estates)s) AS e;
INSERT INTO units (unit_id, estate_id, building, entrance, room, tenure)
    SELECT 'e' || e || '-' || u, 'e' || e, '1', '1', u, 'leased'
    FROM generate_series(1, %(estates)s) AS e, generate_series(1, %(units)s) AS u;
INSERT INTO households (household_id, unit_id, size, lease_start)
    SELECT 'h' || unit_id, unit_id, 2, '2020-01-01' FROM units;
INSERT INTO devices (device_id, estate_id, kind, unit_id)
    SELECT kind || unit_id, estate_id, kind, unit_id FROM units, unnest(ARRAY['water', 'electricity']) AS kind;
"""
DAYS = """
INSERT INTO meter_days (device_no, day, use, coverage, hours_known, active_hours, min_hour, max_hour, evening)
SELECT device_no, day,
       CASE WHEN room = '1' AND day > %(empty)s THEN 0 ELSE 120 + 40 * random() END, 1, 24,
       CASE WHEN room = '1' AND day > %(empty)s THEN 0 ELSE 7 END, 0, 20, 30
FROM devices JOIN units USING (unit_id), generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS day
"""


def detect(home, database, *options):
    environment = os.environ | {"ESTATE_HOME": str(home), "ESTATE_DATABASE_URL": database}
    command = [sys.executable, "-m", "gateway", "detect", *options]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)


def is_alive(process):
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


@pytest.mark.parametrize("options", [(), ("--processes", "2")], ids=["one process", "two"])
def test_killed_half_way_the_next_run_is_complete_and_nothing_is_doubled(home, database, options):
    last = datetime.now(UTC).date() - timedelta(days=2)
    given = {
        "estates": ESTATES,
        "units": UNITS,
        "empty": last - timedelta(days=40),
        "first": last - timedelta(days=100),
        "last": last,
    }
    with psycopg.connect(database, autocommit=True) as conn, psycopg.connect(database) as holder:
        for statement in (LISTS + DAYS).split(";\n"):
            conn.execute(statement, given)
        conn.execute("INSERT INTO unit_scores VALUES ('e3-1', 'vacancy', '2020-01-01', NULL, 'too_few_days')")

        def judged():
            return dict(conn.execute(
                "SELECT estate_id, count(*) FROM unit_scores JOIN units USING (unit_id) WHERE as_of = %s"
                " AND kind = 'vacancy' GROUP BY 1", (last,)
            ).fetchall())  # fmt: skip

        # The run reaches the third estate and waits there for a row that somebody holds; then it is killed.
        holder.execute("SELECT * FROM unit_scores WHERE unit_id = 'e3-1' FOR UPDATE")
        process = detect(home, database, *options)
        waits = (
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'INSERT INTO unit_scores%'"
        )
        wait_until(lambda: conn.execute(waits).fetchone(), within_s=60, what="the run waits in the third estate")
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        holder.rollback()
        wait_until(lambda: not any(map(is_alive, family)), within_s=60, what="all of its processes are gone")
        wait_until(lambda: not conn.execute(waits).fetchone(), within_s=60, what="the server has let go")

        def opened():
            return conn.execute("SELECT unit_id, kind FROM alerts ORDER BY 1").fetchall()

        def changes():
            return conn.execute("SELECT alert_id, action FROM alert_changes ORDER BY seq").fetchall()

        done = judged()
        assert "e3" not in done
        assert set(done.values()) == {UNITS}
        # Of two processes one may be still at the second estate, or wait for the other's transaction.
        assert done.keys() & {"e1", "e2"} if options else done.keys() == {"e1", "e2"}
        assert [unit for unit, kind in opened() if kind == "vacancy"] == [f"{estate}-1" for estate in sorted(done)]

        assert detect(home, database, *options).wait(60) == 0
        assert judged() == dict.fromkeys(("e1", "e2", "e3", "e4"), UNITS)
        assert [unit for unit, kind in opened() if kind == "vacancy"] == ["e1-1", "e2-1", "e3-1", "e4-1"]
        told = changes()
        assert len(told) == len(set(told))

        assert detect(home, database, *options).wait(60) == 0
        assert changes() == told
