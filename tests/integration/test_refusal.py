"""What the database refuses for its data: one message is held, and the rest is stored."""

import json
import random

import pytest
from servers.gateway import lists

from gateway.codecs.message import Message
from gateway.ingest.batch import Batch
from gateway.ingest.intake import take_in
from gateway.ingest.quarantine import replay
from gateway.ingest.refusal import REFUSED, store
from gateway.ingest.writer import Writer
from gateway.store.database import connect
from gateway.store.migrate import check

NOW_US = 1_795_306_500_000_000
METER = "estate/v1/e1/meter/w{}/reading"
REFUSED_REGISTERS = (13.0, 14.0, 77.0)


@pytest.fixture
def conn(both_stores):
    with connect(both_stores) as conn:
        conn.execute(lists())
        yield conn


def messages(count):
    for n in range(count):
        said = {"ts": (NOW_US - n * 1_000_000) / 1e6, "register": n, "unit": "m3"}
        yield Message(METER.format(n % 50), json.dumps(said).encode(), NOW_US)


def batch_of(writer, sent):
    batch = Batch()
    for message in sent:
        take_in(batch, message, writer.directory)
    return batch


@pytest.fixture
def writer(conn):
    writer = Writer(conn, check(conn), "test")
    writer.refresh_directory()
    return writer


def forbid(conn, *registers):
    names = ", ".join(f"{register}" for register in registers)
    conn.execute(f"ALTER TABLE readings ADD CONSTRAINT no_such_register CHECK (register NOT IN ({names}))")


def counted(conn):
    return dict(conn.execute("SELECT name, value FROM ingest_counters").fetchall())


def test_the_refused_messages_are_held_and_all_others_are_stored(conn, writer):
    forbid(conn, *REFUSED_REGISTERS)
    sent = list(messages(100))
    written = store(writer, batch_of(writer, sent))
    assert sum(batch.messages for batch in written) == 100
    held = conn.execute("SELECT payload, reason, detail FROM quarantine").fetchall()
    assert {json.loads(payload)["register"] for payload, *_ in held} == set(REFUSED_REGISTERS)
    assert len(held) == len(REFUSED_REGISTERS)
    assert {reason for _, reason, _ in held} == {"refused_by_store"}
    assert all("no_such_register" in detail for *_, detail in held)
    rest = {float(n) for n in range(100)} - set(REFUSED_REGISTERS)
    assert {register for (register,) in conn.execute("SELECT register FROM readings")} == rest
    told = counted(conn)
    assert (told["messages_received"], told["readings_stored"], told["quarantined.refused_by_store"]) == (100, 97, 3)


def test_the_sender_of_a_refused_message_is_answered_as_the_others_are(conn, writer):
    conn.execute("ALTER TABLE door_events ADD CONSTRAINT nobody CHECK (person_id <> 'p1')")
    info = {"VerifyStatus": 1, "time": "2026-11-22 08:15:00", "Sendintime": 0}
    said = [info | {"RecordID": n, "customId": f"p{n}"} for n in range(3)]
    sent = [
        Message("mqtt/face/d1/Rec", json.dumps({"operator": "RecPush", "info": one}).encode(), NOW_US) for one in said
    ]
    written = store(writer, batch_of(writer, sent))
    answers = [json.loads(answer.payload)["info"]["SnapOrRecordID"] for batch in written for answer in batch.answers]
    assert sorted(answers) == [0, 1, 2]
    assert counted(conn)["events_stored"] == 2


def test_a_refused_message_can_be_replayed_when_the_cause_is_mended(conn, writer):
    forbid(conn, 1.0)
    store(writer, batch_of(writer, messages(3)))
    ((number,),) = conn.execute("SELECT quarantine_id FROM quarantine").fetchall()
    still = replay(conn, number)
    assert still.reason == "refused_by_store"
    assert "no_such_register" in still.detail
    conn.execute("ALTER TABLE readings DROP CONSTRAINT no_such_register")
    assert replay(conn, number).written.readings_stored == 1
    assert conn.execute("SELECT count(*) FROM readings").fetchone() == (3,)


