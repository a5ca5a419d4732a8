"""One schema in two physical forms: the same input gives the same rows and the same daily figures."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from msgspec import structs

from gateway.codecs import native
from gateway.codecs.catalogue import dialects
from gateway.codecs.message import Message
from gateway.detection.panel import build
from gateway.ingest.batch import Batch
from gateway.ingest.intake import take_in
from gateway.ingest.quarantine import replay
from gateway.ingest.writer import Writer
from gateway.rollup.use import Flag
from gateway.settings import Settings
from gateway.store import retention, rollups
from gateway.store.database import connect
from gateway.store.migrate import Form, check, form_of, migrate, migrations
from gateway.store.queries import queries
from gateway.store.rollups import Refreshed, refresh

NOW = datetime(2026, 11, 22, tzinfo=UTC)
START = datetime(2026, 10, 31, 16, tzinfo=UTC)  # midnight in Shanghai
LISTS = """
INSERT INTO estates VALUES ('e1', 'Estate', 'Asia/Shanghai');
INSERT INTO units (unit_id, estate_id, building, entrance, room, tenure)
    VALUES ('u1', 'e1', '1', '1', '101', 'leased'), ('u2', 'e1', '1', '1', '102', 'leased');
INSERT INTO households (household_id, unit_id, size) VALUES ('h1', 'u1', 2), ('h2', 'u2', 1);
INSERT INTO persons (person_id, household_id, role, valid_to, face_enrolled) VALUES
    ('p1', 'h1', 'tenant', NULL, true), ('p2', 'h1', 'member', '2026-11-02', true),
    ('p3', 'h2', 'tenant', NULL, true), ('c1', 'h1', 'caregiver', NULL, true), ('s1', NULL, 'staff', NULL, true);
INSERT INTO devices (device_id, estate_id, kind, unit_id, building, entrance, register_digits) VALUES
    ('w1', 'e1', 'water', 'u1', '1', '1', 5), ('m1', 'e1', 'electricity', 'u1', '1', '1', 6),
    ('w2', 'e1', 'water', 'u2', '1', '1', 5), ('d1', 'e1', 'door', NULL, '1', '1', NULL),
    ('l1', 'e1', 'door', 'u1', '1', '1', NULL);
