"""What is done to the gateway, its database and its broker while messages come in; each is one function.

A fault leaves everything as it found it: what it stopped runs again, what it changed is changed back. It does not
start again what the gateway, or the embedded database's keeper, has to start again by itself.

Not among them: a broker that is killed. Mosquitto writes what it has acknowledged down every ten seconds
(autosave_interval) and at its end; killed in between it forgets messages that the devices believe to be safe, and
nothing behind it can know of them. See docs/ingestion.md.
"""

import random
import signal
import time
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psutil
import psycopg

from soak.stage import Stage

_Do = Callable[[Stage, random.Random], None]
_CONNECTIONS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = 'estate' AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
_WAITS_FOR_US = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE %s = ANY(pg_blocking_pids(pid)))"
_BACKENDS = "SELECT pid FROM pg_stat_activity WHERE datname = 'estate' AND backend_type = 'client backend'"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault; `spares` where the ingest process lives through it, so that its memory can be watched for long.

    `lasts_s` is how long it may go on, or go unnoticed; where faults follow each other sooner, it is left out.
    """

    name: str
    do: _Do
    spares: bool
    lasts_s: float


ALL: list[Fault] = []


def fault(name: str, *, spares: bool = True, lasts_s: float = 20.0) -> Callable[[_Do], _Do]:
    def add(do: _Do) -> _Do:
        ALL.append(Fault(name, do, spares, lasts_s))
        return do

    return add


@fault("ingest killed", spares=False)
def kill_ingest(stage: Stage, _rng: random.Random) -> None:
    stage.part("ingest").kill()


@fault("ingest stopped for a while")
def stop_ingest(stage: Stage, rng: random.Random) -> None:
    with _suspended([stage.part("ingest")]):
        time.sleep(rng.uniform(5, 20))


@fault("detection killed")
def kill_detection(stage: Stage, _rng: random.Random) -> None:
    stage.part("--watch").kill()


@fault("whole gateway killed", spares=False)
def kill_gateway(stage: Stage, rng: random.Random) -> None:
    stage.kill_gateway()
    time.sleep(rng.uniform(1, 5))
    stage.start_gateway()


@fault("whole gateway restarted in order", spares=False)
def restart_gateway(stage: Stage, rng: random.Random) -> None:
    stage.stop_gateway()
    time.sleep(rng.uniform(1, 5))
    stage.start_gateway()


@fault("database killed")
def kill_database(stage: Stage, _rng: random.Random) -> None:
    stage.postmaster().kill()


@fault("database restarted")
def restart_database(stage: Stage, _rng: random.Random) -> None:
    stage.postmaster().send_signal(signal.SIGINT)


@fault("database stands still")
def freeze_database(stage: Stage, rng: random.Random) -> None:
    first = stage.postmaster()
    with _suspended([first, *first.children()]):
        time.sleep(rng.uniform(5, 15))


@fault("database slow")
def slow_database(stage: Stage, rng: random.Random) -> None:
    """Let the gateway's connections work for a tenth of the time only."""
    with stage.connect_beside() as conn:
        until = time.monotonic() + rng.uniform(8, 15)
        while time.monotonic() < until:
            backends = [pid for (pid,) in conn.execute(_BACKENDS)]
            with _suspended(_processes(backends)):
                time.sleep(0.18)
            time.sleep(0.02)


@fault("connections cut")
def cut_connections(stage: Stage, rng: random.Random) -> None:
    """Cut all, again and again: some of them in the middle of a statement, or of a commit."""
    with stage.connect_beside() as conn:
        for _ in range(rng.randint(10, 30)):
            conn.execute(_CONNECTIONS)
            time.sleep(rng.uniform(0.05, 0.7))


@fault("connections cut in a commit")
def cut_in_commits(stage: Stage, rng: random.Random) -> None:
    """Before the server hears of it, or after it has committed and before the gateway hears of that."""
    for _ in range(rng.randint(5, 10)):
        stage.to_database.cut_at = rng.choice(("before", "after"))
        _until(lambda: stage.to_database.cut_at is None, within_s=5)
        time.sleep(rng.uniform(0, 1))
    stage.to_database.cut_at = None


