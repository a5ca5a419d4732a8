"""One judge's word compared with the truth, kept unit by unit, so that households can be drawn again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from detectors.evaluation.judging import Judgement, Watch
from detectors.evaluation.truth import HONEST, Truth, holding, holds
from detectors.evaluation.visiting import LIST_DAYS, MONTH_DAYS, Visits, looks_between, visit
from detectors.panel import Bools, Floats

BUDGETS = (2, 5, 10)
"""Visits per 1,000 units and month at which precision is told."""
UNEXPLAINED, LONE_ELDER, EVERYBODY = "none", "lone_elder", "all"
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """A week's first looks at units that were given a score, (N,) each; `standing`: an alarm stood."""

    unit: Rows
    score: Floats
    case: Bools
    standing: Bools


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """Cases that ran while it was watched, (C,) each; a delay is infinite where the case was missed."""

    unit: Rows
    delay_days: NDArray[np.float64]
    watched_days: NDArray[np.float64]
    score: Floats
    """The highest while it ran, minus infinity where there was none."""
    subtype: tuple[str, ...]
    disguise: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What is counted of U units; every array of rows names the unit that it belongs to."""

    months: Floats
    """(U,) how long each was watched."""
    opened: Floats
    """(U,) alarms that opened."""
    wrong: Floats
    """(U,) of these, those about no case."""
    wrong_after_holiday: Floats
    """(U,) of these, those that opened in or shortly after a long holiday."""
    holiday_share: Floats
    """(U,) share of the looks in or shortly after a long holiday."""
    wrong_by_name: Mapping[str, int]
    """Wrong alarms by what was really so."""
    cases: Cases
    visits: Mapping[int, Visits]
    """By visits per 1,000 units and month."""
    looks: Looks
    honest_looks: Bools
    """(N,) of the looks, those at units without a case, now or lately."""
    best_score: Floats
    """(U,) the highest score ever, minus infinity where there was none."""
    had_case: Bools
    """(U,)"""
    accused: Mapping[str, tuple[Rows, Bools]]
    """By class of honest homes: their units, and whether a wrong alarm ever stood against each."""


def tally(judgement: Judgement, truths: Sequence[Truth], watch: Watch) -> Tally:
    """Count one judge's word against what was so."""
    about = [truth for truth in truths if truth.kind == judgement.kind]
    running = holding(about, watch.unit_ids, watch.days, grace_days=0)
    right = holding(about, watch.unit_ids, watch.days)
    before = np.zeros_like(judgement.alarm)
    before[:, 1:] = judgement.alarm[:, :-1]
    opened = judgement.alarm & ~before
    wrong = opened & ~right
    units = len(watch.unit_ids)
    known = ~np.isnan(judgement.score)
    row, turn = np.nonzero(known & _weekly(watch))
    score = np.where(known, judgement.score, -np.inf).astype(np.float32)
    looks = Looks(
        unit=row, score=judgement.score[row, turn], case=running[row, turn], standing=judgement.alarm[row, turn]
    )
    return Tally(
        months=np.full(units, watch.watched_days / MONTH_DAYS, np.float32),
        opened=_count(opened),
        wrong=_count(wrong),
        wrong_after_holiday=_count(wrong & watch.long_holiday),
        holiday_share=np.full(units, watch.long_holiday.mean() if len(watch.days) else 0, np.float32),
        wrong_by_name=_names(wrong, truths, watch),
        cases=_cases(judgement, about, watch, score),
        visits={
            budget: visit(judgement.score, judgement.alarm, right, budget=budget, every_days=watch.every_days)
            for budget in BUDGETS
        },
        looks=looks,
        honest_looks=~right[row, turn],
        best_score=score.max(axis=1, initial=-np.inf).astype(np.float32),
        had_case=np.asarray(running.any(axis=1)),
        accused=_accused(judgement.alarm & ~right, truths, watch, had_case=np.asarray(running.any(axis=1))),
    )


def _weekly(watch: Watch) -> Bools:
    """(T,) looks whose scores are kept: one night's are much as the last's, and figures are drawn again and again."""
    return np.asarray(np.arange(len(watch.days)) % looks_between(LIST_DAYS, watch.every_days) == 0)


