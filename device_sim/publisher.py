"""Live: every entrance keeps a connection of its own and sends what its devices have to say, as it happens.

A message leaves the queue only when the broker has acknowledged it (QoS 1), so a broker that goes away loses
nothing: the entrance comes back with growing pauses, says again that it is there, and goes on where it stood.
Each entrance has one message in flight and at most a day of them in memory.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import aiomqtt

from device_sim import messages
from device_sim.broker import Broker
from device_sim.clock import DAY_S, Window, local_second, utc_now
from device_sim.engine import EntranceDays, simulate
from device_sim.errors import BadParameterError
from device_sim.plan import Plan
from device_sim.tasks import together
from device_sim.timeline import Outgoing, backlog, due_messages
from device_sim.world import Entrance, World

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0
_LONGEST_SLEEP_S = 30.0
_KEEPALIVE_S = 30
_GOODBYE_S = 1.0
_QUEUED = 100
_STARTS_AT_ONCE = 4


@dataclass(slots=True)
class Counts:
    """What a live run has done so far."""

    sent: int = 0
    reconnects: int = 0
    connected: int = 0


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


async def run_live(
    world: World, broker: Broker, speed: float, report: Callable[[str], None], counts: Counts | None = None
) -> None:
    """Go on with a world until cancelled.

    With `speed` 1 the time between the end of history and now is sent first, in batches, as fast as the broker
    takes it; with more, that time is played `speed` times as fast. Either way the estate then lives at the wall clock:
    a device never speaks of the future.

    Raises:
        BadParameterError: the world's history ends in the future, or so long ago that no trips are planned for now.
    """
    now = utc_now()
    check_reach(world.plan, now)
    clock = SimulatedClock(speed, world.plan.end, now)
    shared = _Shared(world.plan, broker, clock, report, counts or Counts(), asyncio.Semaphore(_STARTS_AT_ONCE))
    await together((_Line(shared, entrance).run() for entrance in world.entrances), cancel_again_s=_GOODBYE_S * 4)


def check_reach(plan: Plan, now: datetime) -> None:
    """Refuse to go on with a world whose history is not past, or is too far past.

    Raises:
        BadParameterError: either is so.
    """
    if plan.end > now:
        raise BadParameterError(f"this world's history ends at {plan.end.isoformat()}, which is still to come")
    if local_second(now) // DAY_S >= plan.horizon_day - 1:
        raise BadParameterError(f"this world's history ended at {plan.end.isoformat()}; make a new one with `history`")


@dataclass(frozen=True, slots=True)
class _Shared:
    plan: Plan
    broker: Broker
    clock: SimulatedClock
    report: Callable[[str], None]
    counts: Counts
    starting: asyncio.Semaphore


@dataclass(slots=True)
class _Line:
    """One entrance's connection: what waits to be sent, and the state of its meters."""

    shared: _Shared
    entrance: Entrance
    queue: asyncio.Queue[Outgoing] = field(default_factory=lambda: asyncio.Queue(_QUEUED))
    waiting: Outgoing | None = None
    pause_s: float = _FIRST_PAUSE_S
    jitter: random.Random = field(default_factory=random.Random)

    async def run(self) -> None:
        """Live and send for ever, across lost connections."""
        await together((self._live(), self._stay_connected()), cancel_again_s=_GOODBYE_S * 2)

    async def _live(self) -> None:
        async for message in self._outgoing():
            await self.queue.put(message)

    async def _stay_connected(self) -> None:
        while True:
            try:
                await self._while_connected()
            except aiomqtt.MqttError as lost:
                await self._wait_before_return(lost)

    async def _while_connected(self) -> None:
        async with self._client() as client:
            self.shared.counts.connected += 1
            try:
                await together((self._watch(client), self._send(client)), cancel_again_s=0.1)
            except asyncio.CancelledError:
                await self._say_goodbye(client)
                raise
            finally:
                self.shared.counts.connected -= 1

    def _client(self) -> aiomqtt.Client:
        broker, door = self.shared.broker, self.entrance.door
        return aiomqtt.Client(
            broker.host,
            broker.port,
            username=broker.username,
            password=broker.password,
            tls_context=broker.tls(),
            identifier=f"sim-{door.device_id}",
            keepalive=_KEEPALIVE_S,
            will=aiomqtt.Will(messages.status_topic(door), messages.status(utc_now(), online=False), 1, retain=True),
        )

    async def _watch(self, client: aiomqtt.Client) -> None:
        """Nobody writes to these devices; this loop only ends, with an error, when the connection does."""
        async for _ in client.messages:
            pass

    async def _send(self, client: aiomqtt.Client) -> None:
        for device in self.entrance.devices:
            payload = messages.status(utc_now(), online=True)
            await client.publish(messages.status_topic(device), payload, qos=1, retain=True)
        self.pause_s = _FIRST_PAUSE_S
        while True:
            if self.waiting is None:
                self.waiting = await self.queue.get()
            await client.publish(self.waiting.topic, self.waiting.payload, qos=1)
            self.waiting = None
            self.shared.counts.sent += 1

    async def _say_goodbye(self, client: aiomqtt.Client) -> None:
        topic, payload = messages.status_topic(self.entrance.door), messages.status(utc_now(), online=False)
        try:
            await client.publish(topic, payload, qos=1, retain=True, timeout=_GOODBYE_S)
        except aiomqtt.MqttError:
            return  # The broker is gone as well; its last will says the same.

    async def _wait_before_return(self, cause: BaseException) -> None:
        self.shared.counts.reconnects += 1
        if self.pause_s == _FIRST_PAUSE_S:
            self.shared.report(f"{self.entrance.door.device_id}: broker lost ({cause}); trying again")
        await asyncio.sleep(self.pause_s * self.jitter.uniform(0.5, 1.0))
        self.pause_s = min(self.pause_s * 2, _LONGEST_PAUSE_S)

    async def _outgoing(self) -> AsyncIterator[Outgoing]:
        """Messages in the order of their times, each handed out when it is due."""
        plan, clock = self.shared.plan, self.shared.clock
        reached_s = plan.end_s
        window = Window(plan.first_day, max(plan.end_day, int(clock.now_s()) // DAY_S + 1) - plan.first_day)
        days = await self._simulate(window, {})
        if clock.speed <= 1:
            now_s = int(clock.now_s())
            for message in backlog(self.entrance, days, reached_s, now_s):
                yield message
            reached_s = now_s
        while True:
            ends_s = (window.first_day + window.days) * DAY_S - 1
            for message in due_messages(self.entrance, days, reached_s, ends_s):
                await self._until(message.due_s)
                yield message
            await self._until(ends_s)
            reached_s, window = ends_s, Window(window.first_day + window.days, 1)
            days = await self._simulate(window, days.used)

    async def _simulate(self, window: Window, used: Mapping[str, int]) -> EntranceDays:
        async with self.shared.starting:
            return await asyncio.to_thread(simulate, self.shared.plan.seed, self.entrance, window, used)

    async def _until(self, second: int) -> None:
        clock = self.shared.clock
        while (ahead_s := second - clock.now_s()) > 0:  # noqa: ASYNC110 - the wall clock rings no bell
            await asyncio.sleep(min(ahead_s / max(clock.speed, 1.0), _LONGEST_SLEEP_S))
