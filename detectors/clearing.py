"""What would make a finding go away: the detector itself is asked, about days and lists as they might become.

Each kind has remedies: facts that coming days or the lists could show. A remedy is put on the panel of the units that
were found, everything else goes on as it does, and the detector judges the days that follow. Told is the least that
keeps it below its line for as long as an alert takes to end; a remedy that does not is not told.

Misses: facts that only together would do, and whatever devices and lists cannot show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum, auto
from itertools import groupby, islice
from operator import attrgetter
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from detectors import coming
from detectors.codes import VOID_CODES
from detectors.facts import day
from detectors.findings import Clearing, Explaining, Finding, Kind, Verdict
from detectors.panel import Bools, Floats, Panel
from detectors.policy import Policy
from detectors.presence import CLEAR, known_water, presence
from detectors.searching import (
    FORTNIGHT_DAYS,
    LONGEST_DAYS,
    Question,
    Search,
    all_or_nothing,
    fewest,
    first_row,
    together,
)
from detectors.stats import Indexes, any_day, fill, from_index


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Units with a finding of one kind. `since` is (U,) the index of the first day that each pattern holds."""

    panel: Panel
    policy: Policy
    since: Indexes

    @property
    def length(self) -> int:
        """Days of the panel up to the day judged."""
        return self.panel.shape[1]

    @property
    def pattern(self) -> Bools:
        """(U, D) days of the pattern."""
        return from_index(self.since, self.length)

    def take(self, rows: Indexes) -> Case:
        """The same of some of the units."""
        return replace(self, panel=self.panel.take(rows), since=self.since[rows])


class Way(Enum):
    """How a remedy's days lie."""

    ANYWHERE = auto()
    """Some days of the coming fortnight."""
    IN_A_ROW = auto()
    """Day by day from tomorrow on, until the alert has ended."""
    COVERED = auto()
    """On the lists: the days of the pattern up to the day judged."""
    SINCE = auto()
    """On the lists: from the pattern's first day on."""
    FROM_NOW = auto()
    """On the lists: from tomorrow on."""


LISTED = {Way.COVERED, Way.SINCE, Way.FROM_NOW}


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """One fact that may clear a kind of finding.

    `change` puts it on days (U, D) of a panel; `fits` says whose devices and lists could show it; `limit` is (U,) what
    a day has to reach or to stay below. `spare_days` are told beyond the least, where it matters much how the days lie.
    """

    code: str
    way: Way
    change: Callable[[Panel, Bools, Case], Panel]
    fits: Callable[[Case], Bools]
    limit: Callable[[Case], Floats] | None = None
    limit_unit: str = ""
    spare_days: int = 0


def explained(detector: Explaining, panel: Panel, verdict: Verdict, policy: Policy, *, gone_days: int) -> Verdict:
    """The verdict, whose findings say what would clear them.

    `gone_days`: so many judged days without the pattern end an alert of the kind.
    """
    if not verdict.findings:
        return verdict
    clears: list[list[Clearing]] = [[] for _ in verdict.findings]
    trials = _trials(_case(panel, policy, verdict.findings), verdict.kind, gone_days)
    for trial, needed in zip(trials, _needed(detector, trials), strict=True):
        for row, clearing in _clearings(trial, needed):
            clears[row].append(clearing)
    findings = [replace(one, clears=tuple(its)) for one, its in zip(verdict.findings, clears, strict=True)]
    return replace(verdict, findings=tuple(findings))


def _case(panel: Panel, policy: Policy, findings: tuple[Finding, ...]) -> Case:
    row_of = {unit_id: row for row, unit_id in enumerate(panel.unit_ids)}
    rows = np.array([row_of[finding.unit_id] for finding in findings], np.intp)
    since = np.searchsorted(panel.days, np.array([finding.since for finding in findings], "datetime64[D]"))
    return Case(panel=panel.take(rows), policy=policy, since=since)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trial:
    """One remedy tried on the units whom it fits."""

    remedy: Remedy
    rows: Indexes
    """(U,) which of the units found these are."""
    case: Case
    panel: Panel
    """As everything goes on."""
    gone_days: int

    def search(self, row: int) -> Search:
        """For the least that a unit needs."""
        if self.remedy.way is Way.ANYWHERE:
            return fewest(self.gone_days, self.remedy.spare_days)
        if self.remedy.way is Way.IN_A_ROW:
            return first_row(self.gone_days)
        return all_or_nothing(self.gone_days, self.case.length - int(self.case.since[row]))

    def changed(self, rows: Indexes, ahead: Sequence[Bools], day: int) -> Panel:
        """These units up to a coming day, the remedy on the coming days told by `ahead`, or on the lists."""
        case = self.case.take(rows)
        days = self._listed(case) if self.remedy.way in LISTED else self._coming(ahead)
        panel = self.remedy.change(self.panel.take(rows), days, case)
        return panel.until(panel.days[case.length + day - 1])

    def _coming(self, ahead: Sequence[Bools]) -> Bools:
        days = np.zeros((len(ahead), self.panel.shape[1]), bool)
        days[:, self.case.length : self.case.length + len(ahead[0])] = ahead
        return days

    def _listed(self, case: Case) -> Bools:
        index = np.arange(self.panel.shape[1])[None, :]
        since, ahead = from_index(case.since, self.panel.shape[1]), index >= case.length
        return {Way.COVERED: since & ~ahead, Way.SINCE: since, Way.FROM_NOW: since & ahead}[self.remedy.way]


