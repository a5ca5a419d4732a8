"""What devices say of themselves, whoever made them."""

import pytest

from gateway import words
from gateway.codecs.flags import Flag, flags_of, words_of


@pytest.mark.parametrize(
    ("said", "flags"),
    [
        (["tamper"], ("tamper",)),
        (["TAMPERED", "SABOTAGE", "Cover Open"], ("tamper",)),
        (["LOW_BATTERY", "backflow", "magnetic-field"], ("battery_low", "reverse_flow", "magnetic")),
        (["OK", "No alarm", "正常"], ()),
        (["leakage_alarm", "tamper_detected", "OVER_FLOW_ALARM"], ("leak", "tamper", "over_flow_alarm")),
        (["漏水报警", "电池欠压", "强磁干扰告警", "超限"], ("leak", "battery_low", "magnetic", "超限")),
        ([], ()),
        (["V_2_OVERFLOW", "ok", ""], ("v_2_overflow",)),
        (["was_leaking", "LEAKAGE"], ("was_leaking", "leak")),  # the past is no flag of today
        (["bad\0one", "two  words", "x" * 99], ("two_words", "x" * 32)),
        ([f"f{number}" for number in range(40)], tuple(f"f{number}" for number in range(16))),
    ],
)
def test_one_spelling(said, flags):
    assert flags_of(said) == flags


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("low battery, leak", ["low battery", " leak"]),
        ("漏水；反流", ["漏水", "反流"]),
        ([1, "leak", None], ["state", "leak"]),
        ({"leakAlarm": True, "burst": 0, "n": 2, "deep": {"dry": "1", "off": "false"}}, ["leak_Alarm", "dry"]),
        (True, ["state"]),
        ("FALSE", []),
        (None, []),
    ],
)
def test_the_words_of_a_value(said, words):
    assert list(words_of("state", said)) == words


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_flag_with_a_meaning_has_a_word(language):
    assert set(words.section(language, "flag")) == {flag.value for flag in Flag}
