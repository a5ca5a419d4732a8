"""PyOD's ECOD on the same features, where PyOD is installed (`make bench` does that). The gateway does not need it."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import find_spec

import numpy as np

from detectors.evaluation.judging import Judgement, Replay
from detectors.evaluation.peers import LEARNT, POLICY, filled
from detectors.findings import Kind


def ecod(replays: Sequence[Replay]) -> list[list[Judgement]]:
    """For each replay an ECOD that is fitted anew at each look; none where PyOD is missing."""
    if find_spec("pyod") is None:
        return [[] for _ in replays]
    return [_judged(one) for one in replays]


def _judged(one: Replay) -> list[Judgement]:
    from pyod.models.ecod import ECOD  # noqa: PLC0415 - only where it is there

    units, looks, _ = one.features.shape
    score = np.full((units, looks), np.nan, np.float32)
    with warnings.catch_warnings():  # it warns of figures that are the same in all units, which say nothing
        warnings.simplefilter("ignore", RuntimeWarning)
        for turn in range(looks):
            score[:, turn] = ECOD().fit(filled(one.features[:, turn])).decision_scores_
    most = np.quantile(score, 1 - POLICY.prior, axis=0) if units else np.zeros(looks)
    alarm = np.asarray(score > most)
    made = Judgement(name="PyOD ECOD", kind=Kind.VACANCY, is_probability=False, score=score, alarm=alarm)
    return [replace(made, kind=kind) for kind in LEARNT]
