"""A world by another hand: a folder for `estate evaluate`, made without a look at the simulator or the detectors.

Detectors and simulator grew up side by side and may share their blind spots. Here only what a judge outside would
have is used: the formats of lists and history, what the field reports, and *real* homes' meters. Weeks of real homes
are strung together into hourly series; people, doors, strangers and stories are made up.

    python benchmarks/outside_world.py FOLDER --data DIR [--units 5000] [--days 120] [--seed 1] [--variant NAME ...]

The series are not part of the project (arrays as in `docs/detectors.md`). A variant is another way in which a judge
could write the same homes down: `--variant` takes several, which add up. Nothing of it is calibrated to any estate.
"""

from __future__ import annotations

import argparse
import csv
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import chain, count
from pathlib import Path

import numpy as np

WEEK_H = 168
UNITS_AN_ENTRANCE, ENTRANCES_A_BUILDING, UNITS_AN_ESTATE = 20, 4, 1000
NOBODY = -1

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


@dataclass(frozen=True)
class Form:
    """How a world is written down; the homes are the same whatever it says."""

    pseudonyms: bool = True
    directions: bool = True
    similarity: bool = True
    every_min: int = 60
    channels: tuple[str, ...] = ("water", "electricity", "door")
    hosts: str = "credential"  # which shared-door events name a unit: never, credential, always
    locks: float = 0.15  # share of units with a lock of their own
    litres: bool = False
    bare: bool = False
    odd_names: bool = False
    clock: str = "offset"  # offset, utc, epoch
    steps: tuple[int, int] = (1, 1)  # of a dial: litres, Wh
    lost: float = 0.005


VARIANTS: dict[str, dict[str, object]] = {
    "no_pseudonyms": {"pseudonyms": False},
    "no_directions": {"directions": False},
    "no_similarity": {"similarity": False},
    "quarter_hours": {"every_min": 15},
    "four_hours": {"every_min": 240},
    "daily": {"every_min": 1440},
    "water_only": {"channels": ("water",)},
    "electricity_only": {"channels": ("electricity",)},
    "meters_only": {"channels": ("water", "electricity")},
    "doors_only": {"channels": ("door",)},
    "no_hosts": {"hosts": "never", "locks": 0.0},
    "all_hosts": {"hosts": "always"},
    "all_locks": {"locks": 1.0},
    "litres": {"litres": True},
    "bare_lists": {"bare": True},
    "odd_names": {"odd_names": True},
    "utc": {"clock": "utc"},
    "epoch": {"clock": "epoch"},
    "coarse_dials": {"steps": (10, 100)},
    "whole_dials": {"steps": (1000, 1000)},
    "lossy": {"lost": 0.3},
}


Trip = tuple[float, float, float, float, float, float]
HABITS: dict[str, tuple[Trip, ...]] = {
    # chance on a weekday, at a weekend, hour of going, its spread, hours away, their spread
    "office": ((0.93, 0.25, 7.8, 0.5, 10.5, 1.0), (0.25, 0.6, 19.6, 0.8, 1.3, 0.5)),
    "shift": ((0.62, 0.62, 19.2, 0.7, 12.0, 0.8), (0.3, 0.3, 15.5, 1.0, 1.0, 0.4)),
    "pupil": ((0.92, 0.2, 7.2, 0.25, 9.6, 0.6), (0.0, 0.5, 14.0, 1.5, 2.5, 1.0)),
    "retired": ((0.8, 0.8, 8.6, 1.0, 1.7, 0.7), (0.5, 0.5, 15.6, 1.2, 1.5, 0.6)),
    "home": ((0.65, 0.65, 10.0, 1.8, 1.6, 0.8), (0.3, 0.4, 17.5, 1.5, 1.2, 0.6)),
    "weekend": ((0.0, 0.8, 10.2, 1.0, -4.5, 1.0),),
    "daily_help": ((0.85, 0.2, 9.3, 0.7, -2.5, 0.6),),
    "workman": ((0.85, 0.3, 8.4, 0.6, -8.5, 1.0),),
}
"""Hours away below zero: somebody who lives elsewhere comes for so long."""


@dataclass
class Person:
    """Somebody who comes through the door. Hours count from the world's first midnight."""

    code: int
    habit: str
    role: str = "member"  # empty: on no list
    face: str = "known"  # known, unknown, card
    seen: float = 0.85
    since: float = -math.inf
    until: float = math.inf
    listed_from: int | None = None
    away: list[tuple[float, float]] = field(default_factory=list)
    only: tuple[int, ...] | None = None  # days of coming, for those who do not come by habit

    @property
    def listed(self) -> bool:
        return bool(self.role)


