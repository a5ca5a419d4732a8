"""Documents lead where they say: a link has a file, an anchor a heading; the README reaches each page."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(page for folder in (".", "docs", "docs/decisions", "deploy") for page in (ROOT / folder).glob("*.md"))
READMES = [ROOT / "README.md", ROOT / "README.zh-CN.md"]


def links(page: Path) -> list[str]:
    found = re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8"))
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_and_anchors_hold(page: Path) -> None:
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path) if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("readme", READMES, ids=lambda readme: readme.name)
def test_the_readme_leads_to_every_page(readme: Path) -> None:
    near = [readme, *(ROOT / link for link in links(readme) if link.endswith(".md"))]
    reached = {(page.parent / link.partition("#")[0]).resolve() for page in near for link in links(page)}
    assert set(ROOT.glob("docs/*.md")) <= reached
