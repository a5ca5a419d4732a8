"""The operator's queue in a real browser."""

import re

import pytest
from playwright.sync_api import expect
from servers.tools import wait_until

from browser import small_estate
from browser.screens import DESKTOP, PHONE
from detectors.findings import Kind, Level


def _rows(page):
    return [row.get_attribute("data-alert") for row in page.locator(".row").all()]


def _alert(api, unit_id):
    return next(alert for alert in api.get("/alerts").json()["items"] if alert["unit_id"] == unit_id)


def _opened(page):
    """Wait until the queue is filled and its first alert's evidence stands beside it."""
    expect(page.locator("#connection")).to_have_attribute("data-state", "live")
    expect(page.locator("#evidence svg[role=img]")).to_be_visible()
    return page


def test_alerts_are_shown_in_chinese_and_the_language_can_be_changed(visit):
    page = _opened(visit("/"))
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    expect(page.locator(".row")).to_have_count(5)
    first = page.locator(".row").first
    expect(first).to_contain_text("疑似空置")
    expect(first).to_contain_text("待处理")
    expect(page.locator("#evidence")).to_contain_text("连续无人居住迹象")

    page.get_by_role("link", name="English").click()
    _opened(page)
    assert page.locator("html").get_attribute("lang") == "en"
    expect(page.locator(".row").first).to_contain_text("Possible vacancy")
    page.goto("/buildings")
    expect(page.locator("h1")).to_have_text("Building grid")


def test_alerts_stand_by_building_with_counts_first_and_red_ones_on_top(visit):
    page = _opened(visit("/"))
    heads = [head.inner_text() for head in page.locator(".group > h2").all()]
    assert [re.sub(r"\s+", " ", head) for head in heads] == ["枫林苑 1号楼 红色 1 3 条", "枫林苑 2号楼 红色 1 2 条"]
    levels = page.locator(".group").first.locator(".mark .sr").all_inner_texts()
    assert levels == ["红色", "黄色", "黄色"]


def test_a_filter_is_a_link_that_can_be_kept(visit):
    page = _opened(visit("/"))
    page.locator("#facets a", has_text="疑似转租转借").click()
    expect(page.locator(".row")).to_have_count(2)
    assert "kind=sublet" in page.url
    again = visit(page.url)
    expect(again.locator(".row")).to_have_count(2)
    again.locator("#facets a", has_text="红色").click()
    expect(again.locator(".row")).to_have_count(1)


def test_a_new_alert_waits_in_the_chip_and_moves_no_row(visit, conn):
    page = _opened(visit("/"))
    before = _rows(page)
    number = small_estate.find(conn, "e1-1-302", Kind.SUBLET, Level.RED, 0.99)

    expect(page.locator("#chip")).to_have_text("1 条新预警")
    assert _rows(page) == before
    page.locator("#chip button").click()
    expect(page.locator(f"#alert-{number}")).to_be_visible()
    expect(page.locator("#chip")).to_have_text("")


def test_the_keyboard_walks_and_acknowledges(visit, api):
    page = _opened(visit("/"))
    second = _rows(page)[1]
    page.keyboard.press("j")
    expect(page.locator(f"#alert-{second}")).to_have_class(re.compile("here"))
    page.keyboard.press("a")

    expect(page.locator(f"#alert-{second} .state")).to_contain_text("已知晓")
    assert api.get(f"/alerts/{second}").json()["state"] == "acknowledged"
    expect(page.locator("#evidence .history")).to_contain_text("知晓")
    expect(page.locator("#evidence .history li")).to_have_count(2)
    expect(page.locator(".row")).to_have_count(5)


def test_an_action_can_be_undone(visit, api):
    page = _opened(visit("/"))
    first = _rows(page)[0]
    page.keyboard.press("d")
    expect(page.locator(f"#alert-{first} .state")).to_contain_text("已派查")
    page.get_by_role("button", name="撤销").click()
    expect(page.locator(f"#alert-{first} .state")).to_contain_text("待处理")
    assert api.get(f"/alerts/{first}").json()["state"] == "open"


def test_dismissing_needs_a_reason(visit, api):
    page = _opened(visit("/"))
    first = _rows(page)[0]
    page.keyboard.press("f")
    dialog = page.locator("dialog")
    dialog.get_by_role("button", name="排除", exact=True).click()
    expect(dialog).to_be_visible()
    assert api.get(f"/alerts/{first}").json()["state"] == "open"

    dialog.locator("textarea").fill("女儿每周末来照料")
    dialog.get_by_role("button", name="排除", exact=True).click()
    expect(page.locator(f"#alert-{first} .state")).to_contain_text("已排除")
    last = api.get(f"/alerts/{first}").json()["history"][-1]
    assert (last["action"], last["reason"]) == ("dismiss", "女儿每周末来照料")


def test_snoozing_asks_for_its_end_and_stays_visible(visit, api):
    page = _opened(visit("/"))
    first = _rows(page)[0]
    page.keyboard.press("s")
    page.locator("dialog").get_by_role("button", name="14 天").click()
    until = page.locator("dialog input").input_value()
    page.locator("dialog").get_by_role("button", name="暂缓", exact=True).click()
    expect(page.locator(f"#alert-{first} .state")).to_contain_text("已暂缓")
    assert api.get(f"/alerts/{first}").json()["until"] == until


