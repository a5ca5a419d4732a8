"""What visits teach: outcomes correct the detectors' probabilities, and with them the order of visits.

Log-odds of the detector's own word, corrected by weights for each kind and for each sort of evidence (whether it is
there, and how much it weighs): a ridge regression around no correction at all, so that no outcomes change nothing and
few change little; how far from it corrections usually lie is learnt as well. Beside the weights stands how unsure they
are, from which visits that explore are drawn (`draws`). Then a calibration on outcomes that the weights did not learn
from: a sigmoid below 1,000, isotonic from there on.

Inspected homes are no random sample: most were visited because they stood on top. Each outcome is weighted by one over
the chance with which its home was chosen, with a bound, since a chance in a thousand must not outvote all others.

Misses: what changes quickly (a season) is averaged; a kind of evidence that stands with every finding teaches nothing.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detectors.evaluation.calibration import expected_error
from detectors.findings import Kind

Doubles = NDArray[np.float64]
ISOTONIC_FROM = 1000
"""Outcomes from which calibration follows their frequencies freely (usual advice; below, it would follow noise)."""
CALIBRATED_FROM = 50
"""Outcomes from which there is a calibration of its own."""
LARGEST_WEIGHT = 5.0
"""A home chosen by the smallest chance counts at most this often."""
SPREADS = {"is": 1.0, "log_odds": 0.5, "evidence": 0.6, "has": 1.0, "subtype": 1.0}
"""How far weights may lie from no correction at most, before anything is known (standard deviations; judgement)."""
SHARES = (0.125, 0.25, 0.5, 1.0)
"""Of these spreads; on day one each is as likely, then the outcomes say (marginal likelihood)."""
OUTER = 6.0
"""Log-odds beyond which nothing is said."""
FOLDS, STEPS = 5, 30
DRIFT_OUTCOMES, DRIFT_SIGMAS = 100, 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """What was known of a suspicion: the detector's own probability, and the evidence's weights by code."""

    kind: Kind
    score: float
    subtype: str | None = None
    evidence: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A visit's outcome for one suspicion. `chance`: that the home was chosen; `said`: the probability at the time."""

    unit_id: str
    signal: Signal
    found: bool
    chance: float = 1.0
    said: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """Corrections of log-odds by name, then a curve from log-odds to probability; empty: nothing is changed."""

    weights: Mapping[str, float] = field(default_factory=dict)
    """Ascending by name."""
    covariance: tuple[tuple[float, ...], ...] = ()
    """How unsure the weights are, in their order; empty (a model of an earlier version): as on day one."""
    sigmoid: tuple[float, float] = (0.0, 1.0)
    """Shift and slope on log-odds."""
    curve: tuple[tuple[float, float], ...] = ()
    """Points of log-odds and probability, ascending; where there are any the sigmoid is not used."""
    labels: int = 0

    @property
    def changes_nothing(self) -> bool:
        """Whether it has learnt nothing yet."""
        return not self.weights

    def probability(self, signals: Sequence[Signal]) -> Doubles:
        """(N,) what it makes of the signals."""
        if self.changes_nothing:
            return np.array([signal.score for signal in signals])
        return self._calibrated(self._corrected(signals))

    def draws(self, signals: Sequence[Signal], number: int, seed: int) -> Doubles:
        """(`number`, N) what other models would make of the signals, each as likely as the outcomes allow.

        Where the columns are wide little is known; on day one they are as wide as before any outcome.
        """
        named = [dict(_named(signal)) for signal in signals]
        names = sorted({name for row in named for name in row})
        weights = self._drawn(names, np.random.default_rng(seed).standard_normal((number, len(names))))
        return self._calibrated(_base(signals) + weights @ _figures(named, names).T)

    def _corrected(self, signals: Sequence[Signal]) -> Doubles:
        return np.array([
            _log_odds(signal.score) + sum(self.weights.get(name, 0.0) * value for name, value in _named(signal))
            for signal in signals
        ])  # fmt: skip

    def _drawn(self, names: Sequence[str], noise: Doubles) -> Doubles:
        """(S, K) weights of these names from (S, K) standard noise; names that no outcome had lie around nothing."""
        known = {name: at for at, name in enumerate(self.weights)}
        spread = np.diag(np.mean(np.square(SHARES)) / _precision(names))
        mine = [(at, known[name]) for at, name in enumerate(names) if name in known]
        if mine and self.covariance:
            here, there = (np.array(places) for places in zip(*mine, strict=True))
            spread[np.ix_(here, here)] = np.array(self.covariance)[np.ix_(there, there)]
        centre = np.array([self.weights.get(name, 0.0) for name in names])
        return np.asarray(centre + noise @ np.linalg.cholesky(spread).T)

    def _calibrated(self, log_odds: Doubles) -> Doubles:
        if self.curve:
            at, value = np.array(self.curve).T
            # The curve has steps; what lies on one keeps its order.
            return np.asarray(np.clip(np.interp(log_odds, at, value) + 1e-4 * (_share(log_odds) - 0.5), 0.0, 1.0))
        shift, slope = self.sigmoid
        return _share(shift + slope * log_odds)

    def to_columns(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "weights": dict(self.weights),
            "covariance": [list(row) for row in self.covariance],
            "sigmoid": list(self.sigmoid),
            "curve": [list(point) for point in self.curve],
            "labels": self.labels,
        }

    @classmethod
    def from_columns(cls, columns: Mapping[str, Any]) -> Model:
        """What `to_columns` made, read back."""
        shift, slope = columns["sigmoid"]
        return cls(
            weights={str(name): float(value) for name, value in sorted(columns["weights"].items())},
            covariance=tuple(tuple(float(value) for value in row) for row in columns.get("covariance", ())),
            sigmoid=(float(shift), float(slope)),
            curve=tuple((float(at), float(value)) for at, value in columns["curve"]),
            labels=int(columns["labels"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Probabilities as they were told, against the newest outcomes."""

    outcomes: int
    found: int
    expected: float
    ece: float | None

    @property
    def has_drifted(self) -> bool:
        """Whether more or fewer were found than chance allows (three standard deviations)."""
        spread = np.sqrt(max(self.expected * (1 - self.expected / max(self.outcomes, 1)), 0.25))
        return bool(abs(self.found - self.expected) > DRIFT_SIGMAS * spread)


def fit(lessons: Sequence[Lesson]) -> Model:
    """Learn from all outcomes; from none, the model that changes nothing."""
    if not lessons:
        return Model()
    counts = _counts(lessons)
    weights, covariance = _learnt(lessons, counts)
    model = Model(weights=weights, covariance=_rows(covariance), labels=len(lessons))
    if len(lessons) < CALIBRATED_FROM:
        return model
    log_odds, found = _unseen(lessons, counts), np.array([lesson.found for lesson in lessons], float)
    if len(lessons) >= ISOTONIC_FROM:
        return replace(model, curve=_isotonic(log_odds, found, counts))
    return replace(model, sigmoid=_sigmoid(log_odds, found, counts))


def drift(lessons: Sequence[Lesson]) -> Drift:
    """Of the newest outcomes (lessons come oldest first), as far as it is known what was told of them."""
    newest = [lesson for lesson in lessons if lesson.said is not None][-DRIFT_OUTCOMES:]
    said = np.array([lesson.said for lesson in newest], np.float32)
    found = np.array([lesson.found for lesson in newest], bool)
    return Drift(
        outcomes=len(newest),
        found=int(found.sum()),
        expected=float(said.sum()),
        ece=expected_error(said, found, np.ones(len(newest))),
    )


def _named(signal: Signal) -> list[tuple[str, float]]:
    named = [(f"is:{signal.kind}", 1.0), (f"log_odds:{signal.kind}", _log_odds(signal.score))]
    for code, weight in signal.evidence.items():
        named += [(f"has:{code}", 1.0), (f"evidence:{code}", weight)]
    return named + ([(f"subtype:{signal.subtype}", 1.0)] if signal.subtype else [])


def _counts(lessons: Sequence[Lesson]) -> Doubles:
    """One over the chance, bounded; on average one."""
    inverse = 1 / np.array([max(lesson.chance, 1e-6) for lesson in lessons])
    bounded = np.minimum(inverse / inverse.min(), LARGEST_WEIGHT)
    return np.asarray(bounded / bounded.mean())


def _learnt(lessons: Sequence[Lesson], counts: Doubles) -> tuple[dict[str, float], Doubles]:
    """The weights by name and their covariance, over all `SHARES` by how well each explains the outcomes."""
    named = [dict(_named(lesson.signal)) for lesson in lessons]
    names = sorted({name for row in named for name in row})
    base, found = _base([lesson.signal for lesson in lessons]), np.array([lesson.found for lesson in lessons], float)
    figures = _figures(named, names)
    fits = [_laplace(figures, base, found, counts, _precision(names) / share**2) for share in SHARES]
    evidence = np.array([one.evidence for one in fits])
    likely = np.exp(evidence - evidence.max())
    likely /= likely.sum()
    weights = likely @ np.stack([one.weights for one in fits])
    apart = [np.outer(one.weights - weights, one.weights - weights) for one in fits]
    covariance = sum(share * (one.covariance + out) for share, one, out in zip(likely, fits, apart, strict=True))
    return dict(zip(names, weights.tolist(), strict=True)), np.asarray(covariance, np.float64)


@dataclass(frozen=True, slots=True)
class _Laplace:
    """The likeliest weights, the covariance around them, and the log of the outcomes' marginal likelihood."""

    weights: Doubles
    covariance: Doubles
    evidence: float


def _laplace(figures: Doubles, base: Doubles, found: Doubles, counts: Doubles, prior: Doubles) -> _Laplace:
    weights, bend = _peak(figures, base, found, counts, prior)
    log_odds = base + figures @ weights
    fits = counts @ (found * log_odds - np.logaddexp(0, log_odds)) - prior @ weights**2 / 2
    evidence = fits + (np.log(prior).sum() - np.linalg.slogdet(bend)[1]) / 2
    return _Laplace(weights, np.asarray(np.linalg.inv(bend), np.float64), float(evidence))


def _rows(covariance: Doubles) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in covariance.round(8).tolist())


def _figures(named: Sequence[Mapping[str, float]], names: Sequence[str]) -> Doubles:
    figures = np.array([[row.get(name, 0.0) for name in names] for row in named])
    return figures.reshape(len(named), len(names))


def _base(signals: Sequence[Signal]) -> Doubles:
    return np.array([_log_odds(signal.score) for signal in signals])


def _precision(names: Sequence[str]) -> Doubles:
    return np.array([1 / SPREADS[name.partition(":")[0]] ** 2 for name in names])


def _peak(figures: Doubles, base: Doubles, found: Doubles, counts: Doubles, prior: Doubles) -> tuple[Doubles, Doubles]:
    """(K,) the weights of the highest posterior by Newton's steps (it has one peak), and (K, K) how it bends there."""
    weights = np.zeros(figures.shape[1])
    for _ in range(STEPS):
        said = _share(base + figures @ weights)
        slope = figures.T @ (counts * (found - said)) - prior * weights
        bend = (figures * (counts * said * (1 - said))[:, None]).T @ figures + np.diag(prior)
        step = np.linalg.solve(bend, slope)
        weights += step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < 1e-8:  # noqa: PLR2004
            break
    return weights, bend


def _unseen(lessons: Sequence[Lesson], counts: Doubles) -> Doubles:
    """(N,) corrected log-odds of each lesson by weights that did not learn from its home."""
    fold = np.array([zlib.crc32(lesson.unit_id.encode()) % FOLDS for lesson in lessons])
    log_odds = np.zeros(len(lessons))
    for number in range(FOLDS):
        own, others = np.flatnonzero(fold == number).tolist(), np.flatnonzero(fold != number).tolist()
        weights = _learnt([lessons[at] for at in others], counts[others])[0] if others else {}
        log_odds[own] = Model(weights=weights)._corrected([lessons[at].signal for at in own])  # noqa: SLF001
    return log_odds


def _sigmoid(log_odds: Doubles, found: Doubles, counts: Doubles) -> tuple[float, float]:
    figures = np.stack([np.ones_like(log_odds), log_odds], axis=1)
    (shift, more), _ = _peak(figures, log_odds, found, counts, prior=np.array([1.0, 4.0]))
    return float(shift), float(max(1 + more, 0.05))


def _isotonic(log_odds: Doubles, found: Doubles, counts: Doubles) -> tuple[tuple[float, float], ...]:
    from sklearn.isotonic import IsotonicRegression  # noqa: PLC0415 - a second and 70 MB that only a fit needs

    risen = IsotonicRegression(y_min=0.005, y_max=0.99, out_of_bounds="clip").fit(log_odds, found, counts)
    points = zip(risen.X_thresholds_.tolist(), risen.y_thresholds_.tolist(), strict=True)
    return tuple((float(at), float(value)) for at, value in points)


def _log_odds(score: float) -> float:
    inside = min(max(score, 1e-6), 1 - 1e-6)
    return float(np.clip(np.log(inside / (1 - inside)), -OUTER, OUTER))


def _share(log_odds: Doubles) -> Doubles:
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -20, 20))))
