"""What devices say of themselves, whoever made them."""

import pytest

from gateway import words
from gateway.codecs.flags import Flag, flags_of


@pytest.mark.parametrize(
    ("said", "flags"),
    [
        (["tamper"], ("tamper",)),
        (["TAMPERED", "SABOTAGE", "Cover Open"], ("tamper",)),
        (["LOW_BATTERY", "backflow", "magnetic-field"], ("battery_low", "reverse_flow", "magnetic")),
        (["OK"], ()),
        ([], ()),
        (["V_2_OVERFLOW", "ok", ""], ("v_2_overflow",)),
        (["was_leaking", "LEAKAGE"], ("was_leaking", "leak")),  # the past is no flag of today
        (["bad\0one", "two  words", "x" * 99], ("two_words", "x" * 32)),
        ([f"f{number}" for number in range(40)], tuple(f"f{number}" for number in range(16))),
    ],
)
def test_one_spelling(said, flags):
    assert flags_of(said) == flags


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_flag_with_a_meaning_has_a_word(language):
    assert set(words.section(language, "flag")) == {flag.value for flag in Flag}