def pooled(tallies: Sequence[Tally]) -> Tally:
    """The tallies of several panels as one of all their units."""
    at = np.concatenate([[0], np.cumsum([len(one.months) for one in tallies])])

    def joined(name: str) -> NDArray[np.generic]:
        return np.concatenate([getattr(one, name) for one in tallies])

    def rows(parts: Sequence[Rows]) -> Rows:
        return np.concatenate([part + first for part, first in zip(parts, at, strict=False)])

    classes = sorted({name for one in tallies for name in one.accused})
    nobody: tuple[Rows, Bools] = np.array([], np.intp), np.array([], bool)
    per_class = {name: [one.accused.get(name, nobody) for one in tallies] for name in classes}
    names = {
        name: sum(one.wrong_by_name.get(name, 0) for one in tallies) for one in tallies for name in one.wrong_by_name
    }
    arrays = {
        name: joined(name)
        for name in ("months", "opened", "wrong", "wrong_after_holiday", "holiday_share", "honest_looks", "best_score")
    }
    return Tally(
        **arrays,  # type: ignore[arg-type]
        had_case=np.asarray(joined("had_case"), bool),
        wrong_by_name=names,
        cases=Cases(
            unit=rows([one.cases.unit for one in tallies]),
            delay_days=np.concatenate([one.cases.delay_days for one in tallies]),
            watched_days=np.concatenate([one.cases.watched_days for one in tallies]),
            score=np.concatenate([one.cases.score for one in tallies]),
            subtype=tuple(name for one in tallies for name in one.cases.subtype),
            disguise=tuple(name for one in tallies for name in one.cases.disguise),
        ),
        visits={budget: _joined_visits([one.visits[budget] for one in tallies], rows) for budget in BUDGETS},
        looks=Looks(
            unit=rows([one.looks.unit for one in tallies]),
            score=np.concatenate([one.looks.score for one in tallies]),
            case=np.concatenate([one.looks.case for one in tallies]),
            standing=np.concatenate([one.looks.standing for one in tallies]),
        ),
        accused={
            name: (rows([part[0] for part in parts]), np.concatenate([part[1] for part in parts]))
            for name, parts in per_class.items()
        },
    )


def _joined_visits(parts: Sequence[Visits], rows: Callable[[Sequence[Rows]], Rows]) -> Visits:
    return Visits(
        unit=rows([part.unit for part in parts]),
        turn=np.concatenate([part.turn for part in parts]),
        right=np.concatenate([part.right for part in parts]),
    )


def _count(mask: Bools) -> Floats:
    return np.asarray(mask.sum(axis=1), np.float32)


def _cases(judgement: Judgement, about: Sequence[Truth], watch: Watch, score: Floats) -> Cases:
    place = {unit_id: row for row, unit_id in enumerate(watch.unit_ids)}
    first, last = (date.fromisoformat(str(day)) for day in (watch.days[0], watch.days[-1]))
    ran = [
        case
        for case in about
        if case.unit_id in place and case.start <= last and (case.end is None or case.end >= first)
    ]
    rows = np.array([place[case.unit_id] for case in ran], np.intp)
    begins = [max(case.start, first) for case in ran]
    delays, best = [], []
    for case, row, begun in zip(ran, rows.tolist(), begins, strict=True):
        stood = watch.days[judgement.alarm[row] & holds(case, watch.days)]
        delays.append(float((stood[0] - np.datetime64(begun)).astype(int)) if len(stood) else np.inf)
        best.append(score[row][holds(case, watch.days, grace_days=0)].max(initial=-np.inf))
    watched = [float((min(case.end or last, last) - begun).days) for case, begun in zip(ran, begins, strict=True)]
    return Cases(
        unit=rows,
        delay_days=np.array(delays, float),
        watched_days=np.array(watched, float),
        score=np.array(best, np.float32),
        subtype=tuple(case.subtype for case in ran),
        disguise=tuple(case.disguise for case in ran),
    )


def _names(wrong: Bools, truths: Sequence[Truth], watch: Watch) -> dict[str, int]:
    """Each wrong alarm by the first thing that was so in its unit on that day."""
    by_unit: dict[str, list[Truth]] = {}
    for truth in truths:
        by_unit.setdefault(truth.unit_id, []).append(truth)
    names: Counter[str] = Counter()
    for row, turn in np.argwhere(wrong).tolist():
        so = [truth for truth in by_unit.get(watch.unit_ids[row], []) if holds(truth, watch.days[turn : turn + 1])[0]]
        name = so[0].name if so else UNEXPLAINED
        names[name] += 1
    return names


def _accused(
    standing: Bools, truths: Sequence[Truth], watch: Watch, *, had_case: Bools
) -> dict[str, tuple[Rows, Bools]]:
    found: dict[str, tuple[Rows, Bools]] = {}
    for name in sorted({truth.subtype for truth in truths if truth.kind == HONEST}):
        so = [truth for truth in truths if truth.kind == HONEST and truth.subtype == name]
        held = holding(so, watch.unit_ids, watch.days)
        rows = np.flatnonzero(held.any(axis=1) & ~had_case)
        found[name] = rows, np.asarray((standing & held)[rows].any(axis=1))
    everybody = np.flatnonzero(~had_case)
    for name, rows in ((LONE_ELDER, np.flatnonzero(~had_case & watch.lone_elder)), (EVERYBODY, everybody)):
        found[name] = rows, np.asarray(standing[rows].any(axis=1))
    return found
