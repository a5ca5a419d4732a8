"""What messages told for later ones to be understood (the names in a Sparkplug birth), of this process and of others.

The message that arrived last is right, whoever heard it and in whatever order processes commit.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Told(NamedTuple):
    """What a message told, and when it arrived (µs since 1970)."""

    value: bytes
    arrived_us: int


class Memory:
    """By key what the last message told."""

    __slots__ = ("_told",)

    def __init__(self) -> None:
        self._told: dict[str, Told] = {}

    def recall(self, key: str) -> bytes | None:
        """Give what was told, or None."""
        told = self._told.get(key)
        return None if told is None else told.value

    def hear(self, key: str, value: bytes, arrived_us: int) -> None:
        """Keep it, unless a later message told otherwise."""
        known = self._told.get(key)
        if known is None or known.arrived_us <= arrived_us:
            self._told[key] = Told(value, arrived_us)

    def learn(self, rows: Iterable[tuple[str, bytes, int]]) -> None:
        """Take over what the store has: rows of key, value and time of arrival."""
        for key, value, arrived_us in rows:
            self.hear(key, value, arrived_us)

    def columns(self) -> tuple[list[str], list[bytes], list[int]]:
        """Give keys in order, values and times of arrival."""
        keys = sorted(self._told)
        told = [self._told[key] for key in keys]
        return keys, [one.value for one in told], [one.arrived_us for one in told]
