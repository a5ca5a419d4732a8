"""Makes homes from one seed: who lives there, their trips, leaks, and what else happens to them."""

from __future__ import annotations

import math
from datetime import date

import numpy as np

from benchmarks.outside.homes import Home
from benchmarks.outside.meters import Meters
from benchmarks.outside.scene import Scene
from benchmarks.outside.stories import HONEST, MISUSES, fell, pick, plain, renovated, squatted

ABSENCE_STARTS = {3: 331.0, 7: 70.0, 14: 12.0, 21: 5.0, 28: 0.0}
"""Starts of runs of so many days, per 1,000 units and month, as real homes' water shows them."""
FALLS = 0.05
"""Share of lone elders to whom something happens; far more than in life, so that there are cases."""
HOLIDAYS = (
    (date(2026, 2, 14), 12, 0.45),
    (date(2026, 4, 4), 3, 0.12),
    (date(2026, 5, 1), 5, 0.15),
    (date(2026, 6, 19), 3, 0.08),
    (date(2026, 9, 25), 3, 0.10),
    (date(2026, 10, 1), 7, 0.25),
)
"""First day, days, and the share of homes that go away in them."""


class World(Scene):
    """Makes homes, one after another, from one seed."""

    def __init__(self, meters: Meters, *, units: int, end: date, days: int, seed: int, misuse: float) -> None:
        super().__init__(meters, end=end, days=days, seed=seed)
        self.units, self.misuse = units, misuse

    def homes(self) -> list[Home]:
        return [self._home(index) for index in range(self.units)]

    def _home(self, index: int) -> Home:
        home = Home(index, f"u{index:05d}", self.hours)
        if self.rng.random() < 0.05:
            self._unlet(home)
        else:
            self._let(home)
        self._leaks(home)
        return home

    def _unlet(self, home: Home) -> None:
        home.tenure = str(self.rng.choice(["vacant", "vacant", "held", "repair"]))
        home.size, home.water, home.kwh = 0, np.zeros(self.hours), np.zeros(self.hours)
        if self.rng.random() < min(1.0, self.misuse * 2.5):
            squatted(home, self)
        elif home.tenure == "repair":
            renovated(home, self)

    def _let(self, home: Home) -> None:
        self._settle(home)
        self._trips(home)
        if home.care and self.falls.random() < FALLS:
            fell(home, self)
            return
        if self.rng.random() < self.misuse:
            pick(self.rng, MISUSES)(home, self)
            return
        story = pick(self.rng, HONEST)
        if story is not plain:
            home.truth.append(("honest", story.__name__, 0, None, ""))
            story(home, self)

    def _settle(self, home: Home) -> None:
        """Who is on the list, with what face, and the meters of such a household."""
        home.care = bool(self.rng.random() < 0.06)
        home.size = 1 if home.care else int(self.rng.choice(5, p=[0.22, 0.3, 0.27, 0.15, 0.06])) + 1
        home.lease_from = -int(self.rng.integers(60, 900))
        home.lease_to = home.lease_from + 365 * int(self.rng.integers(3, 6))
        while home.lease_to < self.days + 10:
            home.lease_to += 365
        self.move_in(home, home.size)
        for n in range(home.size):
            habit = "retired" if home.care else str(self.rng.choice(["office", "home", "retired"], p=[0.65, 0.2, 0.15]))
            if n >= 2:
                habit = str(self.rng.choice(["pupil", "retired"], p=[0.75, 0.25]))
            person = self.person(habit, role="member" if n else "tenant", seen=float(self.rng.beta(9, 1.6)))
            person.face = str(self.rng.choice(["known", "unknown", "card"], p=[0.88, 0.08, 0.04]))
            home.people.append(person)

    def _trips(self, home: Home) -> None:
        months = self.days / 30
        eager = self.rng.gamma(1.2, 1 / 1.2) * (0.4 if home.care else 1.0)
        for _ in range(self.rng.poisson(0.5 * eager * months)):
            self._trip(home, self.rng.integers(self.days), float(self.rng.uniform(1, 2.6)))
        for _ in range(self.rng.poisson(ABSENCE_STARTS[3] / 1000 * eager * months)):
            self._trip(home, self.rng.integers(self.days), self._absence_days())
        for first, length, share in HOLIDAYS:
            if self.rng.random() < share * (0.4 if home.care else 1):
                day = (first - self.start).days + int(self.rng.integers(-1, 2))
                self._trip(home, day, length * float(self.rng.uniform(0.6, 1.2)))

    def _trip(self, home: Home, day: int, length: float) -> None:
        start = float(day * 24 + self.rng.uniform(7, 19))
        end = (day + math.ceil(length)) * 24 + float(self.rng.uniform(10, 22))
        if start >= self.hours or end <= 0:
            return
        home.leave(start, end)
        if length >= 7 and self.rng.random() < 0.15:
            home.absences.append((int(start // 24), int(end // 24), "trip"))

    def _absence_days(self) -> float:
        """A length of three days and more whose survival is that of `ABSENCE_STARTS`."""
        steps, starts = np.array(list(ABSENCE_STARTS)), np.array(list(ABSENCE_STARTS.values()))
        return float(np.interp(self.rng.random() * starts[0], starts[::-1], steps[::-1]))

    def _leaks(self, home: Home) -> None:
        for subtype, monthly, low, high in (("drip", 0.05, 0.5, 2.0), ("running", 0.025, 2.0, 25.0)):
            if self.rng.random() < 1 - math.exp(-monthly * self.days / 30) and not home.truth:
                day, length = int(self.rng.integers(self.days)), int(self.rng.integers(3, 25))
                home.water[day * 24 : (day + length) * 24] += self.rng.uniform(low, high)
                home.truth.append(("leak", subtype, day, min(day + length, self.days) - 1, ""))
