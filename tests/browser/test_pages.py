"""What holds for every page: width, weight, language, policy."""

import re

import httpx
import pytest

from browser.screens import PAGES, PHONE

HEAVIEST_PAGE_BYTES = 60_000


LEAST_TAP_PX = 44
SMALL = """
(least) => [...document.querySelectorAll("a, button, select, textarea, summary, input:not([type=hidden])")]
    .map((element) => (element.type === "checkbox" ? element.closest("label") : element))
    .filter((element) => element.checkVisibility() && element.getBoundingClientRect().right > 0)
    .filter((element) => element.getBoundingClientRect().height < least)
    .map((element) => element.outerHTML.slice(0, 80))
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_a_phone_needs_no_sideways_scroll(visit, scheme, language):
    page = visit("about:blank", viewport=PHONE, color_scheme=scheme)
    for path in PAGES:
        page.goto(f"{path}?lang={language}")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"], path


def test_a_thumb_hits_everything_on_a_phone(visit):
    page = visit("about:blank", viewport=PHONE)
    small = {}
    for path in (*PAGES, "/?alert=1"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        small[path] = page.evaluate(SMALL, LEAST_TAP_PX)
    assert not {path: found for path, found in small.items() if found}


def test_a_page_is_light(visit):
    for path in PAGES:
        sizes = {}
        page = visit("about:blank")
        page.on("requestfinished", lambda request, sizes=sizes: sizes.update(_sent(request)))
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert 5_000 < sum(sizes.values()) < HEAVIEST_PAGE_BYTES, path


def _sent(request):
    """The bytes of what is not data, by address."""
    return {} if "/api/" in request.url else {request.url: request.sizes()["responseBodySize"]}


def test_no_script_may_come_from_elsewhere_or_stand_inline(console):
    for path in PAGES:
        answer = httpx.get(console + path).raise_for_status()
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        scripts = re.findall(r"<script[^>]*>", answer.text)
        assert [one for one in scripts if ' src="/static/' not in one] == [
            '<script type="application/json" id="texts">'
        ]
        assert '<html lang="zh-CN"' in answer.text


def test_the_language_is_remembered(console):
    with httpx.Client(base_url=console) as client:
        assert '<html lang="en"' in client.get("/", params={"lang": "en"}).text
        assert '<html lang="en"' in client.get("/visits").text
    assert '<html lang="zh-CN"' in httpx.get(console, params={"lang": "xx"}).text


def test_moments_are_those_of_the_estate_wherever_the_reader_is(visit, api):
    page = visit("/?alert=1", timezone_id="America/New_York")
    opened = api.get("/alerts/1").json()["history"][0]["at"]
    assert opened.endswith("+08:00")
    shown = page.locator("#evidence .history time").last
    assert shown.inner_text().endswith(opened[11:16])
