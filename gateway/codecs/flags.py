"""What devices say is the matter with themselves, in one spelling.

A flag is a short word. Those of `Flag` have a meaning here, whatever a maker calls them; others are kept as they are
said, to be shown. A tuple of none says that nothing is the matter, None that the device does not tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

_LONGEST, _MOST = 32, 16
_DEEPEST = 4
_GOOD = frozenset({"", "ok", "normal", "none", "no_error", "no_alarm", "no_alarms", "正常"})
_ADDS_NOTHING = re.compile(r"(_(alarm|alert|warning|status|flag|detected)|告警|报警|警报)$")
_JOINT = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BETWEEN_WORDS = re.compile(r"[,;|，；、]")
_TRUE, _FALSE = frozenset({"true", "1", "yes", "on"}), frozenset({"false", "0", "no", "off"})


class Flag(StrEnum):
    """Flags whose meaning is known."""

    TAMPER = "tamper"
    """The housing was opened, or the module taken off."""
    MAGNETIC = "magnetic"
    REVERSE_FLOW = "reverse_flow"
    BATTERY_LOW = "battery_low"
    LEAK = "leak"
    """Water ran for hours, as the meter itself reckons; said of nobody, and never evidence by itself."""
    BURST = "burst"
    DRY = "dry"
    FREEZE = "freeze"
    ERROR = "error"
    VALVE_CLOSED = "valve_closed"
    VALVE_MOVING = "valve_moving"
    VALVE_FAULT = "valve_fault"


_SPELLINGS = {
    Flag.TAMPER: (
        *("tampered", "tampering", "sabotage", "sabotage_enclosure", "seal_broken", "module_removed", "fraud"),
        *("mechanical_fraud", "cover_open", "cover_opened", "anti_tamper", "拆卸", "拆表", "开盖", "防拆"),
    ),
    Flag.MAGNETIC: (
        *("magnet", "magnetic_field", "magnetic_fraud", "magnetic_tamper", "magnetic_interference", "magnetic_attack"),
        *("强磁", "磁干扰", "强磁干扰", "磁攻击"),
    ),
    Flag.REVERSE_FLOW: (
        *("reverse", "reversed", "reversed_flow", "p_reverse_flow", "backflow", "back_flow", "wrong_flow_direction"),
        *("反流", "倒流", "逆流"),
    ),
    Flag.BATTERY_LOW: (
        *("low_battery", "battery", "battery_low_level", "low_battery_level", "power_low", "low_power"),
        *("欠压", "低电", "低电压", "电池欠压", "电量低"),
    ),
    Flag.LEAK: ("leakage", "leaking", "p_leak", "pipe_leak", "pipe_leakage", "water_leak", "漏水"),
    Flag.BURST: ("bursting", "pipe_burst", "爆管"),
    Flag.DRY: ("empty_pipe", "empty_tube", "empty_spool", "pipe_empty", "no_water", "air_in_pipe", "空管"),
    Flag.FREEZE: ("freezing", "frost"),
    Flag.ERROR: ("permanent_error",),
}
_MEANT: dict[str, str] = {
    **{flag.value: flag.value for flag in Flag},
    **{word: flag.value for flag, words in _SPELLINGS.items() for word in words},
}


def flags_of(said: Iterable[str]) -> tuple[str, ...]:
    """Give the flags in one spelling, each once, without words that say that all is well."""
    words = ("_".join(word.replace("-", " ").split()).lower()[:_LONGEST] for word in said)
    flags = dict.fromkeys(_meant(word) for word in words if word not in _GOOD and word.isprintable())
    return tuple(flags)[:_MOST]


def _meant(word: str) -> str:
    return _MEANT.get(word) or _MEANT.get(_ADDS_NOTHING.sub("", word), word)


def words_of(name: str, said: object, depth: int = 0) -> Iterator[str]:
    """Give the words in a value of JSON: a text's, a list's, and of what is true or 1 the names."""
    if isinstance(said, str):
        yield from _words_of_text(name, said)
    elif isinstance(said, dict | list) and depth < _DEEPEST:
        for inner_name, inner in said.items() if isinstance(said, dict) else ((name, inner) for inner in said):
            yield from words_of(str(inner_name), inner, depth + 1)
    elif isinstance(said, int | float) and said == 1:
        yield _JOINT.sub("_", name)


def _words_of_text(name: str, said: str) -> Iterator[str]:
    word = said.strip().lower()
    if word in _TRUE:
        yield _JOINT.sub("_", name)
    elif word not in _FALSE:
        yield from _BETWEEN_WORDS.split(said)
