"""Alerts and findings as the tests need them."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from detectors.findings import Evidence, Finding, Kind, Level
from gateway.alerts.model import Alert, State, Subject

NOW = datetime(2026, 11, 22, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
TODAY = NOW.date()
AS_OF = TODAY - timedelta(days=1)
SUBJECT = Subject(estate_id="e1", unit_id="u1")


def evidence(value=20.0, code="absent_run", weight=2.0):
    return Evidence(
        code=code, value=value, unit="days", baseline=14.0, start=date(2026, 11, 1), end=AS_OF, weight=weight
    )


def finding(kind=Kind.VACANCY, level=Level.YELLOW, **other):
    fields = {"subtype": None, "probability": 0.8, "since": date(2026, 11, 1), "evidence": (evidence(),)} | other
    return Finding(unit_id="u1", kind=kind, level=level, **fields)


def alert(state=State.OPEN, **other):
    fields = {
        "alert_id": 7,
        "kind": Kind.VACANCY,
        "subtype": None,
        "level": Level.YELLOW,
        "subject": SUBJECT,
        "since": date(2026, 11, 1),
        "probability": 0.8,
        "evidence": (evidence(),),
        "opened_at": NOW - timedelta(days=3),
        "updated_at": NOW - timedelta(days=3),
        "last_found_on": AS_OF - timedelta(days=1),
    } | other
    return Alert(state=state, **fields)
