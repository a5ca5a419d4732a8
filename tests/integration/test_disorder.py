"""Late, repeated and out-of-order data end in the same rows and the same daily figures as tidy data.

Left out on purpose: two readings of one device and time with different registers. There the first to arrive stands
(docs/decisions/0003), so order matters by contract.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.codecs.message import Decoded
from gateway.events import DeviceKind, Direction, DoorEvent, DoorEventKind, Method, Reading
from gateway.ingest.batch import Batch
from gateway.ingest.intake import bind, put
from gateway.ingest.writer import Writer
from gateway.store.database import connect
from gateway.store.migrate import check
from gateway.store.rollups import rebuild, refresh

START = datetime(2026, 10, 23, 9, 30, tzinfo=UTC)
"""Some days before summer time ends in Berlin, where the estate is: days of 24 and 25 hours."""
NOW = START + timedelta(days=60)
DIGITS = 3
KINDS = {"w": DeviceKind.WATER, "n": DeviceKind.WATER, "m": DeviceKind.ELECTRICITY}
"""What hangs in the home: a water meter and, from some day on, the one that takes its place; one for electricity."""
LISTS = """
INSERT INTO estates VALUES ('e1', 'Estate', 'Europe/Berlin');
INSERT INTO units (unit_id, estate_id, building, entrance, room, tenure)
    VALUES ('tidy', 'e1', '1', '1', '101', 'leased'), ('mess', 'e1', '1', '1', '102', 'leased');
INSERT INTO devices (device_id, estate_id, kind, unit_id, building, entrance, register_digits)
    SELECT unit_id || '-' || name, 'e1', kind, unit_id, '1', '1', digits
    FROM units, (VALUES ('w', 'water', 3), ('n', 'water', NULL), ('m', 'electricity', 3), ('d', 'door', NULL))
        AS d (name, kind, digits);
