"""A small estate with alerts, written into a database through the project's own code."""

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from detectors.findings import Clearing, Evidence, Finding, Kind, Level
from gateway.alerts import life
from gateway.alerts.model import Subject
from gateway.cases import life as life_of_cases
from gateway.cases.model import Basis
from gateway.ingest.history import import_history
from gateway.registry.importing import import_registry
from gateway.registry.reading import read_registry
from gateway.store import alerts, cases, rollups
from gateway.store.database import Connection

ZONE = ZoneInfo("Asia/Shanghai")
UNITS = [f"e1-{building}-{floor}0{room}" for building in (1, 2) for floor in (1, 2, 3) for room in (1, 2)]
METERED = "e1-1-301"
DAYS = 60


def fill(conn: Connection, folder: Path) -> None:
    """The lists, two months of one unit's meters, five alerts in two buildings, and a case."""
    _write_lists(folder)
    import_registry(conn, read_registry(folder))
    _write_readings(folder / "readings.csv")
    import_history(conn, [folder / "readings.csv"], lambda _size: None)
    rollups.refresh(conn)
    find(conn, METERED, Kind.VACANCY, Level.RED, 0.95)
    find(conn, "e1-1-202", Kind.SUBLET, Level.YELLOW, 0.7, subtype="room")
    find(conn, "e1-1-101", Kind.LEAK, Level.YELLOW, 0.6)
    confirmed = find(conn, "e1-2-302", Kind.SUBLET, Level.RED, 0.9, subtype="whole")
    find(conn, "e1-2-101", Kind.VACANCY, Level.YELLOW, 0.65)
    open_case(conn, confirmed, days_ago=12)


def open_case(conn: Connection, alert_id: int, *, days_ago: int) -> int:
    """A case that rests on an alert, found so many days ago; the alert itself stays as it is. Returns its id."""
    alert = alerts.one(conn, alert_id).alert
    basis = Basis(
        kind=alert.kind,
        estate_id="e1",
        unit_id=alert.subject.unit_id,
        alerts=(alert,),
        actor="李明",
        reason="visit_confirmed",
    )
    return cases.write(conn, life_of_cases.open_case(basis, now=datetime.now(ZONE) - timedelta(days=days_ago)))


def find(
    conn: Connection, unit_id: str, kind: Kind, level: Level, probability: float, *, subtype: str | None = None
) -> int:
    """Let a detector's finding open an alert; returns its id."""
    now = datetime.now(ZONE)
    since = now.date() - timedelta(days=20)
    finding = Finding(
        unit_id=unit_id,
        kind=kind,
        subtype=subtype,
        level=level,
        probability=probability,
        since=since,
        evidence=_evidence(kind, since, now.date()),
        clears=_clears(kind, since, now.date()),
    )
    subject = Subject(estate_id="e1", unit_id=unit_id)
    change = life.merge(None, finding, subject=subject, as_of=now.date(), now=now)
    assert change
    with conn.transaction():
        alerts.lock(conn)
        return alerts.write(conn, change).alert_id


def _evidence(kind: Kind, start: date, end: date) -> tuple[Evidence, ...]:
    facts = {
        Kind.VACANCY: (("absent_run", 20.0, "days", 14.0), ("water_absent", 0.4, "L/day", 180.0)),
        Kind.SUBLET: (("strangers_return", 15.0, "days", 1.0), ("registered_less_seen", 2.0, "days", 18.0)),
        Kind.LEAK: (("flow_never_stops", 6.2, "L/h", None),),
    }[kind]
    return tuple(
        Evidence(code=code, value=value, unit=unit, baseline=baseline, start=start, end=end, weight=2.0 - index)
        for index, (code, value, unit, baseline) in enumerate(facts)
    )


def _clears(kind: Kind, since: date, today: date) -> tuple[Clearing, ...]:
    ahead = (today + timedelta(days=1), today + timedelta(days=14))
    facts = {
        Kind.VACANCY: (("lived_in", 2.0, ahead), ("absence_declared", 20.0, (since, today))),
        Kind.SUBLET: (("registered_at_door", 5.0, ahead), ("no_strangers", 16.0, ahead)),
        Kind.LEAK: (("hour_without_flow", 1.0, ahead),),
    }[kind]
    limit = {"limit": 2.0, "limit_unit": "L/h"} if kind is Kind.LEAK else {}
    return tuple(
        Clearing(code=code, value=value, unit="days", start=start, end=end, **limit)
        for code, value, (start, end) in facts
    )


def _write_lists(folder: Path) -> None:
    tables = {
        "estates": ["estate_id,name,timezone", "e1,枫林苑,Asia/Shanghai"],
        "units": ["unit_id,estate_id,building,entrance,floor,room,area_m2,tenure", *map(_unit, UNITS)],
        "households": [
            "household_id,unit_id,size,lease_start,lease_end,category,care",
            *(f"h-{unit},{unit},2,2024-01-01,,," for unit in UNITS),
        ],
        "devices": [
            "device_id,estate_id,kind,unit_id,building,entrance,codec,register_digits",
            f"water-1,e1,water,{METERED},1,1,native,5",
        ],
    }
    for name, lines in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")


def _unit(unit_id: str) -> str:
    _estate, building, room = unit_id.split("-")
    return f"{unit_id},e1,{building},1,{room[0]},{room},45.5,leased"


def _write_readings(path: Path) -> None:
    midnight = datetime.now(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = ["device_id,ts,register,unit"]
    register = 100.0
    for ago in range(DAYS, -1, -1):
        register += 0.18 if ago > 20 else 0.0
        lines.append(f"water-1,{(midnight - timedelta(days=ago)).isoformat()},{register:.3f},m3")
    path.write_text("\n".join(lines) + "\n", "utf-8")
