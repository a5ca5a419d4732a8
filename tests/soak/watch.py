"""What is seen while the soak runs: how far behind the store is, whether the gateway is ready, who uses how much."""

import statistics
import threading
from contextlib import suppress
from dataclasses import dataclass, field

import psutil
import psycopg

from soak.devices import Devices
from soak.stage import Stage
from soak.story import Story

_LOOK_S = 0.5
_MEMORY_S = 5.0
_STORED = """
    SELECT coalesce(sum(value), 0)::bigint FROM ingest_counters WHERE name IN ('readings_stored', 'events_stored')
"""
_PATIENCE = "-c statement_timeout=3000"
_FLAT_SHARE = 0.10
_FLAT_MB = 20.0
_SHORT_S = 1200.0
_SHORT_FLAT_MB = 50.0
"""In a life of minutes the first large backlog comes in its second half as often as in its first."""
_OURS = ("ingest", "detect", "serve", "run")


@dataclass(frozen=True, slots=True)
class Look:
    """One look: seconds since the start, rows not stored of what should have been said, what `/readyz` says."""

    at_s: float
    behind: int
    ready: bool


@dataclass(slots=True)
class Life:
    """One process's memory (RSS in MB; PostgreSQL: PSS of all its processes), a sample every five seconds."""

    name: str
    pid: int
    at_s: list[float] = field(default_factory=list)
    mb: list[float] = field(default_factory=list)

    @property
    def lasted_s(self) -> float:
        return self.at_s[-1] - self.at_s[0] if self.at_s else 0.0

    @property
    def ours(self) -> bool:
        return self.name in _OURS

    def quarter_mb(self, number: int) -> float:
        """The median of a quarter of its life, 1 to 4."""
        count = len(self.mb)
        return statistics.median(self.mb[(number - 1) * count // 4 : max(number * count // 4, 1)] or self.mb)

    @property
    def slope_mb_per_hour(self) -> float:
        """Over the second half of its life."""
        half = len(self.mb) // 2
        if len(self.mb) - half < 3:
            return 0.0
        slope, _ = statistics.linear_regression(self.at_s[half:], self.mb[half:])
        return slope * 3600

    @property
    def flat(self) -> bool:
        """Whether the last quarter is at most a tenth, or 20 MB (50 in a short life), above the second."""
        return self.quarter_mb(4) <= self._most_mb()

    def most_allowed(self) -> str:
        """The verdict's bound, in words."""
        return f"at most {self._most_mb():.0f} MB, after {self.quarter_mb(2):.0f} MB in the second"

    def found(self) -> str:
        """What is held against it."""
        return f"{self.quarter_mb(4):.0f} MB"

    def _most_mb(self) -> float:
        before = self.quarter_mb(2)
        return before + max(_FLAT_SHARE * before, _FLAT_MB if self.lasted_s >= _SHORT_S else _SHORT_FLAT_MB)


class Watcher:
    """Looks twice a second in a thread of its own; a look may take long while the database is in trouble."""

    def __init__(self, stage: Stage, story: Story, devices: Devices) -> None:
        self._stage = stage
        self._story = story
        self._devices = devices
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=work, daemon=True)
            for work in ((self._look, _LOOK_S), (self._weigh, _MEMORY_S))
        ]
        self._conn: psycopg.Connection | None = None
        self._lives: dict[tuple[str, int], Life] = {}
        self._stored = 0
        self.looks: list[Look] = []
        self.errors: list[BaseException] = []

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join(30)
        self._hang_up()

    @property
    def lives(self) -> list[Life]:
        """Every process that was seen, the longest-lived of a kind first."""
        return sorted(self._lives.values(), key=lambda life: (life.name, -life.lasted_s))

    def behind(self) -> int:
        """Rows that are not stored yet of those that should have been said, when last looked."""
        return self.looks[-1].behind if self.looks else 0

    def since(self, moment_s: float) -> list[Look]:
        return [look for look in list(self.looks) if look.at_s >= moment_s]

    def _run(self, work, every_s: float) -> None:
        while not self._stopping.is_set():
            try:
                work()
            except BaseException as error:
                self.errors.append(error)
                raise
            self._stopping.wait(every_s)

    def _look(self) -> None:
        with suppress(psycopg.Error):
            self._stored = self._count()
        ready = self._stage.is_ready()
        behind = max(self._story.rows_by(self._devices.due()) - self._stored, 0)
        self.looks.append(Look(self._devices.since_s(), behind, ready))

    def _count(self) -> int:
        try:
            if self._conn is None:
                self._conn = self._stage.connect(options=_PATIENCE)
            return self._conn.execute(_STORED).fetchone()[0]
        except psycopg.Error:
            self._hang_up()
            raise

    def _hang_up(self) -> None:
        if self._conn is not None:
            self._conn.close()
            self._conn = None

    def _weigh(self) -> None:
        at_s = self._devices.since_s()
        for name, process in self._stage.processes().items():
            with suppress(psutil.Error):
                mb = _memory_mb(process, family=name == "postgres")
                life = self._lives.setdefault((name, process.pid), Life(name, process.pid))
                life.at_s.append(at_s)
                life.mb.append(mb)


def _memory_mb(process: psutil.Process, *, family: bool) -> float:
    """RSS; of a family, which shares its buffers, PSS, so that they count once."""
    if not family:
        return process.memory_info().rss / 1e6
    total = process.memory_full_info().pss
    for child in process.children():
        with suppress(psutil.Error):
            total += child.memory_full_info().pss
    return total / 1e6
