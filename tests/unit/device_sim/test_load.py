import asyncio
import struct
from contextlib import asynccontextmanager

import aiomqtt
import pytest
from unit.device_sim.native import check_message

from device_sim.broker import parse_broker
from device_sim.errors import LoadError
from device_sim.load import encode, send


@pytest.fixture(scope="module")
def meters(world):
    return [device for device in world.devices if device.kind != "door"][:30]


def packets(blocks: list[bytes]) -> list[tuple[str, int, bytes]]:
    """(topic, packet id, payload) of PUBLISH packets at QoS 1."""
    data, found, at = b"".join(blocks), [], 0
    while at < len(data):
        assert data[at] == 0x32
        size, begins = data[at + 1] & 0x7F, at + 2
        if data[at + 1] & 0x80:
            size, begins = size + (data[at + 2] << 7), at + 3
        at = begins + size
        body = data[begins:at]
        (length,) = struct.unpack("!H", body[:2])
        (packet_id,) = struct.unpack("!H", body[2 + length : 4 + length])
        found.append((body[2 : 2 + length].decode(), packet_id, body[4 + length :]))
    return found


def test_messages_are_valid_and_each_device_and_time_is_there_once(meters):
    sent = packets(encode(meters, 100, 1_795_000_000))
    assert len(sent) == 100
    keys = {(topic, check_message(topic, payload)[0]["ts"]) for topic, _, payload in sent}
    assert len(keys) == 100
    assert {topic.split("/")[4] for topic, _, _ in sent} == {meter.device_id for meter in meters}


def test_packet_ids_are_never_zero_and_come_round(meters):
    ids = [packet_id for _, packet_id, _ in packets(encode(meters, 70_000, 0))]
    assert min(ids) == 1
    assert max(ids) == 65_535
    assert len(set(ids[:60_000])) == 60_000


async def test_all_messages_arrive_at_a_real_broker(meters, mosquitto):
    count, topics = 5_000, []
    async with aiomqtt.Client("127.0.0.1", mosquitto.port) as client:
        await client.subscribe("estate/v1/#", qos=0)
        broker = parse_broker(mosquitto.url)
        steps: list[int] = []
        run = send(broker, encode(meters, count, 0), count, rate=0, in_flight=500, progress=steps.append)
        done = asyncio.create_task(run)
        async with asyncio.timeout(120):
            async for message in client.messages:
                topics.append(str(message.topic))
                if len(topics) == count:
                    break
            loaded = await done
    assert loaded.messages == count == steps[-1]
    assert len(set(topics)) == len(meters)


async def test_the_rate_is_kept(meters, mosquitto):
    broker = parse_broker(mosquitto.url)
    loaded = await send(broker, encode(meters, 600, 0), 600, rate=1000, in_flight=500, progress=lambda _: None)
    assert 0.5 < loaded.seconds < 1.5


async def test_a_broker_that_is_not_there_is_named(meters, mosquitto):
    mosquitto.stop()
    with pytest.raises(LoadError, match=f"no broker at 127.0.0.1:{mosquitto.port}"):
        await send(parse_broker(mosquitto.url), encode(meters, 10, 0), 10, rate=0, in_flight=5, progress=lambda _: None)


@asynccontextmanager
async def server(answer: bytes):
    async def serve(reader, writer):
        await reader.read(100)
        writer.write(answer)
        await writer.drain()
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listener:
        yield f"mqtt://127.0.0.1:{listener.sockets[0].getsockname()[1]}"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"\x20\x02\x00\x05", "refuses the connection .code 5"),
        (b"", "refuses the connection"),
        (b"\x20\x02\x00\x00", "closed the connection"),
    ],
)
async def test_a_broker_that_refuses_or_closes_is_told(meters, answer, said):
    async with server(answer) as url:
        with pytest.raises(LoadError, match=said):
            await send(parse_broker(url), encode(meters, 200, 0), 200, rate=0, in_flight=5, progress=lambda _: None)
