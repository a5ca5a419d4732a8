"""Messages a second from the broker to the committed row, beside others that do less.

Real Mosquitto with the project's mosquitto.conf, real PostgreSQL with its default durability, one reading a message
at QoS 1, 10,000 meters. Broker, database, load and reader share this machine. Each reader is running and subscribed
when the load begins; its time ends when its last row is committed. Processor time is told for each process, so that
it can be seen where the time goes. Run it with `make bench`; absolute figures are this machine's, quote the ratios.

    python benchmarks/ingest.py [--messages 200000] [--rounds 3] [--only gateway,bridge]
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import statistics
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeAlias

import psutil
import psycopg

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from servers.brokers import Mosquitto, running_mosquitto
from servers.gateway import Gateway, lists, stop
from servers.homes import temporary_home
from servers.processes import of_home

from device_sim import load
from device_sim.broker import Broker
from gateway.embedded import database_url
from gateway.settings import Settings

METERS = 10_000
IN_FLIGHT = 20_000
A_BLOCK = 50
STEP_MS = 900_000
DAY_MS = 86_400_000
PATIENCE_S = 300.0
Encode: TypeAlias = Callable[[str, int, int], Iterable[bytes]]
"""Packets of so many messages under a topic's beginning, from a time (ms) on."""


@dataclass(frozen=True)
class Reader:
    """One that takes messages in; `share` of the messages is enough to time it."""

    name: str
    says: str
    share: float = 1.0


READERS = (
    Reader("gateway", "decode, check, store exactly once, acknowledge after the commit"),
    Reader("bridge", "mq-bridge (Rust): 512 rows an INSERT, no checks", 0.5),
    Reader("bridge-single", "mq-bridge (Rust): one INSERT a message", 0.05),
    Reader("loop", "paho, json and executemany of 1,000 rows, no checks", 0.25),
)


@dataclass(frozen=True)
class Timed:
    """Messages a second, processor microseconds a message by process, memory of the reader in MB."""

    rate: float
    spent_us: dict[str, float]
    memory_mb: float


