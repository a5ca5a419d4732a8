"""What devices say is the matter with themselves, in one spelling.

A flag is a short word. Those of `Flag` have a meaning here, whatever a maker calls them; others are kept as they are
said, to be shown. A tuple of none says that nothing is the matter, None that the device does not tell.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

_LONGEST, _MOST = 32, 16
_GOOD = frozenset({"", "ok", "normal", "none", "no_error"})


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
        *("mechanical_fraud", "cover_open", "cover_opened", "tamper_detected"),
    ),
    Flag.MAGNETIC: ("magnet", "magnetic_field", "magnetic_fraud", "magnetic_tamper", "magnetic_interference"),
    Flag.REVERSE_FLOW: (
        *("reverse", "reversed", "reversed_flow", "p_reverse_flow", "backflow", "back_flow", "wrong_flow_direction"),
    ),
    Flag.BATTERY_LOW: ("low_battery", "battery", "battery_low_level", "low_battery_level", "power_low", "low_power"),
    Flag.LEAK: ("leakage", "leaking", "p_leak", "leak_detected"),
    Flag.BURST: ("bursting",),
    Flag.DRY: ("empty_pipe", "empty_spool", "no_water", "air_in_pipe"),
    Flag.FREEZE: ("freezing", "frost"),
}
_MEANT: dict[str, str] = {word: flag.value for flag, words in _SPELLINGS.items() for word in words}


def flags_of(said: Iterable[str]) -> tuple[str, ...]:
    """Give the flags in one spelling, each once, without words that say that all is well."""
    words = ("_".join(word.replace("-", " ").split()).lower()[:_LONGEST] for word in said)
    flags = dict.fromkeys(_MEANT.get(word, word) for word in words if word not in _GOOD and word.isprintable())
    return tuple(flags)[:_MOST]
