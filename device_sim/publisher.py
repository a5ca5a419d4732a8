"""Live: every entrance keeps a connection of its own and sends what its devices have to say, as it happens.

A message leaves the queue only when the broker has acknowledged it (QoS 1), so a broker that goes away loses
nothing: the entrance comes back with growing pauses, says again that it is there, and goes on where it stood.
Each entrance has one message in flight and at most a day of them in memory.

Devices of other makes speak through their speakers, which also hear what is said to them.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import aiomqtt

from device_sim import messages
from device_sim.broker import Broker
from device_sim.clock import DAY_S, Window, local_second, utc_now
from device_sim.dialects import SPEAKERS
from device_sim.dialects.speaker import Say, Speaker
from device_sim.engine import EntranceDays, simulate
from device_sim.errors import BadParameterError
from device_sim.plan import Plan
from device_sim.records import Device
from device_sim.tasks import together
from device_sim.timeline import Due, backlog, due_messages
from device_sim.world import Entrance, World

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0
_LONGEST_SLEEP_S = 30.0
_KEEPALIVE_S = 30
_GOODBYE_S = 1.0
_QUEUED = 100
_STARTS_AT_ONCE = 4
_TURN_S = 1.0
"""How often the speakers are asked whether anything is due."""


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
    queue: asyncio.Queue[Due] = field(default_factory=lambda: asyncio.Queue(_QUEUED))
    waiting: deque[Say] = field(default_factory=deque)
    pause_s: float = _FIRST_PAUSE_S
    jitter: random.Random = field(default_factory=random.Random)
    speakers: dict[str, Speaker] = field(init=False)
    listeners: list[tuple[str, Speaker]] = field(init=False)

    def __post_init__(self) -> None:
        devices = (device for device in self.entrance.devices if device.codec in SPEAKERS)
        self.speakers = {device.device_id: SPEAKERS[device.codec](device) for device in devices}
        self.listeners = [(topic, speaker) for speaker in self.speakers.values() for topic in speaker.listens()]

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
                for topic in {topic for topic, _ in self.listeners}:
                    await client.subscribe(topic, qos=1)
                await together((self._hear(client), self._send(client), self._take_turns(client)), cancel_again_s=0.1)
            except asyncio.CancelledError:
                await self._say_goodbye(client)
                raise
            finally:
                self.shared.counts.connected -= 1

    def _client(self) -> aiomqtt.Client:
        broker, door, will = self.shared.broker, self.entrance.door, self._farewell()
        return aiomqtt.Client(
            broker.host,
            broker.port,
            username=broker.username,
            password=broker.password,
            tls_context=broker.tls(),
            identifier=f"sim-{door.device_id}",
            keepalive=_KEEPALIVE_S,
            will=aiomqtt.Will(will.topic, will.payload, 1, will.retain) if will else None,
        )

    async def _hear(self, client: aiomqtt.Client) -> None:
        """Pass on what is said to devices that listen; ends, with an error, only when the connection does."""
        async for message in client.messages:
            payload = message.payload if isinstance(message.payload, bytes) else b""
            for topic, speaker in self.listeners:
                if message.topic.matches(topic):
                    await self._publish(client, speaker.hear(str(message.topic), payload, utc_now()))

    async def _take_turns(self, client: aiomqtt.Client) -> None:
        while True:
            await asyncio.sleep(_TURN_S)
            for speaker in self.speakers.values():
                await self._publish(client, speaker.due(utc_now()))

    async def _send(self, client: aiomqtt.Client) -> None:
        for device in self.entrance.devices:
            await self._publish(client, self._hello(device))
        self.pause_s = _FIRST_PAUSE_S
        while True:
            while self.waiting:
                await self._publish(client, [self.waiting[0]])
                self.waiting.popleft()
                self.shared.counts.sent += 1
            due = await self.queue.get()
            self.waiting.extend(due.says(self.speakers))

    async def _publish(self, client: aiomqtt.Client, says: Iterable[Say]) -> None:
        for say in says:
            await client.publish(say.topic, say.payload, qos=1, retain=say.retain)

    def _hello(self, device: Device) -> list[Say]:
        if speaker := self.speakers.get(device.device_id):
            return speaker.hello(utc_now())
        return [Say(messages.status_topic(device), messages.status(utc_now(), online=True), retain=True)]

    def _farewell(self) -> Say | None:
        """What is said of the door controller when it goes, by itself or by the broker."""
        door = self.entrance.door
        if speaker := self.speakers.get(door.device_id):
            return speaker.will()
        return Say(messages.status_topic(door), messages.status(utc_now(), online=False), retain=True)

    async def _say_goodbye(self, client: aiomqtt.Client) -> None:
        if not (say := self._farewell()):
            return
        try:
            await client.publish(say.topic, say.payload, qos=1, retain=say.retain, timeout=_GOODBYE_S)
        except aiomqtt.MqttError:
            return  # The broker is gone as well; its last will says the same.

    async def _wait_before_return(self, cause: BaseException) -> None:
        self.shared.counts.reconnects += 1
        if self.pause_s == _FIRST_PAUSE_S:
            self.shared.report(f"{self.entrance.door.device_id}: broker lost ({cause}); trying again")
        await asyncio.sleep(self.pause_s * self.jitter.uniform(0.5, 1.0))
        self.pause_s = min(self.pause_s * 2, _LONGEST_PAUSE_S)

    async def _outgoing(self) -> AsyncIterator[Due]:
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
