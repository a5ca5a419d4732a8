"""From the store's daily figures to alerts: the panel, a run, a run again, a run that was killed, the loop."""

import json
import threading
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import numpy as np
import psycopg
import pytest
from integration.little_estate import LISTS, ZONE, finding
from servers.tools import wait_until
from structlog.testing import capture_logs
from typer.testing import CliRunner

from detectors.findings import Kind, Verdict
from gateway.cli import app
from gateway.detection.panel import LONG_AGO_DAYS, build
from gateway.detection.run import run
from gateway.detection.visitors import attribute_weeks
from gateway.detection.watch import Watch
from gateway.errors import GatewayError, NotFoundError
from gateway.settings import Settings
from gateway.store import alerts, units, workers
from gateway.store.database import connect

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 20)
NOW = datetime(2026, 11, 21, 9, tzinfo=ZONE)


@pytest.fixture
def conn(database):
    with connect(database) as conn:
        conn.execute(LISTS)
        yield conn


@pytest.fixture
def devices(conn):
    return dict(conn.execute("SELECT device_id, device_no FROM devices").fetchall())


def meter_day(conn, number, day, use, **other):
    figures = {
        "coverage": 1.0,
        "hours_known": 24,
        "active_hours": 6,
        "min_hour": 0.5,
        "max_hour": 30,
        "evening": 40,
    } | other
    conn.execute(
        "INSERT INTO meter_days (device_no, day, use, coverage, hours_known, active_hours, min_hour, max_hour, evening)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (number, day, use, *figures.values()),
    )


def passages(conn, number, day, *rows):
    conn.execute("INSERT INTO door_days VALUES (%s, %s) ON CONFLICT DO NOTHING", (number, day))
    conn.cursor().executemany(
        "INSERT INTO passage_days VALUES (%s, %s, %s, %s, %s, %s)", [(number, day, *row) for row in rows]
    )


def lived_in(conn, devices, first=FIRST, last=LAST):
    for number in range((last - first).days + 1):
        meter_day(conn, devices["w1"], first + timedelta(days=number), 100.0 + 37 * (number * 5 % 7))


# The panel


def test_meters_are_scattered_to_their_unit_and_day(conn, devices):
    meter_day(conn, devices["w1"], date(2026, 11, 1), 120.0, active_hours=7, min_hour=0.25)
    meter_day(conn, devices["w1"], date(2026, 11, 3), None, coverage=0, hours_known=0, active_hours=0, min_hour=None)
    meter_day(conn, devices["m1"], date(2026, 11, 3), 4.5, coverage=0.75, max_hour=1.5, evening=None)
    panel = build(conn, "e1", date(2026, 11, 4))

    assert panel.unit_ids == ("a1", "a10", "a9", "b1", "v1")
    assert panel.days.tolist() == [date(2026, 11, day) for day in (1, 2, 3, 4)]
    nan = np.nan
    expected = {
        "water_l": [120, nan, nan, nan],
        "water_coverage": [1, 0, 0, 0],
        "water_hours_known": [24, 0, 0, 0],
        "water_active_hours": [7, nan, nan, nan],
        "water_min_hour_l": [0.25, nan, nan, nan],
        "electricity_kwh": [nan, nan, 4.5, nan],
        "electricity_coverage": [0, 0, 0.75, 0],
        "electricity_max_hour_kwh": [nan, nan, 1.5, nan],
        "electricity_evening_kwh": [nan, nan, nan, nan],
    }
    for name, row in expected.items():
        np.testing.assert_array_equal(getattr(panel, name)[0], np.array(row, np.float32), err_msg=name)
    assert np.isnan(panel.water_l[1:]).all()


def test_where_two_meters_serve_a_unit_both_must_be_known(conn, devices):
    conn.execute("INSERT INTO devices (device_id, estate_id, kind, unit_id) VALUES ('w2', 'e1', 'water', 'a1')")
    second = conn.execute("SELECT device_no FROM devices WHERE device_id = 'w2'").fetchone()[0]
    meter_day(conn, devices["w1"], FIRST, 100.0, min_hour=1.0)
    meter_day(conn, second, FIRST, 20.0, min_hour=0.5)
    meter_day(conn, devices["w1"], FIRST + timedelta(days=1), 100.0)
    meter_day(conn, second, FIRST + timedelta(days=1), None, coverage=0, hours_known=0, min_hour=None)
    panel = build(conn, "e1", FIRST + timedelta(days=1))
    np.testing.assert_array_equal(panel.water_l[0], np.array([120, np.nan], np.float32))
    np.testing.assert_array_equal(panel.water_min_hour_l[0], np.array([1.5, np.nan], np.float32))
    np.testing.assert_array_equal(panel.water_hours_known[0], [24, 0])


