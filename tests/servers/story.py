"""What a fault is played on: a gateway, devices that send to it, and a console that says whether it is ready."""

import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from itertools import pairwise

import paho.mqtt.client as mqtt
import psycopg
import pytest

from servers.gateway import METERS, Gateway, publisher, stop
from servers.tools import wait_until

QUICKER = {
    "gateway.ingest.worker._BEAT_S": 0.5,
    "gateway.ingest.subscriber._KEEPALIVE_S": 4,
    "gateway.ingest.patience._SILENT_S": 3.0,
    "gateway.ingest.patience._DEAF_S": 5.0,
    "gateway.ingest.patience._LONGEST_WAIT_S": 1.0,
}
FRESH_S = 6.0
"""When the console takes a worker for gone: later than the worker itself finds that nobody answers it."""
FIRST_MS = int(time.time() * 1000) - 86_400_000
PATIENCE_S = 90


class Story:
    """`database` is looked at directly; the gateway may have its own ways to it and to the broker."""

    def __init__(self, gateway: Gateway, database: str, devices: str, console: str) -> None:
        self.sent = 0
        self.process: subprocess.Popen[str]
        self.client: mqtt.Client
        self._gateway = gateway
        self._database = database
        self._devices = devices
        self._console = console

    def start_gateway(
        self, *, database: str | None = None, broker: str | None = None, constants: Mapping[str, float] = QUICKER
    ) -> None:
        self._gateway.constants = {**QUICKER, **constants}
        self.process = self._gateway.ingest(database or self._database, broker or self._devices)

    def begin(
        self, *, database: str | None = None, broker: str | None = None, constants: Mapping[str, float] = QUICKER
    ) -> None:
        """Start the gateway and the devices; ends when the console is ready and a first batch is stored."""
        self.start_gateway(database=database, broker=broker, constants=constants)
        self.client = publisher(self._devices, f"devices-{id(self)}")
        self.send(500)
        self.expect_everything()
        self.expect_ready()

    def send(self, count: int, *, padding: int = 0) -> None:
        """Publish so many readings, each so many bytes longer than it need be: the n-th has the register n."""
        for n in range(self.sent, self.sent + count):
            said = {"ts": FIRST_MS + n // METERS * 1000, "register": n, "unit": "L"}
            self.client.publish(f"estate/v1/e1/meter/w{n % METERS}/reading", json.dumps(said) + " " * padding, qos=1)
        self.sent += count

    def expect_everything(self) -> None:
        """Every message sent is a row, once, and the counters say the same."""
        wait_until(lambda: self.stored() >= self.sent, within_s=PATIENCE_S, what=f"{self.sent} rows are there")
        with psycopg.connect(self._database) as conn:
            found = conn.execute("SELECT count(*), count(DISTINCT (device_no, ts)), sum(register) FROM readings")
            assert found.fetchone() == (self.sent, self.sent, pytest.approx(sum(range(self.sent)) / 1000))
        told = self.counters()
        assert told["readings_stored"] == self.sent
        assert told["messages_received"] == self.sent + told.get("readings_duplicate", 0)
        assert not [name for name in told if name.startswith("quarantined")]

    def stored(self) -> int:
        try:
            with psycopg.connect(self._database) as conn:
                return conn.execute("SELECT count(*) FROM readings").fetchone()[0]
        except psycopg.OperationalError:
            return -1

    def counters(self) -> dict[str, int]:
        with psycopg.connect(self._database) as conn:
            return dict(conn.execute("SELECT name, sum(value)::int8 FROM ingest_counters GROUP BY name").fetchall())

    def expect_ready(self) -> None:
        wait_until(lambda: self._asked_ready()[0] == 200, within_s=PATIENCE_S, what="readiness is green")

    def expect_unready(self, part: str) -> None:
        """Readiness is red, and says that it is because of `part`."""
        wait_until(lambda: part in self._unready_parts(), within_s=PATIENCE_S, what=f"readiness is red for {part}")

    def expect_acknowledged(self) -> None:
        """The broker has everything that the devices sent."""
        wait_until(lambda: not self.client._out_messages, within_s=PATIENCE_S, what="all is acknowledged")

    def end(self) -> list[dict[str, str]]:
        """Stop everything in order; returns the gateway's log."""
        self.expect_acknowledged()
        self.client.disconnect()
        self.client.loop_stop()
        return self.stop_gateway()

    def stop_gateway(self) -> list[dict[str, str]]:
        said = stop(self.process)
        assert "Traceback" not in said
        return [json.loads(line) for line in said.splitlines()]

    def _unready_parts(self) -> set[str]:
        return {part["part"] for part in self._asked_ready()[1].get("not_ready", ())}

    def _asked_ready(self) -> tuple[int, dict]:
        try:
            with urllib.request.urlopen(f"http://{self._console}/readyz", timeout=20) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)


def told(log: list[dict[str, str]], action: str) -> list[dict[str, str]]:
    """The lines about one action."""
    return [line for line in log if line["action"] == action]


def expect_one_outage(log: list[dict[str, str]], begin: str, end: str, *causes: str) -> None:
    """One line when it began, with its cause, and one when it was over; nothing else that warns."""
    loud = [line for line in log if line["level"] in ("warning", "error")]
    assert [line["action"] for line in loud] == [begin], loud
    assert any(cause in loud[0]["reason"] for cause in causes), loud
    after = log[log.index(loud[0]) :]
    assert len(told(after, end)) == 1, log
    assert all(a["timestamp"] <= b["timestamp"] for a, b in pairwise(log))
