"""How little is enough: searches that ask about coming days, and whose questions are put together.

A detector takes as long for one unit as for hundreds. So each search says what it has to know next, and all that is
asked about one day is answered at once.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from itertools import compress
from statistics import mode
from typing import TypeAlias

import numpy as np

from detectors.panel import Bools

FORTNIGHT_DAYS = 14
"""Coming days within which scattered days may lie: nobody waits for longer."""
LONGEST_DAYS = 28
"""Most days in a row that are asked for."""
EVERY = (np.ones(LONGEST_DAYS, bool),)


Ways: TypeAlias = tuple[Bools, ...]
"""Coming days, (A,) from tomorrow on, of a remedy: in whichever of these ways they lie, it has to do."""


@dataclass(frozen=True, slots=True)
class Question:
    """With which of these tries is it gone on a coming day, of which 1 is tomorrow."""

    day: int
    tries: tuple[Ways, ...]


Search: TypeAlias = Generator[Question, Sequence[bool], int]
"""Asks about one unit, and returns the least days that clear it, 0 where none do."""
Answering: TypeAlias = Callable[[int, Sequence[tuple[int, Question]]], Sequence[Sequence[bool]]]
"""Of one coming day: what each search, by its number, asks."""


def fewest(gone_days: int, spare_days: int) -> Search:
    """Some days of the fortnight, and on the last day first: what is gone then mostly was before."""
    enough = list(range(1, FORTNIGHT_DAYS + 1))
    last = FORTNIGHT_DAYS + gone_days - 1
    for day in (last, *range(FORTNIGHT_DAYS, last)):
        gone = yield Question(day, tuple(_scattered(number) for number in enough))
        enough = list(compress(enough, gone))
        if not enough:
            return 0
    return min(enough[0] + spare_days, FORTNIGHT_DAYS)


def _scattered(number: int) -> tuple[Bools, Bools]:
    """So many days, spread over the fortnight or together at its end."""
    step = np.arange(1, FORTNIGHT_DAYS + 1)
    spread = step * number // FORTNIGHT_DAYS > (step - 1) * number // FORTNIGHT_DAYS
    return spread, step > FORTNIGHT_DAYS - number


def first_row(gone_days: int) -> Search:
    """Day by day until it has been gone for so many days in a row.

    Backwards from where a row may end: a day on which it is found rules out all rows with that day.
    """
    before, asked = 0, 0
    while (end := before + gone_days) <= LONGEST_DAYS:
        for day in range(end, asked, -1):
            (gone,) = yield Question(day, (EVERY,))
            if not gone:
                before = day
                break
        else:
            return end
        asked = end
    return 0


def all_or_nothing(gone_days: int, days: int) -> Search:
    """All of these days."""
    for day in range(1, gone_days + 1):
        (gone,) = yield Question(day, (EVERY,))
        if not gone:
            return 0
    return days


def together(searches: Sequence[Search], answer: Answering) -> list[int]:
    """What each search returns. The day that most ask about comes first, so that the others catch up."""
    needed = [0] * len(searches)
    asking = {number: next(search) for number, search in enumerate(searches)}
    while asking:
        day = mode(question.day for question in asking.values())
        now = [(number, question) for number, question in asking.items() if question.day == day]
        for (number, _), gone in zip(now, answer(day, now), strict=True):
            try:
                asking[number] = searches[number].send(gone)
            except StopIteration as found:
                needed[number] = found.value
                del asking[number]
    return needed