def test_of_two_meters_the_greater_tells_the_hour_of_the_peak(conn, devices):
    conn.execute("INSERT INTO devices (device_id, estate_id, kind, unit_id) VALUES ('m2', 'e1', 'electricity', 'a1')")
    second = conn.execute("SELECT device_no FROM devices WHERE device_id = 'm2'").fetchone()[0]
    for number, other in ((0, 3.0), (1, None)):
        day = FIRST + timedelta(days=number)
        meter_day(conn, devices["m1"], day, 5.0, max_hour=1.0)
        meter_day(conn, second, day, 9.0, max_hour=other)
    conn.execute(
        "UPDATE meter_days SET roughness = 0.5, peak_hour = CASE device_no WHEN %s THEN 2 ELSE 19 END,"
        " rhythm_cos = CASE device_no WHEN %s THEN 0.5 ELSE -0.25 END",
        [second, second],
    )
    panel = build(conn, "e1", FIRST + timedelta(days=1))
    np.testing.assert_array_equal(panel.electricity_peak_hour[0], np.array([2, np.nan], np.float32))
    np.testing.assert_array_equal(panel.electricity_rhythm_cos[0], np.array([0.5, np.nan], np.float32))
    np.testing.assert_array_equal(panel.electricity_roughness_kwh[0], np.array([1, 1], np.float32))


def test_passages_are_counted_by_class_and_unknown_where_no_door_spoke(conn, devices):
    door = devices["d0"]
    passages(conn, door, date(2026, 11, 1), ("", "p1", "", 3), ("a1", "", "s1", 2), ("a1", "", "s2", 1))
    passages(conn, door, date(2026, 11, 3), ("a1", "", "s1", 1), ("a1", "", "", 4), ("a9", "p1", "", 2))
    panel = build(conn, "e1", date(2026, 11, 3))

    nan = np.nan
    expected = {
        "door_coverage": [1, 0, 1],
        "registered_passages": [3, nan, 0],
        "registered_persons": [1, nan, 0],
        "visitor_passages": [0, nan, 0],
        "stranger_passages": [3, nan, 1],
        "strangers": [2, nan, 1],
        "returning_strangers": [0, nan, 1],
        "unidentified_passages": [0, nan, 4],
    }
    for name, row in expected.items():
        np.testing.assert_array_equal(getattr(panel, name)[0], np.array(row, np.float32), err_msg=name)
    assert panel.visitor_passages[2].tolist()[2] == 2  # p1, who lives in a1, visits a9
    assert np.isnan(panel.door_coverage).sum() == 0


def test_a_stranger_of_before_the_panel_returns_in_it_but_not_after_28_days(conn, devices):
    for day in (date(2026, 10, 5), date(2026, 11, 2), date(2026, 12, 1)):
        passages(conn, devices["d0"], day, ("a1", "", "s1", 1))
    panel = build(conn, "e1", date(2026, 12, 1), history_days=40)
    returning = dict(zip(panel.days.tolist(), panel.returning_strangers[0].tolist(), strict=True))
    assert panel.days[0].item() == date(2026, 10, 23)
    assert returning[date(2026, 11, 2)] == 1  # last seen 28 days before
    assert returning[date(2026, 12, 1)] == 0  # last seen 29 days before


def test_people_first_seen_four_weeks_into_the_homes_past_came_late(conn, devices):
    conn.execute("INSERT INTO persons VALUES ('p9', 'h1', 'member', NULL, NULL, true)")
    passages(conn, devices["d0"], date(2026, 10, 1), ("", "p1", "", 3), ("a1", "", "s1", 1))
    passages(conn, devices["d0"], date(2026, 10, 29), ("", "p9", "", 2), ("a1", "", "s2", 1))
    passages(conn, devices["d0"], date(2026, 11, 1), ("", "p1", "", 1), ("", "p9", "", 4), ("a1", "", "s1", 1))
    passages(conn, devices["d0"], date(2026, 11, 2), ("a1", "", "s2", 1))
    panel = build(conn, "e1", date(2026, 11, 2))
    assert panel.late_registered_passages[0, -5:].tolist()[::3] == [2, 4]
    assert panel.registered_passages[0, -2] == 5
    assert panel.late_strangers[0, [-5, -2, -1]].tolist() == [0, 0, 1]


