"""Sparkplug B: an edge node with one meter behind it, told by report.

Its births name the metrics and give them numbers, other ones at every connection; data carry the numbers alone. What
was read while it was away is sent later and marked as historical. `Node Control/Rebirth` makes it tell all again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from struct import pack

from device_sim.dialects.meter import Meter
from device_sim.dialects.speaker import Say, Speaker
from device_sim.records import Device

KINDS = ("electricity", "water")
METRICS = {"electricity": "Energy/Total", "water": "Volume/Total"}
"""The registers: kilowatt-hours as a double, litres as a whole number."""
_GROUP = "estate"
_REBIRTH = b"Node Control/Rebirth"
_KEPT = timedelta(seconds=60)
"""A reading this much older than the connection was kept."""
_LITRES = 1000
_UINT64, _DOUBLE, _BOOLEAN = 8, 10, 11
_SESSIONS = 256
_MORE = 0x80


def device_id(kind: str, number: int) -> str:
    """What the integrator called the device."""
    return f"{kind[0].upper()}M-{number:06d}"


def speaker(device: Device) -> Speaker:
    """The voice of a device that has just been switched on."""
    return _Edge(device)


class _Edge(Meter):
    def __init__(self, device: Device) -> None:
        super().__init__(device)
        self._edge = f"edge-{self.name}"
        self._session = 0
        self._born_in = -1
        self._seq = 0
        self._born: datetime | None = None
        self._register: Decimal | None = None

    def hello(self, now: datetime) -> list[Say]:
        """The node and its device are born; the will that was laid down has the same number of the session."""
        self._begin_session()
        self._born_in = self._session
        return self._births(now)

    def will(self) -> Say:
        """The node is dead, and its device with it: laid down before it is born."""
        self._begin_session()
        payload = _metric("bdSeq", None, 0, _UINT64, self._session)
        return Say(self._topic("NDEATH"), _sized(0x12, payload))

    def reading(self, ts: datetime, register: Decimal, seq: int) -> list[Say]:  # noqa: ARG002 - it has its own numbers
        """The register by its number."""
        self._register = register
        kept = self._born is not None and ts < self._born - _KEPT
        metric = _metric(None, self._alias, _ms(ts), self._datatype, self._figure(register), historical=kept)
        return [self._say("DDATA", ts, [metric])]

    def listens(self) -> tuple[str, ...]:
        """Commands to the node."""
        return (self._topic("NCMD"),)

    def hear(self, topic: str, payload: bytes, now: datetime) -> list[Say]:
        """Tell all again, with the session's number as it was."""
        return self._births(now) if topic == self._topic("NCMD") and _REBIRTH in payload else []

    def _begin_session(self) -> None:
        if self._session == self._born_in:
            self._session = (self._session + 1) % _SESSIONS

    def _births(self, now: datetime) -> list[Say]:
        self._born, self._seq = now, 0
        at = _ms(now)
        node = [
            _metric("bdSeq", None, at, _UINT64, self._born_in),
            _metric(_REBIRTH.decode(), 1, at, _BOOLEAN, False),  # noqa: FBT003 - its value
        ]
        power = _metric("Power", self._alias + 1, at, _DOUBLE, 86.0)
        mine = _metric(METRICS[self.device.kind], self._alias, at, self._datatype, self._figure(self._register))
        return [self._say("NBIRTH", now, node), self._say("DBIRTH", now, [power, mine])]

    @property
    def _alias(self) -> int:
        """The number of the register's metric: another one in every session."""
        return 10 + 2 * self._born_in

    @property
    def _datatype(self) -> int:
        return _UINT64 if self.is_water else _DOUBLE

    def _figure(self, register: Decimal | None) -> float | None:
        if register is None:
            return None
        return int(register * _LITRES) if self.is_water else float(register)

    def _topic(self, what: str) -> str:
        of_device = what.startswith("D")
        return f"spBv1.0/{_GROUP}/{what}/{self._edge}" + (f"/{self.name}" if of_device else "")

    def _say(self, what: str, now: datetime, metrics: Iterable[bytes]) -> Say:
        payload = _number(0x08, _ms(now)) + b"".join(_sized(0x12, metric) for metric in metrics)
        payload += _number(0x18, self._seq)
        self._seq = (self._seq + 1) % 256
        return Say(self._topic(what), payload)


def _metric(
    name: str | None, alias: int | None, ts_ms: int, datatype: int, value: float | None, *, historical: bool = False
) -> bytes:
    """One metric in protobuf; births give its name and its number, data the number alone."""
    said = b"" if name is None else _sized(0x0A, name.encode())
    said += b"" if alias is None else _number(0x10, alias)
    said += _number(0x18, ts_ms) if ts_ms else b""
    said += _number(0x20, datatype) if name else b""
    said += _number(0x28, 1) if historical else b""
    if value is None:
        return said + _number(0x38, 1)
    if datatype == _DOUBLE:
        return said + b"\x69" + pack("<d", value)
    return said + _number(0x70 if datatype == _BOOLEAN else 0x58, int(value))


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _number(key: int, value: int) -> bytes:
    said = bytearray([key])
    while value >= _MORE:
        said.append(value & 0x7F | _MORE)
        value >>= 7
    return bytes([*said, value])


def _sized(key: int, value: bytes) -> bytes:
    return _number(key, len(value)) + value
