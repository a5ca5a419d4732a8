"""The test servers themselves: each is the real thing, fresh, and migrated."""

import psycopg
from paho.mqtt import client as paho
from paho.mqtt.enums import CallbackAPIVersion
from servers.brokers import Mosquitto
from servers.tools import wait_until

from gateway.store.database import connect
from gateway.store.migrate import check


def test_a_store_is_migrated_and_empty(both_stores):
    with connect(both_stores) as conn:
        check(conn)
        assert conn.execute("SELECT count(*) FROM readings").fetchone() == (0,)
        conn.execute("INSERT INTO estates (estate_id, name, timezone) VALUES ('e1', 'One', 'Asia/Shanghai')")


def test_databases_of_two_tests_do_not_meet(database):
    with psycopg.connect(database) as conn:
        assert conn.execute("SELECT count(*) FROM estates").fetchone() == (0,)


def test_mosquitto_keeps_a_session_over_a_restart(mosquitto: Mosquitto):
    with _session(mosquitto.port, "worker") as worker:
        worker.subscribe("t/#", qos=1)
    _publish(mosquitto.port, "t/1", count=3000)
    mosquitto.restart()
    with _session(mosquitto.port, "worker") as worker:
        wait_until(lambda: len(worker.got) == 3000, what=f"3000 messages, not {len(worker.got)}")


def test_the_embedded_broker_keeps_a_session(nats: str):
    port = int(nats.rpartition(":")[2])
    with _session(port, "keeper") as worker:
        worker.subscribe("kept/#", qos=1)
    _publish(port, "kept/1.5", count=2000)
    with _session(port, "keeper") as worker:
        wait_until(lambda: len(worker.got) == 2000, what=f"2000 messages, not {len(worker.got)}")


def test_the_embedded_broker_takes_large_messages(nats: str):
    port = int(nats.rpartition(":")[2])
    with _session(port, "large") as worker:
        worker.subscribe("large", qos=1)
        _publish(port, "large", count=1, payload=b"x" * 3_000_000)
        wait_until(lambda: worker.got == [3_000_000], what="a message of 3 MB")


class _session:  # noqa: N801 - reads as a function in the tests above
    def __init__(self, port: int, client_id: str) -> None:
        self.got: list[int] = []
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id, clean_session=False)
        self._client.on_message = lambda _client, _data, message: self.got.append(len(message.payload))
        self._subscribed: list[int] = []
        self._client.on_subscribe = lambda *_: self._subscribed.append(1)
        self._client.connect("127.0.0.1", port)

    def subscribe(self, topic: str, qos: int) -> None:
        wait_until(self._client.is_connected)
        self._client.subscribe(topic, qos)
        wait_until(lambda: self._subscribed, what="the subscription")

    def __enter__(self):
        self._client.loop_start()
        return self

    def __exit__(self, *_):
        self._client.disconnect()
        self._client.loop_stop()


def _publish(port: int, topic: str, *, count: int, payload: bytes = b"{}") -> None:
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", port)
    client.loop_start()
    for info in [client.publish(topic, payload, qos=1) for _ in range(count)]:
        info.wait_for_publish(20)
    client.disconnect()
    client.loop_stop()
