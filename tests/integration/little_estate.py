"""An estate small enough to know by heart: two buildings, six homes, alerts as a detection run would open them."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from detectors.findings import Evidence, Finding, Kind, Level
from gateway.alerts.life import merge
from gateway.alerts.model import Subject
from gateway.store import alerts

ZONE = ZoneInfo("Asia/Shanghai")
LISTS = """
INSERT INTO estates VALUES ('e1', '春风里', 'Asia/Shanghai'), ('e2', '秋水园', 'Asia/Shanghai');
INSERT INTO units (unit_id, estate_id, building, entrance, floor, room, area_m2, tenure) VALUES
    ('a1', 'e1', '2', '1', 1, '101', 48, 'leased'), ('a9', 'e1', '2', '1', 9, '901', 48, 'leased'),
    ('a10', 'e1', '10', '1', 3, '301', 60, 'leased'), ('b1', 'e1', '2', '2', 5, '501', NULL, 'leased'),
    ('v1', 'e1', '10', '2', NULL, '001', NULL, 'vacant'), ('z1', 'e2', '1', '1', 1, '101', NULL, 'leased');
INSERT INTO households VALUES ('h1', 'a1', 2, '2026-01-01', NULL, 'low_income', '');
INSERT INTO persons VALUES ('p1', 'h1', 'tenant', NULL, NULL, true);
INSERT INTO devices (device_id, estate_id, kind, unit_id) VALUES
    ('w1', 'e1', 'water', 'a1'), ('m1', 'e1', 'electricity', 'a1'), ('d0', 'e1', 'door', NULL);
INSERT INTO registry_imports (source, counts) VALUES ('test', '{}');
"""


def finding(unit_id, kind=Kind.VACANCY, level=Level.YELLOW, probability=0.8, subtype=None):
    code = {Kind.VACANCY: "absent_run", Kind.SUBLET: "strangers_return"}.get(kind, "lived_in_days")
    first, last = date(2026, 11, 1), date(2026, 11, 20)
    facts = (
        Evidence(code="water_absent", value=1.2, unit="L/day", baseline=None, start=first, end=last, weight=0.5),
        Evidence(code=code, value=20.0, unit="days", baseline=14.0, start=first, end=last, weight=2.0),
    )
    return Finding(
        unit_id=unit_id,
        kind=kind,
        subtype=subtype,
        level=level,
        probability=probability,
        since=first,
        evidence=facts,
    )


def opened(conn, found, *, estate_id="e1", now=None):
    """Open an alert as a run does; returns its id."""
    now = now or datetime.now(ZONE)
    subject = Subject(estate_id=estate_id, unit_id=found.unit_id)
    with conn.transaction():
        alerts.lock(conn)
        change = merge(None, found, subject=subject, as_of=now.date() - timedelta(days=1), now=now)
        return alerts.write(conn, change).alert_id
