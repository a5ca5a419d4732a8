"""Shelly of the second generation and later: a relay with a meter, a meter alone, or a three-phase meter.

Notifications have the device's time, statuses of components have none; some users switch on both, so that the same
register comes twice. Until its clock is set the device says `null` for a time.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from device_sim.dialects.meter import Meter, encode, family
from device_sim.dialects.speaker import Say, Speaker
from device_sim.records import Device

KINDS = ("electricity",)
_MODELS = ("shellyplus1pm", "shellypmmini", "shellypro3em")
_COMPONENTS = {"shellyplus1pm": "switch:0", "shellypmmini": "pm1:0", "shellypro3em": "emdata:0"}
_CLOCK_SET_AFTER = timedelta(seconds=10)
_WATT_HOURS = 1000


def device_id(kind: str, number: int) -> str:  # noqa: ARG001 - all are electricity meters
    """Model and MAC address."""
    return f"{_MODELS[number % len(_MODELS)]}-{0x08F9E0000000 + number:012x}"


def speaker(device: Device) -> Speaker:
    """The voice of a device that has just been switched on."""
    return _Shelly(device)


class _Shelly(Meter):
    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._component = _COMPONENTS.get(self.name.partition("-")[0], "switch:0")
        self._says_statuses = family(device, 2) == 0
        self._started: datetime | None = None
        self._status: dict[str, Any] = {}

    def hello(self, now: datetime) -> list[Say]:
        """It is there."""
        self._started = now
        return [Say(f"{self.name}/online", b"true", retain=True), self._say("wifi", {"rssi": -61})]

    def will(self) -> Say | None:
        """It is gone."""
        return Say(f"{self.name}/online", b"false", retain=True)

    def reading(self, ts: datetime, register: Decimal, seq: int) -> list[Say]:  # noqa: ARG002 - it does not count its messages
        """A notification, and the status of the component where that is switched on."""
        self._status = self._counted(register, ts)
        known = self._clock_is_set(ts)
        params = {"ts": ts.timestamp() if known else None, self._component: self._status}
        note = {"src": self.name, "dst": f"{self.name}/events", "method": "NotifyStatus", "params": params}
        said = [Say(f"{self.name}/events/rpc", encode(note))]
        return said + ([self._say(self._component, self._status)] if self._says_statuses else [])

    def listens(self) -> tuple[str, ...]:
        """Calls."""
        return (f"{self.name}/rpc",)

    def hear(self, topic: str, payload: bytes, now: datetime) -> list[Say]:  # noqa: ARG002 - it answers at once
        """A call for the whole status."""
        try:
            call = json.loads(payload)
        except ValueError:
            return []
        if not isinstance(call, dict) or call.get("method") != "Shelly.GetStatus" or "src" not in call:
            return []
        system = {"mac": self.name[-12:].upper(), "unixtime": int(now.timestamp()) if self._clock_is_set(now) else None}
        result = {self._component: self._status, "sys": system, "cloud": {"connected": False}}
        return [Say(f"{call['src']}/rpc", encode({"id": call.get("id"), "src": self.name, "result": result}))]

    def _counted(self, register: Decimal, ts: datetime) -> dict[str, Any]:
        watt_hours = float(round(register * _WATT_HOURS, 3))
        if self._component.startswith("emdata"):
            third = round(watt_hours / 3, 2)
            phases = {f"{phase}_total_act_energy": third for phase in "abc"}
            return {"id": 0} | phases | {"total_act": watt_hours, "total_act_ret": 0.0}
        counted: dict[str, Any] = {"total": watt_hours}
        if self._clock_is_set(ts):
            counted |= {"by_minute": [1433.25, 1433.25, 1433.25], "minute_ts": int(ts.timestamp()) // 60 * 60}
        return {"id": 0, "source": "init", "output": True, "apower": 86.0, "voltage": 229.4, "aenergy": counted}

    def _clock_is_set(self, ts: datetime) -> bool:
        return self._started is None or not self._started <= ts < self._started + _CLOCK_SET_AFTER

    def _say(self, component: str, status: dict[str, Any]) -> Say:
        return Say(f"{self.name}/status/{component}", encode(status))
