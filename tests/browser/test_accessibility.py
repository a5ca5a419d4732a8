"""axe-core finds nothing to object to: names, roles, contrast, labels, landmarks."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page
from servers.tools import need

from browser.screens import DESKTOP, PAGES, PHONE

AXE = Path(__file__).parents[1] / "servers" / "node_modules" / "axe-core" / "axe.min.js"
RUN = """
async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.map(
    (fault) => `${fault.id}: ${fault.help}: ${fault.nodes.map((node) => node.target.join(" ")).slice(0, 5).join(", ")}`
)
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_pages_pass_axe(visit: Callable[..., Page], viewport: dict[str, int], scheme: str) -> None:
    need(present=AXE.exists(), what="axe-core")
    page = visit("about:blank", viewport=viewport, color_scheme=scheme)
    found = {}
    for path in PAGES:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        page.evaluate(AXE.read_text("utf-8"))
        found[path] = page.evaluate(RUN)
    assert not {path: faults for path, faults in found.items() if faults}
