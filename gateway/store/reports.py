"""What a month's report counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from gateway.reports.figures import Counted
from gateway.reports.model import QuarantineFigures
from gateway.reports.month import Span
from gateway.store import units
from gateway.store.database import Connection
from gateway.store.queries import queries
from gateway.store.units import EstateRow

_SQL = queries("reports")
_MOST_ESTATES = 100_000
_IMAGES = "images_removed"
_INSTANT = timedelta(microseconds=1)


@contextmanager
def snapshot(conn: Connection) -> Iterator[None]:
    """One moment of the store for all that is counted in the block."""
    with conn.transaction():
        conn.execute(_SQL["snapshot"])
        yield


def estates(conn: Connection) -> list[EstateRow]:
    """Every estate by id."""
    return units.estates(conn, limit=_MOST_ESTATES)


def counted(conn: Connection, estate_id: str, span: Span) -> Counted:
    """Everything that is counted of an estate."""
    given = {"estate_id": estate_id, "begin": span.begin, "end": span.end, "first": span.first, "last": span.last}
    given |= {"begin_day": span.first, "end_day": (span.end.astimezone(span.begin.tzinfo) - _INSTANT).date()}

    def rows(name: str) -> list[tuple[Any, ...]]:
        return conn.execute(_SQL[name], given).fetchall()

    devices = rows("devices")
    conditions = dict(rows("conditions"))
    return Counted(
        tenure=dict(rows("tenure")),
        alerts={(kind, level, what): count for kind, level, what, count in rows("alerts")},
        suspected_vacant=rows("suspected_vacant")[0][0],
        visits={(state, outcome): count for state, outcome, count in rows("visits")},
        cases=dict(rows("cases")),
        cases_live=dict(rows("cases_live")),
        devices={kind: count for kind, count, _, _ in devices},
        heard=sum(heard for _, _, heard, _ in devices),
        known={kind: known for kind, _, _, known in devices},
        ailing=conditions.pop(None, 0),
        conditions=conditions,
    )


def quarantine(conn: Connection, span: Span) -> list[QuarantineFigures]:
    """Messages that could not be taken in, by reason."""
    given = {"begin": span.begin, "end": span.end}
    return [
        QuarantineFigures(reason=reason, new=new, replayed=replayed, held=held)
        for reason, new, replayed, held in conn.execute(_SQL["quarantine"], given)
    ]


def images_removed(conn: Connection, span: Span) -> tuple[int | None, int]:
    """Images cut out in the span, and ever. None where nothing was counted so early."""
    ever = _number(conn, "counted_ever", {"name": _IMAGES}) or 0
    before = _number(conn, "counted_by", {"name": _IMAGES, "day": span.first - timedelta(days=1)})
    by_end = _number(conn, "counted_by", {"name": _IMAGES, "day": (span.end - _INSTANT).date()})
    since = _number(conn, "counted_at_first", {"name": _IMAGES})
    if by_end is None or since is None:
        return None, ever
    return by_end - (since if before is None else before), ever


def looks(conn: Connection, span: Span) -> int:
    """How often somebody looked at a home's or a person's data."""
    return _number(conn, "looks", {"begin": span.begin, "end": span.end}) or 0


def note_counters(conn: Connection) -> None:
    """Keep what has been counted up to now as today's word."""
    conn.execute(_SQL["note_counters"])


def _number(conn: Connection, name: str, given: Mapping[str, object]) -> int | None:
    row = conn.execute(_SQL[name], given).fetchone()
    return None if row is None or row[0] is None else int(row[0])
