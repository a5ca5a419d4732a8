"""What stories draw from: the days, the dice, real homes' meters, new people."""

from __future__ import annotations

import math
from datetime import date, timedelta
from itertools import count

import numpy as np

from benchmarks.outside.homes import Home, Person
from benchmarks.outside.meters import Meters


class Scene:
    """The days that are told, and what every story draws from: dice, meters, people."""

    def __init__(self, meters: Meters, *, end: date, days: int, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.meters, self.days, self.hours = meters, days, days * 24
        self.start = end - timedelta(days=days - 1)
        self.codes = count(1)
        self.falls = np.random.default_rng([seed, 1])

    def person(self, habit: str, **facts: object) -> Person:
        return Person(next(self.codes), habit, **facts)

    def stranger(self, habit: str, since: float = -math.inf, until: float = math.inf) -> Person:
        seen = float(self.rng.uniform(0.35, 0.85))
        return self.person(habit, role="", face="unknown", seen=seen, since=since, until=until)

    def move_in(self, home: Home, size: int, since: float = 0, until: float = math.inf) -> None:
        """From an hour to another the meters are those of a real home of that size."""
        weekday = self.start.weekday()
        water = self.meters.water_of(self.rng, size, self.hours, weekday)
        kwh = self.meters.kwh_of(self.rng, size, self.hours, weekday)
        if not len(home.water):
            home.water, home.kwh = water, kwh
        span = slice(int(max(since, 0)), int(min(until, self.hours)))
        home.water[span], home.kwh[span] = water[span], kwh[span]

    def begin(self) -> int:
        """The first day of a story: before the history, or in its first three quarters."""
        return int(self.rng.integers(-45, int(self.days * 0.75)))
