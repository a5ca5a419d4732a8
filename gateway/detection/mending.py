"""What would clear a finding about a device, by the rules that found it (`gateway.detection.health`).

Of a device all of it together: it is over when nothing is wrong with it any more.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from detectors.findings import Clearing
from gateway.detection.habits import HOUR_S, HabitPolicy
from gateway.store.devices import ALARM_DAYS, RESET_DAYS

MENDING_CODES = (
    *("device_reports", "devices_report", "device_on_time", "device_punctual", "meter_moves"),
    *("days_without_reset", "days_without_alarm", "battery_changed", "meter_unflagged"),
)
"""Beside the detectors' own (`detectors.codes.CLEARING_CODES`)."""


def reports(at: datetime, *, devices: int = 1) -> Clearing:
    """Each of so many silent devices says a word."""
    code, unit = ("device_reports", "messages") if devices == 1 else ("devices_report", "devices")
    return _ahead(code, devices, unit, at.date(), days=1)


def on_time(at: datetime) -> Clearing:
    """A message whose time is not refused."""
    return _ahead("device_on_time", 1, "messages", at.date(), days=1)


def punctual(at: datetime, policy: HabitPolicy) -> Clearing:
    """A message that arrives no later after its own time than a network makes it."""
    return _ahead(
        "device_punctual", 1, "messages", at.date(), days=1, limit=policy.drift_least_s / HOUR_S, limit_unit="hours"
    )


def moves(at: datetime) -> Clearing:
    """A day on which the register moves."""
    return _ahead("meter_moves", 1, "days", at.date(), days=1)


def no_reset(at: datetime, last: date) -> Clearing:
    """So many days without another reset as the last one is looked back for."""
    left = max(RESET_DAYS - (at.date() - last).days, 1)
    return _ahead("days_without_reset", left, "days", at.date(), days=left)


def no_alarm(at: datetime) -> Clearing:
    """A day without another alarm."""
    return _ahead("days_without_alarm", ALARM_DAYS, "days", at.date(), days=ALARM_DAYS)


def battery_changed(at: datetime, least: float) -> Clearing:
    """A battery that reports more than is low, in percent."""
    return _ahead("battery_changed", least, "%", at.date(), days=1)


def unflagged(at: datetime) -> Clearing:
    """A reading in which the meter does not say so any more."""
    return _ahead("meter_unflagged", 1, "messages", at.date(), days=1)


def _ahead(
    code: str, value: float, unit: str, today: date, *, days: int, limit: float | None = None, limit_unit: str = ""
) -> Clearing:
    return Clearing(
        code=code,
        value=float(value),
        unit=unit,
        limit=limit,
        limit_unit=limit_unit,
        start=today,
        end=today + timedelta(days=days),
    )