@dataclass
class Home:
    """A unit, who lives there, and what its meters count an hour."""

    index: int
    unit_id: str
    hours: int
    tenure: str = "leased"
    size: int = 1
    lease_from: int = -400
    lease_to: int = 700
    care: bool = False
    lock: bool = False
    water: np.ndarray = field(default_factory=lambda: np.zeros(0))
    kwh: np.ndarray = field(default_factory=lambda: np.zeros(0))
    people: list[Person] = field(default_factory=list)
    absences: list[tuple[int, int, str]] = field(default_factory=list)
    truth: list[tuple[str, str, int, int | None, str]] = field(default_factory=list)

    @property
    def entrance(self) -> int:
        return self.index // UNITS_AN_ENTRANCE

    def empty(self, start: float, end: float) -> None:
        """Nobody uses anything from one hour to another; the refrigerator goes on."""
        span = slice(max(int(start), 0), max(int(min(end, self.hours)), 0))
        self.water[span] = 0.0
        self.kwh[span] = np.minimum(self.kwh[span], np.quantile(self.kwh, 0.08))

    def leave(self, start: float, end: float) -> None:
        """Those on the list go away together, and come back."""
        self.empty(start, end)
        for person in self.people:
            if person.listed:
                person.away.append((start, end))

    def grow(self, start: float, end: float, factor: float) -> None:
        span = slice(max(int(start), 0), int(min(end, self.hours)))
        self.water[span] *= factor
        self.kwh[span] *= 1 + (factor - 1) * 0.6


class Meters:
    """Whole weeks of real homes in which somebody lived and no water ran by itself, (weeks, 168) a home."""

    def __init__(self, folder: Path) -> None:
        water = np.load(folder / "water_46_households_hourly.npz")
        monday = -int(np.datetime64(str(water["start"]), "D").astype(int) - 4) % 7 * 24
        homes = [_lived_in(_weeks(row[monday:])) for row in water["water_l"].astype(float)]
        kept = [n for n, weeks in enumerate(homes) if len(weeks) >= 6]
        self.water = [homes[n] for n in kept]
        self.sizes = water["household_size"][kept]
        power = np.load(folder / "electricity_269_households_15min.npz")
        plain = power["kwh"][power["heating"] == "nan"].astype(float)
        hourly = plain.reshape(len(plain), -1, 4).sum(-1)
        self.kwh = [_weeks(row) for row in hourly[np.isfinite(hourly).all(1) & (hourly.mean(1) > 0.05)]]

    def water_of(self, rng: np.random.Generator, size: int, hours: int, weekday: int) -> np.ndarray:
        near = np.flatnonzero(np.abs(self.sizes - min(size, 5)) <= 1)
        weeks = self.water[int(rng.choice(near))]
        return _string(rng, weeks, hours, weekday) * rng.lognormal(-0.2, 0.2)

    def kwh_of(self, rng: np.random.Generator, size: int, hours: int, weekday: int) -> np.ndarray:
        series = _string(rng, self.kwh[int(rng.integers(len(self.kwh)))], hours, weekday)
        return series / series.mean() * rng.uniform(3.0, 10.0) * (0.7 + 0.12 * size) / 24


