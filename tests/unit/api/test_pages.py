"""Texts that the pages ask for exist in both languages, and none lies about unused."""

import re
from pathlib import Path

import pytest

from api import pages
from gateway import words
from gateway.rollup.use import Flag

ROOT = Path(pages.__file__).parent
SCRIPTS = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "static").glob("*.js")))
TEMPLATES = "\n".join(path.read_text("utf-8") for path in sorted((ROOT / "templates").glob("*.html")))
# Keys that are put together from a beginning and a name: `key_j`, `page_queue`.
BEGINNINGS = ("actor_", "connection_", "flag_", "key_", "page_", "reason_")


def _asked():
    literal = re.compile(r"""\b(?:t|cap)\(["'](ui\.\w+)["'], ["'](\w*[a-z])["']""")
    return set(literal.findall(SCRIPTS + TEMPLATES))


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_text_that_is_asked_for_exists(language):
    asked = _asked()
    assert len(asked) > 50
    assert [f"{section}.{key}" for section, key in sorted(asked) if key not in words.section(language, section)] == []


def test_no_text_of_a_page_is_left_over():
    sources = SCRIPTS + TEMPLATES
    sections = {
        f"ui.{name}" for name in ("common", "queue", "plot", "buildings", "unit", "visits", "devices", "access")
    }
    keys = {(section, key) for section in sections for key in words.section("zh-CN", section)}
    unused = [
        f"{section}.{key}"
        for section, key in sorted(keys)
        if not key.startswith(BEGINNINGS) and not re.search(rf"\b{key}\b", sources)
    ]
    assert unused == []


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_everything_that_may_be_noticed_about_a_device_has_words(language):
    assert {f"flag_{flag.name.lower()}" for flag in Flag} <= set(words.section(language, "ui.plot"))


def test_english_asks_for_no_figure_that_chinese_does_not_have():
    chinese, english = (words.texts(language) for language in words.LANGUAGES)
    of_pages = [key for key in chinese if key.startswith("ui.")]
    assert [key for key in of_pages if _figures(english[key]) - _figures(chinese[key])] == []


def _figures(text):
    return set(re.findall(r"\{\w+\}", text))


def test_static_files_stand_under_a_mark_of_their_content():
    assert re.fullmatch(r"/static/[0-9a-f]{12}", pages.static_path())
