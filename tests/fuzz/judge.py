"""What must hold for every message, however it was damaged."""

import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import isfinite
from time import perf_counter

from fuzz.spoken import Everyone
from gateway.codecs.message import Decoded, Message, UndecodableError
from gateway.codecs.native import LARGEST_REGISTER
from gateway.codecs.routes import Route
from gateway.events import DoorEvent, Reading

_HANGS_S = 20


class WrongError(AssertionError):
    """A codec has done what none may."""


@dataclass
class Tally:
    """What became of many messages."""

    taken: int = 0
    passed_over: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0

    def __str__(self) -> str:
        refused = ", ".join(f"{count} {reason}" for reason, count in self.refused.most_common())
        return (
            f"{self.taken} taken, {self.passed_over} without events; refused: {refused}; slowest {self.slowest_s:.3f} s"
        )


def judge(route: Route, site: Everyone, message: Message, tally: Tally) -> Decoded | None:
    """Decode; only `UndecodableError` may leave, and what is taken must be possible.

    Raises:
        WrongError: anything else happened.
    """
    began = perf_counter()
    try:
        decoded = route.decode(message, site)
    except UndecodableError as error:
        tally.refused[error.reason] += 1
        return None
    except Exception as error:
        raise WrongError(f"{route.dialect.name}: {type(error).__name__} left it: {error}: {message!r}") from error
    finally:
        tally.slowest_s = max(tally.slowest_s, perf_counter() - began)
    for event in decoded.events:
        if problem := _problem(event):
            raise WrongError(f"{route.dialect.name}: {problem}: {event!r}: {message!r}")
    tally.taken += bool(decoded.events)
    tally.passed_over += not decoded.events
    return decoded


def _problem(event: object) -> str | None:
    ts_us = getattr(event, "ts_us", None)
    if ts_us is not None and (type(ts_us) is not int or abs(ts_us) >= 1 << 62):
        return "no time"
    if isinstance(event, Reading):
        if not isfinite(event.register) or not 0 <= event.register <= LARGEST_REGISTER:
            return "an impossible register"
        if event.battery is not None and not 0 <= event.battery <= 100:
            return "an impossible battery"
        if event.rssi is not None and not isfinite(event.rssi):
            return "an impossible radio"
    if isinstance(event, DoorEvent) and not 1 <= len(event.event_id) <= 64:
        return "an event id that is too long"
    return None


@contextmanager
def no_hang() -> Iterator[None]:
    """End what does not end by itself. The processor's time counts, since a busy machine is no fault of the code's."""

    def hung(*_: object) -> None:
        raise WrongError(f"messages have taken {_HANGS_S} s of the processor")

    before = signal.signal(signal.SIGVTALRM, hung)
    signal.setitimer(signal.ITIMER_VIRTUAL, _HANGS_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
