"""The catalogue: whole in both languages, a text for every code, and sentences that read well."""

import re
from datetime import date

import pytest
from unit.alerts.made import alert

from detectors.codes import EVIDENCE_CODES, NOT_READY_CODES
from detectors.findings import Evidence, Kind, Level
from gateway.accounts.model import Look
from gateway.alerts.model import Action, Event, State
from gateway.cases.model import CASE_KINDS
from gateway.cases.model import Action as CaseAction
from gateway.cases.model import Event as CaseEvent
from gateway.cases.model import State as CaseState
from gateway.codecs.message import Reason
from gateway.detection.health import Condition
from gateway.events import DeviceKind
from gateway.visits.model import Outcome
from gateway.visits.plan import _CALL_FIRST, _QUESTIONS
from gateway.words import LANGUAGES, section, text, text_or, texts
from gateway.words.figures import day, figure, span
from gateway.words.sentences import because, evidence_text, summary

CODES = {
    "evidence": EVIDENCE_CODES,
    "not_ready": NOT_READY_CODES,
    "kind": Kind,
    "level": Level,
    "state": State,
    "action": (*Action, *Event),
    "outcome": Outcome,
    "refused": (
        *("state", "until_missing", "until_past", "until_far", "date_past", "reason_missing", "live_twin"),
        *("already_visited", "key_used", "visit_replaced", "case_state", "case_reason_missing", "due_missing"),
        *("due_past", "due_far", "body_missing", "live_case"),
    ),
    "because": (
        *("found", "level_rose", "until_passed", "subtype_changed", "pattern_gone", "planned", "visit_lapsed"),
        *("visit_confirmed", "visit_normal", "visit_no_answer", "visit_refused", "visit_other", "visit_other_finding"),
        *("case_closed", "alert_reopened"),
    ),
    "case_kind": CASE_KINDS,
    "case_state": CaseState,
    "case_action": (*CaseAction, *CaseEvent),
    "question": {_CALL_FIRST, *(code for codes in _QUESTIONS.values() for code in codes)},
    "reason": Reason,
    "device_kind": DeviceKind,
    "look": Look,
    "subtype": (*Condition, *("estate_silent", "building_silent", "entrance_silent")),
    "unit_state": ("occupied", "away", "vacant", "unknown"),
}
FIGURE = re.compile(r"\{(\w*)\}")


def test_both_languages_have_the_same_texts_with_the_same_figures():
    chinese, english = (texts(language) for language in LANGUAGES)
    assert set(chinese) == set(english)
    free = ("evidence.", "baseline.", "refused.")  # where a language may leave a figure out
    for key, value in chinese.items():
        if not key.startswith(free):
            assert set(FIGURE.findall(value)) == set(FIGURE.findall(english[key])), key


@pytest.mark.parametrize("name", CODES)
def test_every_code_has_a_text(name):
    assert {str(code) for code in CODES[name]} <= set(section("zh-CN", name))


def test_only_evidence_that_exists_has_something_to_compare_with():
    assert set(section("en", "baseline")) <= set(section("en", "evidence"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", section("en", "evidence"))
@pytest.mark.parametrize("baseline", [None, 14.0])
def test_every_fact_makes_a_whole_sentence(language, code, baseline):
    fact = Evidence(
        code=code,
        value=3.25,
        unit="days",
        baseline=baseline,
        start=date(2026, 11, 1),
        end=date(2026, 11, 20),
        weight=1,
    )
    sentence = evidence_text(language, fact)
    assert not re.search(r"[{}]|None|\.$|。$", sentence)
    assert sentence.strip() == sentence


def test_a_code_that_nobody_knows_is_shown_as_it_is():
    fact = Evidence(
        code="new_one", value=2, unit="moons", baseline=None, start=date(2026, 1, 1), end=date(2026, 1, 1), weight=1
    )
    assert evidence_text("en", fact) == "new_one: 2 moons"
    assert because("zh-CN", "pattern_gone") == "迹象已消失"
    assert because("zh-CN", "住户出差") == "住户出差"
    assert text_or("en", "kind.unheard", "unheard") == "unheard"


@pytest.mark.parametrize(
    ("language", "value", "unit", "expected"),
    [
        ("zh-CN", 38.0, "days", "38 天"),
        ("en", 38.0, "days", "38 days"),
        ("en", 1.0, "days", "1 day"),
        ("en", 0.5, "days", "0.5 days"),
        ("zh-CN", 0.416, "kWh/day", "每天 0.42 度"),
        ("zh-CN", 12.34, "kWh", "12.3 度"),
        ("en", 1234.4, "L/day", "1,234 L a day"),
        ("en", 0.0, "L", "0 L"),
        ("zh-CN", 9.96, "L", "10 升"),
        ("en", 3.0, "furlongs", "3 furlongs"),
    ],
)
def test_figures_have_the_digits_they_are_worth(language, value, unit, expected):
    assert figure(language, value, unit) == expected


def test_days_and_spans():
    first, last = date(2026, 11, 3), date(2027, 1, 4)
    assert day("zh-CN", first) == "11月3日"
    assert day("en", first, year=True) == "3 Nov 2026"
    assert span("zh-CN", first, date(2026, 11, 5)) == "11月3日至11月5日"
    assert span("zh-CN", first, last) == "2026年11月3日至2027年1月4日"
    assert span("en", first, first) == "3 Nov"


def test_a_summary_says_what_since_when_and_why():
    assert summary("zh-CN", alert(kind=Kind.SUBLET, subtype="whole")).startswith("疑似转租转借（整套），11月1日起：")
    assert summary("en", alert()).startswith("possible vacancy since 1 Nov: 1 Nov to 21 Nov without signs")


def test_suspicions_stay_suspicions():
    for kind in ("vacancy", "sublet", "leak"):
        assert text("zh-CN", f"kind.{kind}").startswith("疑似")