INSERT INTO registry_imports (source, counts) VALUES ('test', '{}');
"""


@pytest.fixture
def conn(both_stores):
    with connect(both_stores) as conn:
        conn.execute(LISTS)
        yield conn


def send(conn, *messages, arrived=NOW):
    writer = Writer(conn, check(conn), "test")
    writer.refresh_directory()
    batch = Batch()
    for topic, said in messages:
        payload = said if isinstance(said, bytes) else json.dumps(said).encode()
        take_in(batch, Message(topic, payload, round(arrived.timestamp() * 1e6)), writer.directory)
    return writer.write(batch)


def reading(device_id, ts, register, unit="m3"):
    return f"estate/v1/e1/meter/{device_id}/reading", {"ts": ts.isoformat(), "register": register, "unit": unit}


def passage(device_id, ts, event_id, **who):
    event = {"ts": ts.isoformat(), "event_id": event_id, "kind": "passage"} | who
    return f"estate/v1/e1/door/{device_id}/event", event


def three_days_of_everything():
    hours = [START + timedelta(hours=hour) for hour in range(72)]
    water = [reading("w1", ts, 99_999.9 + 0.005 * n if n < 20 else 0.005 * (n - 20)) for n, ts in enumerate(hours)]
    other = [reading("w2", ts, 7 + 0.002 * n) for n, ts in enumerate(hours) if not 24 <= n < 48]
    power = [reading("m1", ts, 1000 * (50 + 0.25 * n), "Wh") for n, ts in enumerate(hours)]
    return [*water, *other, *power]


def days(
    conn, query="SELECT unit_id, day, water_l, electricity_kwh, water_coverage, electricity_coverage FROM daily_use"
):
    refresh(conn)
    return conn.execute(query + " ORDER BY 1, 2").fetchall()


def rounded(rows):
    return [tuple(round(value, 2) if isinstance(value, float) else value for value in row) for row in rows]


def test_a_repeat_changes_nothing(conn):
    messages = three_days_of_everything()
    first = send(conn, *messages, *messages[:50])
    again = send(conn, *reversed(messages))
    assert (first.readings_stored, first.readings_duplicate) == (192, 50)
    assert (again.readings_stored, again.readings_duplicate) == (0, 192)
    assert conn.execute("SELECT count(*), count(DISTINCT (device_no, ts)) FROM readings").fetchone() == (192, 192)


def test_a_repeated_reading_with_another_register_does_not_overwrite(conn):
    send(conn, reading("w1", START, 5))
    send(conn, reading("w1", START, 6))
    assert conn.execute("SELECT register FROM readings").fetchall() == [(5.0,)]


def test_a_door_event_is_known_by_its_id_whatever_its_time(conn):
    first = send(
        conn, passage("d1", START, "a"), passage("d1", START + timedelta(days=20), "a"), passage("l1", START, "a")
    )
    again = send(conn, passage("d1", START + timedelta(days=9), "a"))
    assert (first.events_stored, first.events_duplicate) == (2, 1)
    assert (again.events_stored, again.events_duplicate) == (0, 1)


def test_daily_figures(conn):
    send(conn, *three_days_of_everything())
    day = START.date() + timedelta(days=1)
    assert rounded(days(conn)) == [
        # the dial of w1 rolls over in the first day
        ("u1", day, 120.0, 6.0, 1.0, 1.0),
        ("u1", day + timedelta(days=1), 120.0, 6.0, 1.0, 1.0),
        ("u1", day + timedelta(days=2), 115.0, 5.75, round(23 / 24, 2), round(23 / 24, 2)),
        ("u2", day, 48.0, None, 1.0, 0.0),  # the silent day that follows is bound by 25 hours
        ("u2", day + timedelta(days=1), 48.0, None, 1.0, 0.0),
        ("u2", day + timedelta(days=2), 46.0, None, round(23 / 24, 2), 0.0),
    ]


def test_order_and_cuts_do_not_matter_to_the_figures(conn):
    messages = three_days_of_everything()
    order = np.random.default_rng(3).permutation(len(messages))
    for at in range(0, len(order), 40):
        send(conn, *[messages[n] for n in order[at : at + 40]], messages[0])
        refresh(conn)
    shuffled = rounded(days(conn))
    conn.execute("DELETE FROM meter_days")
    conn.execute("INSERT INTO stale_hours (hour) SELECT DISTINCT date_trunc('hour', ts) FROM readings")
    assert shuffled == rounded(days(conn))
    assert shuffled[0][2] == 120.0


def test_passages_by_class_of_person(conn):
    noon = START + timedelta(hours=12)
    after = noon + timedelta(days=2)  # the listing of p2 is over
    send(
        conn,
        passage("d1", noon, "1", person_id="p1"), passage("d1", noon, "2", person_id="p1"),
        passage("d1", noon, "3", person_id="p2"), passage("d1", after, "4", person_id="p2", unit_id="u1"),
        passage("l1", noon, "5", person_id="c1"), passage("l1", noon, "6", person_id="p3"),
        passage("l1", noon, "7", stranger_id="x1"), passage("d1", noon, "8", stranger_id="x2"),
        passage("l1", noon, "9", method="card"), passage("l1", noon, "10", person_id="nobody"),
        passage("d1", noon, "11", person_id="p3"), passage("d1", noon, "12", person_id="s1"),
        passage("l1", noon, "13", person_id="p1", kind="denied"),
        passage("l1", noon, "14", method="face"), passage("l1", noon, "15", method="face", kind="denied"),
        passage("d1", noon, "16", method="face"), passage("d1", noon, "17", method="face", unit_id="u2"),
    )  # fmt: skip
    rows = days(conn, "SELECT unit_id, day, class, sum(passages)::int FROM daily_passages GROUP BY 1, 2, 3")
    day = START.date() + timedelta(days=1)
    assert sorted(rows) == [
        ("u1", day, "registered", 3),
        ("u1", day, "stranger", 3),  # a face without a pseudonym among them, at the unit's own lock
        ("u1", day, "unidentified", 1),
        ("u1", day, "visitor", 2),
        ("u1", day + timedelta(days=2), "stranger", 1),
        ("u2", day, "registered", 1),
        ("u2", day, "stranger", 1),  # and one whose unit the shared door told; where it tells none, it is nobody's
    ]


def test_late_data_cost_what_changed(conn):
    """Of w2 comes a reading days late, of w1 the newest hour: neither makes the other's days be worked out."""
    send(conn, *three_days_of_everything(), passage("d1", START, "a"))
    assert refresh(conn) == Refreshed(devices=4, hours=3 * 72 + 1, meter_days=3 * 3)
    assert refresh(conn) == Refreshed()
    before = written(conn)
    send(conn, reading("w2", START + timedelta(hours=30), 7.06), reading("w1", START + timedelta(hours=72), 0.26))
    # w2: four readings before and after reach over the silent day; w1: four before lie in the day before
    assert refresh(conn) == Refreshed(devices=2, hours=1 + 1, meter_days=3 + 2)
    touched = {device_id for device_id, _, _ in written(conn) - before}
    assert touched == {"w1", "w2"}
    assert {row for row in written(conn) if row[0] in {"m1", "d1"}} <= before