def _trials(case: Case, kind: Kind, gone_days: int) -> list[_Trial]:
    typical = TYPICAL[kind](case)
    fitting = [(remedy, np.flatnonzero(remedy.fits(case))) for remedy in REMEDIES[kind]]
    return [_trial(case.take(rows), typical[rows], remedy, rows, gone_days) for remedy, rows in fitting if len(rows)]


def _trial(case: Case, typical: Bools, remedy: Remedy, rows: Indexes, gone_days: int) -> _Trial:
    ahead = {Way.ANYWHERE: FORTNIGHT_DAYS + gone_days - 1, Way.IN_A_ROW: LONGEST_DAYS}.get(remedy.way, gone_days)
    panel = coming.go_on(case.panel, typical, ahead)
    return _Trial(remedy=remedy, rows=rows, case=case, panel=panel, gone_days=gone_days)


def _needed(detector: Explaining, trials: list[_Trial]) -> list[list[int]]:
    """Of each trial the least days of the remedy that clear each unit, 0 where none do."""
    owners = [(trial, row) for trial in range(len(trials)) for row in range(len(trials[trial].rows))]

    def answer(day: int, asked: Sequence[tuple[int, Question]]) -> list[list[bool]]:
        every = [_Try(*owners[number], way) for number, question in asked for ways in question.tries for way in ways]
        gone = iter(_are_gone(detector, trials, every, day).tolist())
        return [[all(list(islice(gone, len(ways)))) for ways in question.tries] for _, question in asked]

    found = iter(together([trials[trial].search(row) for trial, row in owners], answer))
    return [[next(found) for _ in trial.rows] for trial in trials]


class _Try(NamedTuple):
    """A unit of a trial, and the coming days of the remedy."""

    trial: int
    row: int
    ahead: Bools


def _are_gone(detector: Explaining, trials: list[_Trial], every: list[_Try], day: int) -> Bools:
    """Whether each is found no more on that coming day; a detector is as quick about hundreds as about one."""
    order = sorted(range(len(every)), key=lambda at: every[at].trial)
    panels = []
    for trial, its in groupby((every[at] for at in order), key=attrgetter("trial")):
        _, rows, ahead = zip(*its, strict=True)
        panels.append(trials[trial].changed(np.array(rows), ahead, day))
    gone = np.zeros(len(every), bool)
    gone[order] = _is_gone(detector, coming.beside(panels), trials[0].case.policy)
    return gone


def _is_gone(detector: Explaining, panel: Panel, policy: Policy) -> Bools:
    """(U,) judged and not found on the last day, or the suspicion has lost its object."""
    chance, not_ready = detector.score(panel)
    void = np.array([not_ready.get(unit_id) in VOID_CODES for unit_id in panel.unit_ids], bool)
    return np.asarray(void | (chance < policy.yellow_probability))


def _clearings(trial: _Trial, needed: list[int]) -> Iterator[tuple[int, Clearing]]:
    """Which of the units found the remedy would clear, and how."""
    limits = trial.remedy.limit(trial.case) if trial.remedy.limit else None
    for row, days in enumerate(needed):
        if days:
            limit = None if limits is None else float(limits[row])
            yield int(trial.rows[row]), _clearing(trial.case, trial.remedy, row, days, limit)


def _clearing(case: Case, remedy: Remedy, row: int, needed: int, limit: float | None) -> Clearing:
    judged, ahead = day(case.panel, case.length - 1), remedy.way not in LISTED
    reach = FORTNIGHT_DAYS if remedy.way is Way.ANYWHERE else needed
    return Clearing(
        code=remedy.code,
        value=float(needed),
        unit="days",
        limit=limit,
        limit_unit=remedy.limit_unit,
        start=judged + timedelta(days=1) if ahead else day(case.panel, int(case.since[row])),
        end=judged + timedelta(days=reach) if ahead else judged,
    )


# What goes on: days that a pattern is made of


def _absent_days(case: Case) -> Bools:
    return presence(case.panel, case.policy).absent & case.pattern


def _all_days(case: Case) -> Bools:
    return case.pattern | from_index(np.full_like(case.since, case.length - coming.REPEATED_DAYS), case.length)


def _used_days(case: Case) -> Bools:
    return np.asarray((presence(case.panel, case.policy).meters >= CLEAR) & case.pattern)


def _flowing_days(case: Case) -> Bools:
    return np.asarray((case.panel.water_least_flow_l_per_h >= case.policy.leak_l_per_h) & case.pattern)


