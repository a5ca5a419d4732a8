"""Did the occupants change? The same classifier on real and on simulated homes.

Two spans of days that follow each other are of one home, or the second is another home's of the same dates. Days on
which nobody was there are masked, as a detector must do. Homes are split into folds, so that a home that is judged was
never learnt from.
"""

from __future__ import annotations

import warnings

import numpy as np
from sklearn.ensemble import ExtraTreesClassifier

from benchmarks.realism.series import Homes

SPAN_DAYS, LEAST_DAYS = 24, 12
LIVED_IN = 0.25
FALSE_POSITIVES = 0.01
FOLDS, OTHERS = 5, 4
QUANTILES = (10, 25, 50, 75, 90)


def recall(homes: Homes, seed: int) -> float:
    """Share of changes found at 1 % false positives."""
    pairs, changed, folds = _pairs(homes, np.random.default_rng(seed))
    scores = np.empty(len(pairs))
    for fold in range(FOLDS):
        model = ExtraTreesClassifier(300, min_samples_leaf=3, random_state=seed, class_weight="balanced")
        model.fit(pairs[folds != fold], changed[folds != fold])
        scores[folds == fold] = model.predict_proba(pairs[folds == fold])[:, 1]
    threshold = np.quantile(scores[~changed], 1 - FALSE_POSITIVES)
    return float((scores[changed] > threshold).mean())


def _pairs(homes: Homes, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Features of pairs of spans, whether the second is another home's, and the fold of each."""
    fold_of = rng.permutation(len(homes.use)) % FOLDS
    pairs, changed, folds = [], [], []
    for start in range(0, homes.use.shape[1] - 2 * SPAN_DAYS + 1, 2 * SPAN_DAYS):
        before = [_span(home[start : start + SPAN_DAYS]) for home in homes.use]
        after = [_span(home[start + SPAN_DAYS : start + 2 * SPAN_DAYS]) for home in homes.use]
        for home, (first, second) in enumerate(zip(before, after, strict=True)):
            if first is None or second is None:
                continue
            near = [n for n, span in enumerate(after) if n != home and span is not None and fold_of[n] == fold_of[home]]
            for other in [home, *rng.permutation(near)[:OTHERS].tolist()]:
                pairs.append(_compare(first, after[other]))
                changed.append(other != home)
                folds.append(fold_of[home])
    return np.nan_to_num(np.array(pairs)), np.array(changed), np.array(folds)


def _span(days: np.ndarray) -> np.ndarray | None:
    """The days of a span on which somebody was there; None if there are too few."""
    days = days[np.isfinite(days).all(axis=1)]
    if len(days) < LEAST_DAYS:
        return None
    total, hours = days.sum(axis=1), (days > 0).sum(axis=1)
    kept = days[(total > LIVED_IN * total.mean()) & (hours > LIVED_IN * hours.mean())]
    return kept if len(kept) >= LEAST_DAYS else None


def _compare(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    one, other = _describe(first), _describe(second)
    shapes = [np.abs(one[key] - other[key]).sum() for key in ("shape", "active", "deciles")]
    apart = [np.abs(one[key] - other[key]) for key in ("logs", "hours")]
    steps = np.abs(first.mean(axis=0) - second.mean(axis=0)) / np.sqrt(
        (first.var(axis=0) + second.var(axis=0)) / len(first) + 1e-6
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        alike = np.corrcoef(one["shape"], other["shape"])[0, 1]
    return np.concatenate([shapes, *apart, [alike, steps.mean(), steps.max(), np.sort(steps)[-6:].mean()]])


def _describe(days: np.ndarray) -> dict[str, np.ndarray]:
    total, mean = days.sum(axis=1), days.mean(axis=0)
    parts = [mean[a:b].sum() for a, b in ((0, 6), (6, 10), (10, 14), (14, 18), (18, 24))]
    logs = [
        *np.percentile(total, QUANTILES),
        *np.percentile(days, QUANTILES),
        *parts,
        total.std(),
        days.max(axis=1).mean(),
    ]
    active = days > np.maximum(0.5 * days.mean(), 1e-6)
    first, last = active.argmax(axis=1), 23 - active[:, ::-1].argmax(axis=1)
    return {
        "shape": mean / max(mean.sum(), 1e-9),
        "active": active.mean(axis=0),
        "deciles": np.percentile(days, range(5, 100, 10)) / max(days.mean(), 1e-9),
        "logs": np.log(np.array(logs) + 1e-2),
        "hours": np.array([first.mean(), last.mean(), first.std(), last.std(), active.sum(axis=1).mean()]),
    }