def written(conn):
    """Which version of which row of the days stands; a row that is written again, even the same, has another."""
    return {
        tuple(row)
        for row in conn.execute(
            "SELECT device_id, day::text, m.ctid::text || m.xmin::text "
            "FROM meter_days m JOIN devices USING (device_no) UNION ALL "
            "SELECT device_id, day::text, p.ctid::text || p.xmin::text "
            "FROM passage_days p JOIN devices USING (device_no)"
        )
    }


def test_a_note_that_names_no_device_means_all(conn):
    """As earlier versions wrote them; what they noted before an upgrade is not lost."""
    send(conn, *three_days_of_everything(), passage("d1", START, "a"))
    conn.execute("DELETE FROM stale_hours")
    conn.execute("INSERT INTO stale_hours (hour) SELECT DISTINCT date_trunc('hour', ts) FROM readings")
    refresh(conn)
    assert conn.execute("SELECT count(*) FROM meter_days").fetchone() == (9,)
    assert conn.execute("SELECT count(*) FROM passage_days").fetchone() == (1,)


def test_quarantine_counts_repeats_and_replays_after_the_lists_are_mended(conn):
    topic, payload = reading("new", START, 5)
    for _ in range(3):
        send(conn, (topic, payload), reading("w1", START, 1))
    ((quarantine_id, times, reason),) = conn.execute("SELECT quarantine_id, times, reason FROM quarantine").fetchall()
    assert (times, reason) == (3, "unknown_device")
    assert replay(conn, quarantine_id).reason == "unknown_device"
    conn.execute("INSERT INTO devices (device_id, estate_id, kind, unit_id) VALUES ('new', 'e1', 'water', 'u2')")
    assert replay(conn, quarantine_id).written.readings_stored == 1
    assert conn.execute("SELECT state FROM quarantine").fetchall() == [("replayed",)]
    assert conn.execute("SELECT count(*) FROM readings").fetchone() == (2,)


