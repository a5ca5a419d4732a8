"""What a device usually does, learnt from the device itself; and when the gateway could hear at all.

Two figures are learnt, because a meter may read every hour and speak once a day:

- the *interval*: the median of the gaps between its readings, by the device's own times;
- the *patience*: how long it may say nothing. Three of its usual (median) gaps between arrivals, or half as long again
  as the second longest of them, whichever is more: a door is quiet every night, a battery meter skips a day now and
  then, and one outage in the past (the longest gap) must not teach us to wait for the next.

Only what came while it was fresh teaches patience: an import of old readings says nothing about when a device speaks.
Time in which nobody listened (no ingest process, no broker, no database) is taken out of every gap.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Times: TypeAlias = NDArray[np.float64]
"""Seconds since 1970."""

MINUTE_S, HOUR_S, DAY_S = 60.0, 3600.0, 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class HabitPolicy:
    """How habits are learnt. No source gives such figures; the reasons stand beside them."""

    missed: float = 3.0
    """Usual gaps without a word that are silence: one lost message is radio, two are bad luck."""
    longest: float = 1.5
    """What the second longest gap is stretched by: nights differ in length."""
    least_gaps: int = 3
    """Fewer gaps teach nothing: a device of yesterday."""
    burst_s: float = MINUTE_S
    """Messages closer together are one word, said in pieces."""
    fresh_s: float = 2 * DAY_S
    """A reading that arrived later after its time is backfill: it does not show when the device speaks."""
    drift_words: int = 5
    """Words that must all be late by the same before the clock is blamed."""
    drift_span_s: float = 6 * HOUR_S
    """Time that those words must span: a backlog is emptied faster. Words of twice this time are looked at."""
    drift_least_s: float = HOUR_S
    """A smaller lag is the network."""
    drift_jitter: float = 0.1
    """Share by which the lag may vary; at least ten minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """Seconds, None where the device has not said enough to know."""

    interval_s: float | None = None
    patience_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Rows of one device, (N,) each: when they arrived, and the time that they bear."""

    arrived_s: Times
    told_s: Times


@dataclass(frozen=True, slots=True)
class Ears:
    """When nobody listened: spans that do not overlap; the last may be without an end."""

    deaf: tuple[tuple[float, float], ...] = ()

    def listened(self, moments: Times) -> Times:
        """A clock that stands still while nobody listened; only its differences mean anything."""
        return np.asarray(moments - sum(np.clip(moments - start, 0, end - start) for start, end in self.deaf))

    def listened_s(self, since_s: float, until_s: float) -> float:
        """Seconds of listening between two moments; 0 where the first is the later."""
        deaf_s = sum(max(min(end, until_s) - max(start, since_s), 0.0) for start, end in self.deaf)
        return max(until_s - since_s - deaf_s, 0.0)


def ears(stretches: Sequence[tuple[float, float]], words_s: Iterable[float], now_s: float, pause_s: float) -> Ears:
    """Work out when nobody listened from the stretches in which somebody did.

    Before the first stretch devices are known from files, which end with the last word before it: from there to the
    first stretch nothing could be heard. Without any stretch the files are all there is.
    """
    if not stretches:
        return Ears(((max(words_s, default=now_s), np.inf),))
    began = stretches[0][0]
    earlier = [word for word in words_s if word <= began]
    deaf = [(max(earlier), began)] if earlier else []
    deaf += [(ended, begins) for (_, ended), (begins, _) in pairwise(stretches)]
    if now_s - stretches[-1][1] > pause_s:
        deaf.append((stretches[-1][1], np.inf))
    return Ears(tuple(deaf))


def learn(words: Words, hearing: Ears, policy: HabitPolicy) -> Habit:
    """What a device's rows of the last days teach about it."""
    between = np.sort(np.diff(np.unique(words.told_s)))
    interval_s = _middle(between) if len(between) >= policy.least_gaps else None
    fresh = words.arrived_s - words.told_s <= policy.fresh_s
    gaps = np.diff(hearing.listened(np.unique(words.arrived_s[fresh])))
    gaps = np.sort(gaps[gaps > policy.burst_s])
    if len(gaps) < policy.least_gaps:
        return Habit(interval_s=interval_s)
    patience_s = max(policy.missed * _middle(gaps), policy.longest * float(gaps[-2]), policy.missed * (interval_s or 0))
    return Habit(interval_s=interval_s, patience_s=patience_s)


def _middle(ascending: Times) -> float:
    """Their median; numpy's own takes a tenth of a millisecond whatever there is, and every device is learnt."""
    return float(ascending[(len(ascending) - 1) // 2] + ascending[len(ascending) // 2]) / 2


def clock_behind_s(words: Words, policy: HabitPolicy) -> float | None:
    """By how much a device's clock is behind, None where nothing says so.

    Its words of the last time are all late, and all by the same: a backlog catches up, a clock does not. A device that
    sends rarely what it read long before (once a day, say) is late by habit: its lag must be longer than that explains.
    """
    arrived, newest = _by_word(words, policy)
    recent = arrived >= arrived.max(initial=0) - 2 * policy.drift_span_s
    arrived, newest = arrived[recent], newest[recent]
    if len(arrived) < policy.drift_words or arrived[-1] - arrived[0] < policy.drift_span_s:
        return None
    lag = arrived - newest
    least, most = float(lag.min()), float(lag.max())
    by_habit = 1.5 * float(np.median(np.diff(arrived)))
    constant = most - least <= max(10 * MINUTE_S, policy.drift_jitter * least)
    return float(np.median(lag)) if constant and least > max(policy.drift_least_s, by_habit) else None


def _by_word(words: Words, policy: HabitPolicy) -> tuple[Times, Times]:
    """Give each word's arrival and the newest time in it."""
    if not len(words.arrived_s):
        return words.arrived_s, words.told_s
    order = np.argsort(words.arrived_s, kind="stable")
    arrived, told = words.arrived_s[order], words.told_s[order]
    starts = np.flatnonzero(np.diff(arrived, prepend=-np.inf) > policy.burst_s)
    return arrived[starts], np.maximum.reduceat(told, starts)
