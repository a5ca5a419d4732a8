"""The ledger and one case: what is overdue stands out, each step is recorded as it is taken."""

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from browser.screens import DESKTOP, PHONE
from browser.small_estate import ZONE, open_case


@pytest.fixture
def ledger(conn, api):
    """Three cases: the small estate's own, ordered to rectify and late; one ordered with time left; one only found."""
    open_case(conn, 1, days_ago=3)
    open_case(conn, 2, days_ago=1)
    due = (datetime.now(ZONE) + timedelta(days=9)).date()
    for case_id in (1, 2):
        order = {"action": "order", "due": due.isoformat()}
        api.post(f"/cases/{case_id}/actions", json=order).raise_for_status()
    conn.execute("UPDATE cases SET due = %s WHERE case_id = 1", (due - timedelta(days=13),))


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_what_is_overdue_stands_on_top_and_stands_out(visit, viewport):
    page = visit("/cases", viewport=viewport)
    rows = page.locator(".ledger li")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("逾期 4 天")
    expect(rows.nth(0).locator(".mark.red")).to_have_count(1)
    expect(rows.nth(1)).to_contain_text("还有 9 天")
    assert page.locator(".ledger .mark.red").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]


@pytest.mark.usefixtures("ledger")
def test_filters_are_links_with_counts(visit):
    page = visit("/cases")
    page.get_by_role("link", name="责令限期整改 2").click()
    expect(page.locator(".ledger li")).to_have_count(2)
    page.get_by_role("link", name="已逾期 1").click()
    expect(page.locator(".ledger li")).to_have_count(1)
    assert "state=rectification_ordered" in page.url
    assert "due=overdue" in page.url
    export = page.locator("#export").get_attribute("href")
    assert "overdue=true" in export


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_case_is_handed_over_answered_and_struck_off(visit, api, viewport):
    page = visit("/cases/1", viewport=viewport)
    expect(page.locator(".title .mark.red")).to_contain_text("逾期 4 天")
    page.locator("[data-action=statement]").click()
    page.locator("dialog textarea").fill("房子借给弟弟住了两周")
    page.locator("dialog [type=submit]").click()
    expect(page.locator("blockquote")).to_have_text("房子借给弟弟住了两周")

    page.locator("[data-action=transfer]").click()
    page.locator("dialog [name=reference]").fill("〔2026〕7号")
    page.locator("dialog [type=submit]").click()
    expect(page.locator("#case")).to_contain_text("移交记录")
    expect(page.locator("[data-action=order]")).to_have_count(0)

    page.locator("[data-action=answer]").click()
    page.locator("dialog [type=submit]").click()
    expect(page.locator("dialog")).to_be_visible()  # the result has to be said
    page.locator("dialog textarea").fill("已清退")
    page.locator("dialog [type=submit]").click()
    expect(page.locator(".title .state")).to_have_text("已反馈结果")
    page.locator("[data-action=close]").click()
    page.locator("dialog [type=submit]").click()
    expect(page.locator(".title .state")).to_have_text("已销号")
    expect(page.locator("[data-action]")).to_have_count(2)  # reopen, note
    assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
    done = api.get("/cases/1").json()
    assert [step["action"] for step in done["history"]][-4:] == ["statement", "transfer", "answer", "close"]
    assert done["handovers"][0]["to"] == "城管执法部门"


def test_alert_and_unit_lead_to_the_case(visit):
    page = visit("/?alert=4")
    page.get_by_role("link", name="台账 1 号").click()
    page.locator("[data-action]").first.wait_for()
    page.get_by_role("link", name="一户一档").click()
    page.get_by_role("link", name="转租转借", exact=True).click()
    expect(page.locator(".title h1")).to_contain_text("转租转借")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_monthly_report_is_downloaded_from_the_ledger(visit, viewport):
    page = visit("/cases", viewport=viewport)
    expect(page.locator("#monthly [name=month]")).not_to_have_value("")
    month = datetime.now(ZONE).strftime("%Y-%m")
    page.locator("#monthly [name=month]").fill(month)
    with page.expect_download() as download:
        page.get_by_role("button", name="下载文档").click()
    assert download.value.suggested_filename == f"monthly-{month}.docx"
    assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
