"""The catalogue: whole in both languages, a text for every code, and sentences that read well."""

import re
from datetime import date

import pytest
from unit.alerts.made import alert

from detectors.codes import CLEARING_CODES, EVIDENCE_CODES, NOT_READY_CODES
from detectors.findings import Clearing, Evidence, Kind, Level
from gateway.accounts.model import Look
from gateway.alerts.life import DEFAULT_POLICY
from gateway.alerts.model import Action, Event, State
from gateway.cases.model import CASE_KINDS
from gateway.cases.model import Action as CaseAction
from gateway.cases.model import Event as CaseEvent
from gateway.cases.model import State as CaseState
from gateway.codecs.message import Reason
from gateway.detection.health import Condition
from gateway.detection.mending import MENDING_CODES
from gateway.events import DeviceKind
from gateway.visits.model import Outcome
from gateway.visits.plan import _CALL_FIRST, _QUESTIONS
from gateway.words import LANGUAGES, section, text, text_or, texts
from gateway.words.figures import day, figure, span
from gateway.words.sentences import because, clearing_note, clearing_text, evidence_text, summary

CODES = {
    "evidence": EVIDENCE_CODES,
    "clearing": (*CLEARING_CODES, *MENDING_CODES),
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
        "no_longer_raised",
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
    "no_such": ("unit", "estate", "alert", "visit", "case", "held", "page"),
    "unit_state": ("occupied", "away", "vacant", "unknown"),
}
FIGURE = re.compile(r"\{(\w*)\}")


def test_both_languages_have_the_same_texts_with_the_same_figures():
    chinese, english = (texts(language) for language in LANGUAGES)
    assert set(chinese) == set(english)
    free = ("evidence.", "baseline.", "refused.", "clearing")  # where a language may leave a figure out
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


def clearing(code, **more):
    given = {"value": 2.0, "unit": "days", "start": date(2026, 11, 21), "end": date(2026, 12, 4)} | more
    return Clearing(code=code, **given)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["clearing", "clearing_ask"])
def test_all_that_clears_is_a_whole_sentence_that_presses_nobody(language, name):
    pressing = re.compile(r"[{}]|None|\.$|。$|必须|应当|否则|证明|责令|\bmust\b|\bprove\b|otherwise", re.IGNORECASE)
    for code in section("en", name):
        sentence = clearing_text(language, clearing(code, limit=2.0, limit_unit="L/h"), section=name)
        assert not pressing.search(sentence), sentence
        assert sentence.strip() == sentence


def test_what_a_visit_can_ask_for_is_among_what_clears():
    assert set(section("en", "clearing_ask")) < set(section("en", "clearing"))


def test_what_clears_is_told_with_its_figures_and_how_the_alert_ends():
    assert clearing_text("zh-CN", clearing("lived_in")) == "11月21日至12月4日期间，有 2 天呈在住迹象"
    leak = clearing("hour_without_flow", value=1.0, limit=2.0, limit_unit="L/h")
    assert clearing_text("en", leak) == "21 Nov to 4 Dec: 1 day with an hour below 2 L an hour"
    assert clearing_text("en", clearing("new_one")) == "new_one: 2 days"
    one = alert(clears=(clearing("lived_in"),))
    assert clearing_note("en", one, DEFAULT_POLICY).endswith(
        "if nothing is found for 3 days after that, the alert ends by itself."
    )
    sent = alert(clears=one.clears, state=State.DISPATCHED)
    assert "a person ends it" in clearing_note("en", sent, DEFAULT_POLICY)
    broken = alert(kind=Kind.DEVICE, clears=(clearing("device_reports"),))
    assert clearing_note("en", broken, DEFAULT_POLICY).startswith("All of these together")
    assert clearing_note("en", alert(), DEFAULT_POLICY) == ""
    assert clearing_note("en", alert(clears=one.clears, state=State.RESOLVED), DEFAULT_POLICY) == ""


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
    later = date(2026, 11, 5)
    sublet = alert(kind=Kind.SUBLET, subtype="whole", since=later)
    assert summary("zh-CN", sublet).startswith("疑似转租转借（整套），11月5日起：11月1日至")
    assert summary("en", alert(since=later)).startswith("possible vacancy since 5 Nov: 1 Nov to 21 Nov without signs")


def test_a_summary_tells_a_day_once():
    assert summary("zh-CN", alert()).startswith("疑似空置：11月1日至11月21日")
    assert summary("en", alert()).startswith("possible vacancy: 1 Nov to 21 Nov without signs")


def test_suspicions_stay_suspicions():
    for kind in ("vacancy", "sublet", "leak"):
        assert text("zh-CN", f"kind.{kind}").startswith("疑似")
