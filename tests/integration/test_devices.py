"""Devices over days: what they say teaches what is expected of them, and what they do not say is noticed."""

import json
from datetime import datetime, timedelta

import pytest
from integration.little_estate import ZONE

from gateway.codecs.message import Message
from gateway.detection.checkup import check_up
from gateway.ingest.batch import Batch
from gateway.ingest.intake import take_in
from gateway.ingest.writer import Writer
from gateway.store import alerts, devices, units
from gateway.store.database import connect
from gateway.store.migrate import check
from gateway.store.rollups import refresh

NOW = datetime(2026, 11, 20, 12, tzinfo=ZONE)
HOUR = timedelta(hours=1)
LISTS = """
INSERT INTO estates VALUES ('e1', 'Estate', 'Asia/Shanghai');
INSERT INTO units (unit_id, estate_id, building, entrance, room, tenure)
    SELECT 'u' || n, 'e1', '1', (n / 4)::text, n::text, 'leased' FROM generate_series(0, 7) n;
INSERT INTO devices (device_id, estate_id, kind, unit_id) SELECT 'w' || n, 'e1', 'water', 'u' || n
    FROM generate_series(0, 7) n;
INSERT INTO devices (device_id, estate_id, kind, building, entrance) VALUES ('d0', 'e1', 'door', '1', '0');
INSERT INTO registry_imports (source, counts) VALUES ('test', '{}');
"""


@pytest.fixture
def conn(both_stores):
    with connect(both_stores) as conn:
        conn.execute(LISTS)
        listen(conn, NOW - timedelta(days=30), NOW + timedelta(days=30))
        yield conn


def listen(conn, *moments):
    """From when to when an ingest process ran, any number of times."""
    conn.execute("DELETE FROM listening")
    for began, ended in zip(moments[::2], moments[1::2], strict=True):
        conn.execute("INSERT INTO listening VALUES (%s, %s)", (began, ended))


def send(conn, *messages):
    """Messages as (arrival, topic, what is said), in one batch."""
    writer = Writer(conn, check(conn), "test")
    writer.refresh_directory()
    batch = Batch()
    for arrived, topic, said in messages:
        take_in(batch, Message(topic, json.dumps(said).encode(), round(arrived.timestamp() * 1e6)), writer.directory)
    writer.write(batch)


def readings(device_id, first, last, *, step=HOUR, behind=timedelta(0)):
    """A meter that speaks regularly; its clock may be behind."""
    at, number = first, 0
    while at <= last:
        told = at - behind - timedelta(seconds=2)
        yield at, f"estate/v1/e1/meter/{device_id}/reading", {"ts": told.isoformat(), "register": number, "unit": "L"}
        at, number = at + step, number + 1


def estate_speaks(conn, *, until, silent=()):
    """Three days of hourly readings of all meters but some, and of the door by day."""
    first = NOW - timedelta(days=3)
    for number in range(8):
        if f"w{number}" not in silent:
            send(conn, *readings(f"w{number}", first, until))
    hours = [first + number * HOUR / 4 for number in range(12 * 24 + 1)]
    door = "estate/v1/e1/door/d0/event"
    send(
        conn,
        *(
            (at, door, {"ts": at.isoformat(), "event_id": str(number), "kind": "passage"})
            for number, at in enumerate(hours)
            if 7 <= at.hour < 23 and at <= until
        ),
    )


def look(conn, now):
    """Check the devices up; returns who suffers from what."""
    check_up(conn, units.estate(conn, "e1"), now)
    query = (
        "SELECT device_id, conditions FROM device_health JOIN devices USING (device_no)"
        " WHERE cardinality(conditions) > 0 ORDER BY 1"
    )
    return dict(conn.execute(query).fetchall())


def told(conn):
    found = alerts.page(conn, alerts.Filter(kinds=["device"]), limit=99)
    return sorted(
        (one.alert.subject.unit_id or one.alert.subject.device_id, one.alert.subtype, one.alert.state.value)
        for one in found
    )


