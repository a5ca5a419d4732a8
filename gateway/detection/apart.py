"""A run by several processes, estate by estate: each is one transaction, so that they meet only to write alerts."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import date, datetime
from functools import cache, partial

from gateway import log
from gateway.detection.policy import Rules
from gateway.detection.run import EstateRun, judge
from gateway.errors import GatewayError
from gateway.settings import load
from gateway.store import rollups, units
from gateway.store.database import Connection, connect


def run_apart(url: str, processes: int, *, now: datetime, as_of: date | None, rules: Rules) -> list[EstateRun]:
    """Judge all estates as `run` does, so many at once.

    Raises:
        GatewayError: one of the processes was ended from outside.
    """
    with connect(url) as conn:
        rollups.refresh(conn)
        wanted = [estate.estate_id for estate in units.estates(conn, limit=1_000_000)]
    work = partial(_judge, url, now, as_of, rules)
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn"), initializer=_begin) as pool:
        try:
            return list(pool.map(work, wanted))
        except BrokenProcessPool as error:
            raise GatewayError(
                "a process of the run was ended from outside; run it again, with fewer of them"
            ) from error


def _judge(url: str, now: datetime, as_of: date | None, rules: Rules, estate_id: str) -> EstateRun:
    conn = _own_connection(url)
    return judge(conn, estate_id, now=now, as_of=as_of, detectors=rules.detectors, policy=rules.policy)


@cache
def _own_connection(url: str) -> Connection:
    """Give the process's connection, which ends with it."""
    return connect(url)


def _begin() -> None:
    """Leave interrupts to the parent, and end when it is gone, killed even."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    log.configure(load().log_level)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()


def _end_with_the_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)
