"""From counted rows to the month's figures; pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from detectors.findings import Kind, Level
from gateway.cases.model import State as CaseState
from gateway.events import DeviceKind
from gateway.reports.model import AlertFigures, CaseFigures, DeviceFigures, EstateFigures, Housing, VisitFigures
from gateway.visits.model import Outcome
from gateway.visits.results import CONFIRMS

LIVE_CASES = tuple(state for state in CaseState if state is not CaseState.CLOSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What the store counted of an estate's month.

    `alerts` counts by kind, level and what happened (opened, confirmed, dismissed, resolved, live); `visits` by state
    and outcome; `cases` by what happened (opened, closed, handed_over, overdue) and `cases_live` by state; `known`
    sums the coverage of every day of every device of a kind; `heard` counts devices with a known day.
    """

    tenure: Mapping[str, int]
    alerts: Mapping[tuple[str, str, str], int]
    suspected_vacant: int
    visits: Mapping[tuple[str, str | None], int]
    cases: Mapping[str, int]
    cases_live: Mapping[str, int]
    devices: Mapping[str, int]
    heard: int
    known: Mapping[str, float]
    ailing: int
    conditions: Mapping[str, int]


def share(part: float, whole: float) -> float | None:
    """A share, 0 to 1; None of nothing."""
    return part / whole if whole else None


def estate_figures(estate_id: str, name: str, counted: Counted, *, days: int) -> EstateFigures:
    """An estate's month of `days` whole days."""
    return EstateFigures(
        estate_id=estate_id,
        name=name,
        housing=_housing(counted),
        alerts=_alerts(counted.alerts),
        visits=_visits(counted.visits),
        cases=_cases(counted),
        devices=_devices(counted, days),
    )


def total(estates: Iterable[EstateFigures]) -> Mapping[str, float]:
    """Sums over estates of what can be summed, by name; shares are taken of sums, never averaged."""
    sums: dict[str, float] = defaultdict(float)
    for estate in estates:
        for name, value in _summable(estate):
            sums[name] += value
    return sums


def _summable(estate: EstateFigures) -> Iterable[tuple[str, float]]:
    its = estate.housing
    yield from (("units", its.units), ("leased", its.leased), ("suspected_vacant", its.suspected_vacant))
    yield "to_let", its.by_tenure.get("vacant", 0)
    for row in estate.alerts:
        yield from (("alerts_opened", row.opened), ("alerts_confirmed", row.confirmed))
    yield from (("visits_planned", estate.visits.planned), ("visits_done", estate.visits.done))
    yield "hits", estate.visits.hits
    yield from (("cases_opened", estate.cases.opened), ("cases_closed", estate.cases.closed))
    yield from (("cases_live", sum(estate.cases.live.values())), ("overdue", estate.cases.overdue))


def _housing(counted: Counted) -> Housing:
    units, leased = sum(counted.tenure.values()), counted.tenure.get("leased", 0)
    return Housing(
        units=units,
        by_tenure=dict(counted.tenure),
        leased=leased,
        vacancy_rate=share(counted.tenure.get("vacant", 0), units),
        suspected_vacant=counted.suspected_vacant,
        suspected_rate=share(counted.suspected_vacant, leased),
    )


def _alerts(counts: Mapping[tuple[str, str, str], int]) -> tuple[AlertFigures, ...]:
    return tuple(
        AlertFigures(
            kind=kind.value,
            level=level.value,
            opened=counts.get((kind, level, "opened"), 0),
            confirmed=counts.get((kind, level, "confirmed"), 0),
            dismissed=counts.get((kind, level, "dismissed"), 0),
            resolved=counts.get((kind, level, "resolved"), 0),
            live=counts.get((kind, level, "live"), 0),
        )
        for kind in Kind
        for level in (Level.RED, Level.YELLOW)
    )


def _visits(counts: Mapping[tuple[str, str | None], int]) -> VisitFigures:
    done = sum(count for (state, _), count in counts.items() if state == "done")
    by_outcome = {outcome.value: counts.get(("done", outcome.value), 0) for outcome in Outcome}
    hits = sum(by_outcome[outcome.value] for outcome in CONFIRMS)
    return VisitFigures(
        planned=sum(counts.values()), done=done, by_outcome=by_outcome, hits=hits, hit_rate=share(hits, done)
    )


def _cases(counted: Counted) -> CaseFigures:
    return CaseFigures(
        opened=counted.cases.get("opened", 0),
        closed=counted.cases.get("closed", 0),
        handed_over=counted.cases.get("handed_over", 0),
        live={state.value: counted.cases_live.get(state.value, 0) for state in LIVE_CASES},
        overdue=counted.cases.get("overdue", 0),
    )


def _devices(counted: Counted, days: int) -> DeviceFigures:
    total_count = sum(counted.devices.values())
    return DeviceFigures(
        total=total_count,
        by_kind={kind.value: counted.devices.get(kind.value, 0) for kind in DeviceKind},
        unheard=total_count - counted.heard,
        ailing=counted.ailing,
        by_condition=dict(counted.conditions),
        coverage={
            kind.value: share(counted.known.get(kind.value, 0.0), counted.devices.get(kind.value, 0) * days)
            for kind in DeviceKind
        },
    )
