"""A replay: judges look at a panel again and again, each time cut off at the day judged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from detectors.features import features
from detectors.findings import Detector, Kind
from detectors.panel import Bools, Days, Floats, Panel

WARMUP_DAYS = 28
"""Nothing is judged before the panel is so long."""


class Judge(Protocol):
    """Something that gives every unit a score, and says which scores are alarms."""

    @property
    def name(self) -> str:
        """What it is called beside the others."""
        ...

    @property
    def kind(self) -> Kind:
        """What it looks for."""
        ...

    @property
    def is_probability(self) -> bool:
        """Whether its scores claim to be probabilities."""
        ...

    def __call__(self, panel: Panel, /) -> tuple[Floats, Bools]:
        """(U,) scores, NaN where it cannot say, and (U,) alarms on the panel's last day."""
        ...


@dataclass(frozen=True, slots=True)
class DetectorJudge:
    """A detector: its probabilities, and its findings as alarms."""

    detector: Detector
    name: str = "detector"
    is_probability: bool = True

    @property
    def kind(self) -> Kind:
        """The detector's kind."""
        return self.detector.kind

    def __call__(self, panel: Panel, /) -> tuple[Floats, Bools]:
        """Ask the detector."""
        verdict = self.detector(panel)
        found = {finding.unit_id for finding in verdict.findings}
        return verdict.probability, np.array([unit_id in found for unit_id in panel.unit_ids], bool)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What was watched: U units on T days, `every_days` apart."""

    unit_ids: tuple[str, ...]
    days: Days
    """(T,) the days judged."""
    every_days: int
    lone_elder: Bools
    """(U,)"""
    long_holiday: Bools
    """(T,) a holiday of a week and more lay in the four weeks before the look."""

    @property
    def watched_days(self) -> int:
        """From the first look to the end of the last one's turn."""
        return len(self.days) * self.every_days


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One judge's word on every unit at every look."""

    name: str
    kind: Kind
    is_probability: bool
    score: Floats
    """(U, T) NaN where it could not say."""
    alarm: Bools
    """(U, T)"""

    def held(self, looks_each: int, looks: int) -> Judgement:
        """The same for one who looks less often: each word stands for `looks_each` looks, `looks` in all."""
        turn = np.arange(looks) // looks_each
        return replace(self, score=self.score[:, turn], alarm=self.alarm[:, turn])


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A panel's looks, what the judges said, and the features that learning peers may look at."""

    watch: Watch
    judgements: tuple[Judgement, ...]
    features: Floats
    """(U, T, F); F is 0 where nobody asked for them."""


def replay(
    panel: Panel,
    judges: Sequence[Judge],
    *,
    every_days: int = 7,
    warmup_days: int = WARMUP_DAYS,
    with_features: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> Replay:
    """Judge every `every_days` days, from `warmup_days` days of panel on. No judge sees a later day than the look's."""
    looks = range(max(warmup_days, 1) - 1, len(panel.days), every_days)
    units, width = len(panel.unit_ids), len(looks)
    scores = np.full((len(judges), units, width), np.nan, np.float32)
    alarms = np.zeros((len(judges), units, width), bool)
    seen_features = []
    for turn, index in enumerate(looks):
        seen = panel.until(panel.days[index])
        for number, judge in enumerate(judges):
            scores[number, :, turn], alarms[number, :, turn] = judge(seen)
        seen_features += [features(seen)] if with_features else []
        progress(1)
    judged = tuple(
        Judgement(
            name=judge.name,
            kind=judge.kind,
            is_probability=judge.is_probability,
            score=scores[number],
            alarm=alarms[number],
        )
        for number, judge in enumerate(judges)
    )
    gathered = np.stack(seen_features, axis=1) if seen_features else np.empty((units, width, 0), np.float32)
    return Replay(watch=_watch(panel, looks, every_days), judgements=judged, features=gathered)


def _watch(panel: Panel, looks: range, every_days: int) -> Watch:
    length = np.zeros(len(panel.days), np.intp)
    for day in np.flatnonzero(panel.holiday):
        length[day] = length[day - 1] + 1 if day else 1
    after = [bool((length[max(index - 27, 0) : index + 1] >= 7).any()) for index in looks]  # noqa: PLR2004
    return Watch(
        unit_ids=panel.unit_ids,
        days=panel.days[list(looks)],
        every_days=every_days,
        lone_elder=panel.lone_elder,
        long_holiday=np.array(after, bool),
    )