def test_counters_agree_with_the_rows(conn):
    send(conn, reading("w1", START, 1), reading("w1", START, 1), passage("d1", START, "1"), ("x", b"rubbish"))
    counters = dict(conn.execute("SELECT name, value FROM ingest_counters").fetchall())
    assert {name: value for name, value in counters.items() if not re.search(r"\.(le\.|sum$)", name)} == {
        "messages_received": 4, "readings_stored": 1, "readings_duplicate": 1, "events_stored": 1,
        "quarantined.unknown_topic": 1,
    }  # fmt: skip


def test_status_keeps_the_last_word_to_arrive_and_the_last_battery(conn):
    topic = "estate/v1/e1/meter/w1/status"
    send(conn, (topic, {"online": True, "ts": START.isoformat(), "firmware": "1.2"}))
    send(
        conn,
        (topic, {"online": False, "ts": (START - timedelta(hours=1)).isoformat()}),
        arrived=NOW + timedelta(hours=1),
    )
    send(conn, (topic, {"online": True, "ts": START.isoformat()}))  # a replay of what came before
    meter, payload = reading("w1", START, 1)
    send(conn, (meter, payload | {"battery": 80}))
    assert conn.execute("SELECT online, firmware, battery FROM device_status").fetchall() == [(False, "1.2", 80.0)]


def test_flags_are_of_the_newest_word_by_the_devices_own_time_however_often_it_comes(conn):
    def flagged(ts, *flags):
        topic, payload = reading("w1", ts, 1)
        return topic, payload | {"flags": list(flags)}

    kept = "SELECT flags, flags_at FROM device_status"
    send(conn, flagged(START, "tamper", "no sense"))
    assert conn.execute(kept).fetchall() == [(["tamper", "no_sense"], START)]
    send(conn, flagged(START - timedelta(hours=1), "leak"), flagged(START, "tamper", "no sense"))  # backfill, a repeat
    assert conn.execute(kept).fetchall() == [(["tamper", "no_sense"], START)]
    send(conn, reading("w1", START + timedelta(hours=1), 1))  # it does not tell
    assert conn.execute(kept).fetchall() == [(["tamper", "no_sense"], START)]
    send(conn, flagged(START + timedelta(hours=2)))
    assert conn.execute(kept).fetchall() == [([], START + timedelta(hours=2))]


def test_a_reading_keeps_how_long_it_took_to_arrive(conn):
    """In milliseconds, rounded up: nothing seems to have arrived before it did. A clock may be ahead."""
    send(conn, reading("w1", NOW, 5), arrived=NOW + timedelta(microseconds=1))
    send(conn, reading("w2", NOW, 5), arrived=NOW - timedelta(seconds=1, microseconds=1))
    send(conn, reading("m1", NOW, 5, "kWh"), arrived=NOW + timedelta(days=399))
    query = "SELECT device_id, delay_ms FROM readings JOIN devices USING (device_no)"
    assert dict(conn.execute(query).fetchall()) == {"w1": 1, "w2": -1000, "m1": 399 * 86_400_000}


def test_migrating_again_does_nothing(conn):
    assert migrate(conn) == []


@pytest.mark.parametrize(
    ("number", "migration", "names"),
    [
        (17, "shape_of_days", ("morning", "roughness", "peak_hour")),
        (28, "rhythm_of_days", ("rhythm_cos", "rhythm_sin", "rhythm_cos2", "rhythm_sin2")),
        (33, "least_flow", ("least_flow",)),
    ],
)
def test_after_an_upgrade_days_that_stood_already_get_what_is_new(conn, number, migration, names):
    send(conn, *three_days_of_everything())
    refresh(conn)
    query = f"SELECT device_no, day, use, {', '.join(names)} FROM meter_days ORDER BY 1, 2"
    before = conn.execute(query).fetchall()
    conn.execute(f"ALTER TABLE meter_days {', '.join(f'DROP COLUMN {name}' for name in names)}")
    conn.execute("DELETE FROM schema_migrations WHERE number = %s", [number])
    assert migrate(conn) == [migration]
    assert {row[3:] for row in conn.execute(query)} == {(None,) * len(names)}
    refresh(conn)
    assert conn.execute(query).fetchall() == before
    assert any(None not in row for row in before)


