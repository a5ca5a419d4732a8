"""What holds for every page: width, weight, language, policy."""

import httpx
import pytest
from browser.screens import PHONE

PAGES = ("/", "/buildings", "/units/e1-1-301", "/visits", "/devices")
HEAVIEST_PAGE_BYTES = 60_000


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_needs_no_sideways_scroll(visit, path, scheme):
    page = visit(path, viewport=PHONE, color_scheme=scheme)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_light(visit, path):
    sizes = {}
    page = visit("about:blank")
    page.on("requestfinished", lambda request: sizes.setdefault(request.url, request.sizes()["responseBodySize"]))
    page.goto(path)
    page.wait_for_load_state("networkidle")
    assert 5_000 < sum(size for url, size in sizes.items() if "/api/" not in url) < HEAVIEST_PAGE_BYTES


@pytest.mark.parametrize("path", PAGES)
def test_no_script_may_come_from_elsewhere_or_stand_inline(console, path):
    answer = httpx.get(console + path).raise_for_status()
    policy = answer.headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert answer.text.count("<script") == 2
    assert '<html lang="zh-CN"' in answer.text


def test_the_language_is_remembered(console):
    with httpx.Client(base_url=console) as client:
        assert '<html lang="en"' in client.get("/", params={"lang": "en"}).text
        assert '<html lang="en"' in client.get("/visits").text
    assert '<html lang="zh-CN"' in httpx.get(console, params={"lang": "xx"}).text
