"""Who is visited with a small budget: the visits worth most, and a few that are made to learn.

A visit is worth its benefit where the suspicion is right, less its cost where it is not. About a tenth of the places
explore: they are drawn by lot among the suspicions further down and the units just below the line, the likelier ones
far more often. The seed decides, so that the same plan twice is the same plan. The chance with which each unit was
chosen is kept, for `learning` needs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A unit that may be visited, and how likely a finding is. Some units may be drawn by lot only."""

    unit_id: str
    value: float
    probability: float
    by_lot_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A unit that is visited, whether only to learn, and the chance that it had to be chosen."""

    unit_id: str
    explores: bool
    chance: float


def expected_value(suspicions: Sequence[tuple[float, float]], cost: float) -> float:
    """Of a visit for suspicions of (benefit, probability): `cost` is lost where none of them is right."""
    nothing = 1 - any_right([probability for _, probability in suspicions])
    return sum(benefit * probability for benefit, probability in suspicions) - cost * nothing


def any_right(probabilities: Sequence[float]) -> float:
    """How likely it is that one of the suspicions is right, as if they had nothing to do with each other."""
    return float(1 - np.prod([1 - probability for probability in probabilities]))


def choose(options: Sequence[Option], *, places: int, explore_share: float, seed: int) -> list[Choice]:
    """At most `places` of the options, which come with the best first; the lot draws from all that the list left out.

    Places that nothing is worth stay free.
    """
    if places <= 0:
        return []
    random = np.random.default_rng(seed)
    exploring = floor(places * explore_share + random.random())
    taken, rest = _split(options, places - exploring)
    drawn = _draw(rest, exploring, random)
    chance = _chances(options, places, explore_share)
    on_the_list = {option.unit_id for option in _split(options, places)[0]}
    return [
        Choice(unit_id=one.unit_id, explores=one.unit_id not in on_the_list, chance=chance[one.unit_id])
        for one in [*taken, *drawn]
    ]


def _split(options: Sequence[Option], greedy: int) -> tuple[list[Option], list[Option]]:
    """Those that their worth puts on the list, and the others in an order that does not depend on it."""
    taken = [option for option in options if option.value > 0 and not option.by_lot_only][: max(greedy, 0)]
    gone = {option.unit_id for option in taken}
    return taken, sorted((one for one in options if one.unit_id not in gone), key=lambda one: one.unit_id)


def _draw(rest: Sequence[Option], count: int, random: np.random.Generator) -> list[Option]:
    """Draw with just the chances of `_lots`: laid end to end, each that holds a whole step from a random start wins."""
    order = random.permutation(len(rest))
    ends = np.cumsum(_lots(rest, count)[order])
    hits = np.floor(ends + random.random()).astype(int)
    won = order[np.diff(hits, prepend=0) > 0] if len(rest) else order
    return [rest[at] for at in sorted(won.tolist())][:count]


def _lots(rest: Sequence[Option], count: int) -> Doubles:
    """(N,) chances in proportion to the squared probabilities, none above one, `count` in all or one for each.

    Squared: what is learnt of the likelier is of use soonest, and honest doors are left alone.
    """
    likely = np.array([max(option.probability, 1e-3) ** 2 for option in rest])
    chance = np.zeros(len(rest))
    while (left := min(count, len(rest)) - chance[chance >= 1].sum()) > 0 and (open_ := chance < 1).any():
        chance[open_] = left * likely[open_] / likely[open_].sum()
        if (chance <= 1).all():
            break
        chance = np.minimum(chance, 1)
    return chance


def _chances(options: Sequence[Option], places: int, explore_share: float) -> dict[str, float]:
    """Of each option, over both numbers of exploring places that the lot may say."""
    least, more = divmod(places * explore_share, 1.0)
    chance = dict.fromkeys((option.unit_id for option in options), 0.0)
    for exploring, share in ((int(least), 1 - more), (int(least) + 1, more)):
        taken, rest = _split(options, places - exploring)
        for option in taken:
            chance[option.unit_id] += share
        for option, lot in zip(rest, _lots(rest, exploring).tolist(), strict=True):
            chance[option.unit_id] += share * lot
    return {unit_id: min(value, 1.0) for unit_id, value in chance.items()}
