"""Who is visited with a small budget: the visits worth most, and a few that are made to learn.

A visit is worth its benefit where the suspicion is right, less its cost where it is not. About a tenth of the places
explore: they go to suspicions further down and to units just below the line, each with the same chance, drawn by a seed
(the same plan twice is the same plan). The chance with which each unit was chosen is kept, for `learning` needs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A unit that may be visited. Units under `may_only_explore` stand on no list but by lot."""

    unit_id: str
    value: float
    may_only_explore: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A unit that is visited, whether to learn, and the chance that it had to be chosen."""

    unit_id: str
    explores: bool
    chance: float


def expected_value(suspicions: Sequence[tuple[float, float]], cost: float) -> float:
    """Of a visit for suspicions of (benefit, probability): `cost` is lost where none of them is right."""
    nothing = float(np.prod([1 - probability for _, probability in suspicions]))
    return sum(benefit * probability for benefit, probability in suspicions) - cost * nothing


def choose(options: Sequence[Option], *, places: int, explore_share: float, seed: int) -> list[Choice]:
    """At most `places` of the options, which come with the best first; options worth nothing only explore.

    Places that nothing is worth stay free: only exploring visits go to units without an alert.
    """
    if places <= 0:
        return []
    random = np.random.default_rng(seed)
    least, more = divmod(places * explore_share, 1.0)
    exploring = min(floor(places * explore_share + random.random()), places)
    worth = [option for option in options if option.value > 0 and not option.may_only_explore]
    taken = worth[: places - exploring]
    rest = _rest(options, taken)
    drawn = random.permutation(len(rest))[:exploring]
    chosen = [*taken, *(rest[at] for at in drawn)]
    chances = [(int(least), 1 - more), (int(least) + 1, more)]
    top = {option.unit_id: rank for rank, option in enumerate(worth)}
    return [
        Choice(
            unit_id=option.unit_id,
            explores=number >= len(taken),
            chance=sum(
                share * _chance(top.get(option.unit_id), places - min(count, places), len(worth), len(options), count)
                for count, share in chances
            ),
        )
        for number, option in enumerate(chosen)
    ]


def _rest(options: Sequence[Option], taken: Sequence[Option]) -> list[Option]:
    """What may be drawn by lot, in an order that does not depend on the ranking."""
    gone = {option.unit_id for option in taken}
    return sorted((option for option in options if option.unit_id not in gone), key=lambda option: option.unit_id)


def _chance(rank: int | None, greedy: int, worth: int, options: int, exploring: int) -> float:
    """Of a unit of this rank among those worth a visit, where `exploring` places are drawn by lot."""
    if rank is not None and rank < greedy:
        return 1.0
    rest = options - min(greedy, worth)
    return min(exploring / rest, 1.0) if rest else 0.0
