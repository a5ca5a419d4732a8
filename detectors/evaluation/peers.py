"""What the field does instead: rules of thumb, and methods that learn from plain figures. In evaluations only.

A rule's score is one half at its threshold. IsolationForest is asked for as many alarms as the prior expects. The
gradient boosting learns from the truth of other units, future included, which no authority has: it flatters itself.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier, IsolationForest

from detectors.evaluation.judging import DetectorJudge, Judge, Judgement, Replay
from detectors.evaluation.truth import Truth, holding
from detectors.findings import Kind
from detectors.panel import Bools, Floats, Panel
from detectors.policy import Policy
from detectors.presence import known_electricity
from detectors.rules import DryRunRule, StrangersRule, strangers
from detectors.stats import NAN, count, fill, floats

POLICY = Policy()
LEARNT = (Kind.VACANCY, Kind.SUBLET)
"""Kinds that the learning peers are compared on."""
_LEAST_CASES = 6


@dataclass(frozen=True, slots=True)
class YearlyUseRule:
    """Vacancy as a data product of Hangzhou sells it: under 20 kWh in twelve months, pro rata from 60 known days on."""

    kwh: float = 20.0
    least_days: int = 60
    name: str = "rule: 20 kWh a year"
    kind: Kind = Kind.VACANCY
    is_probability: bool = False

    def __call__(self, panel: Panel, /) -> tuple[Floats, Bools]:
        """Add up the last twelve months."""
        use = known_electricity(panel, POLICY)[:, -365:]
        known = count(~np.isnan(use))
        ready = (known >= self.least_days) & panel.leased[:, -1]
        yearly = fill(use, 0.0).sum(axis=1) * 365 / np.maximum(known, 1)
        return _scored(np.where(ready, self.kwh / np.maximum(yearly, 0.01), NAN), 1.0)


@dataclass(frozen=True, slots=True)
class StrangersAndSilenceRule:
    """Sublet as the product of two counts: strangers, and the share of days without any of the registered."""

    days: int = 28
    strangers: float = 14.0
    name: str = "rule: strangers × silence"
    kind: Kind = Kind.SUBLET
    is_probability: bool = False

    def __call__(self, panel: Panel, /) -> tuple[Floats, Bools]:
        """Count over the window's days on which the doors spoke."""
        lately = slice(-self.days, None)
        spoke = panel.door_coverage[:, lately] > 0
        seen = spoke & (panel.registered_passages[:, lately] > 0)
        silent = 1 - count(seen) / np.maximum(count(spoke), 1)
        ready = (count(spoke) > 0) & panel.leased[:, -1] & (panel.enrolled_persons[:, -1] > 0)
        total = strangers(panel)[:, lately].sum(axis=1)
        return _scored(np.where(ready, total * silent, NAN), self.strangers)


def rules() -> list[Judge]:
    """Every rule of thumb."""
    return [
        DetectorJudge(DryRunRule(), name="rule: dry 14 days", is_probability=False),
        DetectorJudge(DryRunRule(days=28), name="rule: dry 28 days", is_probability=False),
        YearlyUseRule(),
        DetectorJudge(StrangersRule(), name="rule: strangers", is_probability=False),
        StrangersAndSilenceRule(),
    ]


def isolation_forest(replays: Sequence[Replay], seed: int = 0) -> list[list[Judgement]]:
    """For each replay an IsolationForest that is fitted anew at each look on that look's units: it needs no truth."""
    return [_isolated(one, seed) for one in replays]


def gradient_boosting(
    replays: Sequence[Replay], truths: Sequence[Sequence[Truth]], seed: int = 0
) -> list[list[Judgement]]:
    """For each replay a gradient boosting that learnt from the other half of the units; none where cases are few."""
    half = [np.array([zlib.crc32(unit.encode()) % 2 == 1 for unit in one.watch.unit_ids], bool) for one in replays]
    judged: list[list[Judgement]] = [[] for _ in replays]
    for kind in LEARNT:
        cases = [[truth for truth in known if truth.kind == kind] for known in truths]
        label = [
            holding(those, one.watch.unit_ids, one.watch.days, grace_days=0)
            for those, one in zip(cases, replays, strict=True)
        ]
        scores = [np.full(one.watch.lone_elder.shape + one.watch.days.shape, np.nan, np.float32) for one in replays]
        material = _Material(replays, label, half)
        if not all(_fit_and_score(material, scores, side=side, seed=seed) for side in (False, True)):
            continue
        for at, score in enumerate(scores):
            judged[at].append(
                _judgement("gradient boosting", kind, score, score >= POLICY.yellow_probability, own=True)
            )
    return judged


@dataclass(frozen=True, slots=True)
class _Material:
    """Replays, the truth of a kind at each look, and which half each unit is in."""

    replays: Sequence[Replay]
    label: Sequence[Bools]
    half: Sequence[Bools]


def _fit_and_score(material: _Material, scores: Sequence[Floats], *, side: bool, seed: int) -> bool:
    """Learn from one half of the units, score the other; False where the half has too few cases."""
    replays, label, half = material.replays, material.label, material.half
    learn = [rows == side for rows in half]
    figures = np.concatenate([_rows(one.features[rows]) for one, rows in zip(replays, learn, strict=True)])
    told = ~np.isnan(figures).all(axis=0)
    truth = np.concatenate([its[rows].ravel() for its, rows in zip(label, learn, strict=True)])
    cases = sum(int(its[rows].any(axis=1).sum()) for its, rows in zip(label, learn, strict=True))
    if cases < _LEAST_CASES:
        return False
    model = HistGradientBoostingClassifier(random_state=seed, max_iter=100, early_stopping=False)
    model.fit(figures[:, told], truth)
    for one, rows, score in zip(replays, learn, scores, strict=True):
        other = one.features[~rows]
        if len(other):
            score[~rows] = model.predict_proba(_rows(other)[:, told])[:, 1].reshape(other.shape[:2])
    return True


def filled(figures: Floats) -> Floats:
    """(U, F) figures with each gap filled by the column's median, for methods that know no gaps."""
    middle = np.nan_to_num(np.nanmedian(np.where(np.isnan(figures).all(axis=0), 0, figures), axis=0))
    return np.where(np.isnan(figures), middle, figures)


def _rows(figures: Floats) -> Floats:
    return figures.reshape(-1, figures.shape[-1])


def _isolated(one: Replay, seed: int) -> list[Judgement]:
    units, looks, _ = one.features.shape
    score = np.full((units, looks), np.nan, np.float32)
    for turn in range(looks):
        whole = filled(one.features[:, turn])
        forest = IsolationForest(random_state=seed).fit(whole)
        score[:, turn] = -forest.score_samples(whole)
    most = np.quantile(score, 1 - POLICY.prior, axis=0) if units else np.zeros(looks)
    made = _judgement("IsolationForest", Kind.VACANCY, score, np.asarray(score > most), own=False)
    return [replace(made, kind=kind) for kind in LEARNT]


def _judgement(name: str, kind: Kind, score: Floats, alarm: Bools, *, own: bool) -> Judgement:
    return Judgement(name=name, kind=kind, is_probability=own, score=score, alarm=np.asarray(alarm))


def _scored(value: Floats, threshold: float) -> tuple[Floats, Bools]:
    score = floats(value / (value + threshold))
    return score, np.asarray(score >= POLICY.yellow_probability)
