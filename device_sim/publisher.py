"""Live: every entrance keeps a connection of its own and sends what its devices have to say, as it happens.

A message leaves the queue only when the broker has acknowledged it (QoS 1), so a broker that goes away loses
nothing: the entrance comes back with growing pauses, says again that it is there, and goes on where it stood.
Each entrance has one message in flight and at most a day of them in memory. Faults are added on the way out.

Devices of other makes speak through their speakers, which also hear what is said to them.
"""

from __future__ import annotations

import asyncio
import random
import socket
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import aiomqtt

from device_sim import messages
from device_sim.agenda import Agenda, SimulatedClock
from device_sim.broker import Broker
from device_sim.clock import DAY_S, local_second, utc_now
from device_sim.dialects import SPEAKERS
from device_sim.dialects.speaker import Say, Speaker
from device_sim.errors import BadParameterError
from device_sim.faults import Faults, is_cut
from device_sim.plan import Plan
from device_sim.records import Device
from device_sim.switches import Board, Switches
from device_sim.tasks import together
from device_sim.timeline import Due
from device_sim.world import Entrance, World

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 30.0
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

    def __str__(self) -> str:
        """As one reads it."""
        return f"{self.connected} entrances connected, {self.sent} messages sent, {self.reconnects} reconnects"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What may be wished of a live run beside its world and its broker."""

    speed: float = 1
    """With 1, the time between the end of history and now is sent first, in batches, as fast as the broker takes it;
    with more, that time is played so many times as fast."""
    replay: bool = False
    """Send the whole history as well."""
    dials: Mapping[str, int] = field(default_factory=dict)
    """What the meters had counted when the day began on which history ends, where it is known."""
    board: Board = field(default_factory=lambda: Board(None))


async def run_live(
    world: World,
    broker: Broker,
    report: Callable[[str], None],
    counts: Counts | None = None,
    wishes: Wishes | None = None,
) -> None:
    """Go on with a world until cancelled. A device never speaks of the future.

    Raises:
        BadParameterError: the world's history ends in the future, or so long ago that no trips are planned for now.
        WorldFileError: the file of switches is spoilt.
    """
    now = utc_now()
    check_reach(world.plan, now)
    wishes = wishes or Wishes()
    clock = SimulatedClock(wishes.speed, world.plan.end, now)
    turn = asyncio.Semaphore(_STARTS_AT_ONCE)
    shared = _Shared(world.plan, broker, clock, report, counts or Counts(), wishes, turn)
    wishes.board.look()
    lines = (_Line(shared, entrance).run() for entrance in world.entrances)
    await together((_keep_looking(wishes.board), *lines), cancel_again_s=_GOODBYE_S * 4)


async def _keep_looking(board: Board) -> None:
    while True:
        await asyncio.sleep(_TURN_S)
        board.look()


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
    wishes: Wishes
    turn: asyncio.Semaphore

    @property
    def switches(self) -> Switches:
        return self.wishes.board.now.switches

    def agenda(self, entrance: Entrance) -> Agenda:
        """What the entrance has to say from the end of history on, or from its start."""
        plan, wishes = self.plan, self.wishes
        begins_s = plan.start_s if wishes.replay else plan.end_s
        meters = [device.device_id for device in entrance.devices if device.kind != "door"]
        known = not wishes.replay and all(meter in wishes.dials for meter in meters)
        dials = {meter: wishes.dials[meter] for meter in meters} if known else {}
        return Agenda(plan, entrance, self.clock, wishes.board, begins_s, dials, self.turn)


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
    faults: Faults = field(init=False)
    said_last: Say | None = None
    door_dead: bool = False

    def __post_init__(self) -> None:
        devices = (device for device in self.entrance.devices if device.codec in SPEAKERS)
        self.speakers = {device.device_id: SPEAKERS[device.codec](device) for device in devices}
        self.listeners = [(topic, speaker) for speaker in self.speakers.values() for topic in speaker.listens()]
        self.faults = Faults(self.shared.wishes.board, random.Random(self.entrance.door.device_id))  # noqa: S311

    async def run(self) -> None:
        """Live and send for ever, across lost connections."""
        await together((self._live(), self._stay_connected()), cancel_again_s=_GOODBYE_S * 2)

    async def _live(self) -> None:
        async for due in self.shared.agenda(self.entrance).outgoing():
            await self.queue.put(due)

    async def _stay_connected(self) -> None:
        while True:
            while self._is_cut():  # noqa: ASYNC110 - a switch in a file rings no bell
                await asyncio.sleep(_TURN_S)
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
                works = (self._hear(client), self._send(client), self._take_turns(client), self._suffer(client))
                await together(works, cancel_again_s=0.1)
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
            await self._notice_door(client)
            for device_id, speaker in self.speakers.items():
                if not (self.door_dead and device_id == self.entrance.door.device_id):
                    await self._publish(client, speaker.due(utc_now()))

    async def _notice_door(self, client: aiomqtt.Client) -> None:
        """A door controller that dies says so by its will, one that is mended says hello."""
        if self.door_dead != self._door_is_dead():
            self.door_dead = not self.door_dead
            await self._publish(client, self._hello(self.entrance.door))

    def _door_is_dead(self) -> bool:
        minute = self.shared.clock.now_s() / 60
        return any(begins <= minute < ends for begins, ends in self.entrance.dead_doors)

    async def _suffer(self, client: aiomqtt.Client) -> None:
        """The faults that are no message's own: a mad device that repeats itself, a network that is cut."""
        while not self._is_cut():
            flood = self.shared.switches.flood
            await asyncio.sleep(1 / flood if flood else _TURN_S)
            if flood and (say := self.said_last):
                await client.publish(say.topic, say.payload, qos=1)
        _lose(client)
        await asyncio.Event().wait()  # until `_hear` notices

    def _is_cut(self) -> bool:
        return is_cut(self.shared.switches.cut, self.entrance.door.device_id)

    async def _send(self, client: aiomqtt.Client) -> None:
        self.door_dead = self._door_is_dead()
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
        for meant in says:
            for say in self.faults.on(meant):
                await client.publish(say.topic, say.payload, qos=1, retain=say.retain)
            self.said_last = self.said_last if meant.retain else meant

    def _hello(self, device: Device) -> list[Say]:
        if self.door_dead and device == self.entrance.door:
            return [say] if (say := self._farewell()) else []
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
            lost = "cut off on demand" if self._is_cut() else f"broker lost ({cause}); trying again"
            self.shared.report(f"{self.entrance.door.device_id}: {lost}")
        await asyncio.sleep(self.pause_s * self.jitter.uniform(0.5, 1.0))
        self.pause_s = min(self.pause_s * 2, _LONGEST_PAUSE_S)


def _lose(client: aiomqtt.Client) -> None:
    """The network is gone: the connection breaks without a word, so that the broker says the last will."""
    line = client._client.socket()  # noqa: SLF001 - the library only knows how to leave politely
    if isinstance(line, socket.socket):
        line.shutdown(socket.SHUT_RDWR)
