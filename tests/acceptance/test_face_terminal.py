"""A face terminal with resume on says a record until it is committed, and not once more."""

import json
import os
import threading
import time
from contextlib import closing, contextmanager
from datetime import timedelta

import paho.mqtt.client as mqtt
import psycopg
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from servers.gateway import lists, stop
from servers.story import QUICKER
from servers.tools import wait_until

from device_sim.clock import utc_now
from device_sim.dialects import SPEAKERS
from device_sim.dialects.facesluice import RESENDS_AFTER
from device_sim.doors import DoorRecord, NumberedEvent
from device_sim.records import Device

CODECS = "mqtt/face/#=facesluice"
LISTED = "INSERT INTO devices (device_id, estate_id, kind, codec) VALUES (%s, 'e1', 'door', 'facesluice')"
WAITS = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


class Terminal:
    """The simulator's terminal at a real broker, with a clock that the test turns on."""

    def __init__(self, url, device_id, database):
        self.now = utc_now()
        self.acknowledged = []
        """What it heard, each with how many rows a reader of the database saw at that moment."""
        self._database = database
        device = Device(device_id, "e1", "door", "", "1", "1", "facesluice", None, "")
        self._speaker = SPEAKERS["facesluice"](device)
        self._lock = threading.Lock()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=device_id)
        self._client.on_message = self._hear
        host, port = url.removeprefix("mqtt://").split(":")
        self._listens = threading.Event()
        self._client.on_subscribe = lambda *_: self._listens.set()
        self._client.connect(host, int(port))
        self._client.loop_start()
        self._client.subscribe([(topic, 1) for topic in self._speaker.listens()])
        assert self._listens.wait(30)

    def passes(self, person_id):
        """Somebody is recognised."""
        with self._lock:
            record = DoorRecord(0, "", "passage", "face", "in", person_id=person_id, similarity=0.91)
            self._say(self._speaker.event(NumberedEvent("", record), self.now))
            self._speaker.due(self.now)

    def is_switched_on(self):
        with self._lock:
            self._say(self._speaker.hello(self.now))

    def ten_seconds_later(self):
        """Let time pass; returns how many records it said again."""
        with self._lock:
            self.now += RESENDS_AFTER + timedelta(seconds=1)
            said = self._speaker.due(self.now)
            self._say(said)
            return sum(say.topic.endswith(("/Rec", "/Snap")) for say in said)

    def insists(self):
        return bool(self._speaker.waiting)

    def close(self):
        self._client.disconnect()
        self._client.loop_stop()

    def _say(self, says):
        for say in says:
            self._client.publish(say.topic, say.payload, qos=1)

    def _hear(self, _client, _data, message):
        with self._lock:
            self.acknowledged.append((json.loads(message.payload)["operator"], len(rows(self._database))))
            self._say(self._speaker.hear(message.topic, message.payload, self.now))


def rows(database):
    with psycopg.connect(database) as conn:
        return conn.execute("SELECT person_id, event_id FROM door_events ORDER BY event_id").fetchall()


def counters(database):
    with psycopg.connect(database) as conn:
        return dict(conn.execute("SELECT name, sum(value)::int8 FROM ingest_counters GROUP BY name").fetchall())


@contextmanager
def nothing_can_be_committed(database):
    """The table of door events is locked: a batch waits in its transaction."""
    with psycopg.connect(database) as conn:
        conn.execute("LOCK TABLE door_events IN SHARE MODE")
        yield


def await_a_batch_in_its_transaction(database):
    def waits():
        with psycopg.connect(database) as conn:
            return conn.execute(WAITS).fetchone()

    wait_until(waits, within_s=30, what="the gateway has the record and waits to store it")


@pytest.fixture
def device_id():
    return f"{time.time_ns() % 10**9}{os.getpid()}"


@pytest.fixture
def stocked(database, device_id):
    with psycopg.connect(database) as conn:
        conn.execute(lists(1))
        conn.execute(LISTED, (device_id,))
        conn.execute("SELECT ensure_partitions(now(), now())")  # so that it is the row itself that waits
    return database


