"""What would make a finding go away: the detector itself is asked, about days and lists as they might become.

Each kind has remedies: facts that coming days or the lists could show. A remedy is put on the panel of the units that
were found, everything else goes on as it does, and the detector judges the days that follow. Told is the least that
keeps it below its line for as long as an alert takes to end; a remedy that does not is not told.

Misses: facts that only together would do, and whatever devices and lists cannot show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum, auto
from types import MappingProxyType

import numpy as np

from detectors import coming
from detectors.codes import VOID_CODES
from detectors.facts import day
from detectors.findings import Clearing, Explaining, Finding, Kind, Verdict
from detectors.panel import Bools, Floats, Panel
from detectors.policy import Policy
from detectors.presence import CLEAR, known_water, presence
from detectors.stats import Indexes, any_day, fill, from_index

FORTNIGHT_DAYS = 14
"""Coming days within which scattered days may lie: nobody waits for longer."""
LONGEST_DAYS = 28
"""Most days in a row that are asked for."""


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
    case = _case(panel, policy, verdict.findings)
    clears: list[list[Clearing]] = [[] for _ in verdict.findings]
    for remedy in REMEDIES[verdict.kind]:
        for row, clearing in _clearings(detector, case, remedy, gone_days):
            clears[row].append(clearing)
    findings = [replace(one, clears=tuple(its)) for one, its in zip(verdict.findings, clears, strict=True)]
    return replace(verdict, findings=tuple(findings))


def _case(panel: Panel, policy: Policy, findings: tuple[Finding, ...]) -> Case:
    row_of = {unit_id: row for row, unit_id in enumerate(panel.unit_ids)}
    rows = np.array([row_of[finding.unit_id] for finding in findings], np.intp)
    since = np.searchsorted(panel.days, np.array([finding.since for finding in findings], "datetime64[D]"))
    return Case(panel=panel.take(rows), policy=policy, since=since)


def _clearings(
    detector: Explaining, case: Case, remedy: Remedy, gone_days: int
) -> Iterator[tuple[int, Clearing]]:  # fmt: skip
    """The row of each unit that the remedy would clear, and how."""
    rows = np.flatnonzero(remedy.fits(case))
    if not len(rows):
        return
    fitting = case.take(rows)
    trial = _Trial(detector=detector, case=fitting, remedy=remedy, gone_days=gone_days)
    limits = remedy.limit(fitting) if remedy.limit else None
    for number, needed in enumerate(trial.needed().tolist()):
        if needed:
            limit = None if limits is None else float(limits[number])
            yield int(rows[number]), _clearing(fitting, remedy, number, needed, limit)


def _clearing(case: Case, remedy: Remedy, number: int, needed: int, limit: float | None) -> Clearing:
    judged, ahead = day(case.panel, case.length - 1), remedy.way in (Way.ANYWHERE, Way.IN_A_ROW)
    reach = FORTNIGHT_DAYS if remedy.way is Way.ANYWHERE else needed
    return Clearing(
        code=remedy.code,
        value=float(needed),
        unit="days",
        limit=limit,
        limit_unit=remedy.limit_unit,
        start=judged + timedelta(days=1) if ahead else day(case.panel, int(case.since[number])),
        end=judged + timedelta(days=reach) if ahead else judged,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trial:
    """One remedy tried on the units of a case."""

    detector: Explaining
    case: Case
    remedy: Remedy
    gone_days: int

    def needed(self) -> Indexes:
        """(U,) least days of the remedy that clear each unit, 0 where none do."""
        if self.remedy.way is Way.ANYWHERE:
            return self._fewest()
        return self._until_it_ends() if self.remedy.way is Way.IN_A_ROW else self._listed()

    def _fewest(self) -> Indexes:
        """Halve the span between what is too little and what is enough."""
        panel = self._goes_on(FORTNIGHT_DAYS + self.gone_days - 1)
        low, high = np.ones(len(panel.unit_ids), np.intp), np.full(len(panel.unit_ids), FORTNIGHT_DAYS, np.intp)
        while (low < high).any():
            middle = (low + high) // 2
            enough = self._is_enough(panel, middle, self._is_gone_at_last)
            low, high = np.where(enough, low, middle + 1), np.where(enough, middle, high)
        enough = self._is_enough(panel, high, self._stays_gone)
        while (~enough & (high < FORTNIGHT_DAYS)).any():
            high = np.where(enough, high, np.minimum(high + 1, FORTNIGHT_DAYS))
            enough = self._is_enough(panel, high, self._stays_gone)
        return np.where(enough, np.minimum(high + self.remedy.spare_days, FORTNIGHT_DAYS), 0)

    def _is_enough(self, panel: Panel, number: Indexes, asked: Callable[[Panel, int], Bools]) -> Bools:
        """(U,) so many days clear it, whether they lie spread over the fortnight or together at its end."""
        step, many = np.arange(1, FORTNIGHT_DAYS + 1), number[:, None]
        spread = step * many // FORTNIGHT_DAYS > (step - 1) * many // FORTNIGHT_DAYS
        last = self.case.length + FORTNIGHT_DAYS - 1
        ways = (spread, step > FORTNIGHT_DAYS - many)
        return np.asarray(np.all([asked(self._changed(panel, days), last) for days in ways], axis=0))

    def _until_it_ends(self) -> Indexes:
        panel = self._changed(self._goes_on(LONGEST_DAYS), np.ones((len(self.case.since), LONGEST_DAYS), bool))
        needed, row = np.zeros(len(self.case.since), np.intp), np.zeros(len(self.case.since), np.intp)
        for number in range(1, LONGEST_DAYS + 1):
            row = np.where(self._is_gone(panel, self.case.length + number - 1), row + 1, 0)
            needed = np.where((needed == 0) & (row >= self.gone_days), number, needed)
            if needed.all():
                break
        return needed

    def _listed(self) -> Indexes:
        """All days of the pattern, or none."""
        panel, today = self._goes_on(self.gone_days), self.case.length
        index = np.arange(panel.shape[1])[None, :]
        since, ahead = index >= self.case.since[:, None], np.broadcast_to(index >= today, panel.shape)
        days = {Way.COVERED: since & ~ahead, Way.SINCE: since, Way.FROM_NOW: ahead}
        panel = self.remedy.change(panel, days[self.remedy.way], self.case)
        return np.where(self._stays_gone(panel, today), today - self.case.since, 0)

    def _goes_on(self, days: int) -> Panel:
        return coming.go_on(self.case.panel, TYPICAL[self.detector.kind](self.case), days)

    def _changed(self, panel: Panel, ahead: Bools) -> Panel:
        """The remedy on coming days, (U, A) from tomorrow on."""
        days = np.zeros(panel.shape, bool)
        days[:, self.case.length : self.case.length + ahead.shape[1]] = ahead
        return self.remedy.change(panel, days, self.case)

    def _stays_gone(self, panel: Panel, first: int) -> Bools:
        """(U,) nothing is found on the day of index `first` and on those after it until an alert has ended."""
        return np.asarray(np.all([self._is_gone(panel, first + more) for more in range(self.gone_days)], axis=0))

    def _is_gone_at_last(self, panel: Panel, first: int) -> Bools:
        """(U,) the last of those days alone: what is gone then mostly was before."""
        return self._is_gone(panel, first + self.gone_days - 1)

    def _is_gone(self, panel: Panel, index: int) -> Bools:
        """(U,) judged and not found on that day, or the suspicion has lost its object."""
        chance, not_ready = self.detector.score(panel.until(panel.days[index]))
        void = np.array([not_ready.get(unit_id) in VOID_CODES for unit_id in panel.unit_ids], bool)
        return np.asarray(void | (chance < self.case.policy.yellow_probability))


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