def test_in_a_young_lease_nobody_came_late(conn, devices):
    conn.execute("UPDATE households SET lease_start = '2026-10-20' WHERE household_id = 'h1'")
    passages(conn, devices["d0"], date(2026, 10, 1), ("a1", "", "s1", 1))
    for day in (date(2026, 10, 30), date(2026, 10, 31)):
        passages(conn, devices["d0"], day, ("", "p1", "", 3), ("a1", "", "s2", 1))
    panel = build(conn, "e1", date(2026, 10, 31))
    assert panel.late_strangers[0, -1] == panel.late_registered_passages[0, -1] == 0


def came(conn, door, day, stranger, unit_id=None):
    """One passage in, as it is stored and counted."""
    ts = datetime(day.year, day.month, day.day, 18, tzinfo=ZONE)
    conn.execute(
        "INSERT INTO door_events VALUES (%s, %s, %s, 'passage', 'face', 'in', NULL, %s, %s, NULL, now())",
        (door, ts, f"{day}{stranger}{unit_id}", stranger, unit_id),
    )
    passages(conn, door, day, (unit_id or "", "", stranger, 1))


def test_a_face_whom_the_intercom_let_in_as_one_homes_is_that_homes_from_the_next_week_on(conn, devices):
    door = devices["d0"]
    conn.execute("SELECT ensure_partitions('2026-10-01', '2026-11-30')")
    for day in (date(2026, 10, 5), date(2026, 10, 12), date(2026, 10, 16), date(2026, 10, 19)):
        came(conn, door, day, "s1", "a1")
    for number in range(20):
        came(conn, door, date(2026, 10, 20) + timedelta(days=number), "s1")
        came(conn, door, date(2026, 10, 20) + timedelta(days=number), "courier")
    assert attribute_weeks(conn, "e1", date(2026, 11, 8)) == 1
    assert attribute_weeks(conn, "e1", date(2026, 11, 8)) == 0
    ((week, who, unit, probability),) = conn.execute(
        "SELECT week_end, stranger_id, unit_id, probability FROM stranger_units"
    ).fetchall()
    assert (week, who, unit) == (date(2026, 11, 5), "s1", "a1")
    assert 0.9 < probability < 1
    panel = build(conn, "e1", date(2026, 11, 8))
    end = int(np.searchsorted(panel.days, np.datetime64("2026-11-05")))
    np.testing.assert_allclose(panel.strangers[0, end : end + 3], [0, probability, probability])
    assert panel.returning_strangers[0, -1] == pytest.approx(probability)
    assert np.nansum(panel.strangers[1:]) == 0


def test_the_lists_tell_who_should_live_where_and_when(conn, devices):
    lived_in(conn, devices, date(2026, 11, 1), date(2026, 11, 6))
    conn.execute(
        """
        INSERT INTO households VALUES ('h2', 'a9', 3, '2026-10-01', '2026-11-02', '', ''),
            ('h3', 'a9', 1, '2026-11-05', NULL, '', 'lone_elder'), ('h4', 'b1', NULL, NULL, NULL, '', '');
        INSERT INTO persons VALUES ('p2', 'h2', 'tenant', NULL, NULL, true), ('p3', 'h2', 'member', NULL, NULL, false),
            ('p4', 'h2', 'caregiver', NULL, NULL, true), ('p5', 'h3', 'tenant', '2026-11-06', NULL, true);
        INSERT INTO absences VALUES ('h3', '2026-11-06', NULL, 'hospital');
        """
    )
    conn.execute("UPDATE units SET tenure = 'repair' WHERE unit_id = 'v1'")
    panel = build(conn, "e1", date(2026, 11, 6))
    a1, a9, b1, v1 = (panel.unit_ids.index(name) for name in ("a1", "a9", "b1", "v1"))

    assert panel.leased[a9].tolist() == [True, True, False, False, True, True]
    assert panel.leased[b1].all()
    assert not panel.leased[v1].any()
    assert panel.tenure_leased.tolist() == [True, True, True, True, False]
    assert panel.under_repair.tolist() == [False, False, False, False, True]
    np.testing.assert_array_equal(panel.days_since_lease_start[a9], np.array([31, 32, np.nan, np.nan, 0, 1]))
    assert panel.days_since_lease_start[b1][0] == LONG_AGO_DAYS
    np.testing.assert_array_equal(panel.household_size[[a1, a9, b1, v1]], np.array([2, 1, np.nan, np.nan]))
    assert panel.lone_elder.tolist() == [unit == "a9" for unit in panel.unit_ids]
    assert panel.enrolled_persons[a9].tolist() == [1, 1, 0, 0, 0, 1]
    assert panel.declared_absence[a9].tolist() == [False] * 5 + [True]


