"""When which meter is asked. Pure: targets, answers and the time go in, questions and what became of them come out.

A down topic is a serial line: one question at a time on it. A meter that does not answer is asked less and less often,
and in another way each time where its dialect has several. Times are seconds since 1970.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple
from zlib import crc32

MUTE_AFTER = 3
"""So many questions in a row without an answer, and a meter is called mute."""
_DOUBLINGS = 4
"""So often the pause of a meter that does not answer doubles: it is asked once in 16 intervals at last."""
_JITTER = 0.1
"""By so much of it an interval may be longer or shorter, half to each side."""
_FIRST_WITHIN_S = 60.0
"""Meters that are due at the start are spread over so long at most."""


class Target(NamedTuple):
    """A meter that is to be asked: the line's topic, and the messages that ask it, one for each way."""

    device_no: int
    device_id: str
    topic: str
    ways: tuple[bytes, ...]
    every_s: float
    timeout_s: float


class Question(NamedTuple):
    """What is asked of whom, when, and until when an answer counts."""

    target: Target
    payload: bytes
    asked_at: float
    until: float


class Settled(NamedTuple):
    """What became of open questions; `fell_mute` and `spoke_again` name each meter once."""

    answered: int
    timed_out: int
    fell_mute: tuple[Target, ...]
    spoke_again: tuple[Target, ...]


@dataclass(slots=True)
class _Meter:
    target: Target
    due_at: float
    misses: int = 0
    way: int = 0
    asked: int = 0


@dataclass(slots=True)
class _Line:
    """A down topic: when which of its meters is due, earliest first, and the question that is open."""

    due: list[tuple[float, int]] = field(default_factory=list)
    open: Question | None = None


class Schedule:
    """All meters that are polled, and the lines that they hang on."""

    def __init__(self) -> None:
        self._meters: dict[int, _Meter] = {}
        self._lines: dict[str, _Line] = {}

    def take(self, targets: Iterable[Target], heard_at: Mapping[int, float], now: float) -> None:
        """Poll these from now on. What is known of meters stays; new ones are due an interval after they were heard."""
        known, self._meters = self._meters, {}
        lines = {topic: _Line(open=line.open) for topic, line in self._lines.items() if line.open}
        for target in targets:
            meter = known.get(target.device_no) or _Meter(target, _first_due(target, heard_at, now))
            meter.target = target
            self._meters[target.device_no] = meter
            line = lines.setdefault(target.topic, _Line())
            if line.open is None or line.open.target.device_no != target.device_no:
                heapq.heappush(line.due, (meter.due_at, target.device_no))
        self._lines = lines

    def waiting(self) -> tuple[Question, ...]:
        """The questions that are open."""
        return tuple(line.open for line in self._lines.values() if line.open)

    def ask(self, now: float) -> list[Question]:
        """Ask what is due, one question on each line that is free."""
        return [
            self._ask(line, now)
            for line in self._lines.values()
            if line.open is None and line.due and line.due[0][0] <= now
        ]

    def settle(self, answered: Collection[int], now: float) -> Settled:
        """Close the questions whose meters (by number) have answered, and those that are too old."""
        hits = misses = 0
        mute, again = [], []
        for line in self._lines.values():
            if line.open is None:
                continue
            meter = self._meters.get(line.open.target.device_no)
            if line.open.target.device_no in answered:
                hits += 1
                if meter and meter.misses >= MUTE_AFTER:
                    again.append(meter.target)
                self._close(line, meter, misses=0)
            elif line.open.until <= now:
                misses += 1
                self._close(line, meter, misses=meter.misses + 1 if meter else 0)
                if meter and meter.misses == MUTE_AFTER:
                    mute.append(meter.target)
        return Settled(hits, misses, tuple(mute), tuple(again))

    def withdraw(self) -> None:
        """Take open questions back: they cannot have been heard. Nobody is blamed for it."""
        for line in self._lines.values():
            if line.open and (meter := self._meters.get(line.open.target.device_no)):
                heapq.heappush(line.due, (meter.due_at, meter.target.device_no))
            line.open = None

    def _ask(self, line: _Line, now: float) -> Question:
        _, device_no = heapq.heappop(line.due)
        meter = self._meters[device_no]
        target = meter.target
        meter.asked += 1
        line.open = Question(target, target.ways[meter.way % len(target.ways)], now, now + target.timeout_s)
        return line.open

    def _close(self, line: _Line, meter: _Meter | None, *, misses: int) -> None:
        question, line.open = line.open, None
        if meter is None or question is None:
            return  # no list has it any more
        meter.misses = misses
        meter.way += misses > 0
        meter.due_at = question.asked_at + _pause_s(meter)
        heapq.heappush(line.due, (meter.due_at, meter.target.device_no))


def _first_due(target: Target, heard_at: Mapping[int, float], now: float) -> float:
    heard = heard_at.get(target.device_no)
    if heard is not None and heard + target.every_s > now:
        return min(heard, now) + target.every_s
    return now + _share(target, 0) * min(target.every_s * _JITTER, _FIRST_WITHIN_S)


def _pause_s(meter: _Meter) -> float:
    times = 1 << min(max(meter.misses - 1, 0), _DOUBLINGS)
    return meter.target.every_s * times * (1 + _JITTER * (_share(meter.target, meter.asked) - 0.5))


def _share(target: Target, number: int) -> float:
    """Give a number from 0 to 1 that differs from meter to meter and from time to time, and is no chance."""
    return crc32(f"{target.device_id} {number}".encode()) / 0xFFFFFFFF
