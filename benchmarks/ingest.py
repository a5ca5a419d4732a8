"""Messages a second from the broker to the committed row, beside a plain paho subscriber that stores nothing.

Real Mosquitto with the project's mosquitto.conf, real PostgreSQL, one reading a message at QoS 1. Messages are
queued in the broker first, for both in the same way; then each takes them as fast as it can. Run it with
`make bench`; absolute figures are this machine's, the ratio is what to quote.

    python benchmarks/ingest.py [--messages 100000] [--rounds 3]
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import threading
import time
from pathlib import Path

import paho.mqtt.client as mqtt
import psutil
import psycopg
from paho.mqtt.enums import CallbackAPIVersion

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from servers.brokers import running_mosquitto
from servers.gateway import Gateway, lists, publisher, stop
from servers.homes import temporary_home

from gateway.embedded import database_url
from gateway.settings import Settings

METERS = 10_000
TOPIC = "estate/v1/e1/meter/+/reading"


def queue(url: str, messages: int, run: int) -> None:
    """Publish readings that no earlier run has sent; returns when the broker has them all."""
    client = publisher(url, "load")
    first_ms = int(time.time() * 1000) - 300 * 86_400_000 + run * 86_400_000
    for n in range(messages):
        ts = first_ms + n // METERS * 900_000
        payload = f'{{"ts":{ts},"register":{n / 1000},"unit":"m3","seq":{n},"battery":87}}'
        client.publish(f"estate/v1/e1/meter/w{n % METERS}/reading", payload, qos=1)
        while len(client._out_messages) > 20_000:  # noqa: SLF001 - packet ids end at 65,535
            time.sleep(0.01)
    while client._out_messages:  # noqa: SLF001 - paho has no other way to ask
        time.sleep(0.05)
    client.disconnect()


def plain_subscriber(url: str, messages: int) -> mqtt.Client:
    """Make a subscriber that counts; its session is there before it is needed."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="plain", clean_session=False)
    client.done, client.count = threading.Event(), 0

    def on_message(client, _data, message):
        client.last = bytes(message.payload)
        client.count += 1
        if client.count == messages:
            client.done.set()

    client.on_message = on_message
    host, port = url.removeprefix("mqtt://").split(":")
    client.connect(host, int(port))
    return client


def rate_of_paho(url: str, messages: int, run: int) -> float:
    client = plain_subscriber(url, messages)
    subscribed = threading.Event()
    client.on_subscribe = lambda *_: subscribed.set()
    client.loop_start()
    client.subscribe(TOPIC, qos=1)
    subscribed.wait(10)
    client.disconnect()
    client.loop_stop()
    queue(url, messages, run)
    client = plain_subscriber(url, messages)
    began = time.perf_counter()
    client.loop_start()
    client.done.wait(300)
    took_s = time.perf_counter() - began
    client.unsubscribe(TOPIC)
    client.disconnect()
    client.loop_stop()
    return messages / took_s


def rate_of_gateway(gateway: Gateway, database: str, url: str, messages: int, run: int) -> tuple[float, float]:
    """Give messages a second, and the process's memory in MB at the end."""
    stop(gateway.ingest(database, url, mqtt_topics=TOPIC))
    queue(url, messages, run)
    with psycopg.connect(database, autocommit=True) as conn:
        before = stored(conn)
        process = gateway.start("ingest", database_url=database, mqtt_url=url, mqtt_topics=TOPIC)
        while (first := stored(conn) - before) == 0:
            time.sleep(0.005)
        began = time.perf_counter()
        while stored(conn) - before < messages:
            time.sleep(0.005)
        took_s = time.perf_counter() - began
    memory_mb = psutil.Process(process.pid).memory_info().rss / 1e6
    stop(process)
    return (messages - first) / took_s, memory_mb


def line(ours: float, paho: float, ratio: float) -> str:
    return f"gateway {ours:8,.0f}/s   paho, storing nothing {paho:8,.0f}/s   ratio {ratio:.2f}"


def stored(conn: psycopg.Connection) -> int:
    """Count the rows that ingestion has committed, without scanning them."""
    query = "SELECT coalesce(sum(value), 0)::bigint FROM ingest_counters WHERE name = 'readings_stored'"
    return conn.execute(query).fetchone()[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    told = parser.parse_args()
    os.environ.pop("ESTATE_DATABASE_URL", None)
    with temporary_home() as home, database_url(Settings(home=home)) as database, running_mosquitto() as broker:
        with psycopg.connect(database) as conn:
            conn.execute(lists(METERS))
        gateway = Gateway(home)
        rows = []
        for run in range(told.rounds):
            paho = rate_of_paho(broker.url, told.messages, 2 * run)
            ours, memory_mb = rate_of_gateway(gateway, database, broker.url, told.messages, 2 * run + 1)
            rows.append((ours, paho, ours / paho))
            print(line(ours, paho, ours / paho), f"  {memory_mb:.0f} MB", flush=True)
        ours, paho, ratio = (statistics.median(column) for column in zip(*rows, strict=True))
        print("median:", line(ours, paho, ratio))
        gateway.end()


if __name__ == "__main__":
    main()