def test_there_is_no_panel_of_nothing(conn, devices):
    assert build(conn, "e1", LAST) is None
    lived_in(conn, devices)
    assert build(conn, "e1", FIRST - timedelta(days=1)) is None
    assert build(conn, "e2", LAST) is None


# A run


class Says:
    """A detector that finds and suspects what it was told, and knows everybody else."""

    kind = Kind.VACANCY

    def __init__(self, *findings, suspicions=(), breaks=False):
        self.findings, self.suspicions, self.breaks, self.seen = findings, suspicions, breaks, []

    def __call__(self, panel):
        if self.breaks:
            raise KeyboardInterrupt
        self.seen.append(panel.as_of.item())
        chances = {told.unit_id: told.probability for told in (*self.findings, *self.suspicions)}
        probability = np.array([chances.get(unit, 0.01) for unit in panel.unit_ids], np.float32)
        probability[list(panel.unit_ids).index("v1")] = np.nan
        return Verdict(
            kind=self.kind,
            probability=probability,
            findings=self.findings,
            not_ready={"v1": "no_lease"},
            suspicions=tuple(self.suspicions),
        )


def told(conn):
    return [(change.alert_id, change.action) for change in alerts.changes(conn, 0, limit=99)]


def test_a_run_writes_scores_states_and_alerts_and_twice_is_once(conn, devices):
    lived_in(conn, devices)
    detector = Says(finding("a1", probability=0.75))
    first = run(conn, now=NOW, detectors=[detector])
    changes = told(conn)
    second = run(conn, now=NOW + timedelta(hours=1), detectors=[detector])

    assert [(one.estate_id, one.as_of) for one in first] == [("e1", LAST), ("e2", None)]
    assert (dict(first[0].told), dict(second[0].told)) == ({"opened": 1}, {})
    assert told(conn) == changes
    unit, empty = units.one(conn, "a1"), units.one(conn, "v1")
    assert unit.scores == [{"kind": "vacancy", "probability": 0.75, "not_ready": None}]
    assert empty.scores == [{"kind": "vacancy", "probability": None, "not_ready": "no_lease"}]
    assert unit.state == "occupied"


def test_a_run_that_is_killed_leaves_nothing_half_done(conn, devices):
    lived_in(conn, devices)
    broken = Says(finding("a9"))
    broken.kind = Kind.LEAK
    broken.breaks = True
    with pytest.raises(KeyboardInterrupt):
        run(conn, now=NOW, detectors=[Says(finding("a1")), broken])
    assert (told(conn), units.one(conn, "a1").scores) == ([], [])
    run(conn, now=NOW, detectors=[Says(finding("a1"))])
    assert len(told(conn)) == 1


