"""What Prometheus reads is what was taken in: counts, lags, batches, and the workers behind them."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from integration.console import served
from prometheus_client.parser import text_string_to_metric_families
from servers.gateway import lists, publisher
from servers.tools import wait_until

from api.app import create_app
from gateway.codecs.message import Message
from gateway.ingest.batch import Batch
from gateway.ingest.intake import take_in
from gateway.ingest.measures import HISTOGRAMS, measured
from gateway.ingest.writer import Writer
from gateway.settings import Settings
from gateway.store import workers
from gateway.store.database import connect
from gateway.store.migrate import check

METER = "estate/v1/e1/meter/w1/reading"


@pytest.fixture
def conn(database):
    with connect(database) as conn:
        conn.execute(lists(3))
        yield conn


@pytest.fixture
def scrape(conn, database):
    """All families of one scrape by name, read by Prometheus' own parser."""
    with served(create_app(Settings(), database)) as client:

        def families():
            answer = client.get("/metrics")
            assert answer.status_code == 200
            return {family.name: family for family in text_string_to_metric_families(answer.text)}

        yield families


def value(family, suffix="", /, **labels):
    (sample,) = (s for s in family.samples if s.name == family.name + suffix and labels.items() <= s.labels.items())
    return sample.value


def buckets(family):
    return {float(s.labels["le"]): s.value for s in family.samples if s.name.endswith("_bucket")}


def reading(ts_s, register):
    return json.dumps({"ts": ts_s, "register": register, "unit": "m3"}).encode()


def write(writer, *messages):
    """One batch of (seconds since it arrived, topic, payload)."""
    batch = Batch()
    now_us = time.time_ns() // 1000
    for waited_s, topic, payload in messages:
        take_in(batch, Message(topic, payload, now_us - round(waited_s * 1e6)), writer.directory)
    writer.write(batch)


def test_lags_batches_and_commits_are_histograms_of_the_rows(conn, scrape):
    writer = Writer(conn, check(conn), "here-0")
    writer.refresh_directory()
    now = time.time()
    old, fresh = reading(now - 2 * 86_400, 1), reading(now - 20, 2)
    event = json.dumps({"ts": now - 2, "event_id": "1", "kind": "passage"}).encode()
    write(writer, (40, METER, old), (2, METER, fresh), (2, METER, fresh), (2, "estate/v1/e1/door/d1/event", event))
    write(writer, (2, "x", b"rubbish"), (2, METER, reading(now + 3600, 3)))
    found = scrape()

    lag = found["estate_ingest_device_lag_seconds"]
    assert value(lag, "_count") == 4
    assert value(lag, "_sum") == pytest.approx(2 * 86_400 + 20 + 20 + 2, abs=15)
    assert [buckets(lag)[edge] for edge in (1, 10, 60, 86_400, 259_200, float("inf"))] == [0, 1, 3, 3, 4, 4]
    waited = found["estate_ingest_arrival_lag_seconds"]
    assert value(waited, "_count") == 4
    assert [buckets(waited)[edge] for edge in (1, 10, 30, 60)] == [0, 3, 3, 4]
    sizes = found["estate_ingest_batch_messages"]
    assert (value(sizes, "_count"), value(sizes, "_sum")) == (2, 6)
    assert [buckets(sizes)[edge] for edge in (1, 3, 10)] == [0, 1, 2]
    commit = found["estate_ingest_commit_seconds"]
    assert value(commit, "_count") == 1  # the second batch brings the first one's
    assert 0 < value(commit, "_sum") < 60

    assert value(found["estate_ingest_messages_received"], "_total") == 6
    assert value(found["estate_ingest_readings_stored"], "_total") == 2
    assert value(found["estate_ingest_readings_duplicate"], "_total") == 1
    assert value(found["estate_ingest_events_duplicate"], "_total") == 0
    held = found["estate_ingest_quarantined"]
    assert value(held, "_total", reason="unknown_topic") == 1
    assert value(held, "_total", reason="time_ahead") == 1
    assert value(held, "_total", reason="not_json") == 0


def test_every_bucket_can_be_read_back(conn, scrape):
    """Whatever edge a value falls on, the console finds its counter."""
    for name, histogram in HISTOGRAMS.items():
        for at in range(len(histogram.edges) + 1):
            conn.execute("INSERT INTO ingest_counters VALUES ('here-0', %s, 1)", (f"{name}.le.{histogram.label(at)}",))
    found = scrape()
    for name, histogram in HISTOGRAMS.items():
        read = buckets(found[f"estate_ingest_{name}"])
        assert read == {edge: at + 1 for at, edge in enumerate((*histogram.edges, float("inf")))}