class Bench:
    """The servers, and one day of readings after another that no run before has sent."""

    def __init__(self, home: Path, database: str, broker: Mosquitto, messages: int) -> None:
        self.database, self.broker, self.messages = database, broker, messages
        self.gateway = Gateway(home)
        self._home = home
        self._rivals = 0
        self._day_ms = int(time.time() * 1000) // DAY_MS * DAY_MS - 390 * DAY_MS
        with psycopg.connect(database) as conn:
            conn.execute(lists(METERS))
            conn.execute("SELECT ensure_partitions(now() - interval '400 days', now())")

    def time(self, reader: Reader) -> Timed:
        count = round(self.messages * reader.share)
        with self._running(reader) as (process, prefix), psycopg.connect(self.database, autocommit=True) as conn:
            first_ms = self._next_day_ms(count)
            sender = Sender(self.broker.url, prefix, count, first_ms)
            before = self._spent(process)
            began = time.perf_counter()
            sender.go()
            self._wait(conn, count, first_ms)
            took_s = time.perf_counter() - began
            spent = self._spent(process)
            spent = {name: (spent[name] - before[name]) / count * 1e6 for name in spent}
            spent["load"] = sender.end() / count * 1e6
            return Timed(count / took_s, spent, process.memory_info().rss / 1e6)

    @contextmanager
    def _running(self, reader: Reader) -> Iterator[tuple[psutil.Process, str]]:
        """A reader that takes what is sent now, and the beginning of its topics."""
        if reader.name == "gateway":
            ours = self.gateway.ingest(self.database, self.broker.url, mqtt_topics="estate/v1/e1/meter/#")
            yield psutil.Process(ours.pid), "estate/v1/e1"
            stop(ours)
            return
        self._rivals += 1  # a session of its own, so that nothing of the last round is queued for it
        prefix = f"bench/v1/{self._rivals}"
        script = Path(__file__).with_name("rivals.py")
        with subprocess.Popen([sys.executable, script, reader.name, self.database, self.broker.url, prefix]) as rival:
            self._warm(rival, prefix)
            yield psutil.Process(rival.pid), prefix
            rival.kill()

    def _warm(self, rival: subprocess.Popen[bytes], prefix: str) -> None:
        """Wait until a rival stores what is sent: it has no other way to say that it is ready."""
        with psycopg.connect(self.database, autocommit=True) as conn:
            first_ms = self._next_day_ms(1)
            while not self._stored(conn, first_ms):
                assert rival.poll() is None, "the rival has ended"
                Sender(self.broker.url, prefix, A_BLOCK, first_ms).end()
                time.sleep(0.5)

    def _next_day_ms(self, count: int) -> int:
        """Where readings of a run begin that is later than all runs before. Partitions are there, for all readers."""
        first_ms = self._day_ms
        self._day_ms += (count // METERS * STEP_MS // DAY_MS + 1) * DAY_MS
        return first_ms

    def _wait(self, conn: psycopg.Connection, count: int, first_ms: int) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while self._stored(conn, first_ms) < count:
            assert time.monotonic() < deadline, "the rows do not come"
            time.sleep(0.1)

    @staticmethod
    def _stored(conn: psycopg.Connection, first_ms: int) -> int:
        query = "SELECT count(*) FROM readings WHERE ts >= to_timestamp(%s)"
        return conn.execute(query, (first_ms / 1e3,)).fetchone()[0]

    def _spent(self, reader: psutil.Process) -> dict[str, float]:
        servers = [process for process in of_home(self._home) if process.name() == "postgres"]
        backends = {backend for server in servers for backend in server.children()}
        return {
            "reader": spent_s(reader),
            "database": sum(spent_s(process) for process in backends.union(servers)),
            "broker": spent_s(psutil.Process(self.broker.pid)),
        }


def spent_s(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return times.user + times.system


class Sender:
    """A process that encodes readings down to the packet, and at `go` sends them as fast as the broker takes them."""

    def __init__(self, url: str, prefix: str, count: int, first_ms: int, encoder: Encode | None = None) -> None:
        self._pipe, other = multiprocessing.Pipe()
        arguments = (url, lambda: (encoder or encode)(prefix, count, first_ms), count, other)
        self._process = multiprocessing.get_context("fork").Process(target=send, args=arguments)
        self._process.start()
        self._pipe.recv()
        self._gone = False

    def go(self) -> None:
        self._pipe.send("go")
        self._gone = True

    def end(self) -> float:
        """Wait until the broker has all; gives the processor seconds that sending took."""
        if not self._gone:
            self.go()
        spent_s = self._pipe.recv()
        self._process.join()
        return spent_s


def send(url: str, encoded: Callable[[], Iterable[bytes]], count: int, pipe: Connection) -> None:
    packets = list(encoded())
    blocks = [b"".join(packets[n : n + A_BLOCK]) for n in range(0, count, A_BLOCK)]
    pipe.send("ready")
    pipe.recv()
    before = time.process_time()
    host, port = url.removeprefix("mqtt://").split(":")
    broker = Broker(host, int(port), None, None, encrypted=False)
    asyncio.run(load.send(broker, blocks, count, rate=0, in_flight=IN_FLIGHT, progress=lambda _: None))
    pipe.send(time.process_time() - before)


def encode(prefix: str, count: int, first_ms: int) -> Iterator[bytes]:
    """One reading a message, the meters in turn, a quarter of an hour further each time round."""
    for n in range(count):
        meter, turn = n % METERS, n // METERS
        payload = (
            f'{{"ts":{first_ms + turn * STEP_MS},"register":{n / 1000},"unit":"m3","seq":{turn},"battery":87,'
            f'"device_no":{meter + 1}}}'
        )
        yield packet(f"{prefix}/meter/w{meter}/reading", n, payload)


def packet(topic: str, number: int, payload: str) -> bytes:
    """PUBLISH at QoS 1."""
    name = topic.encode()
    body = struct.pack("!H", len(name)) + name + struct.pack("!H", 1 + number % 65_535) + payload.encode()
    length, left = bytearray(), len(body)
    while left > 127:
        length.append(left & 127 | 128)
        left >>= 7
    return b"\x32" + bytes((*length, left)) + body


def report(reader: Reader, timed: list[Timed], ours: float | None) -> str:
    rate = statistics.median(one.rate for one in timed)
    spent = {name: statistics.median(one.spent_us[name] for one in timed) for name in timed[0].spent_us}
    where = "  ".join(f"{name} {value:.0f}" for name, value in spent.items())
    ratio = f"  gateway: {ours / rate:.1f} times this" if ours and reader.name != "gateway" else ""
    memory = max(one.memory_mb for one in timed)
    return f"{reader.name:14} {rate:8,.0f}/s  {memory:4.0f} MB  us a message: {where}{ratio}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default=",".join(reader.name for reader in READERS), help="names, comma separated")
    told = parser.parse_args()
    readers = [reader for reader in READERS if reader.name in told.only.split(",")]
    os.environ.pop("ESTATE_DATABASE_URL", None)
    with temporary_home() as home, database_url(Settings(home=home)) as database, running_mosquitto() as broker:
        bench = Bench(home, database, broker, told.messages)
        timed: dict[str, list[Timed]] = {reader.name: [] for reader in readers}
        for number in range(told.rounds):
            for reader in readers:
                timed[reader.name].append(bench.time(reader))
                print(f"round {number + 1}:", report(reader, timed[reader.name][-1:], None), flush=True)
        bench.gateway.end()
    summarise(readers, timed)


def summarise(readers: list[Reader], timed: dict[str, list[Timed]]) -> None:
    print("\nmedians:")
    ours = statistics.median(one.rate for one in timed["gateway"]) if "gateway" in timed else None
    for reader in readers:
        print(report(reader, timed[reader.name], ours))
        print(f"{'':14} {reader.says}")


if __name__ == "__main__":
    main()