def test_timescale_has_hypertables_policies_and_aggregates(timescale):
    with connect(timescale) as conn:
        retention.set_policies(conn, Settings())
        retention.set_policies(conn, Settings(passages_days=90))
        hypertables = conn.execute(
            "SELECT hypertable_name FROM timescaledb_information.hypertables ORDER BY 1"
        ).fetchall()
        jobs = conn.execute(
            "SELECT coalesce(view_name, j.hypertable_name), proc_name, config->>'drop_after' "
            "FROM timescaledb_information.jobs j LEFT JOIN timescaledb_information.continuous_aggregates a "
            "ON a.materialization_hypertable_name = j.hypertable_name WHERE j.hypertable_name IS NOT NULL"
        ).fetchall()
    assert [name for (name,) in hypertables] == ["door_events", "readings"]
    assert {(name, proc) for name, proc, _ in jobs} == {
        ("readings", "policy_compression"), ("readings", "policy_retention"),
        ("door_events", "policy_compression"), ("door_events", "policy_retention"),
        ("readings_hourly", "policy_refresh_continuous_aggregate"),
        ("readings_hourly", "policy_compression"), ("readings_hourly", "policy_retention"),
        ("passages_hourly", "policy_refresh_continuous_aggregate"), ("passages_hourly", "policy_retention"),
    }  # fmt: skip
    assert {after for name, _, after in jobs if name == "door_events" and after} == {"90 days"}


def test_timescale_converts_old_readings_and_takes_late_ones_all_the_same(timescale):
    """A converted week takes what comes late, once, and its figures follow; the policy's next run converts that too."""
    long_ago = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=50)
    sent = [reading("w1", long_ago + timedelta(hours=n), 7 + 0.005 * n) for n in range(48) if n != 30]
    late = reading("w1", long_ago + timedelta(hours=30), 7 + 0.005 * 30)
    with connect(timescale) as conn:
        conn.execute(LISTS)
        send(conn, *sent, arrived=long_ago + timedelta(hours=48))
        refresh(conn)
        convert(conn)
        assert send(conn, late, sent[29], arrived=datetime.now(UTC)).readings_stored == 1
        assert send(conn, late, *sent, arrived=datetime.now(UTC)).readings_stored == 0
        assert refresh(conn).devices == 1
        assert conn.execute("SELECT sum(readings) FROM readings_hourly").fetchone() == (48,)
        convert(conn)
        assert send(conn, late, *sent, arrived=datetime.now(UTC)).readings_stored == 0
        assert conn.execute("SELECT count(*), min(delay_ms) FROM readings").fetchone() == (48, 3_600_000)


def convert(conn):
    """Run the columnstore policies of readings and hours, as TimescaleDB does twice a day."""
    jobs = (
        "SELECT job_id FROM timescaledb_information.jobs "
        "WHERE proc_name = 'policy_compression' AND hypertable_name IN ('readings', 'readings_hourly')"
    )
    for (job,) in conn.execute(jobs).fetchall():
        conn.execute("CALL run_job(%s)", (job,))
    chunks = conn.execute("SELECT is_compressed FROM timescaledb_information.chunks").fetchall()
    assert {converted for (converted,) in chunks} == {True}


@pytest.fixture(params=["plain", "timescale"])
def store_before(request, monkeypatch):
    """A database as it was before a migration, on both stores."""

    def made(number):
        if request.param == "plain":
            url = request.getfixturevalue("database")
            with connect(url) as conn:
                conn.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        else:
            url = request.getfixturevalue("timescale_server").fresh()
        earlier = tuple(step for step in migrations() if step.number < number)
        with monkeypatch.context() as patch, connect(url) as conn:
            patch.setattr("gateway.store.migrate.migrations", lambda: earlier)
            migrate(conn)
        return url

    return made


