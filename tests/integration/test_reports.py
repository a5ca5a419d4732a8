"""The monthly report over a real PostgreSQL: what happened in a month, and what stood at its end."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import openpyxl
import pytest
from docx import Document
from integration.console import served
from integration.little_estate import LISTS, ZONE, finding, opened

from api.app import create_app
from detectors.findings import Kind, Level
from gateway import settings as configuration
from gateway.alerts.acting import act
from gateway.alerts.life import Request
from gateway.alerts.model import Action
from gateway.cases.acting import act as act_on_case
from gateway.cases.life import Request as CaseRequest
from gateway.cases.model import Action as CaseAction
from gateway.cases.model import Handover
from gateway.cli import report as command
from gateway.errors import ConfigError
from gateway.reports.month import Month
from gateway.reports.monthly import monthly
from gateway.settings import Settings
from gateway.store import reports
from gateway.store.database import connect

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)


def local(month, day, hour=10):
    return datetime(2026, month, day, hour, tzinfo=ZONE)


@pytest.fixture
def conn(database):
    with connect(database) as conn:
        conn.execute(LISTS)
        yield conn


@pytest.fixture
def october(conn):
    """Two alerts are found and one is confirmed; its case is ordered to be mended by the 30th, and is not."""
    first = opened(conn, finding("a1", Kind.SUBLET, Level.RED), now=local(10, 3))
    second = opened(conn, finding("a9"), now=local(10, 5))
    act(conn, first, Request(action=Action.CONFIRM, actor="li", reason="查实"), now=local(10, 8))
    order = CaseRequest(action=CaseAction.ORDER, actor="li", due=date(2026, 10, 30))
    act_on_case(conn, 1, order, now=local(10, 9))
    return first, second


@pytest.fixture
def november(conn, october):
    """The case is handed over and closed; the second alert is dismissed; a third is found after midnight."""
    transfer = CaseRequest(action=CaseAction.TRANSFER, actor="li", handover=Handover(body="城管"))
    act_on_case(conn, 1, transfer, now=local(11, 2))
    act_on_case(conn, 1, CaseRequest(action=CaseAction.ANSWER, actor="li", reason="清退"), now=local(11, 10))
    act_on_case(conn, 1, CaseRequest(action=CaseAction.CLOSE, actor="li"), now=local(11, 11))
    act(conn, october[1], Request(action=Action.DISMISS, actor="li", reason="住院"), now=local(11, 3))
    opened(conn, finding("b1"), now=local(11, 1, 0))


def made(conn, month, now=NOW, **which):
    return monthly(conn, Month.parse(month), now=now, passages_days=180, **which)


def alerts(estate, kind, level="yellow"):
    (row,) = [row for row in estate.alerts if (row.kind, row.level) == (kind, level)]
    return {name: getattr(row, name) for name in ("opened", "confirmed", "dismissed", "resolved", "live")}


@pytest.mark.usefixtures("november")
def test_a_month_that_is_over_stays_as_it_was(conn):
    report = made(conn, "2026-10")
    estate = report.estates[0]
    assert report.complete
    assert alerts(estate, "sublet", "red") == {"opened": 1, "confirmed": 1, "dismissed": 0, "resolved": 0, "live": 1}
    assert alerts(estate, "vacancy") == {"opened": 1, "confirmed": 0, "dismissed": 0, "resolved": 0, "live": 1}
    assert (estate.cases.opened, estate.cases.closed, estate.cases.overdue) == (1, 0, 1)
    assert {state: count for state, count in estate.cases.live.items() if count} == {"rectification_ordered": 1}
    assert (estate.housing.units, estate.housing.leased, estate.housing.suspected_vacant) == (5, 4, 1)
    assert estate.housing.vacancy_rate == 0.2


@pytest.mark.usefixtures("november")
def test_the_present_month_goes_up_to_now(conn):
    report = made(conn, "2026-11")
    estate = report.estates[0]
    assert (report.complete, report.until) == (False, date(2026, 11, 21))
    assert alerts(estate, "sublet", "red") == {"opened": 0, "confirmed": 0, "dismissed": 0, "resolved": 1, "live": 0}
    assert alerts(estate, "vacancy") == {"opened": 1, "confirmed": 0, "dismissed": 1, "resolved": 0, "live": 1}
    assert (estate.cases.closed, estate.cases.handed_over, estate.cases.overdue) == (1, 1, 0)
    assert sum(estate.cases.live.values()) == 0


def test_visits_count_by_their_day_and_outcome(conn):
    conn.execute("""
        INSERT INTO visits
            (date, estate_id, unit_id, "order", alert_ids, reasons, questions, best_hours, state, outcome)
        SELECT day::date, 'e1', unit, 1, '{}', '[]', '[]', '[]', state, outcome
        FROM (VALUES ('2026-10-31', 'a1', 'done', 'normal'), ('2026-11-01', 'a1', 'done', 'confirmed_vacant'),
                     ('2026-11-02', 'a9', 'done', 'no_answer'), ('2026-11-02', 'b1', 'cancelled', NULL),
                     ('2026-11-22', 'b1', 'planned', NULL)) AS v (day, unit, state, outcome)""")
    visits = made(conn, "2026-11").estates[0].visits
    assert (visits.planned, visits.done, visits.hits, visits.hit_rate) == (3, 2, 1, 0.5)


def test_devices_and_coverage_count_the_whole_days(conn):
    numbers = dict(conn.execute("SELECT device_id, device_no FROM devices").fetchall())
    meter = "INSERT INTO meter_days VALUES (%s, %s, 1, %s, 24, 1, NULL, NULL, NULL, NULL)"
    for back in range(21):
        conn.execute(meter, (numbers["w1"], date(2026, 11, 21) - timedelta(days=back), 0.5))
    conn.execute(meter, (numbers["w1"], date(2026, 11, 22), 1))  # today is not over
    conn.execute("INSERT INTO door_days VALUES (%s, '2026-11-07')", (numbers["d0"],))
    conn.execute("INSERT INTO device_health (device_no, conditions) VALUES (%s, '{silent,replaced}')", (numbers["m1"],))
    devices = made(conn, "2026-11").estates[0].devices
    assert (devices.total, devices.unheard, devices.ailing, devices.by_condition) == (3, 1, 1, {"silent": 1})
    assert devices.coverage == {"water": pytest.approx(0.5), "electricity": 0.0, "door": pytest.approx(1 / 21)}


def test_quarantine_counts_what_came_was_replayed_and_is_held(conn):
    conn.execute("""
        INSERT INTO quarantine (digest, topic, payload, source, reason, detail, state, first_at, last_at, replayed_at)
        VALUES ('1', 't', '', 'mqtt', 'not_json', '', 'held', '2026-10-31T15:00Z', now(), NULL),
               ('2', 't', '', 'mqtt', 'not_json', '', 'held', '2026-10-31T17:00Z', now(), NULL),
               ('3', 't', '', 'mqtt', 'not_json', '', 'replayed', '2026-09-01T00:00Z', now(), '2026-11-05T00:00Z'),
               ('4', 't', '', 'mqtt', 'too_large', '', 'replayed', '2026-09-01T00:00Z', now(), '2026-09-05T00:00Z')""")
    (row,) = made(conn, "2026-11").quarantine
    assert (row.reason, row.new, row.replayed, row.held) == ("not_json", 1, 1, 2)


def test_images_of_a_month_are_the_difference_of_two_days(conn):
    assert made(conn, "2026-10").privacy.images_removed is None  # nothing was counted yet
    conn.execute("DELETE FROM counter_days")
    conn.execute("""INSERT INTO counter_days VALUES ('2026-09-30', 'images_removed', 10),
        ('2026-10-20', 'images_removed', 25), ('2026-11-20', 'images_removed', 40)""")
    assert made(conn, "2026-10").privacy.images_removed == 15
    assert made(conn, "2026-11").privacy.images_removed == 15
    assert made(conn, "2026-09").privacy.images_removed == 0
    assert made(conn, "2026-08").privacy.images_removed is None


def test_counters_are_noted_day_by_day(conn):
    conn.execute("INSERT INTO ingest_counters VALUES ('w', 'images_removed', 3), ('x', 'images_removed', 4)")
    reports.note_counters(conn)
    conn.execute("UPDATE ingest_counters SET value = 9 WHERE worker = 'w'")
    reports.note_counters(conn)
    today = conn.execute("SELECT value FROM counter_days ORDER BY day DESC LIMIT 1").fetchone()
    assert today == (13,)
    assert made(conn, f"{datetime.now(UTC):%Y-%m}", datetime.now(UTC)).privacy.images_removed_ever == 13


@pytest.mark.usefixtures("november")
def test_the_report_over_http(conn, database):
    month = f"{datetime.now(ZONE):%Y-%m}"
    with served(create_app(Settings(), database)) as client:
        path = "/api/v1/reports/monthly"
        figures = client.get(path, params={"month": month}).json()
        assert [estate["estate_id"] for estate in figures["estates"]] == ["e1", "e2"]
        one = client.get(path, params={"month": month, "estate_id": "e2"}).json()
        assert [estate["name"] for estate in one["estates"]] == ["秋水园"]
        sheet = client.get(path, params={"month": month, "format": "xlsx"})
        assert f"monthly-{month}.xlsx" in sheet.headers["content-disposition"]
        assert openpyxl.load_workbook(BytesIO(sheet.content)).sheetnames[0] == "总体情况"
        paper = client.get(path, params={"month": month, "format": "docx", "lang": "en"})
        assert Document(BytesIO(paper.content)).paragraphs[0].text.startswith("Monthly report")
        for wrong in ({"month": "x"}, {"month": "2999-01"}, {"month": month, "format": "pdf"}, {}):
            assert client.get(path, params=wrong).status_code == 422


def test_the_report_from_the_shell(conn, database, tmp_path, monkeypatch):
    monkeypatch.setenv("ESTATE_DATABASE_URL", database)
    configuration.load.cache_clear()
    try:
        out = tmp_path / "月报.docx"
        command.monthly_command(month="2026-10", out=out)
        assert Document(out).paragraphs[1].text == "2026年10月"
        with pytest.raises(ConfigError, match=r"docx, \.xlsx or \.json"):
            command.monthly_command(month="2026-10", out=tmp_path / "x.pdf")
        with pytest.raises(ConfigError, match="--month"):
            command.monthly_command(month="10/2026", out=out)
    finally:
        configuration.load.cache_clear()