def test_a_bulk_action_shows_its_count_first_and_can_be_undone(visit, api):
    page = _opened(visit("/"))
    chosen = _rows(page)[:3]
    for _ in chosen:
        page.keyboard.press("x")
        page.keyboard.press("j")
    expect(page.locator("#bulk b")).to_have_text("已选 3 条")
    page.keyboard.press("a")
    expect(page.locator("dialog")).to_contain_text("知晓 3 条预警")
    assert {api.get(f"/alerts/{number}").json()["state"] for number in chosen} == {"open"}

    page.locator("dialog").get_by_role("button", name="知晓", exact=True).click()
    for number in chosen:
        expect(page.locator(f"#alert-{number} .state")).to_contain_text("已知晓")
    page.get_by_role("button", name="撤销").click()
    for number in chosen:
        expect(page.locator(f"#alert-{number} .state")).to_contain_text("待处理")
    assert {api.get(f"/alerts/{number}").json()["state"] for number in chosen} == {"open"}


def test_another_operators_action_shows_in_place(visit, api):
    page = _opened(visit("/"))
    before = _rows(page)
    api.post(f"/alerts/{before[2]}/actions", json={"action": "dispatch"}).raise_for_status()
    expect(page.locator(f"#alert-{before[2]} .state")).to_contain_text("已派查")
    assert _rows(page) == before


def test_the_feed_comes_back_and_misses_nothing(visit, conn):
    sockets = []

    def pass_on(socket):
        sockets.append(socket)
        socket.connect_to_server()

    page = visit("about:blank")
    page.route_web_socket("**/alerts/live*", pass_on)
    page.goto("/")
    _opened(page)
    sockets[0].close(code=1012)
    number = small_estate.find(conn, "e1-2-202", Kind.LEAK, Level.YELLOW, 0.6)

    expect(page.locator("#connection")).to_have_attribute("data-state", "lost")
    expect(page.locator("#chip")).to_have_text("1 条新预警")
    expect(page.locator("#connection")).to_have_attribute("data-state", "live")
    page.locator("#chip button").click()
    expect(page.locator(f"#alert-{number}")).to_be_visible()
    assert len(sockets) == 2


def test_the_plot_has_words_and_a_table(visit):
    page = _opened(visit("/"))
    plot = page.locator("#evidence svg[role=img]")
    assert "缺数据天数" in plot.locator("desc").text_content()
    plot.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".readout")).to_contain_text("用水（升）")
    page.get_by_text("以表格查看").click()
    cells = page.locator(".table tbody tr").nth(30).locator("td").all_inner_texts()
    assert cells[1] == "180"
    assert cells[3] == "–"


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("ago", [27, 20, 3])
def test_since_when_is_not_written_over_the_name_of_a_track(visit, conn, viewport, ago):
    conn.execute("UPDATE alerts SET since = current_date - %s WHERE alert_id = 1", (ago,))
    page = visit("/?alert=1", viewport=viewport)
    page.locator("#evidence .range button").first.click()
    page.wait_for_load_state("networkidle")
    boxes = "(all) => all.map((one) => [one.getBoundingClientRect().left, one.getBoundingClientRect().right])"
    found = page.locator("#evidence .began, #evidence .plot .name, #evidence svg[role=img]").evaluate_all(boxes)
    (_, plot_right), (left, right), (_, name_right), *_ = found
    assert name_right <= left
    assert right <= plot_right


def test_evidence_stands_under_its_row_on_a_phone(visit):
    page = visit("/", viewport=PHONE)
    page.locator(".row a").nth(1).click()
    panel = page.locator(".row").nth(1).locator("#evidence")
    expect(panel.locator("svg[role=img]")).to_be_visible()


def test_help_lists_the_keys(visit):
    page = _opened(visit("/"))
    page.keyboard.press("?")
    expect(page.locator("dialog")).to_contain_text("重新打开")
    page.keyboard.press("Escape")
    wait_until(lambda: page.locator("dialog").count() == 0, what="the dialog is closed")


def test_what_would_clear_an_alert_stands_under_its_evidence_until_it_has_ended(visit, api):
    page = _opened(visit("/"))
    clears = page.locator("#evidence .clears")
    expect(clears.locator("h3")).to_have_text("消除条件")
    told = _alert(api, "e1-1-301")
    said = api.get(f"/alerts/{told['id']}").json()
    assert clears.locator("li").all_inner_texts() == [one["text"] for one in said["clears"]]
    expect(clears.locator("li").first).to_contain_text("有 2 天呈在住迹象")
    expect(clears).to_contain_text("此后满 3 天未再发现，预警自行结束")
    page.keyboard.press("d")
    expect(clears).to_contain_text("由人认定后结束")
    api.post(f"/alerts/{told['id']}/actions", json={"action": "dismiss", "reason": "住院"}).raise_for_status()
    expect(clears).to_have_count(0)
    assert api.get(f"/alerts/{told['id']}").json()["clears"] == []
