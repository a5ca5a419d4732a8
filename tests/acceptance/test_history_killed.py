"""A backfill of half a million readings; the import is killed in the middle, and started again."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime

import psycopg
import pytest
from servers.gateway import METERS, lists
from servers.tools import wait_until

TIMES = 10_000
FAULTY = 50
"""So many lines beside the good ones cannot be taken."""


@pytest.fixture
def file(tmp_path):
    """Readings of all meters by time, and a few faulty lines among them."""
    path = tmp_path / "readings.csv"
    start_s = int(time.time()) // 900 * 900 - TIMES * 900
    with path.open("w") as text:
        text.write("device_id,ts,register,unit\n")
        for n in range(TIMES):
            ts = datetime.fromtimestamp(start_s + n * 900, UTC).isoformat()
            text.writelines(f"w{meter},{ts},{meter + n / 100},m3\n" for meter in range(METERS))
            if n % (TIMES // FAULTY) == 0:
                text.write(f"w0,{ts},{n},gallons\n")
    return path


def start_import(database, home, file):
    return subprocess.Popen(
        [sys.executable, "-m", "gateway", "history", "import", str(file)],
        env=os.environ | {"ESTATE_DATABASE_URL": database, "ESTATE_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def one(database, query):
    with psycopg.connect(database) as conn:
        return conn.execute(query).fetchone()[0]


@pytest.mark.slow
def test_an_import_that_is_killed_goes_on_where_it_was(database, home, file):
    with psycopg.connect(database) as conn:
        conn.execute(lists())
    first = start_import(database, home, file)
    wait_until(
        lambda: one(database, "SELECT coalesce(max(stored), 0) FROM history_files") > METERS * TIMES // 10,
        within_s=60,
        what="a part is stored",
    )
    first.kill()
    first.communicate()
    assert 0 < one(database, "SELECT count(*) FROM readings") < METERS * TIMES

    second = start_import(database, home, file)
    said, told = second.communicate(timeout=120)
    assert second.returncode == 0, told
    assert said == f"{METERS * TIMES} stored, 0 duplicate, {FAULTY} in quarantine\n"
    assert "going on after" in told
    assert one(database, "SELECT count(*) FROM readings") == METERS * TIMES
    assert one(database, "SELECT sum(times) FROM quarantine") == FAULTY
    counted = "SELECT value FROM ingest_counters WHERE name = '{}'"
    assert one(database, counted.format("messages_received")) == METERS * TIMES + FAULTY
    assert one(database, counted.format("readings_stored")) == METERS * TIMES
    assert one(database, "SELECT sum(readings) FROM readings_hourly") == METERS * TIMES
    assert one(database, "SELECT count(*) FROM stale_hours") == 0
