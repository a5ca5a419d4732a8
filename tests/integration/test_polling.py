"""The poller's side of the store, on both forms: whose turn it is, who is asked, whose answer counts."""

from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from servers.tools import wait_until

from gateway.codecs import dlt645
from gateway.codecs.message import Message
from gateway.codecs.routes import routes_of
from gateway.ingest.batch import Batch
from gateway.ingest.intake import take_in
from gateway.ingest.poller import Poller
from gateway.ingest.polls import polls_of
from gateway.ingest.writer import Writer
from gateway.store import polls as store
from gateway.store import workers
from gateway.store.database import connect
from gateway.store.migrate import check

METER, ELSEWHERE, IN_A_UNIT = "202600123457", "202600123458", "202600123459"
POLLS = [{"dialect": "dlt645", "down": "{estate_id}/{building}-{entrance}/down", "estate_id": "e1"}]
LISTS = f"""
    INSERT INTO estates VALUES ('e1', 'First', 'Asia/Shanghai'), ('e2', 'Second', 'Asia/Shanghai');
    INSERT INTO units (unit_id, estate_id, building, entrance, room, tenure)
        VALUES ('u1', 'e1', '3', '2', '1', 'leased');
    INSERT INTO devices (device_id, estate_id, kind, building, entrance, codec, unit_id) VALUES
        ('{METER}', 'e1', 'electricity', '1', '1', 'dlt645', NULL),
        ('{IN_A_UNIT}', 'e1', 'electricity', '', '', 'dlt645', 'u1'),
        ('{ELSEWHERE}', 'e2', 'electricity', '1', '1', 'dlt645', NULL),
        ('meter-without-address', 'e1', 'electricity', '1', '1', 'dlt645', NULL),
        ('202600123460', 'e1', 'electricity', '4#', '1', 'dlt645', NULL),
        ('w1', 'e1', 'water', '1', '1', 'native', NULL);
    INSERT INTO registry_imports (source, counts) VALUES ('test', '{{}}');
"""


@contextmanager
def stocked(url):
    with connect(url) as conn:
        conn.execute(LISTS)
        made = Writer(conn, check(conn), "test-0", routes_of({"up": "dlt645"}))
        made.refresh_directory()
        yield made


@pytest.fixture
def writer(database):
    with stocked(database) as made:
        yield made


@pytest.fixture
def writer_of_either(both_stores):
    with stocked(both_stores) as made:
        yield made


def answer(writer, device_id):
    """Its logger passes on what it answers now."""
    request = dlt645.ask(device_id)[0].lstrip(b"\xfe")
    head = request[:8] + b"\x91\x08" + request[10:14] + bytes.fromhex("89674533")
    batch, now_us = Batch(), round(datetime.now(UTC).timestamp() * 1e6)
    payload = head + bytes((sum(head) & 0xFF, 0x16))
    take_in(batch, Message("up", payload, now_us), writer.directory, lists_are_fresh=True)
    writer.write(batch)


def turn(poller, now, *, connected=True):
    poller.look(now)
    return [(say.topic, say.payload) for say in poller.act(now, connected=connected)]


def questions(*places):
    return sorted((topic, dlt645.ask(device_id)[0]) for topic, device_id in places)


def test_who_is_asked_and_whose_answer_counts(writer_of_either):
    writer = writer_of_either
    poller = Poller(polls_of(POLLS), writer)
    began = datetime.now(UTC).timestamp() - 200  # questions of the past, so that answers of now are newer
    turn(poller, began)
    asked = turn(poller, began + 100)
    assert sorted(asked) == questions(("e1/1-1/down", METER), ("e1/3-2/down", IN_A_UNIT))
    answer(writer, METER)
    assert turn(poller, began + 111) == []
    turn(poller, began + 112)
    counted = workers.counters(writer.conn)
    assert (counted["polls_asked"], counted["polls_answered"], counted["polls_timed_out"]) == (2, 1, 1)


def test_without_the_broker_nothing_is_asked_and_nobody_is_blamed(writer):
    poller = Poller(polls_of(POLLS), writer)
    now = datetime.now(UTC).timestamp()
    turn(poller, now)
    assert len(turn(poller, now + 100)) == 2
    assert turn(poller, now + 101, connected=False) == []
    assert len(turn(poller, now + 102)) == 2
    poller.look(now + 103)
    assert "polls_timed_out" not in workers.counters(writer.conn)


def test_what_was_heard_lately_is_not_asked_after_a_restart(writer):
    answer(writer, METER)
    now = datetime.now(UTC).timestamp()
    poller = Poller(polls_of(POLLS), writer)
    turn(poller, now)
    assert sorted(turn(poller, now + 100)) == questions(("e1/3-2/down", IN_A_UNIT))


def test_one_connection_at_a_time_has_the_turn(database):
    with connect(database) as first, connect(database) as second:
        assert store.take_turn(first, "a/{building}")
        assert not store.take_turn(second, "a/{building}")
        assert store.take_turn(second, "b/{building}")
        first.close()
        wait_until(
            lambda: store.take_turn(second, "a/{building}"), what="the server has noticed that the first is gone"
        )


def test_another_configuration_polls_its_own_lines(writer, database):
    with connect(database) as conn:
        other = Writer(conn, check(conn), "test-1")
        both = Poller(polls_of([*POLLS, {"dialect": "dlt645", "down": "second/{device_id}", "estate_id": "e2"}]), other)
        one = Poller(polls_of(POLLS), writer)
        now = datetime.now(UTC).timestamp()
        turn(one, now)
        turn(both, now)
        assert sorted(turn(one, now + 100)) == questions(("e1/1-1/down", METER), ("e1/3-2/down", IN_A_UNIT))
        assert turn(both, now + 100) == questions((f"second/{ELSEWHERE}", ELSEWHERE))
