"""A home, those who come through its door, and what its meters count an hour."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

UNITS_AN_ENTRANCE, ENTRANCES_A_BUILDING, UNITS_AN_ESTATE = 20, 4, 1000

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
