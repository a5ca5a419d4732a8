"""Two ingest processes on one shared subscription against one, with the load on the same machine.

Two kinds of message. Door events with a 20 KB picture, as face terminals send them: nearly all work is the gateway's
own (reading, and cutting the picture out), so the broker is not the limit and processes are. Plain readings: there
one process, the broker, the database and the load nearly fill two cores, and a second one can add only the rest.

    python benchmarks/sharing.py [--messages 100000] [--rounds 3]
"""

from __future__ import annotations

import argparse
import base64
import os
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from ingest import METERS, Encode, Sender, encode, packet

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from servers.brokers import running_mosquitto
from servers.gateway import Gateway, lists, stop
from servers.homes import temporary_home

from gateway.embedded import database_url
from gateway.settings import Settings

PICTURE = base64.b64encode(os.urandom(15_000)).decode()
PATIENCE_S = 300.0


@dataclass(frozen=True)
class Workload:
    """What is sent, which table it ends in, and how much of `--messages` is enough to time it."""

    name: str
    encode: Encode
    table: str
    share: float


def encode_pictures(prefix: str, count: int, first_ms: int) -> Iterator[bytes]:
    for n in range(count):
        payload = (
            f'{{"ts":{first_ms + n},"event_id":"e{first_ms}-{n}","kind":"passage","method":"face","direction":"in",'
            f'"person_id":"p{n % 500}","similarity":0.93,"pic":"{PICTURE}"}}'
        )
        yield packet(f"{prefix}/door/d1/event", n, payload)


WORKLOADS = (
    Workload("door events with a picture", encode_pictures, "door_events", 0.1),
    Workload("plain readings", encode, "readings", 1.0),
)


class Bench:
    """A database; a new broker for each run, so that no session of the last one is dealt anything."""

    def __init__(self, home: Path, database: str) -> None:
        self._gateway, self._database = Gateway(home), database
        self._first_ms = int(time.time() * 1000) - 390 * 86_400_000

    def rate(self, workload: Workload, messages: int, processes: int) -> float:
        count = round(messages * workload.share)
        self._first_ms += 86_400_000 * (1 + count // METERS // 96)
        with running_mosquitto() as broker, psycopg.connect(self._database, autocommit=True) as conn:
            running = [
                self._gateway.ingest(self._database, broker.url, mqtt_share="bench", mqtt_topics="estate/v1/e1/#")
                for _ in range(processes)
            ]
            sender = Sender(broker.url, "estate/v1/e1", count, self._first_ms, workload.encode)
            began = time.perf_counter()
            sender.go()
            self._wait(conn, workload.table, count)
            took_s = time.perf_counter() - began
            sender.end()
            for process in running:
                stop(process)
        return count / took_s

    def _wait(self, conn: psycopg.Connection, table: str, count: int) -> None:
        query = psycopg.sql.SQL("SELECT count(*) FROM {} WHERE ts >= to_timestamp(%s)").format(
            psycopg.sql.Identifier(table)
        )
        deadline = time.monotonic() + PATIENCE_S
        while conn.execute(query, (self._first_ms / 1e3,)).fetchone()[0] < count:
            assert time.monotonic() < deadline, "the rows do not come"
            time.sleep(0.1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    told = parser.parse_args()
    os.environ.pop("ESTATE_DATABASE_URL", None)
    with temporary_home() as home, database_url(Settings(home=home)) as database:
        with psycopg.connect(database) as conn:
            conn.execute(lists(METERS))
            conn.execute("SELECT ensure_partitions(now() - interval '400 days', now())")
        bench = Bench(home, database)
        for workload in WORKLOADS:
            rounds = [
                [bench.rate(workload, told.messages, processes) for processes in (1, 2)] for _ in range(told.rounds)
            ]
            one, two = (statistics.median(column) for column in zip(*rounds, strict=True))
            ratio = statistics.median(second / first for first, second in rounds)
            print(f"{workload.name}: one {one:,.0f}/s, two {two:,.0f}/s, ratio {ratio:.2f}", flush=True)


if __name__ == "__main__":
    main()
