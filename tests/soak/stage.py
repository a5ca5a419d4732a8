"""Where the soak plays: Mosquitto, the embedded PostgreSQL under its keeper, and `estate run` beside them.

The gateway reaches both through proxies, which fail on command; the devices and the watcher go the straight way.
"""

import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
import pytest
from servers.brokers import Mosquitto, running_mosquitto
from servers.homes import temporary_home
from servers.processes import of_home
from servers.proxy import Proxy, proxy_to
from servers.tools import free_port, wait_until

from gateway.embedded import database_url
from gateway.settings import Settings

ROOT = Path(__file__).parents[2]
_PARTS = ("ingest", "--watch", "serve")
_READY_S = 60


class Stage:
    """Everything that runs, and a hand on each part of it."""

    def __init__(self, home: Path, database: str, broker: Mosquitto, to_database: Proxy, to_broker: Proxy) -> None:
        self.home = home
        self.database = database
        self.broker = broker
        self.to_database = to_database
        self.to_broker = to_broker
        self.log = home / "gateway.log"
        self._port = free_port()
        self._gateway: subprocess.Popen[bytes] | None = None

    def start_gateway(self) -> None:
        """Start `estate run`, as a service manager would."""
        settings = {
            "ESTATE_HOME": str(self.home),
            "ESTATE_DATABASE_URL": f"postgresql://postgres@127.0.0.1:{self.to_database.port}/estate?sslmode=disable",
            "ESTATE_MQTT_URL": self.to_broker.through(self.broker.url),
            "ESTATE_HTTP_PORT": str(self._port),
            "ESTATE_DETECT_EVERY_S": "86400",
        }
        with self.log.open("ab") as log:
            self._gateway = subprocess.Popen(
                [sys.executable, "-m", "gateway", "run"],
                cwd=ROOT,
                env=os.environ | settings,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def stop_gateway(self) -> None:
        """Stop it in order; that has to work at any time."""
        self._gateway.send_signal(signal.SIGTERM)
        status = self._gateway.wait(timeout=90)
        assert status == 0, f"estate run ended with {status}"

    def kill_gateway(self) -> None:
        """Kill `estate run`; its parts must not outlive it."""
        self._gateway.kill()
        self._gateway.wait()

    def alive(self) -> bool:
        return self._gateway is not None and self._gateway.poll() is None

    def await_ready(self) -> None:
        try:
            wait_until(self.is_ready, within_s=_READY_S, what="the gateway is ready")
        except pytest.fail.Exception as error:
            raise AssertionError(f"{error}; it said {self.said()[-2000:]}") from error

    def is_ready(self) -> bool:
        """What `/readyz` says."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/readyz", timeout=3) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def said(self) -> str:
        """What all its parts have logged, and the details of errors that nobody expected."""
        texts = [path.read_text("utf-8", "replace") for path in (self.log, self.home / "error.log") if path.exists()]
        return "\n".join(texts)

    def part(self, name: str) -> psutil.Process:
        """The running process of a part of the gateway: `ingest`, `--watch` (detection) or `serve`."""
        return wait_until(lambda: self._parts().get(name), within_s=_READY_S, what=f"{name} runs")

    def processes(self) -> dict[str, psutil.Process]:
        """Every process whose memory is of interest, by what it is; PostgreSQL is its first process."""
        found = {"detect" if name == "--watch" else name: process for name, process in self._parts().items()}
        with suppress(psutil.Error):
            found["run"] = psutil.Process(self._gateway.pid)
        with suppress(psutil.Error):
            if self.broker.pid:
                found["mosquitto"] = psutil.Process(self.broker.pid)
        with suppress(psutil.Error, OSError, ValueError):
            found["postgres"] = self.postmaster()
        return found

    def postmaster(self) -> psutil.Process:
        lines = (self.home / "postgres" / "postmaster.pid").read_text("utf-8").splitlines()
        return psutil.Process(int(lines[0]))

    def connect(self, **options: object) -> psycopg.Connection:
        return psycopg.connect(self.database, autocommit=True, connect_timeout=5, **options)

    def connect_beside(self) -> psycopg.Connection:
        """A connection to the server, not to the gateway's own database."""
        return psycopg.connect(self.database.replace("/estate?", "/postgres?"), autocommit=True, connect_timeout=5)

    def _parts(self) -> dict[str, psutil.Process]:
        found = {}
        with suppress(psutil.Error):
            for process in psutil.Process(self._gateway.pid).children():
                with suppress(psutil.Error, IndexError):
                    if (name := process.cmdline()[-1]) in _PARTS:
                        found[name] = process
        return found


@contextmanager
def stage(lists: str) -> Iterator[Stage]:
    """A stage with the servers up and the lists loaded; nothing of it is left in the end."""
    with ExitStack() as stack:
        home = stack.enter_context(temporary_home())
        database = stack.enter_context(database_url(Settings(home=home)))
        broker = stack.enter_context(running_mosquitto())
        to_database = stack.enter_context(proxy_to(home / "postgres" / ".s.PGSQL.5432"))
        to_broker = stack.enter_context(proxy_to(broker.port))
        made = Stage(home, database, broker, to_database, to_broker)
        with made.connect() as conn:
            conn.execute(lists)
        try:
            yield made
        finally:
            if made.alive():
                made.kill_gateway()
            for process in of_home(home):
                if process.name() != "postgres":
                    with suppress(psutil.Error):
                        process.resume()
