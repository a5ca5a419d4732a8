"""What an entrance has to say, day after day, each thing when it is due; and the clock that the estate lives by."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from device_sim.clock import DAY_S, Window, local_second, utc_now
from device_sim.engine import EntranceDays, count_up, simulate
from device_sim.moves import after_moves
from device_sim.plan import Plan
from device_sim.switches import Board, Move
from device_sim.timeline import Due, backlog, due_messages
from device_sim.world import Entrance

_LONGEST_SLEEP_S = 5.0
_CATCH_UP_DAYS = 7


@dataclass(frozen=True, slots=True)
class SimulatedClock:
    """The time that the estate lives in: the real one, or one `speed` times as fast until it has caught up."""

    speed: float
    origin: datetime
    started: datetime

    def now_s(self) -> float:
        """Local second that the estate has reached; never ahead of the real clock."""
        real = utc_now()
        if self.speed <= 1:
            return float(local_second(real))
        elapsed = (real - self.started).total_seconds()
        return min(local_second(self.origin) + elapsed * self.speed, float(local_second(real)))


@dataclass(slots=True)
class Agenda:
    """One entrance from a local second on. Only the days in hand are kept in memory."""

    plan: Plan
    entrance: Entrance
    clock: SimulatedClock
    board: Board
    begins_s: int
    dials: Mapping[str, int]
    """What its meters had counted when the day of `begins_s` began; empty: to be counted."""
    turn: asyncio.Semaphore
    """How many agendas are made at once."""
    _moves: tuple[Move, ...] = field(default=())

    async def outgoing(self) -> AsyncIterator[Due]:
        """Everything in the order of its time, each handed out when it is due; never ends."""
        reached_s, day = self.begins_s, self.begins_s // DAY_S
        used = self.dials or await self._counted(day)
        while self.clock.speed <= 1 and (today := int(self.clock.now_s()) // DAY_S) > day:
            window = Window(day, min(_CATCH_UP_DAYS, today - day))
            days = await self._simulated(window, used)
            ends_s = (day + window.days) * DAY_S - 1
            for due in backlog(self.entrance, days, reached_s, ends_s):
                yield due
            reached_s, day, used = ends_s, day + window.days, days.used
        if self.clock.speed <= 1:
            now_s = int(self.clock.now_s())
            for due in backlog(self.entrance, await self._simulated(Window(day, 1), used), reached_s, now_s):
                yield due
            reached_s = now_s
        while True:
            days, began_s, ends_s = await self._simulated(Window(day, 1), used), reached_s, (day + 1) * DAY_S - 1
            dues = due_messages(self.entrance, days, began_s, ends_s)
            while dues or self.clock.now_s() < ends_s:
                if self._people_moved():
                    days = await self._simulated(Window(day, 1), used)
                    dues = [d for d in due_messages(self.entrance, days, began_s, ends_s) if d.due_s > reached_s]
                elif dues and dues[0].due_s <= self.clock.now_s():
                    reached_s = dues[0].due_s
                    yield dues.pop(0)
                else:
                    await self._sleep_until(dues[0].due_s if dues else ends_s)
            reached_s, day, used = ends_s, day + 1, days.used

    async def _simulated(self, window: Window, used: Mapping[str, int]) -> EntranceDays:
        self._moves = self.board.now.moves
        entrance = after_moves(self.plan.seed, self.entrance, self._moves)
        async with self.turn:
            return await asyncio.to_thread(simulate, self.plan.seed, entrance, window, used)

    async def _counted(self, day: int) -> Mapping[str, int]:
        if day <= self.plan.first_day:
            return {}
        before = Window(self.plan.first_day, day - self.plan.first_day)
        async with self.turn:
            return await asyncio.to_thread(count_up, self.plan.seed, self.entrance, before)

    def _people_moved(self) -> bool:
        return self.board.now.moves != self._moves

    async def _sleep_until(self, second: int) -> None:
        ahead_s = max(second - self.clock.now_s(), 0.0)
        await asyncio.sleep(min(ahead_s / max(self.clock.speed, 1.0), _LONGEST_SLEEP_S))
