"""The soak itself: load, a fault every so often, time to recover, and the count."""

import itertools
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self

from gateway.store import rollups
from gateway.store.database import connect
from soak import faults
from soak.check import Finding, check_store
from soak.devices import Devices
from soak.faults import Fault
from soak.stage import Stage, stage
from soak.story import LISTS, Story
from soak.watch import Life, Look, Watcher

_DRAINED_S = 300.0
_SETTLED_S = 900.0
_CUT_SHORT = "timeout graceful shutdown exceeded"
"""How uvicorn's trace of a request ends that still waited for the database when the console was stopped."""
_LAST_S = 3.0
"""For what is held and counted beside the last rows."""
_CAUGHT_UP_S = 2.0
"""The store has caught up when it is at most so much of the load behind."""
_RESTLESS_SHARE = 0.35
"""After this share of the run the ingest process is spared, so that one of them is watched for long."""
_LONG_SHARE = 0.4
"""Memory is judged of processes that lived for at least this share of the run."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is asked for: minutes of load, messages a second, seconds between faults, a seed."""

    minutes: float
    rate: float
    fault_every_s: float = 60.0
    seed: int = 1
    patient: bool = True
    """Wait until the gateway has rolled up everything by itself; else what is left is rolled up in the end."""

    @property
    def seconds(self) -> float:
        return self.minutes * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Struck:
    """A fault as it went: `at_s` from the start; `took_s` its own length; `recovered_s` counts from its beginning.

    `recovered_s` is None where the next one came first; `error` is what the fault itself ran into.
    """

    name: str
    at_s: float
    took_s: float
    error: str
    unready_s: float
    recovered_s: float | None
    behind_most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What the soak found."""

    plan: Plan
    messages: int
    struck: list[Struck]
    drained_s: float
    settled_s: float
    findings: list[Finding]
    lives: list[Life]
    looks: list[Look]
    connections: int
    generator_share: float
    log: str

    @property
    def right(self) -> bool:
        return all(finding.right for finding in self.findings)

    @property
    def caught_up(self) -> int:
        """How many faults were over, and what waited meanwhile stored, before the next."""
        return sum(one.recovered_s is not None for one in self.struck)


def soak(plan: Plan, say: Say = lambda _line: None) -> Result:
    """Run it all; `say` hears of every fault as it ends."""
    with stage(LISTS) as on:
        on.start_gateway()
        on.await_ready()
        run = _Run(on, plan, say)
        with run:
            struck = [run.strike(at_s, fault) for at_s, fault in schedule(plan)]
            run.sleep_until(plan.seconds)
            drained_s = run.drain()
            settled_s = run.settle() if plan.patient else 0.0
        on.stop_gateway()
        say("counting")
        result = run.result(struck, drained_s, settled_s)
        say("everything is right" if result.right else "something is wrong")
        return result


def schedule(plan: Plan) -> list[tuple[float, Fault]]:
    """When which fault strikes: all about equally often, in an order that the seed decides.

    In the first part every other one ends the ingest process; after that none does.
    """
    rng = random.Random(plan.seed)
    short = [one for one in faults.ALL if one.lasts_s <= plan.fault_every_s]
    sparing = _shuffled([one for one in short if one.spares], rng)
    ending = _shuffled([one for one in short if not one.spares], rng)
    moments = [(number + 0.5) * plan.fault_every_s for number in range(int(plan.seconds / plan.fault_every_s))]
    restless = [at_s < _RESTLESS_SHARE * plan.seconds and number % 2 == 0 for number, at_s in enumerate(moments)]
    return [(at_s, next(ending if ends else sparing)) for at_s, ends in zip(moments, restless, strict=True)]


def _shuffled(some: list[Fault], rng: random.Random) -> Iterator[Fault]:
    while True:
        yield from rng.sample(some, len(some))


class _Run:
    """Load and watchers between entering and leaving; moments are seconds since the load began."""

    def __init__(self, on: Stage, plan: Plan, say: Say) -> None:
        self._on = on
        self._plan = plan
        self._say = say
        self._rng = random.Random(plan.seed + 1)
        messages = round(plan.seconds * plan.rate)
        now_ms = time.time_ns() // 1_000_000
        self._story = Story(seed=plan.seed, messages=messages, rate=plan.rate, start_ms=now_ms)
        self._devices = Devices(on.broker.url, self._story, plan.rate)
        self._watcher = Watcher(on, self._story, self._devices)

    def __enter__(self) -> Self:
        self._devices.start()
        self._watcher.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._devices.stop()
        self._watcher.stop()

    def sleep_until(self, moment_s: float) -> None:
        while (left_s := moment_s - self._devices.since_s()) > 0:
            self._raise_errors()
            time.sleep(min(left_s, 1.0))

    def strike(self, at_s: float, fault: Fault) -> Struck:
        """Do it at its time, and look until just before the next what comes of it."""
        self.sleep_until(at_s)
        error, began_s = "", self._devices.since_s()
        try:
            fault.do(self._on, self._rng)
        except faults.TROUBLE as trouble:
            error = f"{type(trouble).__name__}: {trouble}".partition("\n")[0]
        took_s = self._devices.since_s() - began_s
        self.sleep_until(at_s + self._plan.fault_every_s - 1)
        struck = self._judge(fault.name, began_s, took_s, error)
        self._say(row(struck))
        return struck

    def drain(self) -> float:
        """Wait until everything is stored; returns the seconds that it took after the last message was due."""
        took_s = self._wait(lambda: self._devices.done and not self._watcher.behind(), _DRAINED_S, "drained")
        time.sleep(_LAST_S)
        return took_s

    def settle(self) -> float:
        """Wait until everything is rolled up."""
        return self._wait(self._is_settled, _SETTLED_S, "rolled up")

    def result(self, struck: list[Struck], drained_s: float, settled_s: float) -> Result:
        if not self._plan.patient:
            with connect(self._on.database) as conn:
                rollups.refresh(conn)
        return Result(
            plan=self._plan,
            messages=self._story.messages,
            struck=struck,
            drained_s=drained_s,
            settled_s=settled_s,
            findings=[*check_store(self._on.database, self._story), *self._check_log(), *self._check_memory()],
            lives=self._watcher.lives,
            looks=self._watcher.looks,
            connections=self._devices.connections,
            generator_share=self._devices.processor_s / self._plan.seconds,
            log=self._on.said(),
        )

    def _judge(self, name: str, began_s: float, took_s: float, error: str) -> Struck:
        looks = self._watcher.since(began_s)
        gaps = [(look, after.at_s - look.at_s) for look, after in itertools.pairwise(looks)]
        most = _CAUGHT_UP_S * self._plan.rate
        last_bad_s = max((look.at_s for look in looks if not look.ready or look.behind > most), default=began_s)
        good = [look.at_s for look in looks if look.at_s > max(last_bad_s, began_s + took_s)]
        return Struck(
            name=name,
            at_s=began_s,
            took_s=took_s,
            error=error,
            unready_s=sum(lasted_s for look, lasted_s in gaps if not look.ready),
            recovered_s=good[0] - began_s if good else None,
            behind_most=max((look.behind for look in looks), default=0),
        )

    def _wait(self, condition: Callable[[], bool], within_s: float, what: str) -> float:
        began = time.monotonic()
        while not condition() and time.monotonic() - began < within_s:
            self._raise_errors()
            time.sleep(0.5)
        took_s = time.monotonic() - began
        self._say(f"{what if took_s < within_s else f'NOT {what}'} after {took_s:.0f} s")
        return took_s

    def _is_settled(self) -> bool:
        with self._on.connect() as conn:
            return not conn.execute("SELECT EXISTS (SELECT FROM stale_hours)").fetchone()[0]

    def _raise_errors(self) -> None:
        for error in (self._devices.error, *self._watcher.errors):
            if error:
                raise error

    def _check_log(self) -> list[Finding]:
        said = self._on.said()
        unexpected = said.count("Traceback") - said.count(_CUT_SHORT)
        return [Finding("errors that nobody expected", 0, unexpected, unexpected == 0)]

    def _check_memory(self) -> list[Finding]:
        long = [life for life in self._watcher.lives if life.lasted_s >= _LONG_SHARE * self._plan.seconds]
        judged = [life for life in long if life.ours]
        watched = "ingest" in {life.name for life in judged}
        return [
            Finding("an ingest process was watched for long", "yes", "yes" if watched else "no", watched),
            *(
                Finding(f"{life.name}: memory in its last quarter", life.most_allowed(), life.found(), life.flat)
                for life in judged
            ),
        ]


def row(one: Struck) -> str:
    """A fault as a line of the table."""
    minutes, seconds = divmod(int(one.at_s), 60)
    name = f"{one.name} ({one.error})" if one.error else one.name
    recovered = "not before the next" if one.recovered_s is None else f"{one.recovered_s:.1f}"
    figures = f"{one.took_s:.1f} | {one.unready_s:.1f} | {recovered} | {one.behind_most:,}"
    return f"| {minutes:02d}:{seconds:02d} | {name} | {figures} |"