def test_two_runs_at_once_open_one_alert(conn, devices, database):
    lived_in(conn, devices)
    start = threading.Barrier(2)

    def go():
        with connect(database) as mine:
            start.wait(10)
            run(mine, now=NOW, detectors=[Says(finding("a1"))])

    threads = [threading.Thread(target=go) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert [action for _, action in told(conn)] == ["opened"]


def test_the_latest_whole_day_is_judged_unless_told_otherwise(conn, devices):
    lived_in(conn, devices)
    meter_day(conn, devices["w1"], NOW.date(), 5.0, coverage=0.4)
    for estate in ("e1", "e2"):
        detector = Says()
        run(conn, now=NOW, estate_id=estate, detectors=[detector])
        assert detector.seen == ([LAST] if estate == "e1" else [])
    past = Says()
    run(conn, now=NOW, as_of=date(2026, 11, 5), estate_id="e1", detectors=[past])
    assert past.seen == [date(2026, 11, 5)]
    with pytest.raises(NotFoundError):
        run(conn, now=NOW, estate_id="nowhere")


def test_a_day_on_which_most_devices_were_silent_is_not_judged(conn, devices):
    lived_in(conn, devices)
    for back in range(5):
        meter_day(conn, devices["m1"], LAST - timedelta(days=1 + back), 3.0)
        passages(conn, devices["d0"], LAST - timedelta(days=1 + back))
    detector = Says()
    run(conn, now=NOW, estate_id="e1", detectors=[detector])
    assert detector.seen == [LAST - timedelta(days=1)]


def test_a_run_for_the_past_does_not_overwrite_the_present(conn, devices):
    lived_in(conn, devices)
    run(conn, now=NOW, detectors=[Says(finding("a1", probability=0.875))])
    run(conn, now=NOW, as_of=date(2026, 11, 9), detectors=[Says()])
    assert units.one(conn, "a1").scores[0]["probability"] == 0.875
    assert told(conn) == [(1, "opened")]


def test_a_meter_that_went_silent_is_an_alert_of_its_unit(conn, devices):
    lived_in(conn, devices)
    meter_day(conn, devices["m1"], LAST - timedelta(days=4), 3.0)
    run(conn, now=NOW, estate_id="e1")
    (silent,) = alerts.page(conn, alerts.Filter(kinds=["device"]), limit=9)
    assert (silent.alert.subject.unit_id, silent.alert.subtype) == ("a1", "silent")
    assert silent.alert.evidence[0].code == "device_silent_electricity"
    meter_day(conn, devices["m1"], LAST, 3.0)
    run(conn, now=NOW, estate_id="e1")
    assert alerts.one(conn, silent.alert.alert_id).alert.state == "open"
    run(conn, now=NOW + timedelta(days=1), estate_id="e1")
    assert alerts.one(conn, silent.alert.alert_id).alert.state == "resolved"


def test_an_alert_says_what_would_clear_it_and_ends_when_the_list_says_so(conn, devices):
    gone = LAST - timedelta(days=39)
    lived_in(conn, devices, gone - timedelta(days=40), gone)
    for number in range(1, 44):
        meter_day(conn, devices["w1"], gone + timedelta(days=number), 0.0, active_hours=0, min_hour=0, max_hour=0)
    run(conn, now=NOW, as_of=LAST, estate_id="e1")
    (stored,) = alerts.page(conn, alerts.Filter(kinds=["vacancy"]), limit=9)
    declared = {one.code: one for one in stored.alert.clears}["absence_declared"]
    assert (declared.start, declared.end, declared.value) == (gone + timedelta(days=1), LAST, 39)

    conn.execute("INSERT INTO absences VALUES ('h1', %s, %s, 'hospital')", (declared.start, declared.end))
    for ago in range(1, 4):
        run(conn, now=NOW + timedelta(days=ago), as_of=LAST + timedelta(days=ago), estate_id="e1")
    assert alerts.one(conn, stored.alert.alert_id).alert.state == "resolved"


# The loop and the commands


@contextmanager
def watching(database):
    watch = Watch(Settings(), database)
    thread = threading.Thread(target=watch.run)
    thread.start()
    try:
        yield
    finally:
        watch.stop()
        thread.join(20)
    assert not thread.is_alive()


def beats(conn):
    return [row.worker for row in workers.rows(conn) if not row.is_ingest]


def test_the_watch_works_beats_and_ends_when_asked(conn, devices, database):
    yesterday = datetime.now(ZONE).date() - timedelta(days=1)
    lived_in(conn, devices, yesterday - timedelta(days=20), yesterday)
    with watching(database):
        wait_until(lambda: units.one(conn, "a1").as_of == yesterday, what="a run is done")
        assert len(beats(conn)) == 1
    assert beats(conn) == []


def test_the_watch_waits_for_a_database_that_is_read_only(conn, database):
    name = conn.info.dbname
    conn.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with capture_logs() as told, watching(database):
        wait_until(lambda: [line for line in told if line["action"] == "database_lost"], what="the watch is refused")
        conn.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
        wait_until(lambda: beats(conn), within_s=30, what="the watch works")


def test_the_watch_waits_for_a_database_that_cut_it_off(conn, database):
    with watching(database):
        wait_until(lambda: beats(conn), what="the watch runs")
        conn.execute("DELETE FROM workers")
        with psycopg.connect(database, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid NOT IN (pg_backend_pid(), %s)",
                (conn.info.backend_pid,),
            )
        wait_until(lambda: beats(conn), within_s=30, what="the watch is back")


@pytest.fixture
def estate(database, monkeypatch):
    """The command line over the test's database."""
    from gateway import settings

    monkeypatch.setenv("ESTATE_DATABASE_URL", database)
    settings.load.cache_clear()
    yield lambda *words: CliRunner().invoke(app, words, catch_exceptions=False)
    settings.load.cache_clear()


def test_detect_and_plan_from_the_shell(conn, devices, estate):
    assert "nothing to judge yet" in estate("detect").output
    lived_in(conn, devices)
    said = estate("detect", "--estate", "e1", "--as-of", LAST.isoformat())
    assert f"e1: 5 units as of {LAST}" in said.output
    planned = estate("visits", "plan", "--k", "3")
    assert planned.exit_code == 0
    assert "0 new" in planned.output
    assert estate("detect", "--as-of", "2026-13-01").exit_code == 2


def test_evaluate_compares_with_the_truth(conn, devices, estate, tmp_path):
    lived_in(conn, devices, LAST - timedelta(days=60), LAST)
    truth = tmp_path / "truth.csv"
    truth.write_text("unit_id,kind,subtype,start,end\na1,vacancy,,2026-10-15,\nzz,leak,,2026-10-15,\n", "utf-8")
    figures = json.loads(estate("evaluate", "--truth", str(truth), "--every", "7", "--json").stdout)
    by_name = {(one["name"], one["quality"]["kind"]): one["quality"] for one in figures["results"]}
    assert by_name["detector", "vacancy"]["cases"] == 1
    assert by_name["detector", "leak"]["cases"] == 0  # no such unit here
    assert "rule: dry 14 days" in {name for name, _ in by_name}
    assert figures["span"]["units"] == 5
    assert "dry 28 days" in estate("evaluate", "--truth", str(truth)).output


@pytest.fixture
def policy(tmp_path):
    def written(text):
        path = tmp_path / "new.toml"
        path.write_text(text, "utf-8")
        return str(path)

    return written


SOONER = "vacancy_clock_days = 14\nvacancy_one_channel_days = 16\nabsence_log_odds_a_day = 0.4\n"


def test_a_policy_is_previewed_beside_the_one_in_force_and_nothing_is_written(conn, devices, estate, policy):
    gone = LAST - timedelta(days=22)
    lived_in(conn, devices, gone - timedelta(days=60), gone)
    for number in range(1, 23):
        meter_day(conn, devices["w1"], gone + timedelta(days=number), 0.0, active_hours=0, min_hour=0, max_hour=0)
    conn.execute(
        'INSERT INTO visits (date, estate_id, unit_id, "order", alert_ids, reasons, questions, best_hours, state,'
        " outcome) VALUES (%s, 'e1', 'a1', 1, '{}', '[]', '[]', '[]', 'done', 'confirmed_vacant')",
        (LAST,),
    )
    before = [conn.execute(f"SELECT count(*) FROM {name}").fetchone() for name in ("alerts", "unit_scores", "visits")]
    path = policy(SOONER + '[words.zh-CN]\n"kind.vacancy" = "疑似长期空置"\n')

    said = estate("detect", "preview", "--policy", path, "--units")
    assert said.exit_code == 0, said.output
    assert "vacancy_clock_days: 25 → 14" in said.output
    assert "words.zh-CN: kind.vacancy: as it comes → 疑似长期空置" in said.output
    assert "1 (1 found)" in said.output
    assert "in addition" in said.output
    assert "e1 a1" in said.output
    told = json.loads(estate("detect", "preview", "--policy", path, "--json", "--every", "1", "--days", "30").stdout)
    (row,) = told["counts"]
    assert (row["kind"], row["now"], row["new"]) == ("vacancy", 0, 1)
    assert row["in_addition"] == {"alerts": 1, "found": 1, "normal": 0}
    (one,) = told["differences"]
    assert (one["unit_id"], one["effect"], one["was_found"]) == ("a1", "in_addition", True)
    assert one["new"]["opened"] == (gone + timedelta(days=17)).isoformat()
    after = [conn.execute(f"SELECT count(*) FROM {name}").fetchone() for name in ("alerts", "unit_scores", "visits")]
    assert before == after

    same = estate("detect", "preview", "--policy", policy(""))
    assert "the file says the same as the policy in force" in same.output
    assert "no alert under either policy" in same.output


def test_what_a_preview_cannot_do_is_told_in_one_line(conn, devices, estate, policy, tmp_path):
    def refused(*words):
        with pytest.raises(GatewayError) as caught:
            estate("detect", "preview", *words)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    assert "cannot be read" in refused("--policy", str(tmp_path / "none.toml"))
    assert "meant: vacancy_clock_days?" in refused("--policy", policy("vacancy_clok_days = 3"))
    assert "is no text of the catalogue; meant: kind.vacancy?" in refused(
        "--policy", policy('[words.en]\n"kind.vacanci" = "x"')
    )
    lived_in(conn, devices)
    assert "no history to replay yet" in refused("--policy", policy(""))
    assert "nowhere" in refused("--policy", policy(""), "--estate", "nowhere")
