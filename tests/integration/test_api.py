"""The JSON API over a real PostgreSQL, as programs and pages see it (contract, section 4)."""

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from io import BytesIO

import openpyxl
import pytest
from integration.console import HOME, served
from integration.little_estate import LISTS, ZONE, finding, opened
from prometheus_client.parser import text_string_to_metric_families

from api.app import create_app
from detectors.findings import Clearing, Kind, Level
from gateway.settings import Settings
from gateway.store.database import connect

RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+08:00")


@pytest.fixture
def conn(database):
    with connect(database) as conn:
        conn.execute(LISTS)
        yield conn


@pytest.fixture
def client(conn, database):
    with served(create_app(Settings(), database)) as client:
        yield client


def v1(client, path, **params):
    answer = client.get(f"/api/v1{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def act(client, alert_id, action, **given):
    return client.post(f"/api/v1/alerts/{alert_id}/actions", json={"action": action} | given)


def problem(answer, status):
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert {"type", "title", "status", "detail"} <= set(body)
    assert body["status"] == status
    return body


def today():
    return datetime.now(ZONE).date()


# Lists


def test_a_list_is_read_page_by_page_to_its_end(client):
    seen, cursor = [], None
    while True:
        page = v1(client, "/units", limit=2, **({"cursor": cursor} if cursor else {}))
        assert set(page) == {"items", "next"}
        seen += [unit["unit_id"] for unit in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert seen == ["a1", "a10", "a9", "b1", "v1", "z1"]
    assert [unit["unit_id"] for unit in v1(client, "/units", estate_id="e2")["items"]] == ["z1"]


def test_a_cursor_or_limit_that_is_not_ours_is_refused(client):
    faults = ({"cursor": "x"}, {"cursor": "eyJhIjoxfQ"}, {"limit": 0}, {"limit": 501}, {"limit": "x"})
    for path in ("/estates", "/units", "/alerts", "/alerts/changes", "/visits", "/devices", "/quarantine"):
        for fault in faults:
            problem(client.get(f"/api/v1{path}", params=fault), 422)


def test_estates_say_how_much_of_them_there_is(client, conn):
    opened(conn, finding("a1"))
    first = v1(client, "/estates")["items"][0]
    assert first == {
        "estate_id": "e1",
        "name": "春风里",
        "timezone": "Asia/Shanghai",
        "today": today().isoformat(),
        "units": 5,
        "live_alerts": 1,
    }


def test_a_unit_has_its_state_and_a_score_of_each_kind(client, conn):
    conn.execute("INSERT INTO unit_states VALUES ('a1', '2026-11-21', 'away', '2026-11-18')")
    conn.execute("INSERT INTO unit_scores VALUES ('a1', 'vacancy', '2026-11-21', 0.25, NULL)")
    conn.execute("INSERT INTO unit_scores VALUES ('a1', 'leak', '2026-11-21', NULL, 'no_meter')")
    unit = v1(client, "/units/a1")

    assert (unit["state"], unit["state_since"]) == ("away", "2026-11-18")
    assert unit["scores"] == {"vacancy": 0.25, "sublet": None, "misuse": None, "leak": None}
    why = "没有可用的水电表数据：未曾收到，或水表按整立方米计数，过于粗略"
    assert unit["not_ready"] == {"leak": {"code": "no_meter", "text": why}}
    assert unit["household"]["household_id"] == "h1"
    assert v1(client, "/units/z1")["state"] == "unknown"
    problem(client.get("/api/v1/units/nobody"), 404)


# Timeline


def test_a_timeline_has_every_day_and_null_where_nothing_is_known(client, conn):
    numbers = dict(conn.execute("SELECT device_id, device_no FROM devices").fetchall())
    meter = "INSERT INTO meter_days VALUES (%s, '2026-11-02', %s, 0.5, 12, 3, NULL, NULL, NULL, NULL)"
    conn.execute(meter, (numbers["w1"], 120.04))
    conn.execute("INSERT INTO meter_days VALUES (%s, '2026-11-02', NULL, 0, 0, 0)", (numbers["m1"],))
    conn.execute("UPDATE meter_days SET flags = 8 + 1 WHERE device_no = %s", (numbers["w1"],))
    conn.execute("INSERT INTO device_day_flags VALUES (%s, '2026-11-03', 128)", (numbers["m1"],))
    conn.execute("INSERT INTO door_days VALUES (%s, '2026-11-03')", (numbers["d0"],))
    passage = "INSERT INTO passage_days VALUES (%s, '2026-11-03', %s, %s, %s, %s)"
    conn.cursor().executemany(
        passage,
        [(numbers["d0"], "", "p1", "", 3), (numbers["d0"], "a1", "", "s9", 2), (numbers["d0"], "a1", "", "", 1)],
    )
    days = v1(client, "/units/a1/timeline", start="2026-11-01", end="2026-11-03")["days"]

    unknown = {"registered": None, "visitor": None, "stranger": None, "unidentified": None}
    assert days == [
        {
            "date": "2026-11-01",
            "water_l": None,
            "electricity_kwh": None,
            "passages": unknown,
            "coverage": {"water": 0.0, "electricity": 0.0, "door": 0.0},
            "flags": {"water": [], "electricity": [], "door": []},
        },
        {
            "date": "2026-11-02",
            "water_l": 120.0,
            "electricity_kwh": None,
            "passages": unknown,
            "coverage": {"water": 0.5, "electricity": 0.0, "door": 0.0},
            "flags": {"water": ["spike", "reset"], "electricity": [], "door": []},
        },
        {
            "date": "2026-11-03",
            "water_l": None,
            "electricity_kwh": None,
            "passages": {"registered": 3, "visitor": 0, "stranger": 2, "unidentified": 1},
            "coverage": {"water": 0.0, "electricity": 0.0, "door": 1.0},
            "flags": {"water": [], "electricity": ["clock"], "door": []},
        },
    ]


def test_a_timeline_shows_the_last_sixty_days_unless_asked(client):
    days = [date.fromisoformat(day["date"]) for day in v1(client, "/units/a1/timeline")["days"]]
    assert days == [today() - timedelta(days=back) for back in range(59, -1, -1)]
    assert len(v1(client, "/units/a1/timeline", end="2026-03-01")["days"]) == 60


@pytest.mark.parametrize(
    "span", [{"start": "2026-11-02", "end": "2026-11-01"}, {"start": "2020-01-01", "end": "2026-01-01"}, {"end": "x"}]
)
def test_a_timeline_refuses_what_is_no_range(client, span):
    problem(client.get("/api/v1/units/a1/timeline", params=span), 422)


# Alerts


def test_an_alert_is_as_the_contract_says(client, conn):
    alert_id = opened(conn, finding("a9", Kind.SUBLET, Level.RED, 0.91, "whole"))
    alert = v1(client, f"/alerts/{alert_id}")

    assert {
        name: alert[name] for name in ("id", "kind", "subtype", "level", "state", "unit_id", "estate_id", "since")
    } == {
        "id": alert_id,
        "kind": "sublet",
        "subtype": "whole",
        "level": "red",
        "state": "open",
        "unit_id": "a9",
        "estate_id": "e1",
        "since": "2026-11-01",
    }
    assert (alert["device_id"], alert["until"], alert["probability"]) == (None, None, 0.91)
    assert RFC3339.fullmatch(alert["opened_at"])
    assert RFC3339.fullmatch(alert["updated_at"])
    assert alert["summary"].startswith("疑似转租转借（整套）：11月1日至")
    strongest = alert["evidence"][0]
    assert strongest == {
        "code": "strangers_return",
        "text": "11月1日至11月20日同一批未登记人员在 20 天里反复出入，以往同期约 14 天",
        "value": 20.0,
        "unit": "days",
        "baseline": 14.0,
        "window": {"start": "2026-11-01", "end": "2026-11-20"},
        "weight": 2.0,
    }
    assert [step["action"] for step in alert["history"]] == ["opened"]
    problem(client.get("/api/v1/alerts/999"), 404)


def test_the_queue_shows_newest_activity_first_and_filters(client, conn):
    first, second = opened(conn, finding("a1")), opened(conn, finding("a9", Kind.SUBLET, Level.RED))
    third = opened(conn, finding("z1"), estate_id="e2")
    act(client, first, "note", reason="rang the bell")

    def ids(**params):
        return [alert["id"] for alert in v1(client, "/alerts", **params)["items"]]

    assert ids() == [first, third, second]
    assert ids(kind="sublet") == ids(level="red") == [second]
    assert ids(estate_id="e2") == ids(unit_id="z1") == [third]
    assert ids(state="confirmed") == []
    assert ids(kind=["sublet", "vacancy"], state=["open", "snoozed"]) == [first, third, second]
    page = v1(client, "/alerts", limit=2)
    assert [alert["id"] for alert in v1(client, "/alerts", limit=2, cursor=page["next"])["items"]] == [second]
    problem(client.get("/api/v1/alerts", params={"state": "closed"}), 422)


def test_an_action_answers_with_the_alert_as_it_then_is(client, conn):
    alert_id = opened(conn, finding("a1"))
    until = today() + timedelta(days=5)
    answer = act(client, alert_id, "snooze", until=f"{until}T08:00:00+08:00", reason="住户出差", actor="wang").json()

    assert (answer["state"], answer["until"]) == ("snoozed", until.isoformat())
    step = answer["history"][-1]
    assert (step["actor"], step["action"], step["from_state"], step["to_state"]) == (
        "wang",
        "snooze",
        "open",
        "snoozed",
    )
    assert step["reason"] == "住户出差"


def test_what_is_refused_says_why_and_changes_nothing(client, conn):
    alert_id = opened(conn, finding("a1"))
    for wish, status, code in (
        ({"action": "dismiss"}, 422, "reason_missing"),
        ({"action": "snooze"}, 422, "until_missing"),
        ({"action": "snooze", "until": "2026-01-01"}, 422, "until_past"),
        ({"action": "reopen"}, 409, "state"),
        ({"action": "explode"}, 422, None),
        ({"action": "note", "reason": "x", "color": "red"}, 422, None),
        ({"action": "note", "reason": "a\x00b"}, 422, None),
        ({"action": "note", "reason": "x" * 2001}, 422, None),
        ({}, 422, None),
        ([], 422, None),
    ):
        body = problem(client.post(f"/api/v1/alerts/{alert_id}/actions", json=wish), status)
        assert body.get("code") == code, wish
    after = v1(client, f"/alerts/{alert_id}")
    assert (after["state"], len(after["history"])) == ("open", 1)


def test_refusals_speak_the_asked_language(client, conn):
    alert_id = opened(conn, finding("a1"))
    chinese = problem(act(client, alert_id, "reopen"), 409)
    english = problem(client.post(f"/api/v1/alerts/{alert_id}/actions?lang=en", json={"action": "reopen"}), 409)
    assert chinese["detail"] == "预警处于“待处理”状态，不能执行“重新打开”"
    assert english["detail"] == "an alert that is “open” cannot take the action “reopen”"


def test_a_unit_never_has_two_live_alerts_of_a_kind(client, conn):
    old = opened(conn, finding("a1"))
    act(client, old, "dismiss", reason="探亲")
    new = opened(conn, finding("a1"))
    body = problem(act(client, old, "reopen"), 409)
    assert body["code"] == "live_twin"
    assert str(new) in body["detail"]


def test_changes_are_numbered_in_order_and_read_from_where_one_was(client, conn):
    first, second = opened(conn, finding("a1")), opened(conn, finding("a9"))
    act(client, first, "acknowledge")
    changes = v1(client, "/alerts/changes", since=0)["items"]

    assert [(one["alert_id"], one["action"]) for one in changes] == [
        (first, "opened"),
        (second, "opened"),
        (first, "acknowledge"),
    ]
    assert [one["seq"] for one in changes] == sorted({one["seq"] for one in changes})
    assert changes[0]["alert"]["id"] == first
    assert v1(client, "/alerts/changes", since=changes[1]["seq"])["items"] == changes[2:]
    page = v1(client, "/alerts/changes", limit=2)
    assert v1(client, "/alerts/changes", limit=2, cursor=page["next"])["items"] == changes[2:]
    shown = client.get("/api/v1/alerts").headers["estate-seq"]
    assert v1(client, "/alerts/changes", since=shown)["items"] == []


# Visits


def plan(client, **wish):
    answer = client.post("/api/v1/visits/plan", json=wish)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_plan_walks_by_building_entrance_and_floors_downwards(client, conn):
    for unit_id in ("a1", "a9", "a10", "b1"):
        opened(conn, finding(unit_id))
    planned = plan(client, k=10)

    assert (planned["date"], planned["added"]) == (today().isoformat(), 4)
    assert [(visit["unit_id"], visit["order"]) for visit in planned["items"]] == [
        ("a9", 1),
        ("a1", 2),
        ("b1", 3),
        ("a10", 4),
    ]
    visit = planned["items"][0]
    assert (visit["building"], visit["entrance"], visit["floor"], visit["room"]) == ("2", "1", 9, "901")
    assert (visit["state"], visit["outcome"], visit["best_hours"]) == ("planned", None, ["18:00–20:00"])
    assert visit["reasons"] == ["疑似空置：11月1日至11月20日连续无人居住迹象，计 20 天（达到 14 天即提示）"]
    assert visit["questions"][0] == "平时是否在此居住？最近一次住在这里是什么时候？"
    assert {alert["state"] for alert in v1(client, "/alerts")["items"]} == {"dispatched"}


def test_planning_again_doubles_nothing_and_fills_up_to_k(client, conn):
    for unit_id in ("a1", "a9", "a10"):
        opened(conn, finding(unit_id))
    first = plan(client, k=2)
    again = plan(client, k=2)
    more = plan(client, k=3)
    another = plan(client, k=5, inspector="li")

    assert [visit["id"] for visit in again["items"]] == [visit["id"] for visit in first["items"]]
    assert (first["added"], again["added"], more["added"], another["added"]) == (2, 0, 1, 0)
    assert len({visit["unit_id"] for visit in v1(client, "/visits")["items"]}) == 3
    assert [visit["order"] for visit in more["items"]] == [1, 2, 3]


def order(client, **wish):
    answer = client.post("/api/v1/visits", json=wish)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_tip_off_sends_an_inspector_where_nothing_was_suspected(client):
    visit = order(client, unit_id="a1", reason="12345-0716", inspector="li")
    assert (visit["reasons"], visit["alert_ids"]) == (["人工安排：12345-0716"], [])
    assert visit["questions"][1] == "目前共有几人居住？与登记名单是否一致？"
    assert [each["id"] for each in v1(client, "/visits", inspector="li")["items"]] == [visit["id"]]
    result = {"key": "k", "outcome": "confirmed_sublet"}
    assert client.post(f"/api/v1/visits/{visit['id']}/result", json=result).status_code == 200
    (case,) = v1(client, "/cases")["items"]
    assert (case["unit_id"], case["kind"], case["visit_id"]) == ("a1", "sublet", visit["id"])
    problem(client.post("/api/v1/visits", json={"unit_id": "a1", "reason": "again"}), 409)


def test_a_tip_off_joins_the_visit_that_stands_and_outlives_its_alert(client, conn):
    alert_id = opened(conn, finding("a1"))
    planned = plan(client)["items"][0]
    joined = order(client, unit_id="a1", reason="letter 7")
    assert joined["id"] == planned["id"]
    assert (joined["reasons"][1:], joined["alert_ids"]) == (["人工安排：letter 7"], [alert_id])
    dismissed = {"action": "dismiss", "reason": "declared"}
    assert client.post(f"/api/v1/alerts/{alert_id}/actions", json=dismissed).status_code == 200
    (left,) = v1(client, "/visits")["items"]
    assert (left["state"], left["reasons"]) == ("planned", ["人工安排：letter 7"])


def test_a_tip_off_takes_the_open_alerts_along(client, conn):
    alert_id = opened(conn, finding("a1"))
    assert order(client, unit_id="a1", reason="letter 7")["alert_ids"] == [alert_id]
    assert v1(client, f"/alerts/{alert_id}")["state"] == "dispatched"


def test_orders_that_make_no_sense_are_refused(client):
    problem(client.post("/api/v1/visits", json={"unit_id": "nowhere", "reason": "x"}), 404)
    problem(client.post("/api/v1/visits", json={"unit_id": "a1", "reason": " "}), 422)
    problem(client.post("/api/v1/visits", json={"unit_id": "a1", "reason": "x", "date": "2020-01-01"}), 422)


def test_plans_that_make_no_sense_are_refused(client):
    problem(client.post("/api/v1/visits/plan", json={"estate_id": "nowhere"}), 404)
    problem(client.post("/api/v1/visits/plan", json={"date": "2020-01-01"}), 422)
    problem(client.post("/api/v1/visits/plan", json={"k": 0}), 422)


def test_the_list_is_read_by_day_inspector_and_page(client, conn):
    for unit_id in ("a1", "a9", "a10"):
        opened(conn, finding(unit_id))
    plan(client, k=2, inspector="li", date=today().isoformat())
    plan(client, k=2, inspector="wu", date=(today() + timedelta(days=1)).isoformat())

    def units(**params):
        return [visit["unit_id"] for visit in v1(client, "/visits", **params)["items"]]

    tomorrow = units(date=(today() + timedelta(days=1)).isoformat())
    assert len(tomorrow) == 1
    assert units(inspector="wu") == tomorrow
    assert units() == tomorrow + units(inspector="li")
    page = v1(client, "/visits", limit=2)
    assert [visit["unit_id"] for visit in page["items"]] + units(limit=2, cursor=page["next"]) == units()


@pytest.mark.parametrize("name", ["key", "client_key", "idempotency_key", "Idempotency-Key"])
def test_a_result_that_is_sent_twice_counts_once(client, conn, name):
    alert_id = opened(conn, finding("a1"))
    visit_id = plan(client, k=1)["items"][0]["id"]
    body, headers = {"outcome": "confirmed_vacant", "note": "电表封存"}, {}
    (headers if "-" in name else body)[name] = "phone-1"

    first = client.post(f"/api/v1/visits/{visit_id}/result", json=body, headers=headers)
    history = v1(client, f"/alerts/{alert_id}")["history"]
    second = client.post(f"/api/v1/visits/{visit_id}/result", json=body, headers=headers)

    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json() == second.json()
    assert (first.json()["state"], first.json()["outcome"]) == ("done", "confirmed_vacant")
    after = v1(client, f"/alerts/{alert_id}")
    assert after["history"] == history
    assert after["state"] == "confirmed"
    assert after["history"][-1]["reason"] == "电表封存"


def test_a_second_finding_corrects_the_first_and_both_are_kept(client, conn):
    alert_id = opened(conn, finding("a1"))
    visit_id = plan(client, k=1)["items"][0]["id"]
    path = f"/api/v1/visits/{visit_id}/result"
    now = datetime.now(ZONE)
    client.post(path, json={"key": "1", "outcome": "normal", "found_at": (now - timedelta(minutes=9)).isoformat()})
    client.post(
        path, json={"key": "2", "outcome": "confirmed_vacant", "found_at": (now - timedelta(minutes=5)).isoformat()}
    )
    late = client.post(
        path, json={"key": "3", "outcome": "refused", "found_at": (now - timedelta(minutes=7)).isoformat()}
    )

    visit = late.json()
    assert visit["outcome"] == "confirmed_vacant"
    assert [(result["key"], result["counts"]) for result in visit["results"]] == [
        ("1", False),
        ("3", False),
        ("2", True),
    ]
    alert = v1(client, f"/alerts/{alert_id}")
    assert alert["state"] == "confirmed"
    assert [step["to_state"] for step in alert["history"]] == ["open", "dispatched", "dismissed", "open", "confirmed"]


def test_results_that_cannot_be_kept_apart_are_refused(client, conn):
    opened(conn, finding("a1"))
    visit_id = plan(client, k=1)["items"][0]["id"]
    path = f"/api/v1/visits/{visit_id}/result"
    problem(client.post(path, json={"outcome": "normal"}), 422)
    problem(client.post(path, json={"outcome": "fine", "key": "1"}), 422)
    assert client.post(path, json={"outcome": "normal", "key": "1"}).status_code == 200
    used = problem(client.post(path, json={"outcome": "refused", "key": "1"}), 409)
    assert used["detail"] == f"该提交编号已用于 {visit_id} 号核查（结果：未见异常），更正须使用新的编号"
    problem(client.post("/api/v1/visits/999/result", json={"outcome": "normal", "key": "2"}), 404)


def test_nobody_answered_so_the_alert_waits_for_another_try(client, conn):
    alert_id = opened(conn, finding("a1"))
    visit_id = plan(client, k=1)["items"][0]["id"]
    client.post(f"/api/v1/visits/{visit_id}/result", json={"outcome": "no_answer", "key": "1"})
    assert v1(client, f"/alerts/{alert_id}")["state"] == "open"
    assert plan(client, k=5)["added"] == 0
    assert plan(client, k=5, date=(today() + timedelta(days=2)).isoformat())["added"] == 1


def test_dispatching_one_alert_puts_its_unit_on_the_list_and_dismissing_takes_it_off(client, conn):
    vacancy, leak = opened(conn, finding("a1")), opened(conn, finding("a1", Kind.LEAK))
    act(client, vacancy, "dispatch", inspector="li", date=today().isoformat())
    act(client, leak, "dispatch", inspector="li")
    (visit,) = v1(client, "/visits", inspector="li")["items"]
    assert visit["alert_ids"] == [vacancy, leak]
    assert len(visit["reasons"]) == 2

    act(client, vacancy, "dismiss", reason="已核对")
    (visit,) = v1(client, "/visits")["items"]
    assert (visit["alert_ids"], len(visit["reasons"])) == ([leak], 1)
    act(client, leak, "reopen")
    assert v1(client, "/visits")["items"] == []
    assert len(v1(client, "/visits", state="cancelled")["items"]) == 1


def test_the_sheet_has_the_same_order_and_no_formulas(client, conn):
    conn.execute("UPDATE units SET room = '=1+1' WHERE unit_id = 'a9'")
    for unit_id in ("a1", "a9"):
        opened(conn, finding(unit_id))
    plan(client, k=5, inspector="li")
    answer = client.get("/api/v1/visits.xlsx", params={"date": today().isoformat()})

    assert answer.headers["content-type"].startswith("application/vnd.openxmlformats")
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:6] == ("日期", "序号", "楼栋", "单元", "楼层", "房号")
    assert [row[6] for row in rows[1:]] == ["a9", "a1"]
    assert (sheet["F2"].value, sheet["F2"].data_type, sheet["F2"].quotePrefix) == ("=1+1", "s", True)
    assert isinstance(rows[1][0], datetime)


def test_what_would_clear_an_alert_is_told_with_it_and_what_can_be_shown_on_the_spot_with_its_visit(client, conn):
    first, last = date(2026, 11, 1), date(2026, 11, 20)
    ahead = {"start": date(2026, 11, 21), "end": date(2026, 12, 4)}
    clears = (
        Clearing(code="lived_in", value=2.0, unit="days", **ahead),
        Clearing(code="absence_declared", value=20.0, unit="days", start=first, end=last),
    )
    alert = opened(conn, replace(finding("a1"), clears=clears))
    told = v1(client, f"/alerts/{alert}", lang="en")
    assert told["clears"][0] == {
        "code": "lived_in",
        "text": "21 Nov to 4 Dec: 2 days on which somebody lives there",
        "value": 2.0,
        "unit": "days",
        "limit": None,
        "limit_unit": "",
        "window": {"start": "2026-11-21", "end": "2026-12-04"},
    }
    assert told["clears_note"] == (
        "Any one of these clears it; if nothing is found for 3 days after that, the alert ends by itself."
    )
    assert "clears" not in v1(client, "/alerts")["items"][0]

    plan(client, k=1, inspector="li")
    (visit,) = v1(client, "/visits")["items"]
    assert visit["clears"] == ["如属外出，可补办11月1日至11月20日的外出申报"]
    answer = client.get("/api/v1/visits.xlsx", params={"date": today().isoformat()})
    head, row = openpyxl.load_workbook(BytesIO(answer.content)).active.iter_rows(values_only=True)
    assert dict(zip(head, row, strict=True))["可当场说明"] == visit["clears"][0]

    opened(conn, finding("a9"))  # told before there was such a thing
    plan(client, k=2, inspector="li")
    assert [len(one["clears"]) for one in v1(client, "/visits")["items"] if one["unit_id"] == "a9"] == [0]
    act(client, alert, "dismiss", reason="住院")
    assert v1(client, f"/alerts/{alert}")["clears"] == []


# Devices and quarantine


def test_devices_say_when_they_were_last_heard(client, conn):
    numbers = dict(conn.execute("SELECT device_id, device_no FROM devices").fetchall())
    now = datetime.now(ZONE)
    conn.execute("SELECT ensure_partitions(%s, %s)", (now - timedelta(days=9), now))
    reading = "INSERT INTO readings VALUES (%s, %s, 1, %s)"
    conn.execute(reading, (numbers["w1"], now - timedelta(hours=5), 2 * 3_600_000))
    conn.execute(reading, (numbers["m1"], now - timedelta(days=5), 5 * 86_400_000))  # imported now
    conn.execute(
        "INSERT INTO device_status (device_no, online, battery, received_at, flags, flags_at)"
        " VALUES (%s, true, 71, %s, '{leak}', %s)",
        (numbers["w1"], now - timedelta(hours=4), now - timedelta(hours=5)),
    )
    health = {device["device_id"]: device for device in v1(client, "/devices")["items"]}

    assert {name: device["state"] for name, device in health.items()} == {
        "w1": "online",
        "m1": "silent",
        "d0": "unknown",
    }
    assert datetime.fromisoformat(health["w1"]["last_seen"]) == now - timedelta(hours=3)
    assert datetime.fromisoformat(health["w1"]["last_device_time"]) == now - timedelta(hours=5)
    assert (health["w1"]["battery"], health["w1"]["online"], health["d0"]["last_seen"]) == (71.0, True, None)
    assert (health["w1"]["flags"], health["d0"]["flags"]) == (["leak"], [])
    assert [device["device_id"] for device in v1(client, "/devices", kind="door")["items"]] == ["d0"]


def test_devices_say_what_is_wrong_with_them(client, conn):
    numbers = dict(conn.execute("SELECT device_id, device_no FROM devices").fetchall())
    now = datetime.now(ZONE)
    conn.execute("SELECT ensure_partitions(%s, %s)", (now - timedelta(days=9), now))
    reading = "INSERT INTO readings VALUES (%s, %s, 1, 0)"
    health = "INSERT INTO device_health VALUES (%s, 3600, 10800, now(), %s, %s)"
    for device, hours, conditions in (("w1", 20, ["silent", "battery_low"]), ("m1", 90, [])):
        heard = now - timedelta(hours=hours)
        conn.execute(reading, (numbers[device], heard))
        conn.execute(health, (numbers[device], conditions, heard if conditions else None))

    found = {device["device_id"]: device for device in v1(client, "/devices")["items"]}
    assert (found["w1"]["state"], found["w1"]["conditions"]) == ("silent", ["silent", "battery_low"])
    assert (found["w1"]["expected_interval_s"], found["w1"]["patience_s"]) == (3600, 10_800)
    assert (found["m1"]["state"], found["m1"]["silent"]) == ("online", False)  # by its own habits
    assert (found["d0"]["expected_interval_s"], found["d0"]["conditions"]) == (None, [])
    for condition, expected in (("any", ["w1"]), ("battery_low", ["w1"]), ("stuck", [])):
        items = v1(client, "/devices", condition=condition)["items"]
        assert [device["device_id"] for device in items] == expected
    problem(client.get("/api/v1/devices", params={"condition": "sad"}), 422)
    metrics = client.get("/metrics").text
    assert 'estate_devices{estate_id="e1"} 3.0' in metrics
    assert 'estate_devices_ailing{condition="silent",estate_id="e1"} 1.0' in metrics

    conn.execute(reading, (numbers["w1"], now))  # it spoke after the check-up
    (spoke,) = (device for device in v1(client, "/devices")["items"] if device["device_id"] == "w1")
    assert (spoke["state"], spoke["conditions"]) == ("online", ["battery_low"])


def test_what_is_held_can_be_seen_and_replayed_once_its_cause_is_mended(client, conn):
    topic = "estate/v1/e1/meter/w7/reading"
    payload = b'{"ts": "2026-11-20T08:00:00+08:00", "register": 1.5, "unit": "m3"}'
    conn.execute(
        "INSERT INTO quarantine (digest, topic, payload, source, reason, detail, first_at, last_at)"
        " VALUES ('\\x01', %s, %s, 'mqtt', 'unknown_device', 'w7', '2026-11-20T00:01Z', '2026-11-20T00:01Z')",
        (topic, payload),
    )
    (held,) = v1(client, "/quarantine")["items"]
    assert (held["topic"], held["reason"], held["reason_text"], held["state"]) == (
        topic,
        "unknown_device",
        "设备不在名录中",
        "held",
    )
    assert v1(client, f"/quarantine/{held['id']}")["payload"] == payload.decode()

    still = client.post(f"/api/v1/quarantine/{held['id']}/replay").json()
    assert (still["replayed"], still["reason"]) == (False, "unknown_device")
    conn.execute("INSERT INTO devices (device_id, estate_id, kind, unit_id) VALUES ('w7', 'e1', 'water', 'b1')")
    assert client.post(f"/api/v1/quarantine/{held['id']}/replay").json()["replayed"]
    assert v1(client, "/quarantine", state="held")["items"] == []
    problem(client.post("/api/v1/quarantine/999/replay"), 404)


# Health and metrics


def test_ready_means_database_schema_and_a_connected_ingest(client, conn):
    assert client.get("/healthz").json() == {"status": "ok"}
    assert problem(client.get("/readyz"), 503)["not_ready"][0]["part"] == "ingest"
    beat = (
        "INSERT INTO workers (worker, pid, started_at, seen_at, connected, since)"
        " VALUES (%s, 1, now(), now() - %s * interval '1 second', %s, now() - interval '2 hours')"
    )
    conn.execute(beat, ("detection@here", 0, True))
    conn.execute(beat, ("here-0", 181, True))
    assert "no ingest process was seen for 3 minutes" in problem(client.get("/readyz"), 503)["detail"]
    conn.execute(beat, ("here-1", 1, False))
    assert "no ingest process has had its broker for 2 hours" in problem(client.get("/readyz"), 503)["detail"]
    conn.execute(beat, ("here-2", 1, True))
    assert client.get("/readyz").status_code == 200
    conn.execute("DELETE FROM schema_migrations WHERE number = 3")
    assert problem(client.get("/readyz"), 503)["not_ready"][0]["part"] == "schema"


def test_metrics_are_prometheus_text(client, conn):
    opened(conn, finding("a1"))
    conn.execute("INSERT INTO ingest_counters VALUES ('here-0', 'readings', 40), ('here-1', 'readings', 2)")
    client.get("/api/v1/units/a1")
    families = {family.name: family for family in text_string_to_metric_families(client.get("/metrics").text)}

    def value(name, /, **labels):
        return next(s.value for s in families[name].samples if labels.items() <= s.labels.items())

    assert value("estate_database_up") == 1
    assert value("estate_ingest_readings") == 42
    assert value("estate_alerts", kind="vacancy", state="open", level="yellow") == 1
    assert value("estate_http_requests", path="/api/v1/units/{unit_id}", status="200") == 1


# The outside


def test_every_error_is_a_problem(client):
    problem(client.get("/api/v1/nothing"), 404)
    problem(client.get("/api/v1/alerts/x"), 422)
    assert problem(client.request("DELETE", "/api/v1/alerts"), 405)
    assert client.request("DELETE", "/api/v1/alerts").headers["allow"] == "GET"


def test_a_body_that_nobody_needs_is_refused(client):
    problem(client.post("/api/v1/visits/plan", content=b'{"k": 1' + b" " * 2**20 + b"}"), 413)


def test_a_fault_of_ours_tells_no_internals(client, conn):
    conn.execute("ALTER TABLE alerts RENAME TO secrets")
    answer = client.get("/api/v1/alerts")
    problem(answer, 500)
    assert "alerts" not in answer.text


def test_only_loopback_names_reach_a_console_on_loopback(client):
    for host in ("evil.example", "127.0.0.1.evil.example", "10.0.0.1", "", "[::2]:8080"):
        problem(client.get("/healthz", headers={"host": host}), 403)
    for host in ("localhost:8080", "127.0.0.1", "[::1]:8080", "LOCALHOST"):
        assert client.get("/healthz", headers={"host": host}).status_code == 200


def test_other_web_sites_cannot_change_anything(client):
    for origin in ("http://evil.example", "null", "http://127.0.0.1:9999"):
        answer = client.post("/api/v1/alerts/9/actions", json={"action": "acknowledge"}, headers={"origin": origin})
        problem(answer, 403)
        assert client.get("/api/v1/alerts", headers={"origin": origin}).status_code == 200
    problem(client.post("/api/v1/alerts/9/actions", json={"action": "acknowledge"}, headers={"origin": HOME}), 404)


def test_every_answer_tells_browsers_to_be_careful(client):
    for path in ("/api/v1/alerts", "/api/v1/nothing", "/metrics", "/"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert client.get("/api/v1/alerts").headers["cache-control"] == "no-store"


def test_answers_come_in_the_asked_language(client, conn):
    opened(conn, finding("a1"))
    for start, asked in (
        ("疑似空置", {}),
        ("possible vacancy", {"params": {"lang": "en"}}),
        ("possible vacancy", {"headers": {"accept-language": "fr, en-GB;q=0.8, zh;q=0.5"}}),
        ("疑似空置", {"headers": {"accept-language": "zh-TW, en;q=0.8"}}),
        ("possible vacancy", {"headers": {"cookie": "lang=en", "accept-language": "zh"}}),
        ("疑似空置", {"headers": {"accept-language": ";;q=x,*"}}),
    ):
        summary = client.get("/api/v1/alerts", **asked).json()["items"][0]["summary"]
        assert summary.startswith(start), asked


def test_openapi_describes_every_path_of_the_contract(client):
    description = client.get("/api/openapi.json").json()
    assert description["openapi"].startswith("3.")
    assert {
        "/api/v1/estates",
        "/api/v1/units",
        "/api/v1/units/{unit_id}",
        "/api/v1/units/{unit_id}/timeline",
        "/api/v1/alerts",
        "/api/v1/alerts/{alert_id}",
        "/api/v1/alerts/{alert_id}/actions",
        "/api/v1/alerts/changes",
        "/api/v1/visits",
        "/api/v1/visits/plan",
        "/api/v1/visits/{visit_id}/result",
        "/api/v1/cases",
        "/api/v1/cases/{case_id}",
        "/api/v1/cases/{case_id}/actions",
        "/api/v1/reports/monthly",
        "/api/v1/session",
        "/api/v1/access-log",
        "/api/v1/devices",
        "/api/v1/quarantine",
        "/api/v1/quarantine/{quarantine_id}/replay",
        "/healthz",
        "/readyz",
        "/metrics",
    } <= set(description["paths"])
    text = str(description)
    names = set(re.findall(r"#/components/schemas/([^'\"]+)", text))
    assert names <= set(description["components"]["schemas"])
    operations = [one["operationId"] for path in description["paths"].values() for one in path.values()]
    assert len(operations) == len(set(operations))


def test_a_browser_that_goes_wrong_gets_a_page_and_a_program_a_problem(client):
    browser = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8", "accept-language": "en"}
    page = client.get("/nothing", headers=browser)
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "没有 /nothing 这一页" in page.text  # pages are Chinese first, whatever the browser would like
    stranger = client.get("/", headers=browser | {"host": "evil.example"})
    assert (stranger.status_code, "拒绝访问" in stranger.text) == (403, True)
    for path in ("/api/v1/units/none", "/readyz"):
        assert client.get(path, headers=browser).headers["content-type"] == "application/problem+json"
    assert problem(client.get("/nothing"), 404)["detail"] == "没有 /nothing 这一页"
    assert "there is no page /nothing" in client.get("/nothing?lang=en", headers=browser).text


def test_what_is_not_there_is_told_in_the_asked_language(client):
    chinese, english = (problem(client.get(f"/api/v1/units/none?lang={lang}"), 404) for lang in ("zh-CN", "en"))
    assert chinese["detail"] == "名录中没有房屋 none，或不在您可查看的小区内"
    assert english["detail"] == "there is no unit none, or not in your estates"