@pytest.fixture(params=["mosquitto", "nats"])
def broker(request):
    server = request.getfixturevalue(request.param)
    return server if isinstance(server, str) else server.url


@pytest.fixture
def terminal(broker, device_id, stocked):
    with closing(Terminal(broker, device_id, stocked)) as terminal:
        yield terminal


def test_it_stops_when_its_record_is_committed_and_not_before(gateway, stocked, broker, terminal):
    process = gateway.ingest(stocked, broker, codecs=CODECS)
    terminal.is_switched_on()
    wait_until(lambda: terminal.acknowledged, what="it heard that somebody knows it is online")
    with nothing_can_be_committed(stocked):
        terminal.passes("p000123")
        await_a_batch_in_its_transaction(stocked)
        assert [terminal.ten_seconds_later() for _ in range(3)] == [1, 1, 1]
        assert [operator for operator, _ in terminal.acknowledged] == ["Online-Ack"]
    wait_until(lambda: not terminal.insists(), what="its record is acknowledged")
    assert terminal.ten_seconds_later() == 0
    assert [person for person, _ in rows(stocked)] == ["p000123"]
    acknowledgements = [stored for operator, stored in terminal.acknowledged if operator == "PushAck"]
    assert acknowledgements[0] == 1, "the row was there to be read before the terminal heard of it"
    wait_until(lambda: counters(stocked).get("events_duplicate", 0) >= 3, what="what it said again is counted")
    stop(process)


@pytest.mark.parametrize("broker", ["mosquitto"], indirect=True)
def test_a_gateway_that_is_killed_between_receipt_and_commit_gets_it_again(gateway, stocked, broker, terminal):
    first = gateway.ingest(stocked, broker, codecs=CODECS)
    with nothing_can_be_committed(stocked):
        terminal.passes("p000123")
        await_a_batch_in_its_transaction(stocked)
        first.kill()
        first.wait()
    assert terminal.ten_seconds_later() == 1
    assert (rows(stocked), terminal.acknowledged) == ([], [])
    second = gateway.ingest(stocked, broker, codecs=CODECS)
    wait_until(lambda: not terminal.insists(), within_s=30, what="its record is acknowledged")
    assert terminal.ten_seconds_later() == 0
    assert [person for person, _ in rows(stocked)] == ["p000123"]
    assert terminal.acknowledged[0] == ("PushAck", 1)
    stop(second)


def test_a_record_of_a_terminal_that_no_list_has_is_safe_in_quarantine(gateway, stocked, mosquitto):
    process = gateway.ingest(stocked, mosquitto.url, codecs=CODECS)
    with closing(Terminal(mosquitto.url, "7654321", stocked)) as terminal:
        terminal.passes("p000123")
        wait_until(lambda: not terminal.insists(), what="its record is acknowledged")
    with psycopg.connect(stocked) as conn:
        ((reason, payload),) = conn.execute("SELECT reason, payload FROM quarantine").fetchall()
    assert reason == "unknown_device"
    assert b"p000123" in payload
    assert b"resident" not in payload
    stop(process)


@pytest.mark.slow
def test_nothing_is_acknowledged_while_the_database_is_down(gateway, own_postgres, mosquitto, device_id):
    with psycopg.connect(own_postgres.url) as conn:
        conn.execute(LISTED, (device_id,))
    gateway.constants = QUICKER
    process = gateway.ingest(own_postgres.url, mosquitto.url, codecs=CODECS)
    with closing(Terminal(mosquitto.url, device_id, own_postgres.url)) as terminal:
        own_postgres.kill()
        terminal.passes("p000123")
        assert any("database_lost" in line for line in process.stderr), "the gateway says what is wrong"
        assert [terminal.ten_seconds_later() for _ in range(3)] == [1, 1, 1]
        assert terminal.acknowledged == []
        own_postgres.start()
        wait_until(lambda: not terminal.insists(), within_s=60, what="its record is acknowledged")
        assert terminal.ten_seconds_later() == 0
        assert [person for person, _ in rows(own_postgres.url)] == ["p000123"]
        assert terminal.acknowledged[0] == ("PushAck", 1)
    stop(process)
