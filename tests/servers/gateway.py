"""The gateway's own processes, and lists small enough to count by."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import paho.mqtt.client as mqtt
import psycopg
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from servers.tools import wait_until

METERS = 50


def lists(meters: int = METERS) -> str:
    """SQL for an estate of so many units with a water meter each, and one door."""
    last = meters - 1
    return f"""
        INSERT INTO estates VALUES ('e1', 'Estate', 'Asia/Shanghai');
        INSERT INTO units (unit_id, estate_id, building, entrance, room, tenure)
            SELECT 'u' || n, 'e1', '1', '1', n::text, 'leased' FROM generate_series(0, {last}) n;
        INSERT INTO devices (device_id, estate_id, kind, unit_id)
            SELECT 'w' || n, 'e1', 'water', 'u' || n FROM generate_series(0, {last}) n;
        INSERT INTO devices (device_id, estate_id, kind) VALUES ('d1', 'e1', 'door');
        INSERT INTO registry_imports (source, counts) VALUES ('test', '{{}}');
    """


class Gateway:
    """Starts parts of the gateway against a database and a broker; whatever still runs at the end is killed."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._processes: list[subprocess.Popen[str]] = []
        self.constants: dict[str, float] = {}
        """Times of the program that a test cannot wait for, by their full names, and shorter ones for them."""

    def start(self, *command: str, **settings: str) -> subprocess.Popen[str]:
        environment = os.environ | {f"ESTATE_{name.upper()}": value for name, value in settings.items()}
        process = subprocess.Popen(
            [sys.executable, "-c", self._program(), *command],
            env=environment | {"ESTATE_HOME": str(self._home)},
            stderr=subprocess.PIPE,
            text=True,
        )
        self._processes.append(process)
        return process

    def ingest(self, database: str, broker: str, **settings: str) -> subprocess.Popen[str]:
        """An ingest process that has subscribed; what is published from now on reaches it."""
        process = self.start("ingest", database_url=database, mqtt_url=broker, **settings)
        wait_until(lambda: self._connected(process, database), within_s=30, what="ingest is connected")
        return process

    def _program(self) -> str:
        lines = []
        for name, value in self.constants.items():
            module, _, constant = name.rpartition(".")
            lines += [f"import {module}", f"assert {name}", f"{module}.{constant} = {value}"]
        return "\n".join([*lines, "from gateway.cli import main", "main()"])

    def end(self) -> None:
        for process in self._processes:
            process.kill()
            process.communicate()

    @staticmethod
    def _connected(process: subprocess.Popen[str], database: str) -> bool:
        assert process.poll() is None, process.communicate()[1]
        try:
            with psycopg.connect(database) as conn:
                query = "SELECT FROM workers WHERE pid = %s AND connected"
                return conn.execute(query, (process.pid,)).fetchone() is not None
        except psycopg.OperationalError:
            return False


@pytest.fixture
def gateway(home: Path) -> Iterator[Gateway]:
    """The gateway's processes of one test."""
    started = Gateway(home)
    yield started
    started.end()


def publisher(url: str, client_id: str) -> mqtt.Client:
    """A device's side: a client that comes back by itself and sends again what was not acknowledged."""
    client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=False)
    client.reconnect_delay_set(min_delay=1, max_delay=1)
    client.max_inflight_messages_set(1000)
    host, port = url.removeprefix("mqtt://").split(":")
    client.connect(host, int(port))
    client.loop_start()
    return client


def stop(process: subprocess.Popen[str]) -> str:
    """Ask a process to end in order; returns what it said."""
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 0, said
    return said
