"""Which dialect reads which topic: what the configuration says first, then where dialects usually speak."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec
from msgspec import structs

from gateway.codecs import history, native
from gateway.codecs.catalogue import dialects
from gateway.codecs.dialect import Codec, Dialect
from gateway.codecs.message import Decoded, Message, Reason, Site, UndecodableError
from gateway.codecs.text import as_utf8


class Route(NamedTuple):
    """What comes on topics of this filter is read by this codec."""

    topic_filter: str
    dialect: Dialect
    codec: Codec

    def decode(self, message: Message, site: Site) -> Decoded:
        """Read the message.

        Raises:
            UndecodableError: it is larger than its dialect allows, or the codec can make nothing of it.
        """
        if len(message.payload) > self.dialect.largest:
            detail = f"{len(message.payload)} bytes, the dialect allows {self.dialect.largest}"
            raise UndecodableError(Reason.TOO_LARGE, detail)
        try:
            return self.codec(message, site)
        except UndecodableError:
            payload = as_utf8(message.payload)
            if payload is message.payload:
                raise
        return self.codec(structs.replace(message, payload=payload), site)


class RouteError(ValueError):
    """A line of the configuration that cannot be followed; the message says which and why."""


class Routes:
    """The routes in the order in which they are tried; the first whose filter fits the topic is taken."""

    def __init__(self, configured: Sequence[Route] = ()) -> None:
        self.configured = tuple(configured)
        patterns = [(_pattern(route.topic_filter), route) for route in (*configured, *_usual())]
        fallback = _route(native.TOPIC_FILTER, native.DIALECT, {})

        @lru_cache(maxsize=200_000)
        def find(topic: str) -> Route:
            return next((route for pattern, route in patterns if pattern.fullmatch(topic)), fallback)

        self.find = find
        """Choose by the topic; what no filter claims is read as the native dialect, which says why not."""

    @property
    def topic_filters(self) -> tuple[str, ...]:
        """Filters that the configuration names."""
        return tuple(route.topic_filter for route in self.configured)


def routes_of(lines: Mapping[str, str | Mapping[str, Any]]) -> Routes:
    """Make the routes of the configuration: topic filter → name of a dialect, or a table with its name and options.

    Raises:
        RouteError: a filter is none, no dialect has the name, or an option is wrong.
    """
    return Routes([_configured(topic_filter, line) for topic_filter, line in lines.items()])


def _configured(topic_filter: str, line: str | Mapping[str, Any]) -> Route:
    options = {"dialect": line} if isinstance(line, str) else dict(line)
    name = options.pop("dialect", None)
    known = dialects()
    if not is_topic_filter(topic_filter):
        raise RouteError(f"{topic_filter!r} is not an MQTT topic filter")
    if not isinstance(name, str) or name not in known:
        raise RouteError(f"{topic_filter}: dialect {name!r} is not one of {', '.join(sorted(known))}")
    try:
        return _route(topic_filter, known[name], options)
    except (msgspec.ValidationError, ValueError) as error:
        raise RouteError(f"{topic_filter}: {name}: {error}") from error


def _route(topic_filter: str, dialect: Dialect, options: Mapping[str, Any]) -> Route:
    return Route(topic_filter, dialect, dialect.codec(msgspec.convert(dict(options), dialect.options)))


def _usual() -> Iterable[Route]:
    yield _route(history.TOPIC_FILTER, history.DIALECT, {})
    for dialect in dialects().values():
        for topic_filter in dialect.topics:
            yield _route(topic_filter, dialect, {})


def is_topic_filter(text: str) -> bool:
    """Whether `+` and `#` stand where MQTT allows them."""
    levels = text.split("/")
    whole = all(level in ("+", "#") or not ("+" in level or "#" in level) for level in levels)
    return bool(text) and whole and "#" not in levels[:-1] and "\0" not in text


def _pattern(topic_filter: str) -> re.Pattern[str]:
    """Make a pattern of a filter. `#` also stands for nothing: `a/#` fits `a`."""
    levels = topic_filter.split("/")
    ending = ""
    if levels[-1] == "#":
        levels.pop()
        ending = "(/.*)?" if levels else ".*"
    return re.compile("/".join("[^/]*" if level == "+" else re.escape(level) for level in levels) + ending, re.DOTALL)
