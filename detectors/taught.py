"""What a model makes of a detector's verdict: every probability is corrected, and outcomes may raise a suspicion.

A suspicion below the line becomes a finding where its corrected probability reaches the line, and falls out again when
outcomes say otherwise. The facts are the detector's own; the finding says that outcomes raised it.

Misses: what would clear a raised finding, for the detector alone says too little to be asked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

import numpy as np

from detectors.findings import TAUGHT, Evidence, Finding, Level, Verdict
from detectors.learning import Model, Signal
from detectors.panel import Floats
from detectors.policy import Policy
from detectors.scoring import level
from detectors.stats import floats

RAISED = "raised_by_outcomes"
"""The evidence's code of a finding that only the outcomes of visits raised to the line."""


def taught(
    model: Model, verdict: Verdict, unit_ids: Sequence[str], policy: Policy, spared: Collection[str] = ()
) -> Verdict:
    """The verdict with corrected probabilities.

    Findings stay: the pattern is there, whatever it is worth. A suspicion that the outcomes raise to the line becomes
    a finding and says so, but in the units that are `spared`: there a visit found nothing lately.
    """
    if model.changes_nothing or verdict.kind not in TAUGHT:
        return verdict
    findings = [_corrected(model, one, policy) for one in verdict.findings]
    suspicions = [_corrected(model, one, policy) for one in verdict.suspicions]
    line = policy.yellow_probability
    up = {one.unit_id for one in suspicions if one.probability >= line}.difference(spared)
    raised = [_raised(one, own) for one, own in zip(suspicions, verdict.suspicions, strict=True) if one.unit_id in up]
    return replace(
        verdict,
        probability=_probability(model, verdict, unit_ids, [*findings, *suspicions]),
        findings=(*findings, *raised),
        suspicions=tuple(one for one in suspicions if one.unit_id not in up),
    )


def signal_of(finding: Finding) -> Signal:
    """What a finding tells."""
    evidence = weights_of(finding.evidence)
    return Signal(kind=finding.kind, score=finding.probability, subtype=finding.subtype, evidence=evidence)


def weights_of(evidence: Iterable[Evidence]) -> dict[str, float]:
    """The weights of a detector's facts by code; what outcomes made of them is none."""
    weights: dict[str, float] = {}
    for item in evidence:
        if item.code != RAISED:
            weights[item.code] = weights.get(item.code, 0.0) + item.weight
    return weights


def _probability(model: Model, verdict: Verdict, unit_ids: Sequence[str], told: Iterable[Finding]) -> Floats:
    """(U,) what the model makes of every score, and of those whose facts are known by their facts."""
    probability = np.array(verdict.probability, dtype=np.float64)
    known = np.flatnonzero(~np.isnan(probability))
    plain = [Signal(kind=verdict.kind, score=float(probability[row])) for row in known]
    probability[known] = model.probability(plain)
    row_of = {unit_id: row for row, unit_id in enumerate(unit_ids)}
    for finding in told:
        probability[row_of[finding.unit_id]] = finding.probability
    return floats(probability)


def _corrected(model: Model, finding: Finding, policy: Policy) -> Finding:
    chance = float(model.probability([signal_of(finding)])[0])
    return replace(finding, probability=chance, level=level(chance, policy))


def _raised(finding: Finding, own: Finding) -> Finding:
    """Never red, for its facts alone would not raise an alert; what the outcomes make of them is told last."""
    said = Evidence(
        code=RAISED,
        value=100 * finding.probability,
        unit="%",
        baseline=100 * own.probability,
        start=finding.since,
        end=max(one.end for one in finding.evidence),
        weight=0.0,
    )
    return replace(finding, level=Level.YELLOW, evidence=(*finding.evidence, said))
