"""The panel is what the console's views tell, whatever the rows, on plain PostgreSQL and on TimescaleDB."""

import random
from dataclasses import fields
from datetime import date, timedelta

import numpy as np
import pytest
from integration.little_estate import LISTS

from gateway.detection.panel import blocks, build
from gateway.store import panels
from gateway.store.database import connect

FIRST, LAST = date(2026, 10, 1), date(2026, 11, 15)
DAYS = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
MORE = """
INSERT INTO units (unit_id, estate_id, building, entrance, room, tenure) VALUES ('c1', 'e1', '2', '2', '502', 'leased');
INSERT INTO households VALUES ('h9', 'a9', 2, NULL, NULL, '', ''), ('hz', 'z1', 1, NULL, NULL, '', '');
INSERT INTO persons VALUES ('p9', 'h9', 'member', NULL, '2026-10-20', true),
    ('c9', 'h9', 'caregiver', NULL, NULL, true),
    ('pz', 'hz', 'tenant', NULL, NULL, true), ('s1', NULL, 'staff', NULL, NULL, true);
INSERT INTO devices (device_id, estate_id, kind, unit_id) VALUES
    ('w1b', 'e1', 'water', 'a1'), ('w9', 'e1', 'water', 'a9'),
    ('w9b', 'e1', 'water', 'a9'), ('w9c', 'e1', 'water', 'a9'),
    ('m9', 'e1', 'electricity', 'a9'), ('wz', 'e2', 'water', 'z1');
INSERT INTO devices (device_id, estate_id, kind, building, entrance, unit_id) VALUES
    ('d21', 'e1', 'door', '2', '1', NULL), ('d22', 'e1', 'door', '2', '2', NULL), ('db1', 'e1', 'door', '', '', 'b1'),
    ('dz', 'e2', 'door', '', '', NULL);
"""
USE = """
SELECT unit_id, day, water_l, water_coverage, electricity_kwh, electricity_coverage FROM daily_use
WHERE day BETWEEN %s AND %s
"""
HOURS = """
SELECT unit_id, day, min(hours_known), CASE WHEN min(hours_known) > 0 THEN max(active_hours) END,
       CASE WHEN bool_and(min_hour IS NOT NULL) THEN sum(min_hour) END,
       CASE WHEN bool_and(max_hour IS NOT NULL) THEN sum(max_hour) END,
       CASE WHEN bool_and(coalesce(least_flow, min_hour) IS NOT NULL) THEN sum(coalesce(least_flow, min_hour)) END,
       CASE WHEN bool_and(morning IS NOT NULL) THEN sum(morning) END,
       CASE WHEN bool_and(evening IS NOT NULL) THEN sum(evening) END,
       CASE WHEN bool_and(roughness IS NOT NULL) THEN sum(roughness) END
FROM meter_days JOIN devices USING (device_no)
WHERE kind = 'water' AND day BETWEEN %s AND %s GROUP BY unit_id, day
"""
RHYTHM = ("rhythm_cos", "rhythm_sin", "rhythm_cos2", "rhythm_sin2")
PEAK = """
SELECT unit_id, day,
       CASE WHEN bool_and(max_hour IS NOT NULL) THEN (array_agg(peak_hour ORDER BY max_hour DESC, peak_hour))[1] END,
       CASE WHEN bool_and(max_hour IS NOT NULL) THEN (array_agg(rhythm_cos ORDER BY max_hour DESC, peak_hour))[1] END,
       CASE WHEN bool_and(max_hour IS NOT NULL) THEN (array_agg(rhythm_sin2 ORDER BY max_hour DESC, peak_hour))[1] END
FROM meter_days JOIN devices USING (device_no)
WHERE kind = 'electricity' AND day BETWEEN %s AND %s GROUP BY unit_id, day
"""
PASSAGES = """
SELECT daily_passages.unit_id, day,
       coalesce(sum(passages) FILTER (WHERE class = 'registered'), 0),
       count(DISTINCT person_id) FILTER (WHERE class = 'registered'),
       coalesce(sum(passages) FILTER (WHERE class = 'visitor'), 0),
       coalesce(sum(passages) FILTER (WHERE class = 'stranger'), 0),
       count(DISTINCT coalesce(nullif(stranger_id, ''), nullif(person_id, ''))) FILTER (WHERE class = 'stranger'),
       CASE WHEN NOT coalesce(bool_or(faces IS NULL) FILTER (WHERE class = 'unidentified'), false)
            THEN coalesce(sum(passages) FILTER (WHERE class = 'stranger' AND stranger_id || person_id = ''), 0) END,
       coalesce(sum(passages) FILTER (WHERE class = 'unidentified'), 0)
FROM daily_passages JOIN devices USING (device_no)
WHERE day BETWEEN %s AND %s AND estate_id = 'e1' GROUP BY 1, 2
"""
SPOKE = "SELECT DISTINCT unit_id, day FROM unit_doors JOIN door_days USING (device_no) WHERE day BETWEEN %s AND %s"
STRANGERS = """
SELECT DISTINCT daily_passages.unit_id, coalesce(nullif(stranger_id, ''), person_id), day
FROM daily_passages JOIN devices USING (device_no)
WHERE class = 'stranger' AND stranger_id || person_id <> '' AND estate_id = 'e1'
"""


