"""What a message would become, for an installer on site: decoded and judged, and nothing stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import tzinfo
from zoneinfo import ZoneInfo

from gateway.codecs.catalogue import dialects
from gateway.codecs.message import Answer, Decoded, Listed, Message, Reason, UndecodableError
from gateway.codecs.routes import Route, routes_of
from gateway.events import DeviceKind, DoorEvent, Event, Reading, Status
from gateway.ingest.intake import Directory, bind

_USUAL_ZONE = ZoneInfo("Asia/Shanghai")
_KNOWN = frozenset({Reason.WRONG_CHECKSUM, Reason.DEVICE_ERROR, Reason.WRONG_KIND})
"""Reasons of a dialect that knows a message for one of its own, and cannot use it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a message means and what would happen to it. `refused` is why it would be held, None: it would be stored."""

    dialect: str
    events: tuple[Event, ...] = ()
    answers: tuple[Answer, ...] = ()
    passed_over: str | None = None
    images_removed: int = 0
    estate_id: str | None = None
    refused: UndecodableError | None = None


@dataclass(frozen=True, slots=True)
class Unlisted:
    """A device that speaks and stands in no list: a line of `devices.csv`, as far as its messages tell."""

    device_id: str
    estate_id: str
    kind: str
    codec: str


def attempt(message: Message, directory: Directory, route: Route | None = None) -> Trial:
    """Decode a message and judge it as `intake` would. A device that no list has is decoded all the same."""
    route = route or directory.routes.find(message.topic)
    try:
        decoded = route.decode(message, _Guests(directory))
    except UndecodableError as refused:
        return Trial(dialect=route.dialect.name, answers=refused.answers, refused=refused)
    return Trial(
        dialect=route.dialect.name,
        events=decoded.events,
        answers=decoded.answers,
        passed_over=decoded.passed_over,
        images_removed=decoded.images_removed,
        estate_id=decoded.estate_id,
        refused=_refusal(message, decoded, directory),
    )


def attempt_all(message: Message, directory: Directory) -> list[Trial]:
    """Try every dialect, for a message whose topic nobody knows: those that can read it, else those that know it."""
    trials = [attempt(message, directory, routes_of({"#": name}).find(message.topic)) for name in dialects()]
    read = [trial for trial in trials if trial.events or trial.passed_over]
    return read or [trial for trial in trials if trial.refused is not None and trial.refused.reason in _KNOWN]


def unlisted(held: Iterable[tuple[str, str, bytes]], directory: Directory) -> list[Unlisted]:
    """Make a line for each device of messages that are held because no list has it: (its id, topic, payload)."""
    found: dict[str, Unlisted] = {}
    for device_id, topic, payload in held:
        if device_id not in found and not directory.lists(device_id):
            found[device_id] = _line(device_id, attempt(Message(topic, payload, 0), directory), directory)
    return [found[device_id] for device_id in sorted(found)]


def _line(device_id: str, trial: Trial, directory: Directory) -> Unlisted:
    spoken = next((event for event in trial.events if event.device_id == device_id), None)
    kind = (
        spoken.kind
        if isinstance(spoken, Reading)
        else DeviceKind.DOOR
        if isinstance(spoken, DoorEvent | Status)
        else None
    )
    estates = {entry.estate_id for entry in directory.entries()}
    only = next(iter(estates)) if len(estates) == 1 else ""
    return Unlisted(device_id, trial.estate_id or only, kind.value if kind else "", trial.dialect)


def _refusal(message: Message, decoded: Decoded, directory: Directory) -> UndecodableError | None:
    try:
        bind(decoded, directory, arrived_us=message.arrived_us)
    except UndecodableError as refused:
        return refused
    return None


@dataclass(frozen=True, slots=True)
class _Guest:
    """A device that no list has, as far as a codec needs one."""

    device_id: str
    kind: DeviceKind = DeviceKind.WATER
    zone: tzinfo = _USUAL_ZONE


class _Guests:
    """The lists, and a guest for whoever is not in them."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def device(self, device_id: str) -> Listed:
        """Give the listed device, or a guest of this id."""
        try:
            return self._directory.device(device_id)
        except UndecodableError:
            return _Guest(device_id)

    def recall(self, key: str) -> bytes | None:
        """Give what an earlier message told."""
        return self._directory.recall(key)