def test_habits_are_learnt_and_one_meter_that_stops_is_noticed(conn):
    estate_speaks(conn, until=NOW)
    assert look(conn, NOW + HOUR / 2) == {}
    habits = "SELECT device_id, interval_s, patience_s FROM device_health JOIN devices USING (device_no) ORDER BY 1"
    known = {device_id: figures for device_id, *figures in conn.execute(habits)}
    assert known["w0"] == [3600, 3 * 3600]
    assert known["d0"][0] == 900
    assert known["d0"][1] == pytest.approx(1.5 * 8.25 * 3600)  # its nights

    for number in range(1, 8):
        send(conn, *readings(f"w{number}", NOW + HOUR, NOW + 13 * HOUR))
    door = "estate/v1/e1/door/d0/event"
    for at in (NOW + 13 * HOUR, NOW + 34 * HOUR):
        send(conn, (at, door, {"ts": at.isoformat(), "event_id": f"{at:%d-%H}", "kind": "passage"}))
    assert look(conn, NOW + 11 * HOUR) == {}
    assert look(conn, NOW + 13 * HOUR) == {"w0": ["silent"]}
    assert told(conn) == [("u0", "silent", "open")]
    for number in range(8):
        send(conn, *readings(f"w{number}", NOW + 14 * HOUR, NOW + 36 * HOUR))
    assert look(conn, NOW + 14 * HOUR) == {}
    assert told(conn) == [("u0", "silent", "open")]  # until the day is over: it may go again
    assert look(conn, NOW + 36 * HOUR) == {}
    assert told(conn) == [("u0", "silent", "resolved")]


def test_an_entrance_that_goes_dark_is_one_fact_within_hours_and_none_one_by_one_when_it_comes_back(conn):
    estate_speaks(conn, until=NOW)
    look(conn, NOW)
    for number in range(4, 8):
        send(conn, *readings(f"w{number}", NOW + HOUR, NOW + 20 * HOUR))
    assert look(conn, NOW + 2.5 * HOUR) == {}
    dark = look(conn, NOW + 3.5 * HOUR)
    assert dark == {f"w{number}": ["silent"] for number in range(4)}
    assert told(conn) == [("d0", "entrance_silent", "open")]
    look(conn, NOW + 14 * HOUR)
    send(conn, *readings("w0", NOW + 14 * HOUR, NOW + 20 * HOUR), *readings("w1", NOW + 14 * HOUR, NOW + 20 * HOUR))
    look(conn, NOW + 14.5 * HOUR)
    assert [subtype for _, subtype, _ in told(conn) if subtype == "silent"] == []


def test_a_gateway_that_was_off_for_a_day_blames_nobody(conn):
    estate_speaks(conn, until=NOW)
    look(conn, NOW)
    listen(conn, NOW - timedelta(days=30), NOW, NOW + 24 * HOUR, NOW + 30 * HOUR)
    assert look(conn, NOW + 24.5 * HOUR) == {}
    listen(conn, NOW - timedelta(days=30), NOW)
    assert look(conn, NOW + 48 * HOUR) == {}  # it is still off
    assert told(conn) == []


def test_history_that_is_imported_makes_no_silent_device_heard(conn):
    """The past came from files until yesterday; one meter had stopped ten days before."""
    listen(conn, NOW, NOW + HOUR)
    imported = NOW - HOUR / 2
    for number in range(8):
        until = NOW - timedelta(days=10 if number == 0 else 2)
        past = readings(f"w{number}", NOW - timedelta(days=15), until)
        send(conn, *((imported, topic, said) for _, topic, said in past))
    assert look(conn, NOW + HOUR / 2) == {"w0": ["silent"]}
    interval, patience = conn.execute("SELECT min(interval_s), max(patience_s) FROM device_health").fetchone()
    assert (interval, patience) == (3600, None)


def test_a_clock_that_is_wrong_is_told_as_such(conn):
    estate_speaks(conn, until=NOW, silent=("w0", "w1"))
    send(conn, *readings("w0", NOW - timedelta(days=3), NOW, behind=8 * HOUR))
    send(conn, *readings("w1", NOW - timedelta(days=3), NOW - timedelta(days=1)))
    send(conn, *readings("w1", NOW - timedelta(hours=23), NOW, behind=-5 * HOUR))
    assert look(conn, NOW + HOUR / 2) == {"w0": ["clock_behind"], "w1": ["clock_ahead"]}
    assert told(conn) == [("u0", "clock_behind", "open"), ("u1", "clock_ahead", "open")]


def test_a_meter_that_was_changed_is_no_silence(conn):
    estate_speaks(conn, until=NOW, silent=("w0",))
    send(conn, *readings("w0", NOW - timedelta(days=20), NOW - timedelta(days=9)))
    conn.execute("INSERT INTO devices (device_id, estate_id, kind, unit_id) VALUES ('x0', 'e1', 'water', 'u0')")
    conn.execute("INSERT INTO registry_imports (source, counts) VALUES ('test', '{}')")
    send(conn, *readings("x0", NOW - timedelta(days=9) + HOUR, NOW))
    refresh(conn)
    assert look(conn, NOW + HOUR / 2) == {"w0": ["replaced"]}
    assert told(conn) == []


