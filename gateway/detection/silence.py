"""Devices that have gone silent while their neighbours speak. What goes silent together is one fact.

A meter reports at least once a day, a door whenever somebody passes. A whole estate, building or entrance of meters
(or of one kind of meter) that is silent at once points to a collector, a network or a power supply, not to homes.

Misses: a device that was never heard (`estate registry check` lists those), and a door that nobody uses. A false
alarm costs a look at a device.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from detectors.findings import Evidence, Finding, Kind, Level
from gateway.alerts.model import Subject
from gateway.events import DeviceKind
from gateway.store.panels import Heard


@dataclass(frozen=True, slots=True, kw_only=True)
class SilencePolicy:
    """`days` without a word are silence, `red_days` an urgent one; so many devices (`together`) make a group."""

    days: int = 3
    red_days: int = 7
    together: int = 3
    probability: float = 0.9


@dataclass(frozen=True, slots=True)
class Silence:
    """Who is silent, and the finding about it."""

    subject: Subject
    finding: Finding


_SCOPES: tuple[tuple[str, Callable[[Heard], tuple[str, ...]]], ...] = (
    ("estate_silent", lambda _: ()),
    ("building_silent", lambda device: (device.building,)),
    ("entrance_silent", lambda device: (device.building, device.entrance)),
)


def silences(
    estate_id: str, devices: Sequence[Heard], as_of: date, policy: SilencePolicy | None = None
) -> list[Silence]:
    """Every silence in an estate on `as_of`, the widest first; a device is named in one only."""
    rules = policy or SilencePolicy()
    known = [device for device in devices if device.last_day is not None]
    silent = {device.device_id for device in known if _quiet_days(device, as_of) >= rules.days}
    found: list[Silence] = []
    for group, subtype in _groups(known, silent, rules):
        silent -= {device.device_id for device in group}
        found.append(_together(estate_id, group, subtype, as_of, rules))
    alone = [device for device in known if device.device_id in silent]
    return found + [_alone(estate_id, its, as_of, rules) for its in _by_subject(alone)]


def _quiet_days(device: Heard, as_of: date) -> int:
    return (as_of - device.last_day).days if device.last_day else 0


def _groups(known: Sequence[Heard], silent: set[str], rules: SilencePolicy) -> Iterator[tuple[list[Heard], str]]:
    """Scopes in which all meters, or all of one kind, are silent. `silent` shrinks while the caller iterates."""
    meters = [device for device in known if device.kind != DeviceKind.DOOR]
    for subtype, scope in _SCOPES:
        by_place: dict[tuple[str, ...], list[Heard]] = defaultdict(list)
        for device in meters:
            by_place[scope(device)].append(device)
            by_place[(*scope(device), device.kind)].append(device)
        for _, members in sorted(by_place.items()):
            if len(members) >= rules.together and all(device.device_id in silent for device in members):
                yield members, subtype


def _together(estate_id: str, group: Sequence[Heard], subtype: str, as_of: date, rules: SilencePolicy) -> Silence:
    first = min(group, key=lambda device: device.device_id)
    since = max(device.last_day for device in group if device.last_day) + timedelta(days=1)
    fact = Evidence(
        code="devices_silent_together",
        value=len(group),
        unit="devices",
        baseline=None,
        start=since,
        end=as_of,
        weight=2.0,
    )
    subject = Subject(estate_id=estate_id, device_id=first.device_id)
    return Silence(subject, _finding(subtype, since, as_of, (fact,), rules))


def _by_subject(devices: Sequence[Heard]) -> list[list[Heard]]:
    """The meters of a unit go together; every other device stands alone."""
    groups: dict[str, list[Heard]] = defaultdict(list)
    for device in devices:
        groups[f"unit {device.unit_id}" if device.unit_id else device.device_id].append(device)
    return list(groups.values())


def _alone(estate_id: str, devices: Sequence[Heard], as_of: date, rules: SilencePolicy) -> Silence:
    first = devices[0]
    subject = Subject(estate_id=estate_id, unit_id=first.unit_id, device_id=None if first.unit_id else first.device_id)
    facts = tuple(_fact(device, as_of) for device in devices)
    return Silence(subject, _finding("silent", min(fact.start for fact in facts), as_of, facts, rules))


def _fact(device: Heard, as_of: date) -> Evidence:
    last = device.last_day or as_of
    return Evidence(
        code=f"device_silent_{device.kind}",
        value=(as_of - last).days,
        unit="days",
        baseline=None,
        start=last + timedelta(days=1),
        end=as_of,
        weight=1.0,
    )


def _finding(subtype: str, since: date, as_of: date, facts: tuple[Evidence, ...], rules: SilencePolicy) -> Finding:
    quiet_days = (as_of - since).days + 1
    return Finding(
        unit_id="",
        kind=Kind.DEVICE,
        subtype=subtype,
        level=Level.RED if quiet_days >= rules.red_days else Level.YELLOW,
        probability=rules.probability,
        since=since,
        evidence=facts,
    )
