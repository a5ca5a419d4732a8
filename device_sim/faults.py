"""Faults on demand: what becomes of messages on their way, by the switches as they are now."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from random import Random
from zlib import crc32

from device_sim.dialects.speaker import Say
from device_sim.switches import Board

_HELD_BEHIND = 3
_RUBBISH = b'{"ts": "2026-13-45T99:00:00", "register": -'


@dataclass(slots=True)
class Faults:
    """The faults of one connection. What is held back is said later, never lost."""

    board: Board
    chance: Random
    held: deque[tuple[int, Say]] = field(default_factory=deque)

    def on(self, say: Say) -> list[Say]:
        """What is really published for a message, in order."""
        switches = self.board.now.switches
        if say.retain:
            return [say]
        if self.chance.random() < switches.disorder:
            self.held.append((_HELD_BEHIND, say))
            return []
        said = [self._spoilt(say) if self.chance.random() < switches.corruption else say]
        if self.chance.random() < switches.duplicates:
            said.append(say)
        return said + self._late()

    def _late(self) -> list[Say]:
        """Those that have waited behind enough others."""
        self.held = deque((left - 1, say) for left, say in self.held)
        late = [say for left, say in self.held if left <= 0]
        self.held = deque((left, say) for left, say in self.held if left > 0)
        return late

    def _spoilt(self, say: Say) -> Say:
        """Cut short, with flipped bits, or other stuff altogether."""
        payload, kind = say.payload, self.chance.randrange(3)
        if kind == 0:
            payload = payload[: len(payload) // 2]
        elif kind == 1:
            place = self.chance.randrange(max(len(payload), 1))
            payload = payload[:place] + bytes((self.chance.randrange(256),)) + payload[place + 1 :]
        else:
            payload = _RUBBISH
        return Say(say.topic, payload, say.retain)


def is_cut(share: float, name: str) -> bool:
    """An entrance has no network while so large a share of them has none; always the same ones first."""
    return crc32(name.encode()) % 1000 < share * 1000
