"""Meters behind The Things Stack v3: water by Kamstrup flowIQ, electricity by meters whose codec runs in the server.

A flowIQ sends with every hour the eleven hours before it again, so that what the radio loses comes later; the
electricity meters' codec writes the register as a text of fixed length. The server tells of joins and downlinks too.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from device_sim.dialects.meter import Meter, encode
from device_sim.dialects.radio_frames import HourLog, kamstrup_profile
from device_sim.dialects.speaker import Say
from device_sim.records import Device

KINDS = ("water", "electricity")
APPLICATIONS = {"water": "flow", "electricity": "power"}
"""Each has its line in the gateway's configuration."""
TENANT = "city"
_DOWNLINK_EVERY = 24


def device_id(kind: str, number: int) -> str:
    """A DevEUI, in capitals as The Things Stack writes it."""
    return f"0004A30B{KINDS.index(kind)}{number:07X}"


def speaker(device: Device) -> Node:
    """A node that has not joined yet."""
    return Node(device)


class Node(Meter):
    """One node, as the server tells of it."""

    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self.log = HourLog()
        self._frames = 0

    def hello(self, now: datetime) -> list[Say]:
        """It joins."""
        self._frames = 0
        return [self._say("join", now, {"join_accept": {"session_key_id": "AXA50tHUGUucuzS/bCGMNw=="}})]

    def reading(self, ts: datetime, register: Decimal, seq: int) -> list[Say]:
        """An uplink; now and then a downlink beside it."""
        self._frames += 1
        says = [self._say("up", ts, {"uplink_message": self._uplink(ts, register)})]
        if seq % _DOWNLINK_EVERY == 0:
            says.append(self._say("down/sent", ts, {"downlink_sent": {"f_port": 1, "f_cnt": seq}}))
        return says

    def _uplink(self, ts: datetime, register: Decimal) -> dict[str, Any]:
        heard = [{"gateway_ids": {"gateway_id": f"gtw{n}"}, "rssi": rssi} for n, rssi in enumerate((-107, -84))]
        uplink: dict[str, Any] = {"f_cnt": self._frames, "rx_metadata": heard, "received_at": _time(ts)}
        if self.device.kind == "electricity":
            uplink |= {"f_port": 2, "frm_payload": "AQI=", "decoded_payload": {"energy_kwh": f"{register:010.2f}"}}
            return uplink
        self.log.note(ts, register)
        data = base64.b64encode(kamstrup_profile(self.log, ts)).decode()
        return uplink | {"f_port": 1, "frm_payload": data, "last_battery_percentage": {"f_cnt": 1, "value": 94.5}}

    def _say(self, branch: str, moment: datetime, content: dict[str, Any]) -> Say:
        application, name = APPLICATIONS[self.device.kind], f"eui-{self.device.device_id.lower()}"
        ids = {
            "device_id": name,
            "application_ids": {"application_id": application},
            "dev_eui": self.device.device_id,
        }
        payload = {"end_device_ids": ids, "received_at": _time(moment)} | content
        topic = f"v3/{application}@{TENANT}/devices/{name}/{branch}"
        return Say(topic, encode(payload))


def _time(moment: datetime) -> str:
    """RFC 3339 in UTC with nanoseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "000Z")
