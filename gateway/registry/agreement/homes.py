"""Homes and what hangs in them: meters, shared doors, addresses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gateway.events import DeviceKind
from gateway.registry.agreement.books import Books, Disagreement, Matter
from gateway.registry.rows import Device, Unit

_METERS = (DeviceKind.WATER, DeviceKind.ELECTRICITY)


def units_without_meters(books: Books) -> Iterator[Disagreement]:
    """A kind of meter that no unit of the estate has is the estate's way, and not each unit's fault."""
    metered = {(device.unit_id, device.kind) for device in books.lists.devices if device.unit_id}
    usual = {(device.estate_id, device.kind) for device in books.lists.devices if device.unit_id}
    for unit in books.lists.units:
        lacking = [kind for kind in _METERS if (unit.unit_id, kind) not in metered]
        if len(lacking) == len(_METERS):
            text = "has no meter"
        elif lacking and (unit.estate_id, lacking[0]) in usual:
            text = f"has no {lacking[0]} meter"
        else:
            continue
        yield Disagreement(Matter.UNIT_WITHOUT_METER, unit.estate_id, unit.unit_id, text)


def devices_without_units(books: Books) -> Iterator[Disagreement]:
    """Meters of nobody, and shared doors at a building or entrance that no unit has."""
    places = {place for unit in books.lists.units for place in _places(unit)}
    for device in books.lists.devices:
        if device.unit_id:
            continue
        if device.kind in _METERS:
            text = f"this {device.kind} meter belongs to no unit"
        elif (device.estate_id, device.building, device.entrance) not in places:
            text = f"no unit is behind this door: {_door_place(device)} has none"
        else:
            continue
        yield Disagreement(Matter.DEVICE_WITHOUT_UNIT, device.estate_id, device.device_id, text)


def _places(unit: Unit) -> Iterator[tuple[str, str, str]]:
    """Where a shared door may hang to serve a unit; an empty building or entrance means all of them."""
    for building in ("", unit.building):
        for entrance in ("", unit.entrance):
            yield unit.estate_id, building, entrance


def _door_place(device: Device) -> str:
    place = [f"building {device.building}"] if device.building else []
    place += [f"entrance {device.entrance}"] if device.entrance else []
    return ", ".join(place) or "the estate"


def same_addresses(books: Books) -> Iterator[Disagreement]:
    """Units that an inspector could not tell apart: one of them is listed twice."""
    addresses = Counter(_address(unit) for unit in books.lists.units)
    for unit in books.lists.units:
        if addresses[_address(unit)] > 1:
            text = f"another unit has the same address: building {unit.building}, entrance {unit.entrance}, {unit.room}"
            yield Disagreement(Matter.SAME_ADDRESS, unit.estate_id, unit.unit_id, text)


def _address(unit: Unit) -> tuple[str, str, str, int | None, str]:
    return unit.estate_id, unit.building, unit.entrance, unit.floor, unit.room