def test_an_upgrade_keeps_when_each_reading_arrived(store_before):
    """Also of readings that the columnstore has; a clock that is ahead arrived before its time."""
    ts = datetime.now(UTC) - timedelta(days=50)
    delays = {1: timedelta(microseconds=1), 2: timedelta(days=40), 3: timedelta(seconds=-1)}
    with connect(store_before(16)) as conn:
        if form_of(conn) is Form.PLAIN:
            conn.execute("SELECT ensure_partitions(%s, %s)", (ts, ts))
        for device_no, delay in delays.items():
            conn.execute("INSERT INTO readings VALUES (%s, %s, 5, %s)", (device_no, ts, ts + delay))
        if form_of(conn) is Form.TIMESCALE:
            convert(conn)
        assert "delays" in migrate(conn)
        stored = conn.execute("SELECT device_no, ts, register, delay_ms FROM readings ORDER BY 1").fetchall()
        assert stored == [(1, ts, 5, 1), (2, ts, 5, 40 * 86_400_000), (3, ts, 5, -1000)]
        if form_of(conn) is Form.TIMESCALE:
            convert(conn)


def test_an_upgrade_tells_faces_from_cards_as_far_back_as_single_passages_are_kept(store_before):
    noon, long_ago = START + timedelta(hours=12), START.date() - timedelta(days=200)
    day = START.date() + timedelta(days=1)
    with connect(store_before(30)) as conn:
        conn.execute(LISTS)
        if form_of(conn) is Form.PLAIN:
            conn.execute("SELECT ensure_partitions(%s, %s)", (noon, noon))
        lock = conn.execute("SELECT device_no FROM devices WHERE device_id = 'l1'").fetchone()[0]
        for number, method in enumerate(("face", "card", "face")):
            conn.execute(
                "INSERT INTO door_events (device_no, ts, event_id, kind, method, direction, received_at)"
                " VALUES (%s, %s, %s, 'passage', %s, 'in', %s)",
                (lock, noon, str(number), method, noon),
            )
        for on, passages in ((day, 3), (long_ago, 5)):
            conn.execute("INSERT INTO passage_days VALUES (%s, %s, '', '', '', %s)", (lock, on, passages))
            conn.execute("INSERT INTO door_days VALUES (%s, %s)", (lock, on))
        assert migrate(conn)[:2] == ["faces", "unnamed_faces"]
        assert days(conn, "SELECT unit_id, day, class, passages FROM daily_passages") == [
            ("u1", long_ago, "unidentified", 5),
            ("u1", day, "stranger", 2),
            ("u1", day, "unidentified", 1),
        ]
        panel = build(conn, "e1", day)
    np.testing.assert_array_equal(panel.unnamed_face_passages[0, [0, -1]], np.array([np.nan, 2], np.float32))
    assert panel.unidentified_passages[0, [0, -1]].tolist() == [5, 1]
    assert panel.stranger_passages[0, [0, -1]].tolist() == [0, 2]


def test_plain_postgres_drops_whole_months_that_are_past_their_keeping(database):
    with connect(database) as conn:
        conn.execute(LISTS)
        assert check(conn) is Form.PLAIN
        old = datetime.now(UTC) - timedelta(days=395)
        send(
            conn,
            passage("d1", old, "1"),
            passage("d1", old + timedelta(days=390), "2"),
            reading("w1", old, 5),
            arrived=datetime.now(UTC),
        )
        refresh(conn)
        retention.apply(conn, Settings())
        assert conn.execute("SELECT event_id FROM door_events").fetchall() == [("2",)]
        assert conn.execute("SELECT count(*) FROM readings").fetchone() == (1,)
        assert conn.execute("SELECT count(*) FROM passage_days").fetchone() == (2,)
        send(conn, passage("d1", old, "3", stranger_id="x"), arrived=datetime.now(UTC))  # the partition comes back
        refresh(conn)
        assert conn.execute("SELECT sum(passages) FROM passage_days").fetchone() == (3,)