@fault("way to the database slow")
def slow_way_to_database(stage: Stage, rng: random.Random) -> None:
    stage.to_database.delay_s = rng.uniform(0.05, 0.3)
    time.sleep(rng.uniform(8, 15))
    stage.to_database.delay_s = 0.0


@fault("way to the database stalled")
def stall_way_to_database(stage: Stage, rng: random.Random) -> None:
    stage.to_database.stall()
    time.sleep(rng.uniform(5, 15))
    stage.to_database.resume()


@fault("way to the database lost without a word", lasts_s=60)
def swallow_way_to_database(stage: Stage, _rng: random.Random) -> None:
    stage.to_database.swallow()


@fault("sessions with the broker cut")
def cut_sessions(stage: Stage, rng: random.Random) -> None:
    for _ in range(rng.randint(3, 6)):
        stage.to_broker.cut()
        time.sleep(rng.uniform(0.5, 3))


@fault("way to the broker gone")
def lose_way_to_broker(stage: Stage, rng: random.Random) -> None:
    stage.to_broker.go_away()
    time.sleep(rng.uniform(3, 12))
    stage.to_broker.come_back()


@fault("way to the broker lost without a word", lasts_s=60)
def swallow_way_to_broker(stage: Stage, _rng: random.Random) -> None:
    stage.to_broker.swallow()


@fault("way to the broker stalled")
def stall_way_to_broker(stage: Stage, rng: random.Random) -> None:
    stage.to_broker.stall()
    time.sleep(rng.uniform(5, 15))
    stage.to_broker.resume()


@fault("database read-only")
def make_read_only(stage: Stage, rng: random.Random) -> None:
    with stage.connect_beside() as conn:
        conn.execute("ALTER DATABASE estate SET default_transaction_read_only = on")
        try:
            conn.execute(_CONNECTIONS)
            time.sleep(rng.uniform(5, 15))
        finally:
            conn.execute("ALTER DATABASE estate RESET default_transaction_read_only")
            conn.execute(_CONNECTIONS)


@fault("readings locked")
def lock_readings(stage: Stage, rng: random.Random) -> None:
    with stage.connect() as conn, conn.transaction():
        conn.execute("LOCK TABLE readings IN ACCESS EXCLUSIVE MODE")
        time.sleep(rng.uniform(5, 15))


@fault("deadlocks")
def deadlock(stage: Stage, rng: random.Random) -> None:
    """Hold what a batch writes last, wait for one that waits, and ask for what it wrote first: it is the one to die."""
    with stage.connect() as conn, stage.connect() as beside:
        conn.execute("SET deadlock_timeout = '1min'")
        for _ in range(rng.randint(2, 4)):
            with conn.transaction(force_rollback=True):
                conn.execute("SELECT FROM ingest_counters FOR UPDATE")
                _until(lambda: beside.execute(_WAITS_FOR_US, (conn.info.backend_pid,)).fetchone()[0])
                conn.execute("LOCK TABLE readings IN ACCESS EXCLUSIVE MODE")


@fault("broker restarted")
def restart_broker(stage: Stage, rng: random.Random) -> None:
    stage.broker.stop()
    time.sleep(rng.uniform(0.5, 10))
    stage.broker.start()


@fault("broker stands still")
def freeze_broker(stage: Stage, rng: random.Random) -> None:
    with _suspended([psutil.Process(stage.broker.pid)]):
        time.sleep(rng.uniform(5, 20))


def _until(condition: Callable[[], bool], within_s: float = 10) -> None:
    deadline = time.monotonic() + within_s
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)


def _processes(pids: list[int]) -> list[psutil.Process]:
    found = []
    for pid in pids:
        with suppress(psutil.Error):
            found.append(psutil.Process(pid))
    return found


@contextmanager
def _suspended(processes: list[psutil.Process]):
    """Processes that stand still; they go on whatever happens."""
    try:
        for process in processes:
            with suppress(psutil.Error):
                process.suspend()
        yield
    finally:
        for process in processes:
            with suppress(psutil.Error):
                process.resume()


TROUBLE = (psycopg.Error, psutil.Error, OSError)
"""What a fault may itself run into, while the one before it is not over."""