@pytest.fixture
def conn(both_stores):
    with connect(both_stores) as conn:
        conn.execute(LISTS)
        conn.execute(MORE)
        yield conn


def fill(conn):
    """Days of everything that meters and doors may say, two and three meters in a home and an exchange among it."""
    devices = dict(conn.execute("SELECT device_id, device_no FROM devices").fetchall())
    chance = random.Random(3)
    for device, number in devices.items():
        for day in [FIRST - timedelta(days=number) for number in range(1, 31)] + DAYS:
            if chance.random() < 0.2:
                continue
            if device[0] == "d":
                conn.execute("INSERT INTO door_days VALUES (%s, %s)", (number, day))
                rows = {passage(chance) for _ in range(chance.randrange(5))}
                for row in rows:
                    number_of = chance.randrange(1, 9)
                    faces = None if chance.random() < 0.1 else chance.randrange(number_of + 1)
                    conn.execute(
                        "INSERT INTO passage_days VALUES (%s, %s, %s, %s, %s, %s, %s)",
                        (number, day, *row, number_of, faces),
                    )
            elif day >= FIRST:
                meter_day(conn, number, day, chance)


def passage(chance):
    unit = chance.choice(["", "", "", "a1", "b1", "c1", "z1", "nowhere"])
    person, stranger = chance.choice(
        [("p1", ""), ("p9", ""), ("c9", ""), ("pz", ""), ("s1", ""), ("unlisted", ""), ("", "f1"), ("", "f2"), ("", "")]
    )
    return unit, person, stranger


def meter_day(conn, number, day, chance):
    known = chance.random() > 0.1
    begins, ends = (0, 1) if chance.random() > 0.2 else chance.choice([(0.5, 1), (0, 0.4375), (0.25, 0.75)])
    hours = chance.random() > 0.2
    row = {
        "use": chance.randrange(400) / 2 if known else None,
        "coverage": (ends - begins) * chance.choice([1, 1, 0.5]) if known else 0,
        "hours_known": chance.choice([24, 20, 3]) if known else 0,
        "active_hours": chance.randrange(20),
        "min_hour": chance.randrange(8) / 4 if hours else None,
        "max_hour": chance.randrange(90) / 4 if hours else None,
        "least_flow": chance.randrange(8) / 4 if chance.random() > 0.2 else None,
        "evening": chance.randrange(90) / 4 if chance.random() > 0.2 else None,
        "morning": chance.randrange(90) / 4 if chance.random() > 0.2 else None,
        "roughness": chance.randrange(90) / 4 if hours else None,
        "peak_hour": chance.randrange(24) if hours else None,
        **{name: chance.randrange(-9, 9) / 8 if hours else None for name in RHYTHM},
        "service_from": begins,
        "service_to": ends,
    }
    conn.execute(
        f"INSERT INTO meter_days (device_no, day, {', '.join(row)}) VALUES (%s, %s, {', '.join(['%s'] * len(row))})",
        (number, day, *row.values()),
    )


def scattered(conn, query, panel, width, nothing):
    """(width, U, D) the columns of a query by unit and day."""
    found = np.full((width, *panel.shape), np.nan, np.float32)
    found[:] = np.array(nothing, np.float32)[:, None, None]
    for unit, day, *columns in conn.execute(query, (FIRST, LAST)):
        if unit in panel.unit_ids:
            found[:, panel.unit_ids.index(unit), (day - FIRST).days] = [np.nan if x is None else x for x in columns]
    return found


def same(panel, names, expected):
    for name, figures in zip(names, expected, strict=True):
        np.testing.assert_allclose(getattr(panel, name), figures, rtol=1e-6, atol=1e-6, err_msg=name)