def test_a_swapped_meter_and_its_successor_make_one_day(conn):
    """The old meter is read until noon, the new one from then on with a dial of its own."""
    conn.execute("INSERT INTO devices (device_id, estate_id, kind, unit_id) VALUES ('w9', 'e1', 'water', 'u1')")
    old = [reading("w1", START + timedelta(hours=n), 500 + 0.005 * n) for n in range(24 + 13)]
    new = [reading("w9", START + timedelta(hours=n), 0.005 * n) for n in range(24 + 12, 72)]
    send(conn, *old, *new)
    day = START.date() + timedelta(days=1)
    query = "SELECT day, water_l, water_coverage FROM daily_use"
    assert rounded(days(conn, query)) == [
        (day, 120.0, 1.0),
        (day + timedelta(days=1), 120.0, 1.0),
        (day + timedelta(days=2), 115.0, 0.96),
    ]


def test_a_meter_that_falls_silent_beside_another_leaves_the_day_unknown_in_part(conn):
    conn.execute("INSERT INTO devices (device_id, estate_id, kind, unit_id) VALUES ('w9', 'e1', 'water', 'u1')")
    hours = range(72)
    send(
        conn,
        *[reading("w1", START + timedelta(hours=n), 0.005 * n) for n in hours],
        *[reading("w9", START + timedelta(hours=n), 0.005 * n) for n in hours if not 10 <= n < 60],
    )
    assert [(row[1], row[2]) for row in rounded(days(conn, "SELECT day, water_l, water_coverage FROM daily_use"))] == [
        (165.0, 0.38),
        (None, 0.0),
        (170.0, 0.46),
    ]


def clocks(conn):
    query = "SELECT device_id, day, flag FROM device_day_flags JOIN devices USING (device_no) ORDER BY 1, 2, 3"
    return [(device_id, day.isoformat(), Flag(flag)) for device_id, day, flag in conn.execute(query)]


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(datetime(1970, 1, 1, 0, 10, tzinfo=UTC), id="1970"),
        pytest.param(NOW - timedelta(days=401), id="years slow"),
        pytest.param(NOW + timedelta(minutes=11), id="minutes ahead"),
        pytest.param(NOW + timedelta(hours=8), id="local time sent as UTC"),
    ],
)
def test_a_wrong_clock_is_held_and_shown_on_the_day_of_arrival(conn, wrong):
    send(conn, reading("w1", wrong, 5), reading("w1", wrong, 6), reading("m1", NOW, 5, "kWh"))
    send(conn, reading("w1", wrong, 7))
    assert conn.execute("SELECT count(*) FROM readings").fetchone() == (1,)
    assert clocks(conn) == [("w1", "2026-11-22", Flag.CLOCK)]


def test_minutes_ahead_are_taken_as_they_are(conn):
    send(conn, reading("w1", NOW + timedelta(minutes=10), 5))
    assert conn.execute("SELECT count(*) FROM readings").fetchone() == (1,)
    assert clocks(conn) == []


def test_the_time_of_arrival_serves_where_the_dialect_says_so(conn, monkeypatch, request):
    def without_clock(message, site):
        return structs.replace(native.decode(message, site), arrival_serves=True)

    monkeypatch.setattr(native, "DIALECT", replace(native.DIALECT, codec=lambda _: without_clock))
    dialects.cache_clear()
    request.addfinalizer(dialects.cache_clear)
    arrived = NOW + timedelta(hours=20)  # the next day in Shanghai
    send(conn, reading("w1", datetime(1970, 1, 1, tzinfo=UTC), 5), reading("w2", NOW, 7), arrived=arrived)
    several = {"unit": "m3", "readings": [{"ts": 5, "register": 1}, {"ts": 6, "register": 2}]}
    send(conn, ("estate/v1/e1/meter/w2/reading", several), arrived=arrived)
    assert conn.execute("SELECT ts FROM readings ORDER BY device_no").fetchall() == [(arrived,), (NOW,)]
    # several readings of one message cannot all have been taken when it arrived
    assert clocks(conn) == [("w1", "2026-11-23", Flag.ARRIVAL), ("w2", "2026-11-23", Flag.CLOCK)]