def test_a_reset_a_break_in_and_an_empty_battery_are_told(conn):
    estate_speaks(conn, until=NOW)
    meter = "estate/v1/e1/meter/w1/reading"
    for back, register in ((5, 500_000), (4, 500_100), (3, 50), (2, 60), (1, 70)):
        at = NOW + HOUR * (6 - back)
        send(conn, (at, meter, {"ts": at.isoformat(), "register": register, "unit": "L", "battery": 8}))
    door = {"ts": (NOW - HOUR).isoformat(), "event_id": "t1", "kind": "tamper"}
    send(conn, (NOW - HOUR, "estate/v1/e1/door/d0/event", door))
    refresh(conn)
    now = NOW + 6 * HOUR
    for number in (0, 2, 3, 4, 5, 6, 7):
        send(conn, *readings(f"w{number}", NOW + HOUR, now))
    found = look(conn, now)
    assert found == {"d0": ["tampered"], "w1": ["reset", "battery_low"]}
    assert {(who, what) for who, what, _ in told(conn)} == {("d0", "tampered"), ("u1", "reset")}


def test_what_a_meter_says_of_itself_is_told_until_it_says_otherwise(conn):
    """At noon w1 was opened, w2 suspects a leak and w3 has a magnet; at two w1 is closed, w3 says no more of it."""
    estate_speaks(conn, until=NOW)
    for number, flags in ((1, ["tamper"]), (2, ["leak", "valve_closed"]), (3, ["MAGNETIC_FIELD"])):
        said = {"ts": NOW.isoformat(), "register": 900, "unit": "m3", "flags": flags}
        send(conn, (NOW, f"estate/v1/e1/meter/w{number}/reading", said))
    assert look(conn, NOW) == {"w1": ["tampered"], "w3": ["tampered"]}
    assert {(who, what) for who, what, _ in told(conn)} == {("u1", "tampered"), ("u3", "tampered")}
    shown = {row.device_id: row.flags for row in devices.page(conn, limit=99)}
    assert (shown["w1"], shown["w2"], shown["w4"]) == (["tamper"], ["leak", "valve_closed"], [])
    later = NOW + 2 * HOUR
    closed = {"ts": later.isoformat(), "register": 901, "unit": "m3", "flags": []}
    send(conn, (later, "estate/v1/e1/meter/w1/reading", closed))
    for number in (0, *range(2, 8)):
        send(conn, *readings(f"w{number}", NOW + HOUR, NOW + 27 * HOUR))
    assert look(conn, later) == {"w3": ["tampered"]}
    send(conn, *readings("w1", later + HOUR, NOW + 27 * HOUR))
    assert "w3" not in look(conn, NOW + 26 * HOUR)  # after a day of readings without it


def test_a_stuck_meter_is_not_an_empty_home(conn):
    """Water is drawn in u1 and not in u2; both electricity meters stand still."""
    conn.execute(
        "INSERT INTO devices (device_id, estate_id, kind, unit_id) VALUES ('m1', 'e1', 'electricity', 'u1'),"
        " ('m2', 'e1', 'electricity', 'u2')"
    )
    days = (
        "INSERT INTO meter_days (device_no, day, use, coverage, hours_known, active_hours)"
        " SELECT device_no, %s - n, CASE WHEN d.kind = 'water' THEN %s WHEN n <= 5 THEN 0 ELSE 4 END, 1, 24,"
        " CASE WHEN d.kind = 'water' THEN %s ELSE 0 END"
        " FROM devices d, generate_series(1, 30) n WHERE device_id = ANY(%s)"
    )
    estate_speaks(conn, until=NOW)
    conn.execute(days, (NOW.date(), 120, 6, ["w1", "m1"]))
    conn.execute(days, (NOW.date(), 0, 0, ["w2", "m2"]))
    assert look(conn, NOW + HOUR / 2) == {"m1": ["stuck"]}
    (alert,) = alerts.page(conn, alerts.Filter(kinds=["device"]), limit=9)
    assert (alert.alert.subject.unit_id, alert.alert.since) == ("u1", NOW.date() - timedelta(days=5))


def test_a_check_up_costs_what_changed(conn):
    """A second look at the same writes nothing."""
    estate_speaks(conn, until=NOW, silent=("w0",))
    send(conn, *readings("w0", NOW - timedelta(days=9), NOW - timedelta(days=4)))
    assert look(conn, NOW) == {"w0": ["silent"]}
    versions = "SELECT array_agg(xmin::text ORDER BY device_no) FROM device_health"
    before = conn.execute(versions).fetchone()
    look(conn, NOW + HOUR / 12)
    assert conn.execute(versions).fetchone() == before


def test_the_past_is_judged_without_changing_the_present(conn):
    estate_speaks(conn, until=NOW)
    estate = units.estate(conn, "e1")
    check_up(conn, estate, NOW + timedelta(days=9), as_of=(NOW + timedelta(days=5)).date())
    assert conn.execute("SELECT count(*) FROM device_health").fetchone() == (0,)
    assert [subtype for _, subtype, _ in told(conn)] == ["building_silent"]
