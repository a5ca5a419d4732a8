"""The report as titles, sentences and tables in a language; spreadsheet and document show the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from gateway.cases.model import State as CaseState
from gateway.events import DeviceKind
from gateway.reports.figures import LIVE_CASES, share, total
from gateway.reports.model import EstateFigures, Report
from gateway.reports.month import Month
from gateway.visits.model import Outcome
from gateway.words import text, text_or
from gateway.words.figures import day

Cell: TypeAlias = str | int | float | None
Form: TypeAlias = Literal["text", "count", "share"]

_TEXTS = frozenset({"estate", "kind", "level", "reason", "item"})
"""Columns of words; what ends with _rate or _coverage is a share, all others count."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, and whether its cells are texts, whole numbers or shares (0 to 1)."""

    heading: str
    form: Form = "count"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A part of the report. `total` is its last row, where adding up makes sense."""

    name: str
    note: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: tuple[Cell, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The whole report, ready to be drawn."""

    title: str
    month: str
    facts: tuple[str, ...]
    lead: tuple[str, ...]
    tables: tuple[Table, ...]


def lay_out(language: str, report: Report) -> Layout:
    """Put a report into words and tables."""
    month = Month.parse(report.month)
    parts = (_overview, _alerts, _visits, _cases, _devices, _quarantine, _privacy)
    period = text(
        language,
        "report.period",
        start=day(language, report.first, year=True),
        end=day(language, report.until, year=True),
    )
    made = text(language, "report.made_at", at=f"{report.made_at:%Y-%m-%d %H:%M}")
    return Layout(
        title=text(language, "report.title"),
        month=text(language, "report.month", year=month.year, month=text(language, f"month.{month.month}")),
        facts=(period + ("" if report.complete else text(language, "report.so_far")), made),
        lead=tuple(_lead(language, report.estates)),
        tables=tuple(part(language, report) for part in parts),
    )


def percent(value: float | None, unknown: str) -> str:
    """A share for a sentence: `12.5%`."""
    return unknown if value is None else f"{value * 100:.1f}%"


def _lead(language: str, estates: Sequence[EstateFigures]) -> Iterator[str]:
    sums = total(estates)
    unknown = text(language, "report.unknown")
    counts = {name: f"{int(value):,}" for name, value in sums.items()}
    names = ("units", "leased", "to_let", "suspected_vacant", "alerts_opened", "alerts_confirmed", "visits_done")
    counts = dict.fromkeys((*names, "hits", "cases_opened", "cases_closed", "cases_live", "overdue"), "0") | counts
    rates = {
        "vacancy_rate": share(sums["to_let"], sums["units"]),
        "suspected_rate": share(sums["suspected_vacant"], sums["leased"]),
        "hit_rate": share(sums["hits"], sums["visits_done"]),
    }
    figures = counts | {name: percent(rate, unknown) for name, rate in rates.items()}
    figures |= {"estates": str(len(estates)), "suspected": counts["suspected_vacant"]}
    figures |= {"opened": counts["alerts_opened"], "confirmed": counts["alerts_confirmed"]}
    figures |= {"done": counts["visits_done"]}
    for name in ("lead_housing", "lead_work", "lead_cases", "lead_note"):
        yield text(language, f"report.{name}", **figures)


def _table(
    language: str, name: str, columns: Sequence[Column], rows: Sequence[tuple[Cell, ...]], *, add_up: bool = True
) -> Table:
    return Table(
        name=text(language, f"report.part.{name}"),
        note=text(language, f"report.note.{name}"),
        columns=tuple(columns),
        rows=tuple(rows),
        total=_added(language, columns, rows) if add_up and len(rows) > 1 else None,
    )


def _added(language: str, columns: Sequence[Column], rows: Sequence[tuple[Cell, ...]]) -> tuple[Cell, ...]:
    """Counts added up; shares are left to the caller, texts are empty but for the first."""
    sums: list[Cell] = [
        sum(int(row[at] or 0) for row in rows) if column.form == "count" else None for at, column in enumerate(columns)
    ]
    return (text(language, "report.total"), *sums[1:])


def _columns(language: str, *names: str) -> list[Column]:
    return [Column(text(language, f"report.column.{name}"), _form(name)) for name in names]


def _form(name: str) -> Form:
    if name.endswith(("_rate", "_coverage")):
        return "share"
    return "text" if name in _TEXTS else "count"


