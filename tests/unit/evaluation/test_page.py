import re
from html.parser import HTMLParser

import pytest
from unit.evaluation.test_bench import judged, world

from gateway.evaluation import plots
from gateway.evaluation.page import figure, page

OPEN = {"meta", "path", "rect"}


class Strict(HTMLParser):
    """Every element is closed in its turn, and no text stands outside."""

    def __init__(self):
        super().__init__()
        self.open, self.rows = [], 0

    def handle_starttag(self, tag, attrs):
        if tag not in OPEN:
            self.open.append(tag)
        self.rows += tag == "tr"

    def handle_endtag(self, tag):
        assert tag in OPEN or self.open.pop() == tag


@pytest.fixture(scope="module")
def text():
    found, _ = judged([world("first <seed>"), world("second", prefix="z")])
    return page(found)


def test_the_page_is_whole_and_needs_nothing_else(text):
    reader = Strict()
    reader.feed(text)
    assert not reader.open
    assert reader.rows > 20
    assert not re.findall(r"https?://|src=|@import|url\(|<script|<link", text)


def test_it_names_every_judge_and_escapes_what_others_wrote(text):
    for name in ("detector", "rule: dry 14 days", "IsolationForest", "vacancy", "leak", "They are not accuracy"):
        assert name in text
    assert "first &lt;seed&gt;" in text
    assert "<seed>" not in text


def test_figures_are_as_fine_as_they_deserve():
    told = [figure(name, 12.3456) for name in ("delay_median", "alarms", "ece", "recall")]
    assert told == ["12", "12.3", "12.346", "12.35"]
    assert figure("recall", None) == "–"


def test_a_bar_reaches_as_far_as_its_figure_and_none_stands_for_nothing():
    drawn = plots.bars({"ours": (0.5, (0.25, 0.75)), "theirs": (None, None), "full": (1.0, None)}, x="share")
    widths = [float(width) for width in re.findall(r'<rect [^>]*width="([\d.]+)"', drawn)]
    assert len(widths) == 2
    assert widths[0] * 2 == widths[1]
    assert drawn.count("–") == 1


def test_lines_stay_inside_the_axes():
    drawn = plots.lines({"one": [(0, 0), (200, 5)]}, x="days", y="share", most_x=90)
    (way,) = re.findall(r'<title>one</title><path d="M([\d. L]+)"', drawn)
    last = [float(part) for part in way.split("L")[-1].split()]
    assert last == [408, 14]
