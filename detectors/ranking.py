"""Who is visited with a small budget: the visits worth most, and a few that are made to learn.

A visit is worth its benefit where the suspicion is right, less its cost where it is not. About a tenth of the places
explore (posterior sampling after Thompson, 1933): a model is drawn from those that the outcomes allow, and the
suspicions that it holds for the best are visited, among those that the list left out and the units just below the line.
So a lot falls where the model is unsure *and* may be right, and less and less elsewhere as it learns. A tenth of the
lots falls on all alike. The seed decides, so that the same plan twice is the same plan. The chance with which each unit
was chosen is kept, for `learning` needs it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]


FLAT = 0.1
"""Share of the lots that falls on all alike: nobody who is suspected has no chance at all."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Option:
    """A unit that may be visited, and what a visit is worth. Some units may be drawn by lot only."""

    unit_id: str
    value: float
    draws: Doubles
    """(S,) what it may be worth as well, as far as the outcomes allow; the s-th by the same model for every option."""
    by_lot_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A unit that is visited, whether only to learn, and the chance that it had to be chosen."""

    unit_id: str
    explores: bool
    chance: float


def expected_value(benefits: Sequence[float], probabilities: Doubles, cost: float) -> Doubles:
    """(S,) worth of a visit for K suspicions with (K,) benefits and (K, S) probabilities.

    They are taken as if they had nothing to do with each other; `cost` is lost where none of them is right.
    """
    return np.asarray(np.array(benefits) @ probabilities - cost * np.prod(1 - probabilities, axis=0))


def choose(options: Sequence[Option], *, places: int, explore_share: float, seed: int) -> list[Choice]:
    """At most `places` of the options, which come with the best first; the lot draws from all that the list left out.

    Places that nothing is worth stay free.
    """
    if places <= 0:
        return []
    random = np.random.default_rng(seed)
    exploring = floor(places * explore_share + random.random())
    taken, rest = _split(options, places - exploring)
    drawn = _draw(rest, _lots(rest, exploring, seed), random)[:exploring]
    chance = _chances(options, places, explore_share, seed)
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


def _draw(rest: Sequence[Option], lots: Doubles, random: np.random.Generator) -> list[Option]:
    """Draw with just these chances: laid end to end, each that holds a whole step from a random start wins."""
    order = random.permutation(len(rest))
    ends = np.cumsum(lots[order])
    hits = np.floor(ends + random.random()).astype(int)
    won = order[np.diff(hits, prepend=0) > 0] if len(rest) else order
    return [rest[at] for at in sorted(won.tolist())]


def _lots(rest: Sequence[Option], count: int, seed: int) -> Doubles:
    """(N,) chances, `count` in all or one for each: how often each is among the best so many of a draw.

    `seed` decides among those of whom the same is known.
    """
    if count >= len(rest):
        return np.ones(len(rest))
    draws = np.stack([option.draws for option in rest], axis=1)
    draws = draws + 1e-9 * np.random.default_rng(seed).random(draws.shape)
    best = np.argpartition(-draws, count - 1, axis=1)[:, :count] if count else np.empty((1, 0), int)
    often = np.bincount(best.ravel(), minlength=len(rest)) / len(draws)
    return np.asarray((1 - FLAT) * often + FLAT * count / len(rest))


def _chances(options: Sequence[Option], places: int, explore_share: float, seed: int) -> dict[str, float]:
    """Of each option, over both numbers of exploring places that the lot may say."""
    least, more = divmod(places * explore_share, 1.0)
    chance = dict.fromkeys((option.unit_id for option in options), 0.0)
    for exploring, share in ((int(least), 1 - more), (int(least) + 1, more)):
        taken, rest = _split(options, places - exploring)
        for option in taken:
            chance[option.unit_id] += share
        for option, lot in zip(rest, _lots(rest, exploring, seed).tolist(), strict=True):
            chance[option.unit_id] += share * lot
    return {unit_id: min(value, 1.0) for unit_id, value in chance.items()}
