"""The inspector's list on a phone and on paper."""

from io import BytesIO

import httpx
import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect
from servers.tools import wait_until

from browser.screens import DESKTOP, PHONE
from gateway.store import visits


@pytest.fixture
def planned(api: httpx.Client) -> list[dict]:
    answer = api.post("/visits/plan", json={"k": 4, "inspector": "i7"}).raise_for_status().json()
    assert len(answer["items"]) == 4
    return answer["items"]


def _list(visit, planned):
    page = visit(f"/visits?date={planned[0]['date']}", viewport=PHONE)
    expect(page.locator(".visit")).to_have_count(len(planned))
    return page


def _tap(page, visit_id, outcome):
    page.locator(f"#visit-{visit_id} [data-outcome={outcome}]").click()


def _send_now(page):
    """Try to send what waits, as hiding the page does, without its moment of grace."""
    page.evaluate(
        """() => import(document.querySelector('script[type=module]').src.replace('visits.js', 'outbox.js'))
             .then((outbox) => outbox.send({ now: true }))"""
    )


def test_one_card_a_unit_in_walking_order(visit, planned):
    page = _list(visit, planned)
    assert page.locator(".visit .order").all_inner_texts() == [str(item["order"]) for item in planned]
    card = page.locator(".visit").first
    expect(card.locator(".why").first).to_have_text("；".join(planned[0]["reasons"]))
    expect(card.locator(".hours")).to_contain_text(planned[0]["best_hours"][0])
    expect(card.locator(".questions")).to_contain_text(planned[0]["questions"][0])


def test_the_card_and_the_sheet_say_what_can_be_shown_on_the_spot(visit, planned):
    page = _list(visit, planned)
    vacant, let = (next(item for item in planned if word in item["reasons"][0]) for word in ("空置", "转租"))
    assert len(vacant["clears"]) == 1  # days to come cannot be shown on the spot
    assert vacant["clears"][0].startswith("如属外出，可补办")
    for item in (vacant, let):
        card = page.locator(f"#visit-{item['id']} details")
        card.evaluate("(details) => { details.open = true; }")
        expect(card.locator("h3")).to_have_text("可当场说明")
        expect(card.locator(".explains")).to_have_text(item["clears"][0])
    page.emulate_media(media="print")
    expect(page.locator("#sheet")).to_contain_text(let["clears"][0])


def test_a_list_can_be_planned_here(visit, api):
    page = visit("/visits", viewport=PHONE)
    page.locator("#plan").click()
    page.locator("dialog [name=k]").fill("3")
    page.locator("dialog button[type=submit]").click()
    expect(page.locator(".visit")).to_have_count(3)
    assert len(api.get("/visits").json()["items"]) == 3


def test_buttons_are_large_enough_for_a_thumb(visit, planned):
    page = _list(visit, planned)
    boxes = [button.bounding_box() for button in page.locator("[data-outcome]").all()]
    assert len(boxes) == 7 * len(planned)
    assert min(min(box["width"], box["height"]) for box in boxes) >= 44


def test_a_finding_entered_offline_waits_in_sight_and_arrives_once(visit, planned, conn, watch, api):
    page = _list(visit, planned)
    first = planned[0]["id"]
    watch.network_errors = True
    page.context.set_offline(True)
    page.locator(f"#visit-{first} textarea").fill("楼上邻居说很久没人")
    _tap(page, first, "no_answer")

    expect(page.locator("#waiting")).to_have_text("1 条待上传")
    expect(page.locator(f"#visit-{first}")).to_contain_text("已存本机，待上传")
    _send_now(page)
    expect(page.locator("#connection")).to_have_attribute("data-state", "offline")
    assert visits.results(conn, first) == []
    expect(page.locator("#waiting")).to_be_visible()

    page.context.set_offline(False)
    expect(page.locator(f"#visit-{first}")).to_contain_text("已上传", timeout=15000)
    expect(page.locator("#waiting")).to_be_hidden()
    stored = visits.results(conn, first)
    assert [(result.outcome, result.note) for result in stored] == [("no_answer", "楼上邻居说很久没人")]
    assert api.get(f"/visits/{first}").json()["outcome"] == "no_answer"