INSERT INTO registry_imports (source, counts) VALUES ('test', '{}');
"""
TABLES = {
    "readings": "ts, register",
    "readings_hourly": "hour, register, last_ts, readings",
    "meter_days": "day, use, coverage, hours_known, active_hours, min_hour, max_hour, least_flow, night, morning, "
    "evening, roughness, peak_hour, rhythm_cos, rhythm_sin, rhythm_cos2, rhythm_sin2, flags, service_from, service_to",
    "door_events": "ts, event_id, person_id, stranger_id",
    "passages_hourly": "hour, person_id, stranger_id, passages, faces",
    "passage_days": "day, person_id, stranger_id, passages, faces",
    "door_days": "day",
}
EMPTY = f"TRUNCATE {', '.join(TABLES)}, door_event_keys, stale_hours"

GAPS_MIN = (1, 30, 60, 60, 180, 1000, 1440, 2100, 2300, 9000)
"""From a minute to six days; beyond 36 hours a gap bounds nothing any more."""


@dataclass(frozen=True)
class Step:
    """What a dial does: some time passes, it counts on, and may show something odd."""

    gap_min: int
    rise: float
    odd: str = ""


steps = st.builds(
    Step,
    gap_min=st.sampled_from(GAPS_MIN),
    rise=st.sampled_from((0.0, 0.001, 0.25, 3.5)),
    odd=st.sampled_from(
        ("", "", "", "", "", "", "spike", "spike", "dip", "dip", "reset", "lower", "preset", "roll", "flicker")
    ),
)
histories = st.fixed_dictionaries(
    {name: st.lists(steps, max_size=16) for name in KINDS}
    | {"d": st.lists(st.tuples(st.sampled_from(GAPS_MIN), st.sampled_from(("p1", "s1", ""))), max_size=8)}
)


def dial(played):
    """Times and registers of a dial on which these steps were played."""
    at, register, shown = START, 40.0, []
    for step in played:
        at += timedelta(minutes=step.gap_min)
        register += step.rise
        match step.odd:
            case "reset":
                register = 0.0
            case "lower":
                register = register / 2
            case "preset":
                register = 77.7
            case "roll":
                register = 10.0**DIGITS - 0.2 if register < 900 else (register + 0.4) % 10**DIGITS
        odd = {"spike": 500.0, "dip": 0.0, "flicker": register - 0.1}.get(step.odd, register)
        shown.append((at, max(odd, 0.0)))
    return shown


def microseconds(at):
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def events(home, history):
    """Everything that the devices of a home say, in order of time."""
    said = [
        Reading(f"{home}-{name}", kind, microseconds(at), register)
        for name, kind in KINDS.items()
        for at, register in dial(history[name])
    ]
    at = START
    for number, (gap_min, who) in enumerate(history["d"]):
        at += timedelta(minutes=gap_min)
        person = {"person_id": who} if who == "p1" else {"stranger_id": who or None}
        said.append(
            DoorEvent(
                f"{home}-d", microseconds(at), str(number), DoorEventKind.PASSAGE, Method.FACE, Direction.IN, **person
            )
        )
    return sorted(said, key=lambda event: event.ts_us)


def store(writer, said):
    batch = Batch()
    put(batch, bind(Decoded(tuple(said)), writer.directory, arrived_us=microseconds(NOW)), microseconds(NOW))
    writer.write(batch)


def in_disorder(conn, writer, said, random):
    """Any order, any repeats, any cuts, and a refresh whenever it may be."""
    mess = said + random.choices(said, k=random.randrange(len(said) + 1)) if said else []
    random.shuffle(mess)
    while mess:
        cut = random.randrange(1, len(mess) // 3 + 2)
        store(writer, mess[:cut])
        mess = mess[cut:]
        if random.random() < 0.8:
            refresh(conn)
    refresh(conn)


def rows(conn, home):
    """All rows of a home's devices, by table and device."""
    found = {}
    for table, columns in TABLES.items():
        told = f"SELECT right(device_id, 1), {columns} FROM {table} JOIN devices USING (device_no)"
        found[table] = sorted(map(repr, conn.execute(f"{told} WHERE devices.unit_id = %s", (home,))))
    found["daily_use"] = conn.execute(
        "SELECT day, water_l, electricity_kwh, water_coverage, electricity_coverage FROM daily_use "
        "WHERE unit_id = %s ORDER BY day",
        (home,),
    ).fetchall()
    return found


def told_twice(conn, history, random):
    """Tell one home's history in order at once and another's the same in disorder; give the rows of both."""
    writer = Writer(conn, check(conn), "test")
    writer.refresh_directory()
    in_disorder(conn, writer, events("mess", history), random)
    store(writer, events("tidy", history))
    refresh(conn)
    return rows(conn, "tidy"), rows(conn, "mess")


@pytest.fixture
def conn(database):
    with connect(database) as conn:
        conn.execute(LISTS)
        yield conn


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories, random=st.randoms(use_true_random=False))
def test_disorder_ends_in_the_same_rows_as_order(conn, history, random):
    conn.execute(EMPTY)
    tidy, mess = told_twice(conn, history, random)
    assert mess == tidy
    rebuild(conn)
    refresh(conn)
    assert rows(conn, "tidy") == tidy


TIMETABLES = [
    [Step(60, 0.25)] * 30 + [Step(9000, 0.25)] + [Step(60, 0.25, odd)] * 3 + [Step(60, 0.001)] * 20
    for odd in ("spike", "reset", "roll")
]


@pytest.mark.parametrize("played", TIMETABLES, ids=["spike", "reset", "roll"])
def test_disorder_ends_in_the_same_rows_on_timescale(timescale, played):
    doors = [(60, "p1"), (1440, "s1"), (1, ""), (60, "p1")]
    with connect(timescale) as conn:
        conn.execute(LISTS)
        tidy, mess = told_twice(conn, {"w": played, "n": played[20:], "m": played[::2], "d": doors}, Random(7))
    assert mess == tidy
    assert tidy["meter_days"]
    assert tidy["passage_days"]
