"""Load: valid readings, encoded beforehand down to the packet, sent as fast as told.

A benchmark must not measure its own generator, so this speaks MQTT 3.1.1 itself: it writes PUBLISH packets that
were made before the clock started and counts the PUBACKs that come back. A general client spends over a hundred
microseconds of processor time on a message at QoS 1; this spends about two.
"""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import numpy as np

from device_sim import messages
from device_sim.broker import Broker
from device_sim.clock import texts
from device_sim.errors import LoadError
from device_sim.records import Device

_MESSAGES_A_BLOCK = 50
_PACKET_IDS = 65_535
_ACK_BYTES = 4
_CONNACK = b"\x20\x02\x00\x00"
_PUBLISH_QOS_1 = b"\x32"
_TICK_S = 0.005
_SILENCE_S = 30.0
_FIRST_STEP = 1_000_000


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load run did: acknowledged messages and the seconds they took."""

    messages: int
    seconds: float


def encode(devices: list[Device], count: int, start_s: int) -> list[bytes]:
    """Blocks of PUBLISH packets: `count` readings, the meters in turn, a second further each time round.

    Every (device, ts) is there once; `start_s` is the local second of the first.
    """
    rounds = -(-count // len(devices))
    stamps = texts(start_s + np.arange(rounds, dtype=np.int64))
    packets = [
        _publish(device, stamps[turn], turn, 1 + (turn * len(devices) + number) % _PACKET_IDS)
        for turn in range(rounds)
        for number, device in enumerate(devices[: count - turn * len(devices)])
    ]
    return [b"".join(packets[n : n + _MESSAGES_A_BLOCK]) for n in range(0, count, _MESSAGES_A_BLOCK)]


async def send(
    broker: Broker, blocks: list[bytes], count: int, *, rate: float, in_flight: int, progress: Callable[[int], None]
) -> Loaded:
    """Send blocks at `rate` messages a second (0: as fast as acknowledged), `in_flight` unacknowledged at most.

    Raises:
        LoadError: the broker refuses, closes the connection, or acknowledges nothing for half a minute.
    """
    async with _connection(broker) as (reader, writer):
        acks = _Acks()
        listening = asyncio.create_task(acks.listen(reader, count))
        started = time.monotonic()
        try:
            for number, block in enumerate(blocks):
                await acks.room(number * _MESSAGES_A_BLOCK, in_flight, listening)
                if rate and (early_s := started + number * _MESSAGES_A_BLOCK / rate - time.monotonic()) > _TICK_S:
                    await asyncio.sleep(early_s)
                writer.write(block)
                await writer.drain()
                progress(acks.received)
            await listening
        except OSError as error:
            raise LoadError(f"the broker at {broker.host}:{broker.port} closed the connection ({error})") from error
        finally:
            listening.cancel()
    progress(count)
    return Loaded(count, time.monotonic() - started)


@dataclass(slots=True)
class _Acks:
    """PUBACKs counted; a server sends nothing else on this connection."""

    received_bytes: int = 0

    @property
    def received(self) -> int:
        return self.received_bytes // _ACK_BYTES

    async def listen(self, reader: asyncio.StreamReader, count: int) -> None:
        while self.received < count:
            try:
                data = await asyncio.wait_for(reader.read(65_536), _SILENCE_S)
            except TimeoutError as error:
                raise LoadError(f"no acknowledgement for {_SILENCE_S:.0f} s after {self.received} messages") from error
            if not data:
                raise LoadError(f"the broker closed the connection after {self.received} messages")
            self.received_bytes += len(data)

    async def room(self, sent: int, in_flight: int, listening: asyncio.Task[None]) -> None:
        while sent - self.received > in_flight:
            if listening.done():
                await listening
            await asyncio.sleep(_TICK_S / 5)


@asynccontextmanager
async def _connection(broker: Broker) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    try:
        reader, writer = await asyncio.open_connection(broker.host, broker.port, ssl=broker.tls())
    except OSError as error:
        raise LoadError(f"no broker at {broker.host}:{broker.port} ({error})") from error
    try:
        writer.write(_connect_packet(broker))
        await _expect_welcome(reader, broker)
        yield reader, writer
    finally:
        writer.close()
        with suppress(OSError):  # it may have been the broker that closed
            await writer.wait_closed()


async def _expect_welcome(reader: asyncio.StreamReader, broker: Broker) -> None:
    try:
        answer = await asyncio.wait_for(reader.readexactly(len(_CONNACK)), _SILENCE_S)
    except (asyncio.IncompleteReadError, TimeoutError) as error:
        raise LoadError(f"the broker at {broker.host}:{broker.port} refuses the connection") from error
    if answer != _CONNACK:
        raise LoadError(f"the broker at {broker.host}:{broker.port} refuses the connection (code {answer[-1]})")


def _connect_packet(broker: Broker) -> bytes:
    """CONNECT of MQTT 3.1.1 with a clean session and no keep-alive."""
    flags, payload = 0x02, _text(f"sim-load-{time.time_ns():x}")
    if broker.username is not None:
        flags, payload = flags | 0x80, payload + _text(broker.username)
    if broker.password is not None:
        flags, payload = flags | 0x40, payload + _text(broker.password)
    body = _text("MQTT") + bytes((4, flags, 0, 0)) + payload
    return b"\x10" + _length(len(body)) + body


def _publish(device: Device, ts: str, turn: int, packet_id: int) -> bytes:
    step = _FIRST_STEP + turn
    register = step / 1000 if device.dial_unit in {"m3", "kWh"} else step
    payload = messages.reading(device, ts, str(register), turn, {})
    body = _text(messages.reading_topic(device)) + struct.pack("!H", packet_id) + payload
    return _PUBLISH_QOS_1 + _length(len(body)) + body


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("!H", len(data)) + data


def _length(size: int) -> bytes:
    """Remaining length of up to two bytes."""
    return bytes((size,)) if size < 0x80 else bytes((size & 0x7F | 0x80, size >> 7))  # noqa: PLR2004
