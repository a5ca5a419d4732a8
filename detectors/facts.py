"""From the figures of one flagged unit, alone in its panel, to evidence and a finding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import numpy as np

from detectors.findings import Evidence, Finding, Kind, Verdict
from detectors.panel import Floats, Panel
from detectors.policy import Policy
from detectors.scoring import level


def day(panel: Panel, index: int) -> date:
    """A day of the panel as a date; indexes beyond it mean its edge."""
    inside = min(max(index, 0), len(panel.days) - 1)
    return date.fromisoformat(str(panel.days[inside]))


def fact(
    panel: Panel, code: str, value: float, unit: str, *, first: int, baseline: float | None = None, weight: float
) -> Evidence:
    """One fact over the panel's days from the index `first` to the day judged."""
    return Evidence(
        code=code,
        value=float(value),
        unit=unit,
        baseline=None if baseline is None or not np.isfinite(baseline) else float(baseline),
        start=day(panel, first),
        end=day(panel, panel.shape[1] - 1),
        weight=float(weight) + 0.0,  # never minus zero
    )


def by_weight(facts: list[Evidence]) -> tuple[Evidence, ...]:
    """The facts that can be told (their value is known), the weightiest first."""
    known = [one for one in facts if np.isfinite(one.value)]
    return tuple(sorted(known, key=lambda one: (-one.weight, one.code)))


def flagged(panel: Panel, chance: Floats, policy: Policy) -> Iterator[tuple[Panel, float]]:
    """Each unit whose probability is worth an alert, alone in its panel: nothing said of it needs the others."""
    for row in np.flatnonzero(chance >= policy.yellow_probability):
        yield panel.take(np.array([row])), float(chance[row])


def verdict(kind: Kind, chance: Floats, told: Iterable[Finding], not_ready: dict[str, str], policy: Policy) -> Verdict:
    """The verdict in which those told are findings from the yellow line on, and suspicions below it."""
    findings: list[Finding] = []
    suspicions: list[Finding] = []
    for one in told:
        (findings if one.probability >= policy.yellow_probability else suspicions).append(one)
    return Verdict(
        kind=kind,
        probability=chance,
        findings=tuple(findings),
        not_ready=not_ready,
        suspicions=tuple(suspicions),
    )


def finding(
    panel: Panel,
    policy: Policy,
    *,
    kind: Kind,
    chance: float,
    since: int,
    facts: list[Evidence],
    subtype: str | None = None,
) -> Finding:
    """The finding about the panel's only unit; `since` is the index of the first day that the pattern holds."""
    return Finding(
        unit_id=panel.unit_ids[0],
        kind=kind,
        subtype=subtype,
        level=level(chance, policy),
        probability=chance,
        since=day(panel, since),
        evidence=by_weight(facts),
    )