def test_a_refresh_that_ends_half_way_is_done_again(conn, monkeypatch):
    send(conn, *three_days_of_everything(), passage("d1", START, "a"))
    with monkeypatch.context() as patch:
        patch.setattr(rollups, "refresh_meter_days", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            refresh(conn)
    assert refresh(conn) == Refreshed(devices=4, hours=3 * 72 + 1, meter_days=3 * 3)
    assert refresh(conn) == Refreshed()


def test_two_new_meters_of_a_unit_are_not_counted_as_one_whole_day(conn):
    """Both are read from noon on: half a day is known, not twice the half."""
    conn.execute("INSERT INTO devices (device_id, estate_id, kind, unit_id) VALUES ('w9', 'e1', 'water', 'u1')")
    hours = range(12, 25)
    send(conn, *[reading(name, START + timedelta(hours=n), 5 + 0.005 * n) for n in hours for name in ("w1", "w9")])
    assert rounded(days(conn, "SELECT day, water_l, water_coverage FROM daily_use"))[0][1:] == (120.0, 0.5)


_HOURS = "generate_series(1, 200) device, generate_series(%(first)s::timestamptz, %(last)s, '1 hour') hour"
_MANY_OLDER_ROWS = {
    "readings": f"INSERT INTO readings SELECT device, hour, 1, 0 FROM {_HOURS}",
    "door_events": f"""
        INSERT INTO door_events (device_no, ts, event_id, kind, method, direction, received_at)
        SELECT device, hour, 'e', 'passage', 'face', 'in', hour FROM {_HOURS}""",
    "readings_hourly": f"INSERT INTO readings_hourly SELECT device, hour, 1, hour, 1 FROM {_HOURS}",
    "passages_hourly": f"INSERT INTO passages_hourly SELECT device, hour, '', '', '', 1 FROM {_HOURS}",
}


@pytest.mark.parametrize(
    "name",
    ["refresh_readings_hourly", "refresh_passages_hourly", "registers", "store_passage_days", "store_door_days"],
)
def test_a_refresh_reads_each_stretch_by_its_index_whatever_statistics_expect(database, name):
    """As a join, devices times rows pairs are gone through whenever the planner expects one row."""
    first, end = NOW - timedelta(hours=1), NOW
    given = {"device_no": np.arange(2000, dtype="i4"), "firsts": [first] * 2000, "ends": [end] * 2000}
    older = {"first": NOW - timedelta(hours=200), "last": NOW - timedelta(hours=2)}
    with connect(database) as conn:
        conn.execute("SELECT ensure_partitions(%(first)s, %(last)s)", older)
        for table, insert in _MANY_OLDER_ROWS.items():
            conn.execute(insert, older)
            conn.execute(f"ANALYZE {table}")
        rows = conn.execute("EXPLAIN " + queries("rollups")[name], given | {"least": first, "most": end}).fetchall()
    assert not [line for (line,) in rows if "Join Filter" in line]


def test_whose_visitor_a_face_was_is_forgotten_once_no_panel_looks_back_so_far(database):
    with connect(database) as conn:
        for days in (431, 429):
            conn.execute("INSERT INTO stranger_weeks VALUES ('e1', current_date - %s::int)", (days,))
            conn.execute("INSERT INTO stranger_units VALUES (1, current_date - %s::int, 's1', 'u1', 0.8)", (days,))
        retention.apply(conn, Settings())
        left = [
            conn.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("stranger_weeks", "stranger_units")
        ]
    assert left == [1, 1]
