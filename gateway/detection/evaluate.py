"""How good the detectors are: a replay over the stored history, compared with known truth, beside two simple rules.

The truth is read from a file after the replay; nothing else in the gateway reads it.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from detectors.evaluation import Alarm, Quality, Span, Truth, assess, judged_span, replay
from detectors.findings import Detector, Kind
from detectors.panel import Panel
from detectors.registry import default_detectors
from detectors.rules import DryRunRule, StrangersRule
from gateway.detection.panel import build
from gateway.errors import InputFileError
from gateway.store import panels, rollups, units
from gateway.store.database import Connection

WARMUP_DAYS = 28
"""Nothing is judged before the panel is so long."""
_ALL_DAYS = 10_000
_COLUMNS = {"unit_id", "kind", "subtype", "start", "end"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A detector or rule and how well it did."""

    name: str
    quality: Quality


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What was watched, and everybody's figures."""

    span: Span
    results: tuple[Judged, ...]


def evaluate(
    conn: Connection, truths: Sequence[Truth], *, every_days: int, progress: Callable[[str], None] = lambda _: None
) -> Evaluation:
    """Replay every detector and rule over all estates.

    Raises:
        InputFileError: there is no history long enough to judge.
    """
    rollups.refresh(conn)
    histories = [panel for panel in _panels(conn) if len(panel.days) >= WARMUP_DAYS]
    if not histories:
        raise InputFileError(
            f"the store holds less than {WARMUP_DAYS} days of history; run: estate history import PATH"
        )
    results = []
    for name, detector in _judges():
        progress(f"{name}: {detector.kind}")
        alarms = [alarm for panel in histories for alarm in replay(panel, [detector], every_days, WARMUP_DAYS)]
        results.append(Judged(name=name, quality=_assess(detector.kind, alarms, truths, histories)))
    return Evaluation(span=_span(histories), results=tuple(results))


def read_truth(path: Path) -> list[Truth]:
    """Read a truth file: unit_id, kind, subtype, start, end; an empty end is open.

    Raises:
        InputFileError: it cannot be read, or a line is not of this form.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if missing := _COLUMNS - set(rows.fieldnames or ()):
                raise InputFileError(f"{path}: the column {min(missing)} is missing")
            return [_truth(path, rows.line_num, row) for row in rows]
    except OSError as error:
        raise InputFileError(f"cannot read {path}: {error.strerror}") from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputFileError(f"{path} is not a CSV file in UTF-8: {error}") from error


def _truth(path: Path, line: int, row: Mapping[str, str]) -> Truth:
    try:
        return Truth(
            unit_id=row["unit_id"],
            kind=row["kind"],
            subtype=row["subtype"] or "",
            start=date.fromisoformat(row["start"]),
            end=date.fromisoformat(row["end"]) if row["end"] else None,
        )
    except (ValueError, TypeError) as error:
        raise InputFileError(f"{path}, line {line}: {error}") from error


def _judges() -> list[tuple[str, Detector]]:
    rules: list[tuple[str, Detector]] = [("rule: dry run", DryRunRule()), ("rule: strangers", StrangersRule())]
    return [("detector", detector) for detector in default_detectors()] + rules


def _panels(conn: Connection) -> list[Panel]:
    found = []
    for estate in units.estates(conn, limit=1_000_000):
        last = panels.latest_day(conn, estate.estate_id, date.max)
        panel = build(conn, estate.estate_id, last, history_days=_ALL_DAYS) if last else None
        found += [panel] if panel else []
    return found


def _assess(kind: Kind, alarms: Sequence[Alarm], truths: Sequence[Truth], histories: Sequence[Panel]) -> Quality:
    known = {unit_id for panel in histories for unit_id in panel.unit_ids}
    return assess(kind, alarms, [truth for truth in truths if truth.unit_id in known], _span(histories))


def _span(histories: Sequence[Panel]) -> Span:
    spans = [judged_span(panel, WARMUP_DAYS) for panel in histories]
    return Span(
        units=sum(span.units for span in spans),
        start=min(span.start for span in spans),
        end=max(span.end for span in spans),
    )