def test_a_value_counts_at_its_own_edge_and_a_clock_that_runs_ahead_has_no_lag():
    batch = Batch(messages=300)
    batch.readings.ts_us += [1_000_000, 5_000_000]
    batch.readings.arrived_us += [1_000_000, 1_000_000]
    counts = measured(batch, commit_s=0.1, now_us=2_000_000)
    assert counts["device_lag_seconds.le.1"] == counts["device_lag_seconds.le.0.01"] == 1
    assert counts["device_lag_seconds.sum"] == 1000
    assert counts["batch_messages.le.300"] == counts["commit_seconds.le.0.1"] == 1


def test_a_counter_that_is_full_begins_again_and_stops_nothing(conn, scrape):
    most = 2**63 - 1
    for worker in ("here-0", "here-1"):
        conn.execute("INSERT INTO ingest_counters VALUES (%s, 'device_lag_seconds.sum', %s)", (worker, most))
    writer = Writer(conn, check(conn), "here-0")
    writer.refresh_directory()
    write(writer, (0, METER, reading(time.time() - 300 * 86_400, 1)))
    assert conn.execute("SELECT count(*) FROM readings").fetchone() == (1,)
    query = "SELECT value FROM ingest_counters WHERE worker = 'here-0' AND name = 'device_lag_seconds.sum'"
    assert conn.execute(query).fetchone()[0] == pytest.approx(300 * 86_400_000, rel=1e-3)
    assert value(scrape()["estate_ingest_device_lag_seconds"], "_sum") > 0


def test_history_from_files_has_no_lag(conn, scrape):
    writer = Writer(conn, check(conn), "history")
    writer.refresh_directory()
    write(writer, (0, METER, reading(time.time() - 90 * 86_400, 1)))
    found = scrape()
    assert value(found["estate_ingest_device_lag_seconds"], "_count") == 0
    assert value(found["estate_ingest_readings_stored"], "_total") == 1


def test_a_worker_tells_how_it_is_and_leaves_the_gauges_when_long_gone(conn, scrape):
    pulse = workers.Pulse(queued=17, redelivered=3, broker_reconnects=2, database_reconnects=1)
    for worker in ("here-0", "here-1", "gone-0"):
        workers.beat(conn, worker, 1, datetime.now(UTC), pulse)
    conn.execute("UPDATE workers SET seen_at = now() - interval '5 minutes' WHERE worker = 'here-1'")
    conn.execute("UPDATE workers SET seen_at = now() - interval '2 hours' WHERE worker = 'gone-0'")
    found = scrape()

    assert value(found["estate_worker_queued_messages"], worker="here-0") == 17
    assert value(found["estate_worker_redelivered"], "_total", worker="here-0") == 3
    assert value(found["estate_worker_broker_reconnects"], "_total", worker="here-0") == 2
    assert value(found["estate_worker_database_reconnects"], "_total", worker="here-0") == 1
    assert value(found["estate_worker_silent_seconds"], worker="here-1") == pytest.approx(300, abs=60)
    names = {sample.labels.get("worker") for family in found.values() for sample in family.samples}
    assert names == {None, "here-0", "here-1"}


def test_a_heartbeat_knows_since_when_the_broker_is_gone(conn):
    began = datetime.now(UTC)
    workers.beat(conn, "here-0", 1, began, workers.Pulse())
    conn.execute("UPDATE workers SET since = now() - interval '1 hour'")
    workers.beat(conn, "here-0", 1, began, workers.Pulse())
    assert workers.rows(conn)[0].since_s == pytest.approx(3600, abs=60)
    workers.beat(conn, "here-0", 1, began, workers.Pulse(connected=False))
    assert workers.rows(conn)[0].since_s < 60


def test_stretches_of_listening_grow_and_a_pause_begins_a_new_one(conn):
    workers.listen(conn)
    workers.listen(conn)
    assert len(workers.stretches(conn)) == 1
    conn.execute("UPDATE listening SET began = began - interval '3 hours', ended = ended - interval '1 hour'")
    workers.listen(conn)
    workers.listen(conn)
    (_, ended), (began, _) = workers.stretches(conn)
    assert began - ended > timedelta(minutes=59)


def test_a_real_ingest_is_seen(conn, database, gateway, mosquitto, scrape):
    gateway.ingest(database, mosquitto.url)
    client = publisher(mosquitto.url, "devices")
    now = time.time()
    for number in range(5):
        client.publish(METER, reading(now - number, number), qos=1)
    wait_until(lambda: value(scrape()["estate_ingest_readings_stored"], "_total") == 5, what="five readings")
    found = scrape()
    assert value(found["estate_ingest_device_lag_seconds"], "_count") == 5
    assert buckets(found["estate_ingest_device_lag_seconds"])[300] == 5
    (connected,) = found["estate_worker_connected"].samples
    assert connected.value == 1
    assert value(found["estate_worker_queued_messages"]) == 0
    assert len(workers.stretches(conn)) == 1
    client.disconnect()
    client.loop_stop()
