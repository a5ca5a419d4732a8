"""How good are alarms, measured against known truth? Truth is compared afterwards; no detector ever sees it.

A simulator's truth measures whether the rules do what they should in a world that somebody made up. It is not accuracy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from detectors.findings import Detector, Kind
from detectors.panel import Panel

MONTH_DAYS = 30
BUDGETS = (2, 5, 10)
"""Visits per 1,000 units and month at which precision is told."""
GRACE_DAYS = 30
"""An alarm that opens so long after a case ended still is about it."""
UNEXPLAINED = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What really was so in a unit. `kind` is a detector's kind, or `honest` for a look-alike of class `subtype`."""

    unit_id: str
    kind: str
    start: date
    end: date | None = None
    subtype: str = ""

    def holds(self, day: date, grace_days: int = GRACE_DAYS) -> bool:
        """Whether it was so on the day, or had ended only lately."""
        return self.start <= day and (self.end is None or day <= self.end + timedelta(days=grace_days))


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """A detector raised its hand for a unit on that day, having not done so at the last look."""

    unit_id: str
    kind: Kind
    opened_on: date
    probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What was watched: so many units, from the first to the last day judged."""

    units: int
    start: date
    end: date

    @property
    def thousand_unit_months(self) -> float:
        """Thousands of units times months of 30 days."""
        return self.units / 1000 * self.days / MONTH_DAYS

    @property
    def days(self) -> int:
        """Days judged, both ends included."""
        return (self.end - self.start).days + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """One kind's alarms against the truth. Figures are None where there is nothing to divide by."""

    kind: Kind
    alarms: int
    cases: int
    """Cases of the kind that ran on any day judged."""
    found: int
    recall: float | None
    recall_30: float | None
    """Found within 30 days, of the cases that could be watched so long (or were found)."""
    recall_60: float | None
    median_delay_days: float | None
    """From the later of a case's start and the first day judged; a missed case is endless, an endless median None."""
    false_alarms: int
    false_per_1000_unit_months: float
    precision_at: Mapping[int, float | None]
    """By visits per 1,000 units and month: share of visits to the likeliest alarms of each month that were right."""
    false_by_class: Mapping[str, int]
    """False alarms by what was really so: `honest:<class>`, another kind, or `none`."""


def replay(panel: Panel, detectors: Sequence[Detector], every_days: int, warmup_days: int) -> Iterator[Alarm]:
    """Judge every `every_days` days, from `warmup_days` days of panel on, and give each alarm when it first stands.

    A pattern that goes away and comes back is a new alarm.
    """
    live: set[tuple[str, Kind]] = set()
    for index in range(max(warmup_days, 1) - 1, len(panel.days), every_days):
        seen = panel.until(panel.days[index])
        day = date.fromisoformat(str(panel.days[index]))
        found = [one for detector in detectors for one in detector(seen).findings]
        for one in found:
            if (one.unit_id, one.kind) not in live:
                yield Alarm(unit_id=one.unit_id, kind=one.kind, opened_on=day, probability=one.probability)
        live = {(one.unit_id, one.kind) for one in found}


def judged_span(panel: Panel, warmup_days: int) -> Span:
    """What a replay of the panel watches."""
    first = panel.days[min(max(warmup_days, 1), len(panel.days)) - 1]
    start, end = (date.fromisoformat(str(day)) for day in (first, panel.as_of))
    return Span(units=len(panel.unit_ids), start=start, end=end)


def assess(kind: Kind, alarms: Iterable[Alarm], truths: Iterable[Truth], span: Span) -> Quality:
    """Compare the alarms of one kind with the truth."""
    known = list(truths)
    cases = [truth for truth in known if truth.kind == kind and _runs(truth, span)]
    raised = sorted((alarm for alarm in alarms if alarm.kind == kind), key=lambda alarm: alarm.opened_on)
    wrong = [alarm for alarm in raised if not _is_right(alarm, cases)]
    delays = [_delay(case, raised, span) for case in cases]
    found = [delay for delay in delays if delay is not None]
    return Quality(
        kind=kind,
        alarms=len(raised),
        cases=len(cases),
        found=len(found),
        recall=_share(len(found), len(cases)),
        recall_30=_recall_within(30, cases, delays, span),
        recall_60=_recall_within(60, cases, delays, span),
        median_delay_days=_median_delay(delays),
        false_alarms=len(wrong),
        false_per_1000_unit_months=len(wrong) / span.thousand_unit_months,
        precision_at={budget: _precision(budget, raised, cases, span) for budget in BUDGETS},
        false_by_class=dict(Counter(_class(alarm, known) for alarm in wrong)),
    )


def _runs(truth: Truth, span: Span) -> bool:
    return truth.start <= span.end and (truth.end is None or truth.end >= span.start)


def _is_right(alarm: Alarm, cases: Iterable[Truth]) -> bool:
    return any(case.unit_id == alarm.unit_id and case.holds(alarm.opened_on) for case in cases)


def _watched_from(case: Truth, span: Span) -> date:
    return max(case.start, span.start)


def _delay(case: Truth, raised: Iterable[Alarm], span: Span) -> int | None:
    """Days to the first alarm about the case; None where it was missed."""
    right = (alarm.opened_on for alarm in raised if _is_right(alarm, [case]))
    first = min(right, default=None)
    return None if first is None else (first - _watched_from(case, span)).days


def _recall_within(days: int, cases: Sequence[Truth], delays: Sequence[int | None], span: Span) -> float | None:
    quick = sum(delay is not None and delay <= days for delay in delays)
    watched = sum(
        (delay is not None and delay <= days) or _watched_from(case, span) + timedelta(days=days) <= span.end
        for case, delay in zip(cases, delays, strict=True)
    )
    return _share(quick, watched)


def _median_delay(delays: Sequence[int | None]) -> float | None:
    if not delays:
        return None
    middle = median(float("inf") if delay is None else float(delay) for delay in delays)
    return None if middle == float("inf") else middle


def _precision(budget: int, raised: Sequence[Alarm], cases: Sequence[Truth], span: Span) -> float | None:
    visits = max(round(budget * span.units / 1000), 1)
    months: dict[int, list[Alarm]] = {}
    for alarm in raised:
        months.setdefault((alarm.opened_on - span.start).days // MONTH_DAYS, []).append(alarm)
    visited = [alarm for month in months.values() for alarm in _likeliest(month, visits)]
    return _share(sum(_is_right(alarm, cases) for alarm in visited), len(visited))


def _likeliest(alarms: Iterable[Alarm], visits: int) -> list[Alarm]:
    return sorted(alarms, key=lambda alarm: (-alarm.probability, alarm.opened_on, alarm.unit_id))[:visits]


def _class(alarm: Alarm, truths: Iterable[Truth]) -> str:
    """What was really so when the alarm was false."""
    about = [truth for truth in truths if truth.unit_id == alarm.unit_id and truth.holds(alarm.opened_on)]
    if not about:
        return UNEXPLAINED
    one = about[0]
    return f"{one.kind}:{one.subtype}" if one.subtype else one.kind


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
