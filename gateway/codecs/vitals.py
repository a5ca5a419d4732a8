"""What devices say of themselves beside their readings: battery and signal. What is no such figure is left out."""

from __future__ import annotations

import re
from collections.abc import Iterable

LOW_BATTERY = 0.0
"""Percent where a meter says "low" and no figure."""
_FULL = 100
_PERCENT = re.compile(r"([0-9]{1,3}(?:\.[0-9]{0,6})?) ?%")
_FAINTEST = -1000


def percent(battery: object) -> float | None:
    """Give a battery's percent, which may be a text such as `95%`, or None where it is none."""
    if isinstance(battery, str) and (told := _PERCENT.fullmatch(battery)):
        battery = float(told[1])
    if isinstance(battery, int | float) and not isinstance(battery, bool) and 0 <= battery <= _FULL:
        return float(battery)
    return None


def decibels(rssi: object) -> float | None:
    """Give a signal's strength in dBm, or None where it is none; 0 is what radios say that measured nothing."""
    if isinstance(rssi, int | float) and not isinstance(rssi, bool) and _FAINTEST <= rssi < 0:
        return float(rssi)
    return None


def loudest(heard: Iterable[object]) -> float | None:
    """Give the best of what several receivers say of the signal, in dBm."""
    return max((rssi for one in heard if (rssi := decibels(one)) is not None), default=None)
