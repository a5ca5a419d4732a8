"""Logging in and out on a desk and on a phone; a page that was asked for comes back after the login."""

from pathlib import Path

import pytest
from playwright.sync_api import expect
from servers.tools import need

from browser.screens import DESKTOP, PHONE
from browser.test_accessibility import AXE, RUN
from gateway.accounts.model import Role
from gateway.accounts.secrets import hash_password
from gateway.store import accounts

PASSWORD = "correct horse"


@pytest.fixture
def account(conn):
    accounts.add(conn, "李明", Role.OPERATOR, password_hash=hash_password(PASSWORD), estates=("e1",))


def _log_in(page, password=PASSWORD):
    page.get_by_label("账号").fill("李明")
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_page_asks_for_a_login_and_then_shows_itself(visit, viewport):
    page = visit("/cases?state=found", viewport=viewport)
    expect(page.locator("h1")).to_have_text("登录")
    _log_in(page)
    expect(page.locator(".ledger li")).to_have_count(1)
    assert page.url.endswith("/cases?state=found")
    assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]
    expect(page.locator(".who")).to_contain_text("李明")
    page.goto("/?alert=1")
    expect(page.locator("#connection")).to_have_attribute("data-state", "live")
    page.locator("[data-action=acknowledge]").click()  # a change, with the cookie and our own origin
    expect(page.locator(".toast")).to_be_visible()
    expect(page.locator(".history li").first).to_contain_text("李明")
    page.get_by_role("button", name="退出").click()
    expect(page.locator("h1")).to_have_text("登录")
    page.goto("/devices")
    expect(page.locator("h1")).to_have_text("登录")


@pytest.mark.parametrize(
    ("role", "offered"),
    [(Role.OPERATOR, {"alerts", "planning", "cases"}), (Role.INSPECTOR, {"cases"}), (Role.AUDITOR, set())],
)
def test_what_a_role_does_not_permit_is_not_offered(visit, conn, role, offered):
    accounts.add(conn, "李明", role, password_hash=hash_password(PASSWORD), estates=("e1",))
    page = visit("/login?next=/?alert=1")
    _log_in(page)
    page.locator("#evidence .history li").first.wait_for()
    assert (page.locator("#evidence [data-action]").count() > 0) is ("alerts" in offered)
    page.goto("/visits")
    assert page.locator("#plan").is_visible() is ("planning" in offered)
    page.goto("/cases/1")
    page.locator("#case .history li").first.wait_for()
    assert (page.locator("#case [data-action]").count() > 0) is ("cases" in offered)


@pytest.mark.usefixtures("account")
def test_a_wrong_password_is_said_and_the_name_stays(visit, watch):
    page = visit("/login?lang=zh-CN")
    watch.refusals = True
    _log_in(page, "wrong password")
    expect(page.get_by_role("alert")).to_have_text("账号或密码不正确。")
    expect(page.get_by_label("账号")).to_have_value("李明")
    expect(page.get_by_label("密码")).to_be_focused()


@pytest.mark.usefixtures("account")
def test_a_login_that_ended_meanwhile_leads_back_to_the_login(visit, conn, watch):
    page = visit("/login?next=/cases/1")
    _log_in(page)
    page.locator("[data-action=note]").click()
    page.locator("dialog textarea").fill("x")
    watch.refusals = True
    conn.execute("DELETE FROM sessions")
    page.locator("dialog [type=submit]").click()
    expect(page.locator("h1")).to_have_text("登录")
    assert page.url.endswith("/login?next=%2Fcases%2F1")


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_login_passes_axe(visit, scheme):
    need(present=Path(AXE).exists(), what="axe-core")
    page = visit("/login", color_scheme=scheme, viewport=PHONE)
    page.evaluate(AXE.read_text("utf-8"))
    assert page.evaluate(RUN) == []