def test_an_answer_that_is_lost_on_the_way_does_not_double_the_finding(visit, planned, conn, watch):
    page = _list(visit, planned)
    first = planned[0]["id"]
    watch.network_errors = True
    lost = []

    def lose_the_first_answer(route):
        if not lost:
            lost.append(route.fetch())
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/api/v1/visits/*/result", lose_the_first_answer)
    _tap(page, first, "normal")
    _send_now(page)
    wait_until(lambda: visits.results(conn, first), what="the first sending arrived")
    expect(page.locator("#waiting")).to_be_visible()
    _send_now(page)
    expect(page.locator("#waiting")).to_be_hidden()
    assert len(lost) == 1
    assert len(visits.results(conn, first)) == 1


def test_what_waits_survives_closing_the_page(visit, planned, conn, watch):
    page = _list(visit, planned)
    first = planned[0]["id"]
    watch.network_errors = True
    page.route("**/api/v1/visits/*/result", lambda route: route.abort("internetdisconnected"))
    _tap(page, first, "normal")
    expect(page.locator("#waiting")).to_be_visible()
    page.unroute("**/api/v1/visits/*/result")
    again = page.context.new_page()
    page.close()
    again.goto(f"/visits?date={planned[0]['date']}")
    expect(again.locator("#waiting")).to_have_text("1 条待上传")
    expect(again.locator(f"#visit-{first}")).to_contain_text("已上传", timeout=20000)
    assert len(visits.results(conn, first)) == 1


def test_a_browser_that_cannot_store_shows_the_list_and_says_so(visit, planned, conn):
    page = visit("about:blank", viewport=PHONE)
    page.add_init_script("Object.defineProperty(window, 'indexedDB', { value: { open() { throw Error('full'); } } })")
    page.goto(f"/visits?date={planned[0]['date']}")
    expect(page.locator(".visit")).to_have_count(4)
    _tap(page, planned[0]["id"], "normal")
    expect(page.locator("#toasts")).to_contain_text("未能保存：full")
    expect(page.locator(f"#visit-{planned[0]['id']} [data-outcome]")).to_have_count(7)


def test_a_note_stays_while_another_finding_is_sent(visit, planned):
    page = _list(visit, planned)
    first, second = planned[0]["id"], planned[1]["id"]
    _tap(page, first, "normal")
    note = page.locator(f"#visit-{second} textarea")
    note.press_sequentially("门口有外卖袋")
    _send_now(page)
    expect(page.locator(f"#visit-{first}")).to_contain_text("已上传")
    expect(note).to_have_value("门口有外卖袋")
    expect(note).to_be_focused()


def test_a_double_tap_means_one(visit, planned):
    page = _list(visit, planned)
    first, second = (page.locator(f"#visit-{item['id']} [data-outcome=normal]") for item in planned[:2])
    first.evaluate("(button) => button.click()")
    second.evaluate("(button) => button.click()")
    expect(page.locator("#done")).to_have_text("已完成 1 / 4")
    expect(page.locator("#waiting")).to_have_text("1 条待上传")


def test_a_slip_can_be_taken_back_before_it_is_sent(visit, planned, conn):
    page = _list(visit, planned)
    first = planned[0]["id"]
    _tap(page, first, "confirmed_sublet")
    page.get_by_role("button", name="撤销").click()
    expect(page.locator(f"#visit-{first} [data-outcome]")).to_have_count(7)
    expect(page.locator("#waiting")).to_be_hidden()
    assert visits.results(conn, first) == []


def test_a_finding_arrives_though_its_page_is_left_at_once(visit, planned, conn, watch):
    page = _list(visit, planned)
    first = planned[0]["id"]
    watch.network_errors = True  # the page that is left may be cut off while it sends
    _tap(page, first, "normal")
    page.locator(".toast").wait_for()
    page.goto("/cases")
    wait_until(lambda: visits.results(conn, first), what="the finding arrived")


def test_done_stays_in_its_place_dimmed(visit, planned, api):
    api.post(f"/visits/{planned[1]['id']}/result", json={"key": "k1", "outcome": "normal"}).raise_for_status()
    page = _list(visit, planned)
    assert "done" in page.locator(".visit").nth(1).get_attribute("class")
    expect(page.locator("#done")).to_have_text("已完成 1 / 4")


def test_paper_and_spreadsheet_keep_the_order(visit, planned, api):
    page = _list(visit, planned)
    page.emulate_media(media="print")
    expect(page.locator("#sheet table")).to_be_visible()
    expect(page.locator("#visits")).to_be_hidden()
    printed = page.locator("#sheet tbody small:first-child").all_inner_texts()
    units = [item["unit_id"] for item in planned]
    assert [text for text in printed if text in units] == units
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")

    link = page.locator("#export").get_attribute("href")
    content = httpx.get(str(api.base_url).split("/api/")[0] + link).raise_for_status().content
    rows = list(load_workbook(BytesIO(content), read_only=True).active.iter_rows(values_only=True))
    exported = [cell for row in rows for cell in row if cell in units]
    assert exported == units


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_tip_off_sends_an_inspector_from_the_units_page(visit, viewport):
    page = visit("/units/e1-1-301", viewport=viewport)
    page.get_by_role("button", name="安排核查").click()
    page.locator("dialog textarea").fill("12345-0716")
    page.locator("dialog [name=inspector]").fill("i7")
    page.locator("dialog [type=submit]").click()
    expect(page.locator(".toast")).to_contain_text("核查清单")
    page.goto("/visits?inspector=i7")
    expect(page.locator(".visit")).to_have_count(1)
    expect(page.locator(".visit .why").first).to_contain_text("人工安排：12345-0716")


def test_today_is_the_estates_day_whatever_the_phones_clock_says(visit, planned):
    page = visit("about:blank", viewport=PHONE)
    page.clock.set_fixed_time("2031-01-01T00:00:00Z")
    page.goto("/visits")
    expect(page.locator(".visit")).to_have_count(len(planned))
    assert page.locator("#choose [name=date]").input_value() == planned[0]["date"]
    assert f"date={planned[0]['date']}" in page.locator("#export").get_attribute("href")


def test_a_long_address_leaves_the_sheet_on_its_paper(visit, planned, conn):
    conn.execute("UPDATE units SET building = repeat('张江科学城人才公寓', 4)")
    page = visit(f"/visits?date={planned[0]['date']}", viewport={"width": 700, "height": 990})  # A4 less its margins
    page.emulate_media(media="print")
    expect(page.locator("#sheet tbody tr")).to_have_count(len(planned))
    assert page.evaluate("document.documentElement.scrollWidth") == 700


def test_the_export_speaks_the_pages_language(visit, planned):
    page = visit(f"/visits?date={planned[0]['date']}", locale="en-US")
    with page.expect_download() as download:
        page.locator("#export").click()
    rows = list(load_workbook(BytesIO(download.value.path().read_bytes())).active.iter_rows(values_only=True))
    assert rows[0][:2] == ("日期", "序号")
