"""The ledger over a real PostgreSQL: from a confirmed finding to a struck-off case (contract, section 4)."""

from datetime import datetime, timedelta
from io import BytesIO

import openpyxl
import pytest
from integration.console import served
from integration.little_estate import LISTS, ZONE, finding, opened

from api.app import create_app
from detectors.findings import Kind, Level
from gateway.settings import Settings
from gateway.store.database import connect


@pytest.fixture
def conn(database):
    with connect(database) as conn:
        conn.execute(LISTS)
        yield conn


@pytest.fixture
def client(conn, database):
    with served(create_app(Settings(), database)) as client:
        yield client


def listed(client, **params):
    answer = client.get("/api/v1/cases", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def case(client, case_id):
    answer = client.get(f"/api/v1/cases/{case_id}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def act(client, case_id, action, status=200, **given):
    answer = client.post(f"/api/v1/cases/{case_id}/actions", json={"action": action} | given)
    assert answer.status_code == status, answer.text
    return answer.json()


def on_alert(client, alert_id, action, **given):
    answer = client.post(f"/api/v1/alerts/{alert_id}/actions", json={"action": action, "reason": "查实"} | given)
    assert answer.status_code == 200, answer.text
    return answer.json()


def found(client, visit_id, key, outcome, **given):
    answer = client.post(f"/api/v1/visits/{visit_id}/result", json={"key": key, "outcome": outcome} | given)
    assert answer.status_code == 200, answer.text


def visited(client, conn, unit_id="a1", kind=Kind.SUBLET):
    """A visit that is planned for one alert: its id and the alert's."""
    alert_id = opened(conn, finding(unit_id, kind, Level.RED, 0.9))
    on_alert(client, alert_id, "dispatch")
    (visit,) = client.get("/api/v1/visits", params={"unit_id": unit_id}).json()["items"]
    return visit["id"], alert_id


def in_days(count):
    return (datetime.now(ZONE).date() + timedelta(days=count)).isoformat()


def test_a_confirmed_visit_is_carried_to_the_end_of_the_ledger(client, conn):
    visit_id, alert_id = visited(client, conn)
    found(client, visit_id, "k1", "confirmed_sublet", inspector="李", note="住着别家")
    (one,) = listed(client)
    assert (one["unit_id"], one["kind"], one["state"], one["visit_id"]) == ("a1", "sublet", "found", visit_id)
    assert one["alert_ids"] == [alert_id]
    assert client.get(f"/api/v1/alerts/{alert_id}").json()["case_id"] == one["id"]

    act(client, one["id"], "persuade")
    act(client, one["id"], "statement", reason="亲戚暂住")
    act(client, one["id"], "interview", reason="到管理处谈话")
    assert act(client, one["id"], "order", due=in_days(10))["due"] == in_days(10)
    act(client, one["id"], "transfer", to="城管执法部门", reference="〔2026〕7号", actor="王")
    act(client, one["id"], "answer", reason="已清退")
    closed = act(client, one["id"], "close", actor="王")

    steps = [(step["action"], step["to_state"]) for step in closed["history"]]
    assert steps == [
        ("opened", "found"),
        ("persuade", "persuaded"),
        ("statement", "persuaded"),
        ("interview", "interviewed"),
        ("order", "rectification_ordered"),
        ("transfer", "transferred"),
        ("answer", "answered"),
        ("close", "closed"),
    ]
    assert (closed["history"][0]["actor"], closed["history"][0]["reason"]) == ("李", "住着别家")
    assert closed["statement"] == "亲戚暂住"
    (handover,) = closed["handovers"]
    assert (handover["to"], handover["reference"], handover["actor"]) == ("城管执法部门", "〔2026〕7号", "王")
    assert handover["at"].endswith("+08:00")
    alert = client.get(f"/api/v1/alerts/{alert_id}").json()
    assert (alert["state"], alert["history"][-1]["reason"]) == ("resolved", "对应台账已销号")


def test_the_evidence_is_kept_whatever_becomes_of_the_alert(client, conn):
    alert_id = opened(conn, finding("a9"))
    on_alert(client, alert_id, "confirm")
    conn.execute("UPDATE alerts SET evidence = jsonb_build_array(evidence->0), probability = 0")
    (ground,) = case(client, listed(client)[0]["id"])["grounds"]
    assert (ground["alert_id"], ground["probability"]) == (alert_id, 0.8)
    assert [fact["code"] for fact in ground["evidence"]] == ["absent_run", "water_absent"]
    assert ground["evidence"][0]["text"].startswith("11月1日至11月20日")


def test_a_unit_has_one_live_case_of_a_kind(client, conn):
    visit_id, _ = visited(client, conn)
    found(client, visit_id, "k1", "confirmed_sublet")
    (one,) = listed(client)
    act(client, one["id"], "close", reason="误报")
    again = opened(conn, finding("a1", Kind.SUBLET))
    on_alert(client, again, "confirm")
    vacancy = opened(conn, finding("a1", Kind.VACANCY))
    on_alert(client, vacancy, "confirm")
    assert {(it["kind"], it["state"]) for it in listed(client)} == {
        ("sublet", "closed"),
        ("sublet", "found"),
        ("vacancy", "found"),
    }
    refused = act(client, one["id"], "reopen", 409, reason="有误")
    assert refused["code"] == "live_case"


def test_what_breaks_no_rule_opens_no_case(client, conn):
    for kind in (Kind.LEAK, Kind.CARE):
        on_alert(client, opened(conn, finding("a1", kind)), "confirm")
    assert listed(client) == []


def test_a_visit_that_finds_something_else_opens_the_case_of_what_it_found(client, conn):
    visit_id, alert_id = visited(client, conn, kind=Kind.VACANCY)
    found(client, visit_id, "k1", "confirmed_misuse")
    (one,) = listed(client)
    assert (one["kind"], one["alert_ids"]) == ("misuse", [])
    assert [ground["alert_id"] for ground in case(client, one["id"])["grounds"]] == [alert_id]


def test_a_corrected_result_withdraws_the_case_that_nobody_acted_on(client, conn):
    visit_id, _ = visited(client, conn)
    found(client, visit_id, "k1", "confirmed_sublet")
    found(client, visit_id, "k1", "confirmed_sublet")
    found(client, visit_id, "k2", "normal")
    (one,) = listed(client)
    assert one["state"] == "closed"
    assert [step["action"] for step in case(client, one["id"])["history"]] == ["opened", "withdrawn"]


def test_a_corrected_result_leaves_a_case_under_way_to_a_person(client, conn):
    alert_id = opened(conn, finding("a1"))
    on_alert(client, alert_id, "confirm")
    (one,) = listed(client)
    act(client, one["id"], "persuade")
    on_alert(client, alert_id, "reopen", reason="看错了门牌")
    after = case(client, one["id"])
    assert (after["state"], after["history"][-1]["action"]) == ("persuaded", "doubted")
    assert after["history"][-1]["reason"] == "看错了门牌"


def test_the_ledger_is_filtered_and_read_page_by_page(client, conn):
    for unit_id, kind in (("a1", Kind.SUBLET), ("a9", Kind.VACANCY), ("b1", Kind.VACANCY)):
        on_alert(client, opened(conn, finding(unit_id, kind)), "confirm")
    first, second, third = (it["id"] for it in reversed(listed(client)))
    act(client, first, "order", due=in_days(3))
    act(client, second, "order", due=in_days(3))
    conn.execute("UPDATE cases SET due = current_date - 5 WHERE case_id = %s", (first,))

    assert [it["id"] for it in listed(client, overdue=True)] == [first]
    assert {it["id"] for it in listed(client, overdue=False)} == {second, third}
    assert [it["id"] for it in listed(client, state="found")] == [third]
    assert [it["id"] for it in listed(client, kind="sublet")] == [first]
    assert listed(client, estate_id="e2") == []
    assert [it["overdue"] for it in listed(client)] == [False, True, False]
    seen, cursor = [], None
    while cursor is not None or not seen:
        page = client.get("/api/v1/cases", params={"limit": 1} | ({"cursor": cursor} if cursor else {})).json()
        seen += [it["id"] for it in page["items"]]
        cursor = page["next"]
    assert seen == [second, first, third]


def test_a_refusal_names_the_field_and_speaks_the_readers_language(client, conn):
    on_alert(client, opened(conn, finding("a1")), "confirm")
    (one,) = listed(client)
    missing = act(client, one["id"], "order", 422)
    assert missing["errors"] == [{"in": "body.due", "message": "责令限期整改须填写整改期限"}]
    late = client.post(f"/api/v1/cases/{one['id']}/actions?lang=en", json={"action": "answer", "reason": "x"})
    assert late.status_code == 409
    assert late.json()["detail"] == "a case that is “found” cannot take the action “report result”"
    assert client.get("/api/v1/cases/999").status_code == 404
    assert client.get("/api/v1/cases", params={"state": "lost"}).status_code == 422


def test_the_ledger_is_a_spreadsheet_too(client, conn):
    for unit_id in ("a1", "a9"):
        on_alert(client, opened(conn, finding(unit_id)), "confirm")
    act(client, listed(client)[0]["id"], "statement", reason="=1+1")
    answer = client.get("/api/v1/cases.xlsx")
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:6] == ("编号", "楼栋", "单元", "房号", "房屋编号", "类型")
    assert [(row[4], row[5], row[6]) for row in rows[1:]] == [
        (it["unit_id"], "长期空置", "已发现") for it in listed(client)
    ]
    statement = sheet.cell(2, len(rows[0]))
    assert (statement.value, statement.data_type, statement.quotePrefix) == ("=1+1", "s", True)