def _dry_or_judged_day(case: Case) -> Bools:
    dry = (known_water(case.panel, case.policy) < case.policy.care_least_l) & case.pattern
    judged = from_index(np.full_like(case.since, case.length - 1), case.length)
    return np.where(any_day(dry)[:, None], dry, judged)


TYPICAL: Mapping[Kind, Callable[[Case], Bools]] = MappingProxyType(
    {
        Kind.VACANCY: _absent_days,
        Kind.SUBLET: _all_days,
        Kind.MISUSE: _used_days,
        Kind.LEAK: _flowing_days,
        Kind.CARE: _dry_or_judged_day,
    }
)
"""(U, D) of each kind the days that coming days are like."""


# Whose devices and lists could show it


def _everyone(case: Case) -> Bools:
    return np.ones(len(case.since), bool)


def _door_hears(case: Case) -> Bools:
    return any_day(np.asarray(case.panel.door_coverage[:, -case.policy.stale_days :] > 0))


def _face_enrolled(case: Case) -> Bools:
    return _door_hears(case) & (fill(case.panel.enrolled_persons[:, -1], 0.0) > 0)


def _unseen(case: Case) -> Bools:
    """Nobody of the household was seen while the pattern lasted: they may be away."""
    return ~any_day(case.pattern & (case.panel.registered_passages > 0))


def _strangers_come(case: Case) -> Bools:
    return any_day(np.asarray(case.panel.stranger_passages[:, -case.policy.sublet_window_days :] > 0))


def _is_dry(case: Case) -> Bools:
    return np.asarray(known_water(case.panel, case.policy)[:, -1] < case.policy.care_least_l)


def _is_flooded(case: Case) -> Bools:
    return ~_is_dry(case)


# What a day has to reach


def _leak_l_per_h(case: Case) -> Floats:
    return np.full(len(case.since), case.policy.leak_l_per_h, np.float32)


def _least_l(case: Case) -> Floats:
    return np.full(len(case.since), case.policy.care_least_l, np.float32)


def _usual_l(case: Case) -> Floats:
    return fill(presence(case.panel, case.policy).usual_water_l, case.policy.water_l_by_size[0])


_AT_DOOR = Remedy(
    code="registered_at_door",
    way=Way.ANYWHERE,
    change=lambda panel, days, _: coming.registered_at_door(panel, days),
    fits=_face_enrolled,
    spare_days=1,
)
_DECLARED = Remedy(
    code="absence_declared",
    way=Way.COVERED,
    change=lambda panel, days, _: coming.declared_away(panel, days),
    fits=_unseen,
)

REMEDIES: Mapping[Kind, tuple[Remedy, ...]] = MappingProxyType(
    {
        Kind.VACANCY: (
            Remedy(
                code="lived_in",
                way=Way.ANYWHERE,
                change=lambda panel, days, case: coming.lived_in(panel, days, case.policy),
                fits=_everyone,
            ),
            _AT_DOOR,
            _DECLARED,
            Remedy(
                code="lease_ended",
                way=Way.FROM_NOW,
                change=lambda panel, days, _: coming.unleased(panel, days),
                fits=_everyone,
            ),
        ),
        Kind.SUBLET: (
            _AT_DOOR,
            Remedy(
                code="no_strangers",
                way=Way.IN_A_ROW,
                change=lambda panel, days, _: coming.no_strangers(panel, days),
                fits=_strangers_come,
            ),
            _DECLARED,
        ),
        Kind.MISUSE: (
            Remedy(
                code="lease_entered",
                way=Way.SINCE,
                change=lambda panel, days, _: coming.leased(panel, days),
                fits=_everyone,
            ),
            Remedy(
                code="no_use",
                way=Way.IN_A_ROW,
                change=lambda panel, days, _: coming.empty(panel, days),
                fits=_everyone,
            ),
        ),
        Kind.LEAK: (
            Remedy(
                code="hour_without_flow",
                way=Way.ANYWHERE,
                change=lambda panel, days, case: coming.least_hour(panel, days, case.policy.leak_l_per_h),
                fits=_everyone,
                limit=_leak_l_per_h,
                limit_unit="L/h",
            ),
        ),
        Kind.CARE: (
            Remedy(
                code="water_drawn",
                way=Way.ANYWHERE,
                change=lambda panel, days, case: coming.water(panel, days, _least_l(case)[:, None]),
                fits=_is_dry,
                limit=_least_l,
                limit_unit="L",
            ),
            Remedy(
                code="water_as_usual",
                way=Way.ANYWHERE,
                change=lambda panel, days, case: coming.water(panel, days, _usual_l(case)[:, None]),
                fits=_is_flooded,
                limit=_usual_l,
                limit_unit="L",
            ),
            replace(_AT_DOOR, code="registered_daily", way=Way.IN_A_ROW),
            Remedy(
                code="visited_daily",
                way=Way.IN_A_ROW,
                change=lambda panel, days, _: coming.visited(panel, days),
                fits=_door_hears,
            ),
            _DECLARED,
        ),
    }
)
"""By kind, in the order in which they are told."""