def _overview(language: str, report: Report) -> Table:
    columns = _columns(
        language,
        *("estate", "units", "leased", "to_let", "vacancy_rate", "suspected", "suspected_rate"),
        *("opened", "done", "hits", "hit_rate", "cases_live", "overdue"),
    )
    table = _table(language, "overview", columns, [_overview_row((estate,), estate.name) for estate in report.estates])
    if table.total is None:
        return table
    whole = _overview_row(report.estates, text(language, "report.total"))
    return Table(name=table.name, note=table.note, columns=table.columns, rows=table.rows, total=whole)


def _overview_row(estates: Sequence[EstateFigures], name: str) -> tuple[Cell, ...]:
    sums = total(estates)
    return (
        name,
        int(sums["units"]),
        int(sums["leased"]),
        int(sums["to_let"]),
        share(sums["to_let"], sums["units"]),
        int(sums["suspected_vacant"]),
        share(sums["suspected_vacant"], sums["leased"]),
        int(sums["alerts_opened"]),
        int(sums["visits_done"]),
        int(sums["hits"]),
        share(sums["hits"], sums["visits_done"]),
        int(sums["cases_live"]),
        int(sums["overdue"]),
    )


def _alerts(language: str, report: Report) -> Table:
    names = ("estate", "kind", "level", "new", "confirmed", "dismissed", "resolved", "live")
    rows: list[tuple[Cell, ...]] = []
    for estate in report.estates:
        for its in estate.alerts:
            counts = (its.opened, its.confirmed, its.dismissed, its.resolved, its.live)
            if any(counts):
                kind, level = text(language, f"kind.{its.kind}"), text(language, f"level.{its.level}")
                rows.append((estate.name, kind, level, *counts))
    return _table(language, "alerts", _columns(language, *names), rows)


def _visits(language: str, report: Report) -> Table:
    outcomes = [Column(text(language, f"outcome.{outcome}")) for outcome in Outcome]
    columns = [*_columns(language, "estate", "planned", "done"), *outcomes, *_columns(language, "hit_rate")]
    rows: list[tuple[Cell, ...]] = [
        (
            estate.name,
            estate.visits.planned,
            estate.visits.done,
            *(estate.visits.by_outcome[outcome.value] for outcome in Outcome),
            estate.visits.hit_rate,
        )
        for estate in report.estates
    ]
    table = _table(language, "visits", columns, rows)
    if table.total is None:
        return table
    sums = total(report.estates)
    whole = (*table.total[:-1], share(sums["hits"], sums["visits_done"]))
    return Table(name=table.name, note=table.note, columns=table.columns, rows=table.rows, total=whole)


def _cases(language: str, report: Report) -> Table:
    states = [Column(text(language, f"case_state.{state}")) for state in LIVE_CASES]
    columns = [
        *_columns(language, "estate", "case_opened", "case_closed", "handed_over"),
        *states,
        *_columns(language, "overdue"),
    ]
    rows: list[tuple[Cell, ...]] = [
        (
            estate.name,
            estate.cases.opened,
            estate.cases.closed,
            estate.cases.handed_over,
            *(estate.cases.live[state.value] for state in CaseState if state in LIVE_CASES),
            estate.cases.overdue,
        )
        for estate in report.estates
    ]
    return _table(language, "cases", columns, rows)


def _devices(language: str, report: Report) -> Table:
    kinds = [kind.value for kind in DeviceKind]
    names = ("estate", *kinds, "unheard", "ailing", *(f"{kind}_coverage" for kind in kinds))
    rows: list[tuple[Cell, ...]] = [
        (
            estate.name,
            *(estate.devices.by_kind[kind] for kind in kinds),
            estate.devices.unheard,
            estate.devices.ailing,
            *(estate.devices.coverage[kind] for kind in kinds),
        )
        for estate in report.estates
    ]
    return _table(language, "devices", _columns(language, *names), rows)


def _quarantine(language: str, report: Report) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (text_or(language, f"reason.{its.reason}", its.reason), its.new, its.replayed, its.held)
        for its in report.quarantine
    ]
    return _table(language, "quarantine", _columns(language, "reason", "new", "replayed", "held"), rows)


def _privacy(language: str, report: Report) -> Table:
    its = report.privacy
    figures = {
        "images_removed": its.images_removed,
        "images_removed_ever": its.images_removed_ever,
        "looks": its.looks,
        "handed_over": sum(estate.cases.handed_over for estate in report.estates),
        "passages_days": its.passages_days,
    }
    rows = [(text(language, f"report.privacy.{name}"), figure) for name, figure in figures.items()]
    return _table(language, "privacy", _columns(language, "item", "value"), rows, add_up=False)
