"""A PostgreSQL that a test may break: stopped, killed, locked out of, and with disks of its own."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from gateway.embedded import database
from gateway.embedded.account import Account, open_programs, open_way_to, server_account
from gateway.store.database import connect
from gateway.store.migrate import migrate
from servers.gateway import lists
from servers.homes import temporary_home
from servers.tools import free_port, listens, wait_until

ROLE, PASSWORD = "gateway", "secret"  # an owner of its tables and nothing more, as deploy/README.md makes it
_CONFIGURATION = """
listen_addresses = '127.0.0.1'
fsync = off  # a process that is killed loses nothing by it
shared_buffers = 16MB
max_connections = 40
min_wal_size = 2MB
max_wal_size = 8MB
jit = off
timezone = UTC
log_timezone = UTC
"""
_ACCESS = """
local all all trust
host all postgres 127.0.0.1/32 trust
host all all 127.0.0.1/32 scram-sha-256
"""


class OwnPostgres:
    """A server on a port of this machine, with a database `estate` that is migrated and has small lists."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"postgresql://{ROLE}:{PASSWORD}@127.0.0.1:{self.port}/estate"
        self.log = folder.with_name(f"{folder.name}.log")
        self._account = server_account()
        self._programs = programs(self._account)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [self._programs / "postgres", "-D", self.folder, "-k", self.folder, "-p", str(self.port)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, **_as(self._account, self.folder))
        wait_until(self._answers, within_s=60, what="PostgreSQL answers")

    def stop(self) -> None:
        """Stop it as its service would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self.await_end()

    def kill(self) -> None:
        """End it, and all its processes, without a chance to write anything down."""
        if self._process is not None and self._process.poll() is None:
            family = [psutil.Process(self._process.pid)]
            family += family[0].children(recursive=True)
            for process in family:
                process.kill()
            self.await_end()
            psutil.wait_procs(family, timeout=20)

    def await_end(self) -> None:
        """Wait until it has ended, for whatever reason."""
        if self._process is not None:
            self._process.wait(timeout=60)
            self._process = None

    def admin(self, database: str = "estate") -> psycopg.Connection:
        """A superuser's connection."""
        url = f"postgresql://postgres@127.0.0.1:{self.port}/{database}"
        return psycopg.connect(url, autocommit=True, options="-c default_transaction_read_only=off")

    def end_sessions(self) -> None:
        """Close the gateway's connections."""
        with self.admin() as conn:
            conn.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = %s", (ROLE,))

    def _answers(self) -> bool:
        assert self._process
        assert self._process.poll() is None, self.log.read_text("utf-8")[-2000:]
        if not listens(self.port):
            return False
        try:
            self.admin("postgres").close()
        except psycopg.OperationalError:
            return False
        return True


def programs(account: Account) -> Path:
    """The embedded server's programs."""
    folder = database._programs(Path("/nonexistent"))
    open_programs(folder, account)
    return folder / "bin"


def _as(account: Account, folder: Path) -> dict[str, object]:
    return {
        "cwd": folder,
        "env": {"PATH": os.defpath, "LC_ALL": "C"},
        "user": account.user_id,
        "group": account.group_id,
        "extra_groups": None if account.user_id is None else [],
        "umask": 0o077,
    }


@pytest.fixture(scope="session")
def cluster() -> Iterator[Path]:
    """The files of a server with the database in it, to be copied."""
    account = server_account()
    with temporary_home() as home:
        folder = home / "cluster"
        account.make_folder(folder)
        open_way_to(folder, account)
        command = [programs(account) / "initdb", "-D", folder, "-U", "postgres", "--auth=trust", "--no-sync"]
        command += ["--encoding=UTF8", "--locale=C", "--wal-segsize=1", "--no-instructions"]
        subprocess.run(command, check=True, capture_output=True, **_as(account, folder))
        (folder / "postgresql.auto.conf").write_text(_CONFIGURATION)
        (folder / "pg_hba.conf").write_text(_ACCESS)
        server = OwnPostgres(folder)
        try:
            server.start()
            _make_database(server)
            server.stop()
        finally:
            server.kill()
        yield folder


def _make_database(server: OwnPostgres) -> None:
    with server.admin("postgres") as conn:
        conn.execute(f"CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}'")
        conn.execute(f"CREATE DATABASE estate OWNER {ROLE}")
    with connect(server.url) as conn:
        migrate(conn)
        conn.execute(lists())


@contextmanager
def running_postgres(
    cluster: Path, home: Path, *, data: Path | None = None, wal: Path | None = None
) -> Iterator[OwnPostgres]:
    """A server on a copy of `cluster`; data and write-ahead log each on a disk of its own where one is given."""
    account = server_account()
    folder = (data or home) / "postgres"
    shutil.copytree(cluster, folder)
    if wal is not None:
        shutil.move(folder / "pg_wal", wal / "pg_wal")
        (folder / "pg_wal").symlink_to(wal / "pg_wal")
    for top in (folder, *([wal / "pg_wal"] if wal else [])):
        top.chmod(0o700)
        for path in (top, *top.rglob("*")):
            account.give(path)
    open_way_to(folder, account)
    server = OwnPostgres(folder)
    server.log = home / "postgres.log"
    try:
        server.start()
        yield server
    finally:
        server.kill()


@pytest.fixture
def own_postgres(cluster: Path, home: Path) -> Iterator[OwnPostgres]:
    """A running PostgreSQL of the test's own."""
    with running_postgres(cluster, home) as server:
        yield server
