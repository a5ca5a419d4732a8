"""Figures of a tally, and how sure they are: households are drawn again with replacement (bootstrap)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detectors.evaluation.calibration import Bin, expected_error, reliability
from detectors.evaluation.tally import BUDGETS, EVERYBODY, Cases, Tally
from detectors.findings import Kind

FALSE_POSITIVES = (0.001, 0.003, 0.01)
"""Shares of looks at honest homes that may be at or above a threshold."""
WITHIN_DAYS = (30, 60)
SMALLEST = 1e-9
Weights = NDArray[np.float64]
Figures = dict[str, float | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """How good one judge is at one kind. A figure is None where there is nothing to divide by.

    Figures: `recall`, `recall_30`, `recall_60`, `delay_median`, `delay_p90` (days; a missed case counts as long as it
    was watched: Kaplan and Meier); `alarms`, `false_alarms` a month and 1,000 units; `precision_2`, `_5`, `_10` (weekly
    list at so many visits per 1,000 units and month); `recall_fp_0.1`, `_0.3`, `_1` (recall where so many percent of
    looks at honest homes are above the line); `precision_top` (of as many units as there are cases, those with the
    highest scores); `brier`, `ece`, `ece_alarms` (of probabilities only); `after_holiday` (wrong alarms a look in and
    after long holidays, beside other looks).
    """

    kind: Kind
    units: int
    cases: int
    found: int
    alarms: int
    false_alarms: int
    figures: Figures
    intervals: Mapping[str, tuple[float, float]]
    """90 % intervals of the figures."""
    false_by_name: Mapping[str, int]
    """False alarms by what was really so: `honest:<class>`, another kind, or `none`."""
    accused: Mapping[str, tuple[int, int]]
    """By class of honest homes: homes, and how many of them were wrongly accused; `all` has everybody."""
    recall_by_subtype: Mapping[str, tuple[int, int]]
    """By subtype: cases, and how many were found."""
    recall_by_disguise: Mapping[str, tuple[int, int]]
    """The same by how well they are hidden, where the truth tells it."""
    delays: tuple[float, ...]
    """Days to the alarm of the cases that were found, ascending."""
    reliability: tuple[Bin, ...]


def quality(kind: Kind, counted: Tally, *, is_probability: bool, rounds: int = 200, seed: int = 0) -> Quality:
    """Work out the figures, and their intervals from so many rounds of drawing households."""
    units = len(counted.months)
    random = np.random.default_rng(seed)
    own = figures(counted, np.ones(units), is_probability=is_probability)
    drawn: dict[str, list[float]] = {}
    for _ in range(rounds if units else 0):
        weights = np.bincount(random.integers(0, units, units), minlength=units).astype(float)
        for name, value in figures(counted, weights, is_probability=is_probability).items():
            if value is not None:
                drawn.setdefault(name, []).append(value)
    found = np.isfinite(counted.cases.delay_days)
    return Quality(
        kind=kind,
        units=units,
        cases=len(found),
        found=int(found.sum()),
        alarms=int(counted.opened.sum()),
        false_alarms=int(counted.wrong.sum()),
        figures=own,
        intervals={name: _interval(values) for name, values in drawn.items() if own[name] is not None},
        false_by_name=dict(sorted(counted.wrong_by_name.items(), key=lambda item: -item[1])),
        accused={name: (len(rows), int(stood.sum())) for name, (rows, stood) in counted.accused.items()},
        recall_by_subtype=_found_by(counted.cases, counted.cases.subtype),
        recall_by_disguise=_found_by(counted.cases, counted.cases.disguise),
        delays=tuple(sorted(counted.cases.delay_days[found].tolist())),
        reliability=reliability(counted.looks.score, counted.looks.case) if is_probability else (),
    )


def figures(counted: Tally, weights: Weights, *, is_probability: bool) -> Figures:
    """All figures, each unit counting as often as its weight says."""
    told: Figures = {}
    told |= _recalls(counted.cases, weights)
    told |= _delays(counted.cases, weights)
    thousand_months = float(weights @ counted.months) / 1000
    told["alarms"] = _ratio(float(weights @ counted.opened), thousand_months)
    told["false_alarms"] = _ratio(float(weights @ counted.wrong), thousand_months)
    for budget in BUDGETS:
        visits = counted.visits[budget]
        made = weights[visits.unit]
        told[f"precision_{budget}"] = _ratio(float(made @ visits.right), float(made.sum()))
    told |= _at_false_positives(counted, weights)
    told["precision_top"] = _precision_top(counted, weights)
    told["after_holiday"] = _after_holiday(counted, weights)
    if is_probability:
        told |= _probabilities(counted, weights)
    return told


def _recalls(cases: Cases, weights: Weights) -> Figures:
    """Of all cases, and within so many days: there a missed case counts only as long as it was watched."""
    counts = weights[cases.unit]
    time, missed = _missed(cases, counts)
    told: Figures = {"recall": _ratio(float(counts @ np.isfinite(cases.delay_days)), float(counts.sum()))}
    for days in WITHIN_DAYS:
        before = np.flatnonzero(time <= days)
        is_known = (time >= days).any() or (len(missed) and missed[-1] < SMALLEST)
        left = missed[before[-1]] if len(before) else 1.0
        told[f"recall_{days}"] = float(1 - left) if is_known and counts.sum() > 0 else None
    return told


def _delays(cases: Cases, weights: Weights) -> Figures:
    """Days after which half of the cases, and nine of ten, are found."""
    time, missed = _missed(cases, weights[cases.unit])
    found = {name: missed <= left + SMALLEST for name, left in (("delay_median", 0.5), ("delay_p90", 0.1))}
    return {name: float(time[np.argmax(enough)]) if enough.any() else None for name, enough in found.items()}


def _missed(cases: Cases, counts: Weights) -> tuple[Weights, Weights]:
    """Days, ascending, and the share of cases not found by then (Kaplan and Meier)."""
    found = np.isfinite(cases.delay_days)
    time = np.where(found, cases.delay_days, cases.watched_days)
    order = np.lexsort((~found, time))
    at_risk = np.cumsum(counts[order][::-1])[::-1]
    hazard = np.where(found[order], counts[order], 0) / np.maximum(at_risk, SMALLEST)
    return time[order], np.cumprod(1 - np.minimum(hazard, 1))


def _at_false_positives(counted: Tally, weights: Weights) -> Figures:
    honest = counted.honest_looks
    score, unit = counted.looks.score[honest], counted.looks.unit[honest]
    order = np.argsort(-score, kind="stable")
    above = np.cumsum(weights[unit[order]])
    cases = weights[counted.cases.unit]
    told: Figures = {}
    for share in FALSE_POSITIVES:
        last = int(np.searchsorted(above, share * above[-1] + SMALLEST, "right")) if len(above) else 0
        line = score[order[last]] if last < len(order) else -np.inf
        caught = float(cases @ (counted.cases.score > line))
        told[f"recall_fp_{share:.1%}".removesuffix("%").replace("1.0", "1")] = _ratio(caught, float(cases.sum()))
    return told


def _precision_top(counted: Tally, weights: Weights) -> float | None:
    order = np.argsort(-counted.best_score, kind="stable")
    counts = weights[order]
    wanted = float(weights @ counted.had_case)
    taken = np.clip(wanted - (np.cumsum(counts) - counts), 0, counts)
    return _ratio(float(taken @ counted.had_case[order]), wanted)


def _after_holiday(counted: Tally, weights: Weights) -> float | None:
    inside = float(weights @ (counted.months * counted.holiday_share))
    outside = float(weights @ (counted.months * (1 - counted.holiday_share)))
    then = _ratio(float(weights @ counted.wrong_after_holiday), inside)
    else_ = _ratio(float(weights @ (counted.wrong - counted.wrong_after_holiday)), outside)
    return None if then is None or not else_ else then / else_


def _probabilities(counted: Tally, weights: Weights) -> Figures:
    looks = counted.looks
    counts = weights[looks.unit]
    error = (looks.score - looks.case) ** 2
    standing = counts * looks.standing
    return {
        "brier": _ratio(float(counts @ error), float(counts.sum())),
        "ece": expected_error(looks.score, looks.case, counts),
        "ece_alarms": expected_error(looks.score, looks.case, standing),
    }


def accused_ratio(found: Quality, name: str) -> float | None:
    """How often a class of honest homes is accused, beside honest homes on average."""
    homes, accused = found.accused.get(name, (0, 0))
    everybody, all_accused = found.accused[EVERYBODY]
    return None if not homes or not all_accused else (accused / homes) / (all_accused / everybody)


def _found_by(cases: Cases, of_each: tuple[str, ...]) -> dict[str, tuple[int, int]]:
    names = sorted(set(of_each))
    chosen = {name: np.array([each == name for each in of_each], bool) for name in names}
    return {
        name: (int(mask.sum()), int(np.isfinite(cases.delay_days[mask]).sum())) for name, mask in chosen.items() if name
    }


def _interval(values: list[float]) -> tuple[float, float]:
    low, high = np.quantile(values, (0.05, 0.95))
    return float(low), float(high)


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole > 0 else None
