"""A month's report: what is counted in the store, put together."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.reports.figures import estate_figures
from gateway.reports.model import EstateFigures, PrivacyFigures, Report
from gateway.reports.month import Month
from gateway.store import reports
from gateway.store.database import Connection
from gateway.store.units import EstateRow

_DEFAULT_ZONE = ZoneInfo("Asia/Shanghai")


def monthly(
    conn: Connection, month: Month, *, now: datetime, passages_days: int, estate_ids: Collection[str] | None = None
) -> Report:
    """The report of a month; of a month that is not over, up to now. None of `estate_ids`: all estates.

    All figures are of one moment. Quarantine and privacy are the whole gateway's, whatever estates are asked for.

    Raises:
        MonthError: the month has not begun.
    """
    with reports.snapshot(conn):
        rows = [row for row in reports.estates(conn) if estate_ids is None or row.estate_id in estate_ids]
        zone = ZoneInfo(rows[0].timezone) if rows else _DEFAULT_ZONE
        span = month.span(zone, now)
        removed, ever = reports.images_removed(conn, span)
        return Report(
            month=str(month),
            first=span.first,
            until=max(span.last, span.first),
            complete=span.last == month.last,
            made_at=now.astimezone(zone),
            estates=tuple(_estate(conn, row, month, now) for row in rows),
            quarantine=tuple(reports.quarantine(conn, span)),
            privacy=PrivacyFigures(
                images_removed=removed,
                images_removed_ever=ever,
                looks=reports.looks(conn, span),
                passages_days=passages_days,
            ),
        )


def _estate(conn: Connection, row: EstateRow, month: Month, now: datetime) -> EstateFigures:
    span = month.span(ZoneInfo(row.timezone), now)
    return estate_figures(row.estate_id, row.name, reports.counted(conn, row.estate_id, span), days=span.days)
