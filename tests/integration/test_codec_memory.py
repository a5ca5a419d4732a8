"""What a birth tells is known to every process and after every restart; the last birth to arrive is right."""

import time
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from device_sim.dialects import sparkplug
from device_sim.records import Device
from gateway.codecs.message import Message
from gateway.codecs.routes import routes_of
from gateway.ingest.batch import Batch
from gateway.ingest.intake import take_in
from gateway.ingest.quarantine import replay
from gateway.ingest.writer import Writer
from gateway.store.database import connect
from gateway.store.migrate import check

METER = "EM-000007"
LISTS = f"""
INSERT INTO estates VALUES ('e1', 'Estate', 'Asia/Shanghai');
INSERT INTO devices (device_id, estate_id, kind) VALUES ('{METER}', 'e1', 'electricity');
INSERT INTO registry_imports (source, counts) VALUES ('test', '{{}}');
"""
ROUTES = routes_of({"spBv1.0/#": {"dialect": "sparkplug", "metrics": {"Energy/Total": {"unit": "kWh"}}}})
NOW_US = time.time_ns() // 1000
SECOND_US = 1_000_000


@pytest.fixture
def conn(both_stores):
    with connect(both_stores) as conn:
        conn.execute(LISTS)
        yield conn


@pytest.fixture
def meter():
    return sparkplug.speaker(Device(METER, "e1", "electricity", "u1", "1", "1", "sparkplug", 5, "kWh"))


def process(conn):
    """An ingest process that has just started."""
    writer = Writer(conn, check(conn), "test", ROUTES)
    writer.refresh_directory()
    return writer


def take(writer, said, at_us=NOW_US):
    batch = Batch()
    for topic, payload, _ in said:
        take_in(batch, Message(topic, payload, at_us), writer.directory)
    return batch


def hear(writer, said, at_us=NOW_US):
    batch = take(writer, said, at_us)
    writer.write(batch)
    return batch


def moment(at_us):
    return datetime.fromtimestamp(at_us / 1e6, UTC)


def reading(meter, register, at_us=NOW_US):
    return meter.reading(moment(at_us), Decimal(register), 1)


def registers(conn):
    return [register for (register,) in conn.execute("SELECT register FROM readings ORDER BY ts, register")]


def held(conn):
    return conn.execute("SELECT quarantine_id, reason FROM quarantine WHERE state = 'held'").fetchall()


def test_a_birth_outlives_the_process_that_heard_it(conn, meter):
    hear(process(conn), meter.hello(moment(NOW_US)))
    hear(process(conn), reading(meter, "7.5"))
    assert (registers(conn), held(conn)) == ([7.5], [])


def test_a_process_that_did_not_hear_the_birth_understands_the_data(conn, meter):
    here, there = process(conn), process(conn)
    hear(here, meter.hello(moment(NOW_US)))
    hear(there, reading(meter, "7.5"))
    assert (registers(conn), held(conn)) == ([7.5], [])


def test_data_without_a_birth_ask_for_one_and_a_replay_recovers_them(conn, meter):
    births = meter.hello(moment(NOW_US))
    batch = hear(process(conn), reading(meter, "7.5"))
    ((number, reason),) = held(conn)
    assert reason == "unknown_alias"
    assert [answer.topic for answer in batch.answers] == list(meter.listens())
    assert replay(conn, number, ROUTES).reason == "unknown_alias"  # too early

    hear(process(conn), births)
    assert replay(conn, number, ROUTES).written.readings_stored == 1
    assert (registers(conn), held(conn)) == ([7.5], [])


def test_names_outlive_a_birth_whose_value_is_impossible(conn, meter):
    meter.reading(moment(NOW_US), Decimal(-1), 1)
    hear(process(conn), meter.hello(moment(NOW_US)))
    assert [reason for _, reason in held(conn)] == ["impossible_value"]
    hear(process(conn), reading(meter, "7.5"))
    assert registers(conn) == [7.5]


def test_the_last_birth_is_right_whoever_stores_his_own_first(conn, meter):
    here, there = process(conn), process(conn)
    first = take(here, meter.hello(moment(NOW_US)))
    hear(there, meter.hello(moment(NOW_US)), NOW_US + SECOND_US)  # other numbers
    here.write(first)
    for number, writer in enumerate((process(conn), there)):
        hear(writer, reading(meter, "7.5", NOW_US + number * SECOND_US))
    here.refresh_directory()  # as it does every other second
    hear(here, reading(meter, "8.5", NOW_US + 2 * SECOND_US))
    assert (registers(conn), held(conn)) == ([7.5, 7.5, 8.5], [])


def test_what_is_not_stored_yet_is_not_forgotten_for_what_is(conn, meter):
    writer = process(conn)
    hear(writer, meter.hello(moment(NOW_US)))
    waiting = take(writer, meter.hello(moment(NOW_US)), NOW_US + SECOND_US)
    writer.refresh_directory()
    batch = take(writer, reading(meter, "7.5"), NOW_US + 2 * SECOND_US)
    assert (len(batch.readings.register), batch.unknown) == (1, [])
    writer.write(waiting)
