"""The access log is an auditor's page; what is read there was looked at a moment ago."""

import pytest
from playwright.sync_api import expect

from browser.screens import DESKTOP, PHONE
from browser.small_estate import METERED
from gateway.accounts.model import Role
from gateway.accounts.secrets import hash_password
from gateway.store import accounts

PASSWORD = "correct horse"


@pytest.fixture
def log_in(visit, conn):
    """Log in as somebody of that role; returns the page, where it was asked for."""

    def come(role, path, **screen):
        accounts.add(conn, "shen", role, password_hash=hash_password(PASSWORD), estates=("e1",))
        page = visit(f"/login?next={path}", **screen)
        page.get_by_label("账号").fill("shen")
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        return page

    return come


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_an_auditor_reads_who_looked_at_what(log_in, conn, viewport):
    accounts.add(conn, "li", Role.OPERATOR, password_hash=hash_password(PASSWORD), estates=("e1",))
    page = log_in(Role.AUDITOR, f"/units/{METERED}", viewport=viewport)
    expect(page.locator("h1")).to_be_visible()
    page.get_by_role("link", name="查阅记录").click()
    row = page.locator("tbody tr").filter(has_text="一户一档")
    expect(row).to_contain_text("shen")
    expect(row.get_by_role("link", name=METERED)).to_be_visible()
    page.get_by_label("账号").fill("li")
    page.get_by_role("button", name="查询").click()
    expect(page.locator("#looks")).to_have_text("没有符合条件的记录。")
    assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.INSPECTOR])
def test_nobody_else_is_led_there(log_in, role):
    page = log_in(role, "/cases")
    expect(page.get_by_role("link", name="台账")).to_be_visible()
    expect(page.get_by_role("link", name="查阅记录")).to_have_count(0)


def test_a_refusal_is_no_lost_connection_and_trying_again_is_not_offered(log_in, watch):
    page = log_in(Role.OPERATOR, "/access")
    expect(page.locator("#looks [role=alert]")).to_have_text("当前账号的角色无权进行此操作")
    expect(page.locator("#looks button")).to_have_count(0)
    expect(page.locator("#connection")).to_have_attribute("data-state", "online")
    refused = [fault for fault in watch.faults if "403" in fault]
    assert refused
    watch.faults[:] = [fault for fault in watch.faults if fault not in refused]