def _weeks(row: np.ndarray) -> np.ndarray:
    return row[: len(row) // WEEK_H * WEEK_H].reshape(-1, WEEK_H)


def _lived_in(weeks: np.ndarray) -> np.ndarray:
    heard = weeks[np.isnan(weeks).sum(1) <= 12]
    days = np.nan_to_num(heard).reshape(len(heard), 7, 24)
    lived = days.sum(-1).min(1) > 0.1 * days.sum(-1).mean() if len(days) else np.zeros(0, bool)
    return days[lived & (days.min(-1).max(1) < 0.3)].reshape(-1, WEEK_H)


def _string(rng: np.random.Generator, weeks: np.ndarray, hours: int, weekday: int) -> np.ndarray:
    """Weeks one after another as they were, with a leap now and then, cut to begin on the world's first weekday."""
    wanted = hours // WEEK_H + 2
    leaps = np.where(rng.random(wanted) < 0.2, rng.integers(0, len(weeks), wanted), 1)
    return weeks[(rng.integers(len(weeks)) + np.cumsum(leaps)) % len(weeks)].ravel()[weekday * 24 :][:hours].copy()


class World:
    """Makes homes, one after another, from one seed."""

    def __init__(self, meters: Meters, *, units: int, end: date, days: int, seed: int, misuse: float) -> None:
        self.rng = np.random.default_rng(seed)
        self.meters, self.units, self.days, self.hours, self.misuse = meters, units, days, days * 24, misuse
        self.start = end - timedelta(days=days - 1)
        self.codes = count(1)
        self.falls = np.random.default_rng([seed, 1])

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

    def begin(self) -> int:
        """The first day of a story: before the history, or in its first three quarters."""
        return int(self.rng.integers(-45, int(self.days * 0.75)))


Story = Callable[[Home, World], None]


def pick(rng: np.random.Generator, stories: dict[Story, float]) -> Story:
    weights = np.array(list(stories.values()))
    return list(stories)[int(rng.choice(len(weights), p=weights / weights.sum()))]


def plain(_home: Home, _world: World) -> None:
    """Nothing but everyday life and trips."""


def newborn(home: Home, world: World) -> None:
    day = world.begin()
    home.people.append(world.stranger("home", day * 24, (day + int(world.rng.integers(40, 150))) * 24))
    home.grow(day * 24, math.inf, 1.3)


def new_spouse(home: Home, world: World) -> None:
    day = world.begin()
    home.people.append(world.stranger("office", day * 24))
    home.grow(day * 24, math.inf, 1.25)


def weekend_relative(home: Home, world: World) -> None:
    home.people += [world.stranger("weekend") for _ in range(int(world.rng.integers(1, 3)))]


def cleaner(home: Home, world: World) -> None:
    days = range(int(world.rng.integers(7)), world.days, 7)
    home.people.append(replace(world.stranger("daily_help"), only=tuple(days)))


def caregiver(home: Home, world: World) -> None:
    help_ = world.stranger("daily_help", world.begin() * 24)
    if world.rng.random() < 0.5:
        help_.role, help_.face = "caregiver", str(world.rng.choice(["known", "unknown"], p=[0.7, 0.3]))
    home.people.append(help_)


def shift_worker(home: Home, _world: World) -> None:
    for person in home.people[:1]:
        person.habit = "shift"


def hospital(home: Home, world: World) -> None:
    day, length = int(world.rng.integers(world.days)), int(world.rng.integers(8, 40))
    _away(home, world, day, length, "hospital", declared=0.3)


def elder_at_daughters(home: Home, world: World) -> None:
    day, length = int(world.rng.integers(-20, world.days)), int(world.rng.integers(14, 60))
    _away(home, world, day, length, "family", declared=0.4)


def long_trip(home: Home, world: World) -> None:
    day, length = int(world.rng.integers(-10, world.days)), int(world.rng.integers(15, 45))
    _away(home, world, day, length, "work", declared=0.5)


def _away(home: Home, world: World, day: int, length: int, reason: str, *, declared: float) -> None:
    home.leave(day * 24 + 9.5, (day + length) * 24 + 16.5)
    if world.rng.random() < declared:
        home.absences.append((day, day + length, reason))


def weekly_commuter(home: Home, world: World) -> None:
    first = (7 - world.start.weekday()) % 7
    for monday in range(first, world.days, 7):
        home.leave(monday * 24 + 7, (monday + 4) * 24 + 20)


def just_moved_in(home: Home, world: World) -> None:
    day = int(world.rng.integers(5, world.days - 5))
    home.lease_from, home.lease_to = day - int(world.rng.integers(0, 12)), day + 1000
    home.water[: day * 24] = 0.0
    home.kwh[: day * 24] = 0.0
    home.absences, home.truth = [], home.truth[:1]
    for person in home.people:
        person.since, person.listed_from = day * 24.0, home.lease_from


def guests(home: Home, world: World) -> None:
    day, length = world.begin(), int(world.rng.integers(4, 16))
    home.people += [world.stranger("home", day * 24, (day + length) * 24) for _ in range(int(world.rng.integers(1, 4)))]
    home.grow(day * 24, (day + length) * 24, 1.4)


def always_on(home: Home, world: World) -> None:
    home.kwh += world.rng.uniform(0.05, 0.18)


def no_face(home: Home, world: World) -> None:
    way = str(world.rng.choice(["card", "unknown"], p=[0.7, 0.3]))
    for person in home.people:
        person.face = way


def follows_others(home: Home, world: World) -> None:
    for person in home.people:
        person.seen = float(world.rng.uniform(0.02, 0.2))


def moved_out(home: Home, world: World) -> None:
    day = int(world.rng.integers(10, world.days))
    home.lease_to, home.tenure = day, "vacant"
    home.empty(day * 24, math.inf)
    home.kwh[day * 24 :] = 0.0
    for person in home.people:
        person.until = day * 24.0


def renovated(home: Home, world: World) -> None:
    """A unit under repair: workmen, their water and their tools by day."""
    day, length = world.begin(), int(world.rng.integers(10, 50))
    home.people += [world.stranger("workman", day * 24, (day + length) * 24) for _ in range(2)]
    hours = np.arange(max(day, 0) * 24, min(day + length, world.days) * 24)
    busy = hours[(hours % 24 >= 9) & (hours % 24 < 17)]
    home.water[busy], home.kwh[busy] = world.rng.exponential(6.0, len(busy)), world.rng.exponential(0.3, len(busy))
    home.truth.append(("honest", "renovated", max(day, 0), None, ""))


def fell(home: Home, world: World) -> None:
    """Who lives alone lies there for a day or more, and is in hospital after that."""
    day, lying = int(world.falls.integers(20, world.days - 10)), float(world.falls.uniform(20, 70))
    home.leave(day * 24 + 6, day * 24 + 6 + lying + 24 * int(world.falls.integers(5, 20)))
    home.truth.append(("care", "fell", day, day + int((6 + lying) // 24), ""))


HONEST: dict[Story, float] = {
    plain: 0.60, newborn: 0.012, new_spouse: 0.012, weekend_relative: 0.05, cleaner: 0.03, caregiver: 0.025,
    shift_worker: 0.03, hospital: 0.012, elder_at_daughters: 0.01, long_trip: 0.012, weekly_commuter: 0.008,
    just_moved_in: 0.015, guests: 0.03, always_on: 0.03, no_face: 0.06, follows_others: 0.04, moved_out: 0.008,
}  # fmt: skip


def _hand_over(home: Home, world: World, count_: int, *, gap: int | None = None) -> tuple[int, list[Person], str]:
    """The household leaves on a day, others come after a gap; a fifth of them on the list, a fifth with its cards."""
    day = world.begin()
    home.leave(day * 24 + 12, math.inf)
    gap = int(world.rng.integers(0, 11)) if gap is None else gap
    come = [world.stranger("office" if n < 2 else "home", (day + gap) * 24 + 10) for n in range(count_)]
    disguise = str(world.rng.choice(["", "relative", "card"], p=[0.6, 0.2, 0.2]))
    for person in come:
        if disguise == "relative":
            person.role, person.face, person.seen, person.listed_from = "member", "known", 0.85, day + gap - 2
        elif disguise == "card":
            person.face = "card"
    home.people += come
    return day + gap, come, disguise


def whole_sublet(home: Home, world: World) -> None:
    size = int(world.rng.integers(1, 5))
    day, _, disguise = _hand_over(home, world, size)
    world.move_in(home, size, max(day, 0) * 24 + 10)
    if world.rng.random() < 0.3 and home.people:
        _looks_in(home, world, day, every=28)
    home.truth.append(("sublet", "whole", day, None, disguise))


def room_sublet(home: Home, world: World) -> None:
    day, extra = world.begin(), int(world.rng.integers(1, 3))
    home.people += [world.stranger("office", day * 24 + 10) for _ in range(extra)]
    home.grow(day * 24, math.inf, 1 + 0.6 * extra / home.size)
    home.truth.append(("sublet", "room", day, None, ""))


def short_lets(home: Home, world: World) -> None:
    first, come, disguise = _hand_over(home, world, 1, gap=2)
    home.people = [person for person in home.people if person not in come]
    day = first
    while day < world.days:
        nights, free = int(world.rng.integers(1, 8)), int(world.rng.integers(0, 5))
        party = int(world.rng.integers(1, 4))
        if day + nights > 0:
            world.move_in(home, party, max(day, 0) * 24 + 15, (day + nights) * 24 + 11)
        home.people += [world.stranger("home", day * 24 + 15, (day + nights) * 24 + 11) for _ in range(party)]
        day += nights + free
    home.truth.append(("sublet", "short_let", first, None, disguise if disguise == "card" else ""))


def group_rental(home: Home, world: World) -> None:
    day, _, disguise = _hand_over(home, world, int(world.rng.integers(5, 11)))
    world.move_in(home, 5, max(day, 0) * 24 + 10)
    home.grow(max(day, 0) * 24, math.inf, 1.6)
    evening = np.arange(max(day, 0) * 24, world.hours)
    home.kwh[evening[(evening % 24 >= 19) & (evening % 24 < 24)]] += world.rng.uniform(0.4, 1.0)
    home.truth.append(("sublet", "group", day, None, disguise))


def vacancy(home: Home, world: World) -> None:
    day = world.begin()
    kind = str(world.rng.choice(["zero", "standby", "drip", "looker_in", "lamp"], p=[0.25, 0.3, 0.15, 0.15, 0.15]))
    home.leave(day * 24 + 12, math.inf)
    late = np.arange(max(day + 1, 0) * 24, world.hours)
    if kind == "zero":
        home.kwh[late] = 0.0
    elif kind == "drip":
        home.water[late] += world.rng.uniform(0.3, 2.0)
    elif kind == "lamp":
        home.kwh[late[(late % 24 >= 19) & (late % 24 < 23)]] += 0.06
    elif kind == "looker_in":
        _looks_in(home, world, day, every=7)
    home.truth.append(("vacancy", "", day, None, "" if kind in {"zero", "standby"} else kind))


def _looks_in(home: Home, world: World, day: int, *, every: int) -> None:
    """One of the household comes for half an hour every so many days: a flush, a light."""
    days = range(day + int(world.rng.integers(1, every + 1)), world.days, every)
    first = home.people[0]
    home.people.append(replace(first, habit="daily_help", away=[], only=tuple(d for d in days if d >= 0)))
    for d in days:
        if d >= 0:
            home.water[d * 24 + 10] += world.rng.uniform(3, 15)
            home.kwh[d * 24 + 10] += 0.1


def stays_on(home: Home, world: World) -> None:
    """The lease is over and the household still lives there."""
    home.lease_to = int(world.rng.integers(-60, int(world.days * 0.75)))
    home.tenure = str(world.rng.choice(["leased", "vacant"]))
    home.truth.append(("misuse", "lease_ended", home.lease_to + 1, None, ""))


def squatted(home: Home, world: World) -> None:
    home.tenure = str(world.rng.choice(["vacant", "held"]))
    day, size = world.begin(), int(world.rng.integers(1, 4))
    home.people += [world.stranger("office" if n == 0 else "home", day * 24 + 10) for n in range(size)]
    world.move_in(home, size, max(day, 0) * 24 + 10)
    home.truth.append(("misuse", "not_leased", day, None, ""))


MISUSES: dict[Story, float] = {
    whole_sublet: 0.22, room_sublet: 0.12, short_lets: 0.08, group_rental: 0.08, vacancy: 0.38, stays_on: 0.12,
}  # fmt: skip


METHODS = ("face", "card", "pin", "qr", "remote", "button", "fingerprint", "unknown")
DIRECTIONS = ("in", "out", "unknown")
IN, OUT = 0, 1
FACE, CARD, PIN, QR, REMOTE, BUTTON, FINGERPRINT, UNKNOWN = range(8)


class Doors:
    """What the doors' controllers write down of those who pass; columns of numbers until they are written."""

    def __init__(self, world: World, form: Form) -> None:
        self.world, self.form, self.rng = world, form, np.random.default_rng(world.rng.integers(2**32))
        self.rows: list[np.ndarray] = []  # (n, 8): seconds, door, method, direction, person, stranger, unit, similarity
        self.pseudonyms = count(1)
        entrances = -(-world.units // UNITS_AN_ENTRANCE)
        self.button_out = self.rng.random(entrances) < 0.5
        self.silent = [self._silence(0.04) for _ in range(entrances)]

    def _silence(self, share: float) -> tuple[float, float]:
        if self.rng.random() >= share:
            return (math.inf, math.inf)
        start = float(self.rng.uniform(0, self.world.hours))
        return (start, start + float(self.rng.uniform(4, 40)) * 24)

    def home(self, home: Home) -> None:
        for person in home.people:
            times, inward = self._passages(person)
            self._at_entrance(home, person, times, inward)
            if home.lock:
                self._at_lock(home, person, times[inward])

    def couriers(self, entrance: int) -> None:
        """Five who know the house and others who come once; a third of them are let in by the intercom of a unit."""
        days, rng = self.world.days, self.rng
        visits = rng.poisson(0.25 * UNITS_AN_ENTRANCE * days)
        times = rng.integers(0, days, visits) * 24 + rng.triangular(8, 12, 21, visits)
        regular = np.array([next(self.pseudonyms) for _ in range(5)])
        who = np.where(rng.random(visits) < 0.7, rng.choice(regular, visits), self._fresh(visits))
        unit = entrance * UNITS_AN_ENTRANCE + rng.integers(0, UNITS_AN_ENTRANCE, visits)
        called = rng.random(visits) < 0.33
        unit = np.where(called & (self.form.hosts != "never") & (unit < self.world.units), unit, NOBODY)
        method = np.where(called, REMOTE, rng.choice([UNKNOWN, PIN], visits))
        self._add(entrance, times, method, IN, NOBODY, who, unit, np.nan)
        self._add(entrance, times + 0.1, FACE, OUT, NOBODY, who, NOBODY, np.nan)

    def _passages(self, person: Person) -> tuple[np.ndarray, np.ndarray]:
        """Hours at which a person passes, and whether inwards."""
        days = np.arange(self.world.days) if person.only is None else np.array(person.only, dtype=int)
        weekend = (days + self.world.start.weekday()) % 7 >= 5
        hours, inward = [], []
        for weekday_p, weekend_p, out, out_sd, away, away_sd in HABITS[person.habit]:
            chance = np.where(weekend, weekend_p, weekday_p) if person.only is None else 0.95
            on = days[self.rng.random(len(days)) < chance]
            first = on * 24 + self.rng.normal(out, out_sd, len(on))
            second = first + np.maximum(np.abs(away) + self.rng.normal(0, away_sd, len(on)), 0.2)
            hours += [first, second]
            inward += [np.full(len(on), away < 0), np.full(len(on), away > 0)]
        return self._while_there(person, np.concatenate(hours), np.concatenate(inward))

    @staticmethod
    def _while_there(person: Person, hours: np.ndarray, inward: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        there = (hours >= person.since) & (hours < person.until)
        for start, end in person.away:
            there &= (hours < start) | (hours > end)
        moves = [(start, False) for start, _ in person.away] + [(end, True) for _, end in person.away]
        kept = [(hour, way) for hour, way in moves if Doors._is_there(person, hour)]
        return (
            np.concatenate([hours[there], np.array([hour for hour, _ in kept])]),
            np.concatenate([inward[there], np.array([way for _, way in kept], dtype=bool)]),
        )

    @staticmethod
    def _is_there(person: Person, hour: float) -> bool:
        """Whether a person who is on the way at that hour lives there then, and is not away for another reason."""
        listed = person.since <= hour < person.until and math.isfinite(hour)
        return listed and not any(start < hour < end for start, end in person.away)

    def _at_entrance(self, home: Home, person: Person, times: np.ndarray, inward: np.ndarray) -> None:
        """A face that the door knows, a pseudonym, a card or a button; who is missed has followed somebody."""
        chance, n = self.rng.random(len(times)), len(times)
        seen = chance < person.seen
        fresh = ~seen & (chance > 1 - 0.15 * (1 - person.seen))
        named = seen & (person.face == "known")
        cards = person.face == "card"
        steady = np.where(self.rng.random(n) < 0.92, next(self.pseudonyms), self._fresh(n))
        stranger = np.where(seen & (person.face == "unknown"), steady, np.where(fresh, self._fresh(n), NOBODY))
        called = ~named & (stranger != NOBODY) & inward & (self.rng.random(n) < 0.2) & (not person.listed)
        method = np.where(called, self.rng.choice([REMOTE, QR], n), CARD if cards else FACE)
        unit = np.full(n, home.index if self.form.hosts == "always" else NOBODY)
        if self.form.hosts == "credential":
            unit[called | (cards & seen)] = home.index
        kept = seen | fresh
        if self.button_out[home.entrance]:
            pressed = ~inward & (self.rng.random(n) < 0.6)
            self._add(home.entrance, times[pressed], BUTTON, OUT, NOBODY, NOBODY, NOBODY, np.nan)
            kept &= inward
        who = np.where(named, person.code, NOBODY)
        alike = np.where(named, np.clip(self.rng.normal(0.9, 0.04, n), 0.6, 0.999), np.nan)
        parts = (method, np.where(inward, IN, OUT), who, stranger, unit, alike)
        self._add(home.entrance, times[kept], *(np.broadcast_to(part, n)[kept] for part in parts))

    def _at_lock(self, home: Home, person: Person, times: np.ndarray) -> None:
        known = person.listed and person.face != "card"
        method, who = (FINGERPRINT, person.code) if known else (PIN, NOBODY)
        self._add(-home.index - 1, times + 0.02, method, IN, who, NOBODY, home.index, np.nan)

    def _fresh(self, n: int) -> np.ndarray:
        return np.array([next(self.pseudonyms) for _ in range(n)], dtype=float)

    def _add(self, door: int, hours: np.ndarray, *rest: object) -> None:
        """Keep what happened while the door was alive."""
        dead = self.silent[door] if door >= 0 else (math.inf, math.inf)
        ok = (hours >= 0) & (hours < self.world.hours) & ~((hours > dead[0]) & (hours < dead[1]))
        columns = [hours * 3600, door, *rest]
        self.rows.append(np.stack([np.broadcast_to(np.asarray(c, float), len(hours))[ok] for c in columns], axis=1))

    def sorted(self) -> np.ndarray:
        rows = np.concatenate(self.rows)
        return rows[np.argsort(rows[:, 0], kind="stable")]


COLUMNS = {
    "estates": "estate_id,name,timezone",
    "units": "unit_id,estate_id,building,entrance,floor,room,area_m2,tenure",
    "households": "household_id,unit_id,size,lease_start,lease_end,category,care",
    "persons": "person_id,household_id,role,valid_from,valid_to,face_enrolled",
    "devices": "device_id,estate_id,kind,unit_id,building,entrance,codec,register_digits",
    "absences": "household_id,start,end,reason",
    "truth": "unit_id,kind,subtype,start,end,disguise",
}


class Writer:
    """The folder: lists, history and truth in the gateway's formats."""

    def __init__(self, folder: Path, world: World, form: Form) -> None:
        self.folder, self.world, self.form = folder, world, form
        self.rng = np.random.default_rng(world.rng.integers(2**32))

    def write(self, homes: list[Home], events: np.ndarray) -> None:
        for name in ("registry", "history", "truth"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self._lists(homes)
        self._truth(homes)
        if set(self.form.channels) - {"door"}:
            self._readings(homes)
        if "door" in self.form.channels:
            self._events(events)

    def estate(self, home: Home) -> str:
        return f"{'FC.' if self.form.odd_names else 'garden-'}{home.index // UNITS_AN_ESTATE + 1}"

    def unit(self, index: int) -> str:
        return f"{index:06d}_H.x" if self.form.odd_names else f"u{index:05d}"

    def place(self, home: Home) -> tuple[str, str]:
        building, entrance = divmod(home.entrance, ENTRANCES_A_BUILDING)
        if self.form.odd_names:
            return f"{building + 1}号楼", "东南西北"[entrance] + "门"
        return f"B{building + 1}", f"{entrance + 1}"

    def person(self, code: float) -> str:
        return f"{int(code):08d}" if self.form.odd_names else f"p{int(code):06d}"

    def door(self, door: float) -> str:
        return f"door-{int(door):04d}" if door >= 0 else f"lock-{int(-door - 1):05d}"

    def meter(self, channel: str, home: Home) -> str:
        vendor = "88" if channel == "water" else "99"
        return f"{vendor}{home.index:010d}" if self.form.odd_names else f"{channel[0]}-{home.index:05d}"

    def day(self, day: int | None) -> str:
        return "" if day is None else str(self.world.start + timedelta(days=day))

    def _lists(self, homes: list[Home]) -> None:
        let = [home for home in homes if any(person.listed for person in home.people)]
        estates = sorted({self.estate(home) for home in homes})
        self._csv("registry/estates.csv", ((estate, f"Estate {estate}", "Asia/Shanghai") for estate in estates))
        self._csv("registry/units.csv", map(self._unit, homes))
        self._csv("registry/households.csv", map(self._household, let))
        self._csv("registry/persons.csv", chain.from_iterable(map(self._persons, let)))
        self._csv("registry/devices.csv", chain.from_iterable(map(self._devices, homes)))
        self._csv("registry/absences.csv", chain.from_iterable(map(self._absences, let)))

    def _unit(self, home: Home) -> tuple[object, ...]:
        floor, room = divmod(home.index % UNITS_AN_ENTRANCE, 2)
        known = ("", f"{floor + 1}{room + 1:02d}", "") if self.form.bare else (
            floor + 1, f"{floor + 1}{room + 1:02d}", 48)  # fmt: skip
        return self.unit(home.index), self.estate(home), *self.place(home), *known, home.tenure

    def _household(self, home: Home) -> tuple[object, ...]:
        size, care = "" if self.form.bare else home.size, "lone_elder" if home.care else ""
        lease = self.day(home.lease_from), self.day(home.lease_to)
        return f"h{home.index}", self.unit(home.index), size, *lease, "", care

    def _persons(self, home: Home) -> Iterable[tuple[object, ...]]:
        for person in {p.code: p for p in reversed(home.people) if p.listed}.values():
            since = home.lease_from if person.listed_from is None else person.listed_from
            valid = "" if self.form.bare else self.day(since)
            yield self.person(person.code), f"h{home.index}", person.role, valid, "", int(person.face == "known")

    def _devices(self, home: Home) -> Iterable[tuple[object, ...]]:
        estate, unit, digits = self.estate(home), self.unit(home.index), "" if self.form.bare else 5
        for channel in ("water", "electricity"):
            if channel in self.form.channels:
                yield self.meter(channel, home), estate, channel, unit, "", "", "", digits
        if "door" in self.form.channels and home.lock:
            yield self.door(-home.index - 1), estate, "door", unit, "", "", "", ""
        if "door" in self.form.channels and home.index % UNITS_AN_ENTRANCE == 0:
            yield self.door(home.entrance), estate, "door", "", *self.place(home), "", ""

    def _absences(self, home: Home) -> Iterable[tuple[object, ...]]:
        for start, (end, why) in {start: (end, why) for start, end, why in home.absences}.items():
            yield f"h{home.index}", self.day(start), self.day(end), why

    def _truth(self, homes: list[Home]) -> None:
        self._csv("truth/truth.csv", (
            (self.unit(home.index), kind, subtype, self.day(start), self.day(end), disguise)
            for home in homes for kind, subtype, start, end, disguise in home.truth))  # fmt: skip

    def _csv(self, name: str, rows: Iterable[Iterable[object]]) -> None:
        with (self.folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerow(COLUMNS[Path(name).stem].split(","))
            csv.writer(file).writerows(rows)

    def _stamps(self, seconds: np.ndarray) -> np.ndarray:
        utc = (np.datetime64(self.world.start, "s") - np.timedelta64(8, "h")) + seconds.astype("timedelta64[s]")
        if self.form.clock == "epoch":
            return utc.astype(np.int64).astype(str)
        local = utc if self.form.clock == "utc" else utc + np.timedelta64(8, "h")
        return np.char.add(local.astype(str), "Z" if self.form.clock == "utc" else "+08:00")

    def _readings(self, homes: list[Home]) -> None:
        step = self.form.every_min
        stamps = self._stamps(np.arange(1, self.world.hours * 60 // step) * step * 60)
        stamps = np.frombuffer("".join(stamps.tolist()).encode(), np.uint8).reshape(len(stamps), -1)
        with (self.folder / "history/readings.csv").open("wb") as file:
            file.write(b"device_id,ts,register,unit\n")
            for home in homes:
                for n, (channel, use) in enumerate((("water", home.water), ("electricity", home.kwh * 1000))):
                    if channel in self.form.channels:
                        dial = self._dial(use) // self.form.steps[n] * self.form.steps[n]
                        file.write(self._lines(self.meter(channel, home), channel, stamps, dial))

    def _dial(self, use: np.ndarray) -> np.ndarray:
        """Litres or Wh on the dial at each reading."""
        hours = np.arange(len(use) + 1)
        at = np.arange(1, len(use) * 60 // self.form.every_min) * self.form.every_min / 60
        total = np.interp(at, hours, np.concatenate([[0.0], np.cumsum(use)]))
        return (total + self.rng.integers(10_000_000, 40_000_000)).astype(np.int64)

    def _lines(self, device: str, channel: str, stamps: np.ndarray, dial: np.ndarray) -> bytes:
        """Rows of one width as one block of bytes; a few are lost, and one meter in fifty is dead for days."""
        unit = {"water": ("m3", "L"), "electricity": ("kWh", "Wh")}[channel][self.form.litres]
        head, tail = f"{device},".encode(), f",{unit}\n".encode()
        digits = np.stack([dial // 10**power % 10 + 48 for power in range(7, -1, -1)], axis=1).astype(np.uint8)
        if not self.form.litres:
            digits = np.insert(digits, 5, ord("."), axis=1)
        n = len(dial)
        fixed = [np.broadcast_to(np.frombuffer(text, np.uint8), (n, len(text))) for text in (head, b",", tail)]
        return np.concatenate([fixed[0], stamps, fixed[1], digits, fixed[2]], axis=1)[self._heard(n)].tobytes()

    def _heard(self, n: int) -> np.ndarray:
        heard = self.rng.random(n) >= self.form.lost
        if self.rng.random() < 0.02:
            start = int(self.rng.integers(n))
            heard[start : start + int(n / self.world.days * self.rng.uniform(4, 40))] = False
        return heard

    def _events(self, events: np.ndarray) -> None:
        form, stamps = self.form, self._stamps(events[:, 0]).tolist()
        with (self.folder / "history/events.csv").open("w", encoding="utf-8") as file:
            file.write("device_id,ts,event_id,kind,method,direction,person_id,stranger_id,unit_id,similarity\n")
            file.writelines(
                f"{self.door(door)},{stamp},e{n},passage,{METHODS[int(method)]},"
                f"{DIRECTIONS[int(way) if form.directions else 2]},"
                f"{'' if person < 0 else self.person(person)},"
                f"{'' if stranger < 0 or not form.pseudonyms else f'v{int(stranger)}'},"
                f"{'' if unit < 0 else self.unit(int(unit))},"
                f"{'' if alike != alike or not form.similarity else f'{alike:.3f}'}\n"  # noqa: PLR0124
                for n, (stamp, (_, door, method, way, person, stranger, unit, alike)) in enumerate(
                    zip(stamps, events.tolist(), strict=True)
                )
            )


def make(folder: Path, world: World, form: Form) -> None:
    """Write one world as `form` says."""
    homes = world.homes()
    draw = np.random.default_rng(world.rng.integers(2**32))
    for home in homes:
        home.lock = bool(draw.random() < form.locks)
    doors = Doors(world, form)
    if "door" in form.channels:
        for home in homes:
            doors.home(home)
        for entrance in range(homes[-1].entrance + 1):
            doors.couriers(entrance)
    Writer(folder, world, form).write(homes, doors.sorted() if doors.rows else np.zeros((0, 8)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="folder with the real homes' series")
    parser.add_argument("--units", type=int, default=5000)
    parser.add_argument("--days", type=int, default=120)
    parser.add_argument("--end", type=date.fromisoformat, default=date(2026, 11, 22))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--misuse-rate", type=float, default=0.01, help="share of let units that are misused")
    parser.add_argument("--variant", nargs="*", default=[], choices=sorted(VARIANTS))
    args = parser.parse_args()
    form = Form()
    for name in args.variant:
        form = replace(form, **VARIANTS[name])
    meters = Meters(args.data)
    world = World(meters, units=args.units, end=args.end, days=args.days, seed=args.seed, misuse=args.misuse_rate)
    make(args.folder, world, form)


if __name__ == "__main__":
    main()
