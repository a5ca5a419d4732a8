"""What the configuration says of polling: which meters are asked, where, how often, and how the question is wrapped."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from string import Formatter
from typing import Annotated, Any, NamedTuple

import msgspec
from msgspec import Meta, Struct

from gateway.codecs.catalogue import dialects

PLACES = ("estate_id", "building", "entrance", "device_id")
"""What a down topic may name in braces."""
_RAW, _HEX = "raw", "hex"
_IN_TEMPLATE = "{hex}"
_NOT_IN_TOPICS = frozenset("+#\0")
_LONGEST_TOPIC = 65535


class PollError(ValueError):
    """A poll of the configuration that cannot be followed; the message says which and why."""


class Place(NamedTuple):
    """Where a device of the lists hangs."""

    estate_id: str
    building: str
    entrance: str
    device_id: str


class Poll(Struct, frozen=True, forbid_unknown_fields=True):
    """One table of `polls`: the devices whose `codec` is this dialect are asked on the topic `down`."""

    dialect: str
    down: Annotated[str, Meta(min_length=1)]
    every_s: Annotated[float, Meta(ge=1, le=86_400)] = 900.0
    timeout_s: Annotated[float, Meta(ge=0.1, le=600)] = 10.0
    encoding: str = _RAW
    estate_id: str | None = None

    def topic(self, place: Place) -> str:
        """Name the down topic of a device.

        Raises:
            ValueError: what the lists say of its place cannot stand in a topic.
        """
        topic = self.down.format(**place._asdict())
        if not _NOT_IN_TOPICS.isdisjoint(topic) or len(topic.encode()) > _LONGEST_TOPIC:
            raise ValueError(f"{topic[:80]!r} cannot be published to; name building and entrance without + and #")
        return topic

    def wrapped(self, frame: bytes) -> bytes:
        """Make the message that carries a frame."""
        if self.encoding == _RAW:
            return frame
        text = frame.hex().upper()
        return (text if self.encoding == _HEX else self.encoding.replace(_IN_TEMPLATE, text)).encode()


def polls_of(tables: Sequence[Mapping[str, Any]]) -> tuple[Poll, ...]:
    """Make the polls of the configuration.

    Raises:
        PollError: a key or a value is wrong, or no such devices can be asked.
    """
    return tuple(_poll(number, table) for number, table in enumerate(tables, start=1))


def _poll(number: int, table: Mapping[str, Any]) -> Poll:
    try:
        poll = msgspec.convert(table, Poll, strict=False)
    except msgspec.ValidationError as error:
        raise PollError(f"poll {number}: {error}") from error
    for problem in _problems(poll):
        raise PollError(f"poll {number}: {problem}")
    return poll


def _problems(poll: Poll) -> Iterator[str]:
    askable = sorted(name for name, dialect in dialects().items() if dialect.ask)
    if poll.dialect not in askable:
        yield f"dialect {poll.dialect!r} is not one that can be asked: {', '.join(askable)}"
    yield from _problems_of_topic(poll.down)
    if poll.encoding not in (_RAW, _HEX) and not _is_template(poll.encoding):
        yield f"encoding {poll.encoding!r} is not raw, hex, or JSON with {_IN_TEMPLATE} in a text"
    if poll.timeout_s > poll.every_s:
        yield f"timeout_s {poll.timeout_s:g} is longer than every_s {poll.every_s:g}"


def _problems_of_topic(down: str) -> Iterator[str]:
    try:
        parts = list(Formatter().parse(down))
    except ValueError as error:
        yield f"down {down!r}: {error}"
        return
    if wrong := [name for _, name, _, _ in parts if name is not None and name not in PLACES]:
        yield f"down {down!r}: {{{wrong[0]}}} is not one of {', '.join(f'{{{name}}}' for name in PLACES)}"
    if any(shape or conversion for _, _, shape, conversion in parts):
        yield f"down {down!r}: only names may stand in braces"
    if not _NOT_IN_TOPICS.isdisjoint("".join(text for text, _, _, _ in parts)):
        yield f"down {down!r} has + or #, and one cannot publish to a filter"


def _is_template(text: str) -> bool:
    try:
        json.loads(text.replace(_IN_TEMPLATE, "68"))
    except ValueError:
        return False
    return f'{_IN_TEMPLATE}"' in text or f'"{_IN_TEMPLATE}' in text
