"""What happens to a home: honest lives that look odd, and misuses. Each story changes the home it is told of."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from benchmarks.outside.homes import Home, Person
from benchmarks.outside.scene import Scene

Story = Callable[[Home, Scene], None]


def pick(rng: np.random.Generator, stories: dict[Story, float]) -> Story:
    weights = np.array(list(stories.values()))
    return list(stories)[int(rng.choice(len(weights), p=weights / weights.sum()))]


def plain(_home: Home, _scene: Scene) -> None:
    """Nothing but everyday life and trips."""


def newborn(home: Home, scene: Scene) -> None:
    day = scene.begin()
    home.people.append(scene.stranger("home", day * 24, (day + int(scene.rng.integers(40, 150))) * 24))
    home.grow(day * 24, math.inf, 1.3)


def new_spouse(home: Home, scene: Scene) -> None:
    day = scene.begin()
    home.people.append(scene.stranger("office", day * 24))
    home.grow(day * 24, math.inf, 1.25)


def weekend_relative(home: Home, scene: Scene) -> None:
    home.people += [scene.stranger("weekend") for _ in range(int(scene.rng.integers(1, 3)))]


def cleaner(home: Home, scene: Scene) -> None:
    days = range(int(scene.rng.integers(7)), scene.days, 7)
    home.people.append(replace(scene.stranger("daily_help"), only=tuple(days)))


def caregiver(home: Home, scene: Scene) -> None:
    help_ = scene.stranger("daily_help", scene.begin() * 24)
    if scene.rng.random() < 0.5:
        help_.role, help_.face = "caregiver", str(scene.rng.choice(["known", "unknown"], p=[0.7, 0.3]))
    home.people.append(help_)


def shift_worker(home: Home, _scene: Scene) -> None:
    for person in home.people[:1]:
        person.habit = "shift"


def hospital(home: Home, scene: Scene) -> None:
    day, length = int(scene.rng.integers(scene.days)), int(scene.rng.integers(8, 40))
    _away(home, scene, day, length, "hospital", declared=0.3)


def elder_at_daughters(home: Home, scene: Scene) -> None:
    day, length = int(scene.rng.integers(-20, scene.days)), int(scene.rng.integers(14, 60))
    _away(home, scene, day, length, "family", declared=0.4)


def long_trip(home: Home, scene: Scene) -> None:
    day, length = int(scene.rng.integers(-10, scene.days)), int(scene.rng.integers(15, 45))
    _away(home, scene, day, length, "work", declared=0.5)


def _away(home: Home, scene: Scene, day: int, length: int, reason: str, *, declared: float) -> None:
    home.leave(day * 24 + 9.5, (day + length) * 24 + 16.5)
    if scene.rng.random() < declared:
        home.absences.append((day, day + length, reason))


def weekly_commuter(home: Home, scene: Scene) -> None:
    first = (7 - scene.start.weekday()) % 7
    for monday in range(first, scene.days, 7):
        home.leave(monday * 24 + 7, (monday + 4) * 24 + 20)


def just_moved_in(home: Home, scene: Scene) -> None:
    day = int(scene.rng.integers(5, scene.days - 5))
    home.lease_from, home.lease_to = day - int(scene.rng.integers(0, 12)), day + 1000
    home.water[: day * 24] = 0.0
    home.kwh[: day * 24] = 0.0
    home.absences, home.truth = [], home.truth[:1]
    for person in home.people:
        person.since, person.listed_from = day * 24.0, home.lease_from


def guests(home: Home, scene: Scene) -> None:
    day, length = scene.begin(), int(scene.rng.integers(4, 16))
    home.people += [scene.stranger("home", day * 24, (day + length) * 24) for _ in range(int(scene.rng.integers(1, 4)))]
    home.grow(day * 24, (day + length) * 24, 1.4)


def always_on(home: Home, scene: Scene) -> None:
    home.kwh += scene.rng.uniform(0.05, 0.18)


def no_face(home: Home, scene: Scene) -> None:
    way = str(scene.rng.choice(["card", "unknown"], p=[0.7, 0.3]))
    for person in home.people:
        person.face = way


def follows_others(home: Home, scene: Scene) -> None:
    for person in home.people:
        person.seen = float(scene.rng.uniform(0.02, 0.2))


def moved_out(home: Home, scene: Scene) -> None:
    day = int(scene.rng.integers(10, scene.days))
    home.lease_to, home.tenure = day, "vacant"
    home.empty(day * 24, math.inf)
    home.kwh[day * 24 :] = 0.0
    for person in home.people:
        person.until = day * 24.0


def renovated(home: Home, scene: Scene) -> None:
    """A unit under repair: workmen, their water and their tools by day."""
    day, length = scene.begin(), int(scene.rng.integers(10, 50))
    home.people += [scene.stranger("workman", day * 24, (day + length) * 24) for _ in range(2)]
    hours = np.arange(max(day, 0) * 24, min(day + length, scene.days) * 24)
    busy = hours[(hours % 24 >= 9) & (hours % 24 < 17)]
    home.water[busy], home.kwh[busy] = scene.rng.exponential(6.0, len(busy)), scene.rng.exponential(0.3, len(busy))
    home.truth.append(("honest", "renovated", max(day, 0), None, ""))


def fell(home: Home, scene: Scene) -> None:
    """Who lives alone lies there for a day or more, and is in hospital after that."""
    day, lying = int(scene.falls.integers(20, scene.days - 10)), float(scene.falls.uniform(20, 70))
    home.leave(day * 24 + 6, day * 24 + 6 + lying + 24 * int(scene.falls.integers(5, 20)))
    home.truth.append(("care", "fell", day, day + int((6 + lying) // 24), ""))


HONEST: dict[Story, float] = {
    plain: 0.60, newborn: 0.012, new_spouse: 0.012, weekend_relative: 0.05, cleaner: 0.03, caregiver: 0.025,
    shift_worker: 0.03, hospital: 0.012, elder_at_daughters: 0.01, long_trip: 0.012, weekly_commuter: 0.008,
    just_moved_in: 0.015, guests: 0.03, always_on: 0.03, no_face: 0.06, follows_others: 0.04, moved_out: 0.008,
}  # fmt: skip


def _hand_over(home: Home, scene: Scene, count_: int, *, gap: int | None = None) -> tuple[int, list[Person], str]:
    """The household leaves on a day, others come after a gap; a fifth of them on the list, a fifth with its cards."""
    day = scene.begin()
    home.leave(day * 24 + 12, math.inf)
    gap = int(scene.rng.integers(0, 11)) if gap is None else gap
    come = [scene.stranger("office" if n < 2 else "home", (day + gap) * 24 + 10) for n in range(count_)]
    disguise = str(scene.rng.choice(["", "relative", "card"], p=[0.6, 0.2, 0.2]))
    for person in come:
        if disguise == "relative":
            person.role, person.face, person.seen, person.listed_from = "member", "known", 0.85, day + gap - 2
        elif disguise == "card":
            person.face = "card"
    home.people += come
    return day + gap, come, disguise


def whole_sublet(home: Home, scene: Scene) -> None:
    size = int(scene.rng.integers(1, 5))
    day, _, disguise = _hand_over(home, scene, size)
    scene.move_in(home, size, max(day, 0) * 24 + 10)
    if scene.rng.random() < 0.3 and home.people:
        _looks_in(home, scene, day, every=28)
    home.truth.append(("sublet", "whole", day, None, disguise))


def room_sublet(home: Home, scene: Scene) -> None:
    day, extra = scene.begin(), int(scene.rng.integers(1, 3))
    home.people += [scene.stranger("office", day * 24 + 10) for _ in range(extra)]
    home.grow(day * 24, math.inf, 1 + 0.6 * extra / home.size)
    home.truth.append(("sublet", "room", day, None, ""))


def short_lets(home: Home, scene: Scene) -> None:
    first, come, disguise = _hand_over(home, scene, 1, gap=2)
    home.people = [person for person in home.people if person not in come]
    day = first
    while day < scene.days:
        nights, free = int(scene.rng.integers(1, 8)), int(scene.rng.integers(0, 5))
        party = int(scene.rng.integers(1, 4))
        if day + nights > 0:
            scene.move_in(home, party, max(day, 0) * 24 + 15, (day + nights) * 24 + 11)
        home.people += [scene.stranger("home", day * 24 + 15, (day + nights) * 24 + 11) for _ in range(party)]
        day += nights + free
    home.truth.append(("sublet", "short_let", first, None, disguise if disguise == "card" else ""))


def group_rental(home: Home, scene: Scene) -> None:
    day, _, disguise = _hand_over(home, scene, int(scene.rng.integers(5, 11)))
    scene.move_in(home, 5, max(day, 0) * 24 + 10)
    home.grow(max(day, 0) * 24, math.inf, 1.6)
    evening = np.arange(max(day, 0) * 24, scene.hours)
    home.kwh[evening[(evening % 24 >= 19) & (evening % 24 < 24)]] += scene.rng.uniform(0.4, 1.0)
    home.truth.append(("sublet", "group", day, None, disguise))


def vacancy(home: Home, scene: Scene) -> None:
    day = scene.begin()
    kind = str(scene.rng.choice(["zero", "standby", "drip", "looker_in", "lamp"], p=[0.25, 0.3, 0.15, 0.15, 0.15]))
    home.leave(day * 24 + 12, math.inf)
    late = np.arange(max(day + 1, 0) * 24, scene.hours)
    if kind == "zero":
        home.kwh[late] = 0.0
    elif kind == "drip":
        home.water[late] += scene.rng.uniform(0.3, 2.0)
    elif kind == "lamp":
        home.kwh[late[(late % 24 >= 19) & (late % 24 < 23)]] += 0.06
    elif kind == "looker_in":
        _looks_in(home, scene, day, every=7)
    home.truth.append(("vacancy", "", day, None, "" if kind in {"zero", "standby"} else kind))


def _looks_in(home: Home, scene: Scene, day: int, *, every: int) -> None:
    """One of the household comes for half an hour every so many days: a flush, a light."""
    days = range(day + int(scene.rng.integers(1, every + 1)), scene.days, every)
    first = home.people[0]
    home.people.append(replace(first, habit="daily_help", away=[], only=tuple(d for d in days if d >= 0)))
    for d in days:
        if d >= 0:
            home.water[d * 24 + 10] += scene.rng.uniform(3, 15)
            home.kwh[d * 24 + 10] += 0.1


def stays_on(home: Home, scene: Scene) -> None:
    """The lease is over and the household still lives there."""
    home.lease_to = int(scene.rng.integers(-60, int(scene.days * 0.75)))
    home.tenure = str(scene.rng.choice(["leased", "vacant"]))
    home.truth.append(("misuse", "lease_ended", home.lease_to + 1, None, ""))


def squatted(home: Home, scene: Scene) -> None:
    home.tenure = str(scene.rng.choice(["vacant", "held"]))
    day, size = scene.begin(), int(scene.rng.integers(1, 4))
    home.people += [scene.stranger("office" if n == 0 else "home", day * 24 + 10) for n in range(size)]
    scene.move_in(home, size, max(day, 0) * 24 + 10)
    home.truth.append(("misuse", "not_leased", day, None, ""))


MISUSES: dict[Story, float] = {
    whole_sublet: 0.22, room_sublet: 0.12, short_lets: 0.08, group_rental: 0.08, vacancy: 0.38, stays_on: 0.12,
}  # fmt: skip
