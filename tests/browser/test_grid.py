"""The building grid and a unit's page in a real browser."""

from playwright.sync_api import expect


def test_each_cell_has_number_symbol_and_words(visit):
    page = visit("/buildings")
    cells = page.locator("#grid a.cell")
    expect(cells).to_have_count(12)
    for cell in cells.all():
        assert (
            cell.locator("svg use").first.get_attribute("href").endswith(("#occupied", "#away", "#vacant", "#unknown"))
        )
        assert "不明" in cell.inner_text()
    alert = page.locator('a[href="/units/e1-1-301"]')
    assert "红色 疑似空置" in alert.inner_text()
    assert alert.locator("svg use").last.get_attribute("href").endswith("#red")


def test_floors_go_down_and_arrow_keys_walk(visit):
    page = visit("/buildings")
    heads = page.locator(".building").first.locator("th[scope=row]")
    expect(heads).to_have_text(["3层", "2层", "1层"])
    page.locator('a[href="/units/e1-1-301"]').focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "/units/e1-1-202"


def test_a_cell_opens_its_unit(visit):
    page = visit("/buildings")
    page.locator('a[href="/units/e1-1-301"]').click()
    expect(page.locator("h1")).to_have_text("1号楼 1单元 301")
    expect(page.locator("#unit")).to_contain_text("h-e1-1-301")
    expect(page.locator("#unit svg[role=img]")).to_be_visible()
    page.locator("#unit a", has_text="疑似空置").click()
    expect(page.locator("#evidence h2")).to_have_text("1号楼 1单元 301")
