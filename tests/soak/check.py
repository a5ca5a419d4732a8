"""What became of every message: each check gives a line that says what was expected and what there is."""

from dataclasses import dataclass

import psycopg

from gateway.store import rollups
from gateway.store.database import connect
from soak.story import BATCH, BATCH_METERS, METERS, STEP_MS, Story

_READINGS = """
    SELECT count(*), coalesce(sum(round(register * 1000)::bigint), 0)::bigint FROM readings
"""
_MISFITS = """
    WITH said AS (
        SELECT substr(device_id, 2)::int AS meter, round(register * 1000)::bigint AS ticks,
               (extract(epoch FROM ts) * 1000)::bigint - CASE left(device_id, 1)
                   WHEN 'm' THEN %(first_ms)s ELSE %(first_batch_ms)s END AS since_ms
        FROM readings JOIN devices USING (device_no)
    )
    SELECT count(*) FROM said
    WHERE since_ms %% %(step_ms)s <> 0 OR since_ms < 0
       OR ticks <> 1000 * meter + since_ms / %(step_ms)s * (1 + meter %% 7)
"""
_PER_METER = """
    SELECT device_id, count(*) FROM readings JOIN devices USING (device_no) GROUP BY device_id
"""
_EVENTS = """
    SELECT count(*), count(DISTINCT (device_no, event_id)), count(*) FILTER (WHERE kind = 'passage'),
           (SELECT count(*) FROM door_event_keys)
    FROM door_events
"""
_HELD = "SELECT reason, count(*), sum(times)::bigint FROM quarantine GROUP BY reason"
_STATUSES = "SELECT device_id, firmware FROM device_status JOIN devices USING (device_no) WHERE firmware IS NOT NULL"
_COUNTERS = "SELECT name, sum(value)::bigint FROM ingest_counters GROUP BY name"
_ROLLED = """
    SELECT (SELECT coalesce(sum(readings), 0)::bigint FROM readings_hourly),
           (SELECT coalesce(sum(passages), 0)::bigint FROM passages_hourly),
           (SELECT coalesce(sum(passages), 0)::bigint FROM passage_days)
"""
_ROLLUPS = ("readings_hourly", "passages_hourly", "meter_days", "passage_days")
_STALE_ALL = """
    INSERT INTO stale_hours (hour)
    SELECT DISTINCT date_trunc('hour', ts) FROM readings UNION SELECT DISTINCT date_trunc('hour', ts) FROM door_events
"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check."""

    what: str
    expected: object
    found: object
    right: bool


def check_store(database: str, story: Story) -> list[Finding]:
    """Compare the store with the story; nothing may write to it meanwhile."""
    with psycopg.connect(database, autocommit=True, options="-c timezone=UTC") as conn:
        return [
            *_check_readings(conn, story),
            *_check_events(conn, story),
            *_check_rest(conn, story),
            *_check_rollups(conn, story),
            _check_rebuild(conn, database),
        ]


def readings_of(story: Story) -> int:
    """Distinct readings of the story."""
    return story.count("reading") + BATCH * story.count("batch")


def _equal(what: str, expected: object, found: object) -> Finding:
    return Finding(what, expected, found, right=expected == found)


def _check_readings(conn: psycopg.Connection, story: Story) -> list[Finding]:
    """With as many rows a meter as it said, each of them one that it said, and no two alike, all are there."""
    rows, ticks = conn.execute(_READINGS).fetchone()
    said = {"first_ms": story.first_ms, "first_batch_ms": story.first_batch_ms, "step_ms": STEP_MS}
    misfits = conn.execute(_MISFITS, said).fetchone()[0]
    expected = {f"m{n}": _turns(story.count("reading"), METERS, n) for n in range(METERS)}
    expected |= {f"b{n}": BATCH * _turns(story.count("batch"), BATCH_METERS, n) for n in range(BATCH_METERS)}
    found = dict(conn.execute(_PER_METER).fetchall())
    wrong = [name for name, count in expected.items() if count != found.get(name, 0)]
    return [
        _equal("readings", readings_of(story), rows),
        _equal("registers added up (L and Wh)", story.ticks(), ticks),
        _equal("readings that nobody sent", 0, misfits),
        _equal("meters with too many or too few readings", 0, len(wrong)),
    ]


def _turns(messages: int, devices: int, number: int) -> int:
    return messages // devices + (number < messages % devices)


def _check_events(conn: psycopg.Connection, story: Story) -> list[Finding]:
    rows, distinct, _, keys = conn.execute(_EVENTS).fetchone()
    said = story.count("door")
    return [_equal("door events", said, rows), _equal("different door events", (said, said), (distinct, keys))]


def _check_rest(conn: psycopg.Connection, story: Story) -> list[Finding]:
    held = {reason: (rows, times) for reason, rows, times in conn.execute(_HELD)}
    times = sum(times for _, times in held.values())
    said = story.statuses()
    found = dict(conn.execute(_STATUSES).fetchall())
    told = dict(conn.execute(_COUNTERS).fetchall())
    return [
        _equal("held in quarantine", dict(sorted(story.rubbish().items())), {r: held[r][0] for r in sorted(held)}),
        Finding("times held (more: brought again)", story.count("rubbish"), times, times >= story.count("rubbish")),
        _equal(
            "devices whose last status is not the last one told", 0, sum(found.get(d) != f for d, f in said.items())
        ),
        _equal("counted as stored: readings", readings_of(story), told.get("readings_stored")),
        _equal("counted as stored: door events", story.count("door"), told.get("events_stored")),
        Finding(
            "counted as received (more: brought again)",
            story.messages,
            told.get("messages_received", 0),
            told.get("messages_received", 0) >= story.messages,
        ),
    ]


def _check_rollups(conn: psycopg.Connection, story: Story) -> list[Finding]:
    passages = conn.execute(_EVENTS).fetchone()[2]
    rolled = conn.execute(_ROLLED).fetchone()
    stale = conn.execute("SELECT count(*) FROM stale_hours").fetchone()[0]
    return [
        _equal("hours that are not rolled up", 0, stale),
        _equal("rolled up: readings, passages by hour and by day", (readings_of(story), passages, passages), rolled),
    ]


def _check_rebuild(conn: psycopg.Connection, database: str) -> Finding:
    """Make all rollups anew of the rows: they must come out as they were kept."""
    before = {name: _digest(conn, name) for name in _ROLLUPS}
    conn.execute(f"TRUNCATE {', '.join(_ROLLUPS)}")
    conn.execute(_STALE_ALL)
    with connect(database) as own:
        rollups.analyze(own)
        rollups.refresh(own)
    after = {name: _digest(conn, name) for name in _ROLLUPS}
    rows = sum(count for count, _ in before.values())
    wrong = sorted(name for name in _ROLLUPS if before[name] != after[name])
    return Finding(f"rollups ({rows} rows) that differ when made anew", [], wrong, right=not wrong and rows > 0)


def _digest(conn: psycopg.Connection, table: str) -> tuple[int, object]:
    """Count of rows and a digest that does not depend on their order."""
    return conn.execute(f"SELECT count(*), sum(hashtextextended(t::text, 0)::numeric) FROM {table} t").fetchone()
