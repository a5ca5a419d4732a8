"""Wireless M-Bus meters that wmbusmeters reads: two makes of water meters, two of electricity meters.

The receiver hears every telegram at once, so the time is its own; one meter in three is heard by two receivers that
both publish. The second makes take turns: every sixth telegram of the water meter is a history without the total, and
the electricity meter says its tariffs and no total.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from device_sim.dialects.meter import Meter, encode
from device_sim.dialects.speaker import Say
from device_sim.records import Device

KINDS = ("water", "electricity")
_TOPIC = "wmbusmeters"
_HISTORY_EVERY = 6
_NIGHT_SHARE = Decimal("0.25")


def device_id(kind: str, number: int) -> str:
    """Eight digits, the first of which may be 0."""
    return f"{(6_000_000 if kind == 'water' else 10_000_000) + number:08d}"


def speaker(device: Device) -> Radio:
    """A meter; it remembers nothing but its dial."""
    return Radio(device)


class Radio(Meter):
    """One meter, as the receiver tells of it."""

    def reading(self, ts: datetime, register: Decimal, seq: int) -> list[Say]:
        """A telegram, once for each receiver that hears it."""
        fields = self._water(register, seq) if self.is_water else self._electricity(register)
        time = ts.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        telegram = {"_": "telegram", "name": "", "id": self.device.device_id} | fields | {"timestamp": time}
        rssis = (-71, -88) if self._number % 3 == 0 else (-71,)
        return [self._say(telegram | {"device": f"rtlwmbus[{rssi}]", "rssi_dbm": rssi}) for rssi in rssis]

    @property
    def _number(self) -> int:
        return int(self.device.device_id)

    def _water(self, register: Decimal, seq: int) -> dict[str, Any]:
        if self._number % 2 == 0:
            return {"media": "cold water", "meter": "iperl", "total_m3": float(register), "max_flow_m3h": 0}
        told = {"media": "water", "meter": "lse_07_17", "model_version": "11"}
        if seq % _HISTORY_EVERY == 0:
            return told | {"consumption_at_set_date_8_m3": 7, "set_date_8": "2026-08-31"}
        return told | {"total_m3": float(register), "status": "OK"}

    def _electricity(self, register: Decimal) -> dict[str, Any]:
        told = {"media": "electricity", "current_power_consumption_kw": 0.3}
        if self._number % 2 == 0:
            return told | {"meter": "omnipower", "total_energy_consumption_kwh": float(register)}
        night = (register * _NIGHT_SHARE).quantize(Decimal("0.001"))
        tariffs = {1: register - night, 2: night, 3: Decimal(0)}
        said = {f"total_energy_consumption_tariff_{number}_kwh": float(kwh) for number, kwh in tariffs.items()}
        return told | {"meter": "amiplus"} | said

    def _say(self, telegram: dict[str, Any]) -> Say:
        return Say(f"{_TOPIC}/{self.device.device_id}", encode(telegram))
