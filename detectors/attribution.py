"""Whose visitor is a face at a shared door? A probability for each stranger and unit, from weeks of passages.

Three kinds of evidence, each measured against "comes for none of these units" (couriers, cleaners, neighbours' faces
that the camera missed):

- **Named**: the intercom, a code or a card of a unit let the same face in.
- **Company**: the face passed within a minute of a registered person of the unit, more often than that person's own
  comings and goings bring about by chance.
- **Timing**: the unit's use rises after the face came in and falls after it left, beyond what that hour of the day
  does in that unit and what the other units of the door did in the same hour. How strong such an effect is, is not
  known beforehand, so that a Bayes factor averages over it and a stranger's few passages say little.

Misses: people who come at the same minute of every day (any home with regular hours fits), homes whose use is the same
whether somebody comes or not, visitors who stay for minutes. Units whose use coincides share the probability.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.panel import Floats
from detectors.stats import fill, floats

HOURS_A_DAY = 24
NOBODYS = 0.5
"""Half of the faces at a shared door belong to none of its units."""
MISNAMED = 0.1
"""A face that belongs to one unit is let in by another as often."""
ACCOMPANIED, NEVER_ACCOMPANIED = 0.3, 0.5
"""Of those who belong to a unit, half never come with its people, the others on three passages of ten."""
COMPANY_WORTH = 0.35
"""Passages of the same people resemble each other."""
EFFECT = 0.5
"""How far use after a coming is expected to stand out, in its own standard deviations."""
CHANNELS_AGREE = 0.5
"""Correlation of what water and electricity say."""
TIMING_CAP = 6.0
LEAST_PROBABILITY = 0.2
"""What is less likely than that is nobody's."""
LEAST_SPREAD = 0.05
"""Variance that any hour may have: a home that was never in use at an hour is not sure to be so."""
_TINY = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """S strangers and U units of one shared door over H hours in a row, the first of which begins at midnight."""

    named: Floats
    """(S, U) days on which the stranger was let in as the unit's."""
    company: Floats
    """(S, U) passages within a minute of a registered person of the unit."""
    by_chance: Floats
    """(U,) share of minutes-around that have a registered person of the unit in them."""
    came: Floats
    """(S, H) passages in; all passages where the door does not tell the direction."""
    left: Floats
    """(S, H) passages out."""
    use: tuple[Floats, ...]
    """(U, H) litres or kWh of each hour, a channel each; NaN where not known."""
    free_day: NDArray[np.bool_]
    """(H / 24,) weekends and holidays, whose hours are compared among themselves."""


def belonging(evidence: Evidence) -> Floats:
    """(S, U) probability that the stranger comes for the unit; the rest to one is nobody's or not sure enough."""
    units = evidence.named.shape[1]
    prior = np.log((1 - NOBODYS) / NOBODYS / max(units, 1))
    log_odds = prior + _named(evidence) + _company(evidence) + _timing(evidence)
    most = np.maximum(log_odds.max(axis=1, initial=0), 0)[:, None]
    share = np.exp(log_odds - most)
    chance = share / (share.sum(axis=1, keepdims=True) + np.exp(-most))
    return floats(np.where(chance >= LEAST_PROBABILITY, chance, 0))


def _named(evidence: Evidence) -> Floats:
    named, units = evidence.named, max(evidence.named.shape[1], 2)
    others = named.sum(axis=1, keepdims=True) - named
    return floats(named * np.log((1 - MISNAMED) * units) + others * np.log(MISNAMED * units / (units - 1)))


def _company(evidence: Evidence) -> Floats:
    together, chance = evidence.company, np.clip(evidence.by_chance, 1e-4, 0.9)
    alone = (evidence.came + evidence.left).sum(axis=1, keepdims=True) - together
    rate = np.maximum(chance, ACCOMPANIED)
    said = together * np.log(rate / chance) + np.maximum(alone, 0) * np.log((1 - rate) / (1 - chance))
    mixed = np.logaddexp(np.log(1 - NEVER_ACCOMPANIED) + COMPANY_WORTH * said, np.log(NEVER_ACCOMPANIED))
    return floats(mixed)


def _timing(evidence: Evidence) -> Floats:
    told = [_channel(evidence, np.log(use + floor)) for use, floor in zip(evidence.use, (1.0, 0.05), strict=False)]
    shape = evidence.named.shape
    z, channels, passages = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for said, number in told:
        z, channels, passages = z + said, channels + (number > 0), np.maximum(passages, number)
    agreed = channels + channels * (channels - 1) * CHANNELS_AGREE
    z /= np.sqrt(np.maximum(agreed, 1))
    weight = passages * EFFECT**2
    factor = np.maximum(z, 0) ** 2 / 2 * weight / (1 + weight) - np.log1p(weight) / 2
    return floats(np.clip(factor, -TIMING_CAP, TIMING_CAP))


def _channel(evidence: Evidence, level: Floats) -> tuple[Floats, Floats]:
    """(S, U) how far use stands out around the stranger's passages, standard normal, and passages that it rests on."""
    odd, spread = _beyond_usual(_step(level), evidence.free_day)
    total, variance, number = (np.zeros(evidence.named.shape) for _ in range(3))
    for passages, sign, shift in ((evidence.came, 1, 0), (evidence.left, -1, 1)):
        felt = passages[:, : passages.shape[1] - shift]
        known = ~np.isnan(odd[:, shift:])
        total += sign * felt @ fill(odd[:, shift:], 0.0).T
        variance += felt @ np.where(known, spread[:, shift:], 0).T
        number += felt @ known.astype(np.float32).T
    return floats(total / np.sqrt(np.maximum(variance, _TINY))), floats(number)


def _step(level: Floats) -> Floats:
    """(U, H) the hour and the next, less the two before: who comes is there in it, who left is gone in the next."""
    step = np.full_like(level, np.nan)
    step[:, 2:-1] = (level[:, 2:-1] + level[:, 3:] - level[:, 1:-2] - level[:, :-3]) / 2
    return step


def _beyond_usual(step: Floats, free_day: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """(U, H) a step beyond the unit's own at that hour and beyond the other units' now; and its variance."""
    units = len(step)
    by_day = step.reshape(units, -1, HOURS_A_DAY)
    odd = np.full_like(by_day, np.nan)
    for days in (free_day, ~free_day):
        if days.sum() > 1:
            odd[:, days] = by_day[:, days] - _mean(by_day[:, days], 1)
    if units > 2:  # noqa: PLR2004 - of two units one cannot say whose the common part is
        odd = odd - _mean(odd, 0)
    spread = np.broadcast_to(_mean(odd**2, 1) + LEAST_SPREAD, odd.shape)
    return odd.reshape(units, -1), spread.reshape(units, -1)


def _mean(values: Floats, axis: int) -> Floats:
    known = ~np.isnan(values)
    return floats(fill(values, 0.0).sum(axis=axis, keepdims=True) / np.maximum(known.sum(axis=axis, keepdims=True), 1))