def test_the_panel_is_what_the_views_tell(conn):
    with conn.transaction():
        fill(conn)
    panel = build(conn, "e1", LAST, history_days=len(DAYS))
    assert panel.days[0].item() == FIRST

    names = ("water_l", "water_coverage", "electricity_kwh", "electricity_coverage")
    same(panel, names, scattered(conn, USE, panel, 4, [np.nan, 0, np.nan, 0]))
    names = ("water_hours_known", "water_active_hours", "water_min_hour_l", "water_max_hour_l",
             "water_least_flow_l_per_h", "water_morning_l", "water_evening_l", "water_roughness_l")  # fmt: skip
    same(panel, names, scattered(conn, HOURS, panel, 8, [0, *[np.nan] * 7]))
    names = ("electricity_peak_hour", "electricity_rhythm_cos", "electricity_rhythm_sin2")
    same(panel, names, scattered(conn, PEAK, panel, 3, [np.nan] * 3))

    spoke = np.zeros(panel.shape, bool)
    for unit, day in conn.execute(SPOKE, (FIRST, LAST)):
        if unit in panel.unit_ids:
            spoke[panel.unit_ids.index(unit), (day - FIRST).days] = True
    np.testing.assert_array_equal(panel.door_coverage, spoke)
    names = ("registered_passages", "registered_persons", "visitor_passages", "stranger_passages", "strangers",
             "unnamed_face_passages", "unidentified_passages")  # fmt: skip
    same(panel, names, np.where(spoke, scattered(conn, PASSAGES, panel, 7, [0] * 7), np.nan))
    assert np.nanmax(panel.unnamed_face_passages) > 1
    assert np.isnan(panel.unnamed_face_passages[spoke]).any()
    assert not np.isnan(panel.electricity_kwh).all()
    assert np.nanmax(panel.strangers) > 1


def test_strangers_return_who_were_seen_in_the_28_days_before(conn):
    with conn.transaction():
        fill(conn)
    panel = build(conn, "e1", LAST, history_days=len(DAYS))
    days = {}
    for unit, who, day in conn.execute(STRANGERS):
        days.setdefault((unit, who), set()).add(day)
    expected = np.where(panel.door_coverage > 0, np.float32(0), np.float32(np.nan))
    for (unit, _), on in days.items():
        for day in on:
            before = any(day - timedelta(days=number) in on for number in range(1, 29))
            if before and day >= FIRST and unit in panel.unit_ids:
                expected[panel.unit_ids.index(unit), (day - FIRST).days] += 1
    np.testing.assert_array_equal(panel.returning_strangers, expected)
    assert np.nansum(expected) > 20


def test_the_latest_day_is_one_on_which_half_of_the_devices_spoke(conn):
    devices = dict(conn.execute("SELECT device_id, device_no FROM devices").fetchall())
    chance = random.Random(1)
    for device, until in (("w1", LAST), ("m1", LAST - timedelta(days=2)), ("w9", LAST - timedelta(days=1))):
        for day in DAYS:
            if day <= until:
                meter_day(conn, devices[device], day, chance)
    conn.execute("UPDATE meter_days SET coverage = 1")
    assert panels.first_day(conn, "e1") == FIRST
    assert panels.latest_day(conn, "e1", LAST) == LAST - timedelta(days=1)  # two of three; on the last day one of three
    assert panels.latest_day(conn, "e1", FIRST + timedelta(days=3)) == FIRST + timedelta(days=3)
    assert panels.latest_day(conn, "e2", LAST) is None

    for device in ("w1b", "w9", "w9b", "w9c", "m9"):  # with w1 six of the estate's twelve
        conn.execute("DELETE FROM meter_days WHERE device_no = %s AND day = %s", (devices[device], LAST))
        meter_day(conn, devices[device], LAST, chance)
    conn.execute("UPDATE meter_days SET coverage = 1")
    assert panels.latest_day(conn, "e1", LAST) == LAST


def test_blocks_are_pieces_of_the_panel(conn):
    with conn.transaction():
        fill(conn)
    whole = build(conn, "e1", LAST)
    pieces = list(blocks(conn, "e1", LAST, at_once=4))
    assert [len(piece.unit_ids) for piece in pieces] == [4, 2]
    for one in fields(whole):
        parts = [getattr(piece, one.name) for piece in pieces]
        if one.name in ("days", "holiday"):
            np.testing.assert_array_equal(parts[1], parts[0])
        else:
            np.testing.assert_array_equal(np.concatenate(parts), getattr(whole, one.name), err_msg=one.name)
