"""An edge node of Sparkplug and a gateway that starts in the middle, is killed, and starts again."""

import tomllib
from datetime import UTC, datetime
from decimal import Decimal

import paho.mqtt.client as mqtt
import psycopg
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from servers.tools import wait_until

from device_sim.dialects import sparkplug
from device_sim.records import Device
from gateway.codecs.routes import routes_of
from gateway.ingest.quarantine import replay
from gateway.store.database import connect

METER = "EM-000007"
LINES = '[codecs]\n"spBv1.0/#" = { dialect = "sparkplug", metrics = { "Energy/Total" = { unit = "kWh" } } }\n'


class Node:
    """The simulated edge node on a real broker; it answers what it hears."""

    def __init__(self, url):
        self.voice = sparkplug.speaker(Device(METER, "e1", "electricity", "u1", "1", "1", "sparkplug", 5, "kWh"))
        self.commands = 0
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="edge")
        self._client.on_message = self._hear
        host, port = url.removeprefix("mqtt://").split(":")
        self._client.connect(host, int(port))
        for topic in self.voice.listens():
            self._client.subscribe(topic, qos=1)
        self._client.loop_start()

    def say(self, said):
        for topic, payload, retain in said:
            self._client.publish(topic, payload, qos=1, retain=retain)

    def reading(self, register):
        self.say(self.voice.reading(datetime.now(UTC), Decimal(register), 1))

    def stop(self):
        self._client.disconnect()
        self._client.loop_stop()

    def _hear(self, _client, _data, message):
        self.commands += 1
        self.say(self.voice.hear(message.topic, message.payload, datetime.now(UTC)))


@pytest.fixture
def node(mosquitto):
    node = Node(mosquitto.url)
    yield node
    node.stop()


@pytest.fixture
def ingest(gateway, database, mosquitto, tmp_path):
    with psycopg.connect(database) as conn:
        conn.execute("INSERT INTO estates VALUES ('e1', 'Estate', 'Asia/Shanghai')")
        conn.execute("INSERT INTO devices (device_id, estate_id, kind) VALUES (%s, 'e1', 'electricity')", (METER,))
    config = tmp_path / "estate.toml"
    config.write_text(LINES)
    return lambda: gateway.ingest(database, mosquitto.url, config=str(config))


def ask(database, query):
    with psycopg.connect(database) as conn:
        return [value for (value,) in conn.execute(query)]


def registers(database):
    return ask(database, "SELECT register FROM readings ORDER BY register")


def test_a_birth_is_asked_for_kept_over_a_kill_and_recovers_what_was_held(ingest, node, database):
    node.voice.hello(datetime.now(UTC))  # born before the gateway listened
    first = ingest()
    node.reading("7.5")
    wait_until(lambda: node.commands == 1, what="the node is asked for its birth")
    wait_until(lambda: registers(database) == [7.5], what="the birth tells the register too")
    (number,) = ask(database, "SELECT quarantine_id FROM quarantine WHERE reason = 'unknown_alias' AND state = 'held'")

    first.kill()
    first.wait()
    ingest()
    node.reading("8.5")
    wait_until(lambda: registers(database) == [7.5, 8.5], what="data are understood without another birth")
    assert node.commands == 1
    with connect(database) as conn:
        written = replay(conn, number, routes_of(tomllib.loads(LINES)["codecs"])).written
    assert written.readings_stored + written.readings_duplicate == 1
    assert ask(database, "SELECT count(*) FROM quarantine WHERE state = 'held'") == [0]
