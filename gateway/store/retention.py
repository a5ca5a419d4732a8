"""How long rows are kept: meter readings for two heatings, single passages only a short time (PIPL), counts on."""

from __future__ import annotations

from gateway.settings import Settings
from gateway.store.database import Connection
from gateway.store.migrate import Form, form_of
from gateway.store.queries import queries

_SQL = queries("rollups")


def set_policies(conn: Connection, settings: Settings) -> None:
    """On TimescaleDB, let its own jobs drop what is past its keeping; elsewhere `apply` does."""
    if form_of(conn) is Form.TIMESCALE:
        with conn.transaction():
            conn.execute(_SQL["keep_nothing"])
            conn.execute(_SQL["keep_readings"], {"days": settings.readings_days})
            conn.execute(_SQL["keep_passages"], {"days": settings.passages_days})


def apply(conn: Connection, settings: Settings) -> None:
    """Drop what is past its keeping and is not TimescaleDB's to drop. Daily figures stay."""
    if form_of(conn) is Form.PLAIN:
        for name in ("drop_readings", "drop_readings_hourly"):
            conn.execute(_SQL[name], {"days": settings.readings_days})
        for name in ("drop_passages", "drop_passages_hourly"):
            conn.execute(_SQL[name], {"days": settings.passages_days})
    conn.execute(_SQL["drop_event_keys"])
    conn.execute(_SQL["drop_attributions"])
    conn.execute(_SQL["drop_looks"], {"days": settings.access_log_days})
