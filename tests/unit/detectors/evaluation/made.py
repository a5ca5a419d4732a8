"""Replays told in plain words: which unit scored what at which weekly look, and what was really so."""

from datetime import date, timedelta

import numpy as np

from detectors.evaluation.judging import Judgement, Watch
from detectors.evaluation.truth import Truth
from detectors.findings import Kind

FIRST = date(2026, 1, 1)
LOOKS = 13


def day(number):
    return FIRST + timedelta(days=number)


def watch(*unit_ids, looks=LOOKS, every_days=7, elders=(), holiday_looks=()):
    return Watch(
        unit_ids=unit_ids,
        days=np.datetime64(FIRST) + every_days * np.arange(looks),
        every_days=every_days,
        lone_elder=np.array([unit in elders for unit in unit_ids], bool),
        long_holiday=np.array([look in holiday_looks for look in range(looks)], bool),
    )


def judgement(seen, *, alarms=None, kind=Kind.VACANCY, is_probability=True, **scores):
    """Scores by unit: one number for all looks, or a list; `alarms` by unit: the looks on which one stands."""
    score = np.full((len(seen.unit_ids), len(seen.days)), np.nan, np.float32)
    for unit, values in scores.items():
        score[seen.unit_ids.index(unit)] = values
    alarm = np.nan_to_num(score) >= 0.5
    for unit, looks in (alarms or {}).items():
        alarm[seen.unit_ids.index(unit)] = [look in looks for look in range(len(seen.days))]
    return Judgement(name="test", kind=kind, is_probability=is_probability, score=score, alarm=alarm)


def case(unit, start, end=None, kind="vacancy", **more):
    return Truth(unit_id=unit, kind=kind, start=day(start), end=None if end is None else day(end), **more)


def from_look(look, score=0.9, looks=LOOKS):
    """Calm at first, and `score` from a look on."""
    return [0.1] * look + [score] * (looks - look)
