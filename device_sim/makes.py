"""Which devices of a world are of another make, and so speak another dialect than the native one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias

from device_sim.dialects import MAKES
from device_sim.errors import BadParameterError
from device_sim.records import Device
from device_sim.seeds import Stream, dice

Shares: TypeAlias = tuple[tuple[str, float], ...]
"""Dialects, and the share of the devices of each kind that they have."""

_KINDS = ("water", "electricity", "door")
_UNITS = {"water": "m3", "electricity": "kWh", "door": ""}


def parse_shares(texts: Iterable[str]) -> Shares:
    """The shares that `facesluice=0.5` and the like mean.

    Raises:
        BadParameterError: a text is of another form.
    """
    return tuple(_parse(text) for text in texts)


def check_shares(shares: Shares) -> None:
    """Refuse what no world can have.

    Raises:
        BadParameterError: there is no such dialect, or the shares of a kind are more than all.
    """
    for name, share in shares:
        if name not in MAKES:
            raise BadParameterError(f"--dialect {name}: not one of {', '.join(sorted(MAKES))}")
        if not 0 <= share <= 1:
            raise BadParameterError(f"--dialect {name}={share}: must be 0 to 1")
    for kind in _KINDS:
        if (total := sum(share for _, share in _of_kind(shares, kind))) > 1:
            raise BadParameterError(f"--dialect: shares of {kind} devices add up to {total:g}; 1 is all of them")


def of_its_make(seed: int, shares: Shares, number: int, device: Device) -> Device:
    """The device as its make has it; `number` is its own among those of its kind.

    Locks of units stay native: the other dialects' doors are terminals at entrances.
    """
    if not shares or (device.kind == "door" and device.unit_id):
        return device
    # A longer key than the unit's own, and so another stream.
    left = dice(seed, Stream.UNIT, number, _KINDS.index(device.kind)).random()
    for name, share in _of_kind(shares, device.kind):
        left -= share
        if left < 0:
            device_id = MAKES[name].device_id(device.kind, number)
            return replace(device, device_id=device_id, codec=name, dial_unit=_UNITS[device.kind])
    return device


def _of_kind(shares: Shares, kind: str) -> Iterator[tuple[str, float]]:
    return ((name, share) for name, share in shares if kind in MAKES[name].KINDS)


def _parse(text: str) -> tuple[str, float]:
    name, _, share = text.partition("=")
    try:
        return name, float(share)
    except ValueError as error:
        raise BadParameterError(f"--dialect {text}: write a dialect and its share, facesluice=0.5") from error