def test_a_message_that_cannot_even_be_held_is_not_passed_over(conn, writer):
    forbid(conn, 1.0)
    conn.execute("ALTER TABLE quarantine ADD CONSTRAINT closed CHECK (reason = 'none')")
    with pytest.raises(REFUSED):
        store(writer, batch_of(writer, messages(3)))


def test_a_device_that_leaves_the_lists_under_a_batch_is_unknown(conn, writer):
    status = Message("estate/v1/e1/meter/w1/status", b'{"online": true}', NOW_US)
    batch = batch_of(writer, [*messages(3), status])
    conn.execute("DELETE FROM devices WHERE device_id = 'w1'")
    conn.execute("INSERT INTO registry_imports (source, counts) VALUES ('test', '{}')")
    store(writer, batch)
    assert conn.execute("SELECT DISTINCT reason FROM quarantine").fetchall() == [("unknown_device",)]
    assert conn.execute("SELECT count(*) FROM readings").fetchone() == (2,)


def test_a_batch_that_does_not_know_its_messages_is_refused_as_a_whole(conn, writer):
    forbid(conn, 1.0)
    batch = batch_of(writer, messages(3))
    batch.taken.clear()
    with pytest.raises(REFUSED):
        store(writer, batch)
    assert conn.execute("SELECT count(*) FROM readings").fetchone() == (0,)


VALUES = (
    *(0, -1, 1, 0.1, 1e9, 1e300, -1e300, 1e-320, 2**31, 2**63, 2**64, 10**30, 1795306500, 1795306500123, 1e11),
    *("", "a", "\0", "é", "\ud83d\ude00", "x" * 64, "x" * 65, "m3", "L", "kWh", "passage", "face", "in", "p1"),
    *("1970-01-01T00:00:00Z", "2026-11-22T04:15:00+08:00", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"),
    *("2026-11-22T04:15:00", "2026-11-22T04:15:00.123456789Z", "2026-11-22T24:00:00Z", True, False, None, [], {}),
)
FIELDS = (
    *("ts", "register", "unit", "seq", "battery", "rssi", "flags", "event_id", "kind", "method", "direction"),
    *("person_id", "stranger_id", "unit_id", "similarity", "online", "firmware"),
)
GOOD = (
    ("meter/w1/reading", {"ts": 1795306500, "register": 1.5, "unit": "m3"}),
    ("door/d1/event", {"ts": 1795306500, "event_id": "e", "kind": "passage"}),
    ("door/d1/status", {"online": True}),
)


def strange(seed):
    """A message that is good but for a few fields, and sometimes its bytes or its topic."""
    rolled = random.Random(seed)
    place, said = rolled.choice(GOOD)
    if "ts" in said:
        said = said | {"ts": said["ts"] - seed, "event_id": f"e{seed}"}
    said = said | {rolled.choice(FIELDS): rolled.choice(VALUES) for _ in range(rolled.randrange(4))}
    if rolled.random() < 0.2:
        said = {rolled.choice(("readings", "events")): [said, said | {"ts": rolled.choice(VALUES)}], "unit": "m3"}
    payload = bytearray(json.dumps(said).encode())
    for _ in range(rolled.choice((0, 0, 0, 1, 3))):
        payload[rolled.randrange(len(payload))] = rolled.randrange(256)
    topic = f"estate/v1/e1/{place}"
    return Message(topic if rolled.random() < 0.95 else topic.replace("w", "\0é"), bytes(payload), NOW_US)


def test_nothing_that_the_codecs_let_through_is_refused(conn, writer):
    sent = [strange(seed) for seed in range(4000)]
    store(writer, batch_of(writer, sent))
    held = dict(conn.execute("SELECT reason, sum(times) FROM quarantine GROUP BY reason").fetchall())
    assert not {"refused_by_store", "program_fault"} & set(held)
    assert {"not_json", "wrong_shape", "impossible_value", "unknown_topic", "unknown_device"} & set(held)
    stored = conn.execute("SELECT count(*) FROM readings").fetchone()[0]
    assert stored > 200
    assert conn.execute("SELECT count(*) FROM readings WHERE NOT register < 'Infinity'").fetchone() == (0,)
    assert conn.execute("SELECT count(*) FROM device_status WHERE NOT abs(rssi) < 'Infinity'").fetchone() == (0,)
