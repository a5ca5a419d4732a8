"""What the doors' controllers write down of those who pass."""

from __future__ import annotations

import math
from itertools import count

import numpy as np

from benchmarks.outside.forms import Form
from benchmarks.outside.homes import HABITS, UNITS_AN_ENTRANCE, Home, Person
from benchmarks.outside.world import World

NOBODY = -1
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
