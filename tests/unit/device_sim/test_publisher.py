import asyncio
import json
import re
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta

import aiomqtt
import pytest
from unit.device_sim.native import check_message, check_ts

from device_sim import publisher
from device_sim.broker import parse_broker
from device_sim.clock import DAY_S, Window, last_full_hour, local_second, texts, utc_now
from device_sim.engine import count_up, simulate
from device_sim.errors import BadParameterError
from device_sim.history import history_window
from device_sim.meters import between
from device_sim.publisher import Counts, Wishes, check_reach, run_live
from device_sim.switches import Board, Levers, Switches, write_levers
from device_sim.world import build_world

OF_TRUTH = (
    r"truth|sublet|vacancy|misuse|leak|honest|squatting|whole|standby|drip|look"
    r"|lamp|short_let|overstay|disguise|room_|swap|careful|registered|rolls|\btap"
)


@pytest.fixture(scope="module")
def city(plan):
    """Two entrances whose history ended twenty hours ago: long enough to hold a part of a day, whenever this runs."""
    end = last_full_hour(utc_now()) - timedelta(hours=20)
    return build_world(replace(plan, units=60, days=3, end=end, lookalike_rate=0.0))


class Heard:
    def __init__(self):
        self.messages: list[aiomqtt.Message] = []
        self.cut_off = asyncio.Event()
        self._more = asyncio.Event()

    def add(self, message: aiomqtt.Message) -> None:
        self.messages.append(message)
        self._more.set()

    async def until(self, condition) -> None:
        async with asyncio.timeout(120):
            while not condition(self):
                self._more.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._more.wait(), 0.2)

    def of(self, what: str) -> list[tuple[str, bytes]]:
        return [(str(m.topic), m.payload) for m in self.messages if str(m.topic).endswith(what)]

    def items(self, what: str) -> set[tuple[str, str]]:
        """(device, ts) of all readings or events, each checked."""
        found = [(topic, item) for topic, payload in self.of(what) for item in check_message(topic, payload)]
        return {(topic.split("/")[4], item["ts"]) for topic, item in found}


@asynccontextmanager
async def listening(port: int, session: str | None = None, topic: str = "estate/v1/#"):
    """What is published; with a `session`, also what came while it was not there."""
    heard = Heard()

    async def listen(client):
        with suppress(aiomqtt.MqttError):
            async for message in client.messages:
                heard.add(message)
        heard.cut_off.set()

    async with aiomqtt.Client("127.0.0.1", port, identifier=session, clean_session=session is None) as client:
        await client.subscribe(topic, qos=1)
        task = asyncio.create_task(listen(client))
        yield heard
        task.cancel()


@asynccontextmanager
async def living(city, url: str, counts: Counts | None = None, wishes: Wishes | None = None):
    task = asyncio.create_task(run_live(city, parse_broker(url), lambda _: None, counts, wishes))
    yield task
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def expected_readings(city, begins_s: int | None = None) -> set[tuple[str, str]]:
    """(device, ts) of all readings between the end of history, or another beginning, and now."""
    plan, now_s = city.plan, local_second(utc_now())
    begins_s = plan.end_s if begins_s is None else begins_s
    window = history_window(plan)
    window = replace(window, days=window.days + 1)
    days = [simulate(plan.seed, entrance, window, {}) for entrance in city.entrances]
    heard = [between(meter, begins_s, now_s) for day in days for meter in day.readings]
    return {(meter.device.device_id, ts) for meter in heard for ts in texts(meter.clock_s)}


async def test_the_time_since_history_is_told_first_in_valid_messages(city, mosquitto):
    expected = expected_readings(city)
    assert len(expected) > 400
    async with listening(mosquitto.port) as heard, living(city, mosquitto.url):
        await heard.until(lambda h: expected <= h.items("reading") and h.of("event"))
    stamps = [check_ts(ts) for what in ("reading", "event") for _, ts in heard.items(what)]
    assert min(stamps) > city.plan.end
    assert max(stamps) <= utc_now()
    devices = {device.device_id for device in city.devices}
    assert {device for device, _ in heard.items("reading")} <= devices


async def test_published_messages_say_nothing_of_the_truth(city, mosquitto):
    async with listening(mosquitto.port) as heard, living(city, mosquitto.url):
        await heard.until(lambda h: len(h.of("reading")) >= 100 and len(h.of("event")) >= 2)
    for message in heard.messages:
        assert not re.search(OF_TRUTH, f"{message.topic} {message.payload.decode()}", re.IGNORECASE)


async def test_devices_are_online_and_doors_say_goodbye(city, mosquitto):
    doors = {entrance.door.device_id for entrance in city.entrances}
    async with living(city, mosquitto.url), listening(mosquitto.port) as heard:
        await heard.until(lambda h: len({topic for topic, _ in h.of("status")}) == len(list(city.devices)))
    async with listening(mosquitto.port) as late:
        await late.until(lambda h: len(h.of("status")) == len(list(city.devices)))
    online = {topic.split("/")[4]: json.loads(payload)["online"] for topic, payload in late.of("status")}
    assert {device for device, is_online in online.items() if not is_online} == doors
    assert all(message.retain for message in late.messages)


async def test_a_door_that_is_dead_is_offline_until_it_is_mended(city, mosquitto, monkeypatch):
    entrance, now_min = city.entrances[0], local_second(utc_now()) / 60
    first, *others = entrance.dwellings
    dead = replace(first, dead_door=(now_min - 600, now_min + 0.1))  # mended six seconds from now
    monkeypatch.setattr(publisher, "_TURN_S", 0.05)
    broken = replace(city, entrances=(replace(entrance, dwellings=(dead, *others)),))
    async with listening(mosquitto.port) as heard, living(broken, mosquitto.url):
        await heard.until(
            lambda h: len([t for t, _ in h.of("status") if t.split("/")[4] == entrance.door.device_id]) >= 2
        )
    said = [json.loads(payload)["online"] for topic, payload in heard.of("status") if entrance.door.device_id in topic]
    assert said[:2] == [False, True]


async def test_the_last_will_says_offline(city, mosquitto):
    async with living(city, mosquitto.url), listening(mosquitto.port) as heard:
        await heard.until(lambda h: h.of("status"))
        door = city.entrances[0].door.device_id
        other = aiomqtt.Client("127.0.0.1", mosquitto.port, identifier=f"sim-{door}")
        async with other:  # the broker cuts off the first of two clients with one id
            await heard.until(lambda h: (door, False) in {
                (topic.split("/")[4], json.loads(payload)["online"]) for topic, payload in h.of("status")
            })  # fmt: skip


async def test_a_broker_that_goes_away_loses_nothing(city, mosquitto):
    expected, counts = expected_readings(city), Counts()
    async with living(city, mosquitto.url, counts):
        async with listening(mosquitto.port, "listener") as before:
            await before.until(lambda h: h.of("reading"))
            await asyncio.to_thread(mosquitto.stop)
            await before.cut_off.wait()
        await asyncio.to_thread(mosquitto.start)
        async with listening(mosquitto.port, "listener") as after:
            seen = before.items("reading")
            assert not expected <= seen
            await after.until(lambda h: expected <= seen | h.items("reading"))
    assert counts.reconnects >= len(city.entrances)


async def test_a_broker_that_comes_late_is_waited_for(city, mosquitto):
    mosquitto.stop()
    told = asyncio.Queue()
    task = asyncio.create_task(run_live(city, parse_broker(mosquitto.url), told.put_nowait))
    assert "broker lost" in await asyncio.wait_for(told.get(), 10)
    await asyncio.to_thread(mosquitto.start)
    async with listening(mosquitto.port) as heard:
        await heard.until(lambda h: h.of("status"))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_a_world_of_the_future_or_of_long_ago_is_refused(plan):
    now = utc_now()
    with pytest.raises(BadParameterError, match="still to come"):
        check_reach(replace(plan, end=now + timedelta(hours=1)), now)
    with pytest.raises(BadParameterError, match="make a new one"):
        check_reach(replace(plan, end=now - timedelta(days=500)), now)
    check_reach(replace(plan, end=now - timedelta(days=30)), now)


async def test_terminals_of_another_make_speak_their_dialect_and_hear_what_is_said_to_them(plan, mosquitto):
    """Their records come again until somebody acknowledges them, also those of the time since history."""
    end = last_full_hour(utc_now()) - timedelta(hours=20)
    city = build_world(replace(plan, units=60, days=3, end=end, dialects=(("facesluice", 1.0),)))
    doors = {entrance.door.device_id for entrance in city.entrances}
    async with listening(mosquitto.port, topic="mqtt/face/#") as heard:
        async with living(city, mosquitto.url):
            await heard.until(lambda h: len(h.of("/Rec")) >= 5 and h.of("/basic"))
            topic, payload = heard.of("/Rec")[0]
            number = int(json.loads(payload)["info"]["RecordID"])
            said = {"operator": "PushAck", "messageId": "7", "info": {"PushAckType": 2, "SnapOrRecordID": number}}
            async with aiomqtt.Client("127.0.0.1", mosquitto.port) as platform:
                await platform.publish(topic.removesuffix("/Rec"), json.dumps(said), qos=1)
            await heard.until(lambda h: h.of("/Ack"))
        await heard.until(lambda h: any(b'"Offline"' in payload for _, payload in h.of("/basic")))
    ((acknowledged, reply),) = heard.of("/Ack")
    assert acknowledged == topic.removesuffix("Rec") + "Ack"
    assert json.loads(reply)["info"]["SnapOrRecordID"] == str(number)
    assert {topic.split("/")[2] for topic, _ in heard.of("/Rec")} <= doors


async def test_a_replay_tells_the_whole_history(city, mosquitto):
    small = replace(city, entrances=city.entrances[-1:])
    expected = expected_readings(small, city.plan.start_s)
    assert len(expected) > 2 * len(expected_readings(small))
    async with listening(mosquitto.port) as heard, living(small, mosquitto.url, wishes=Wishes(replay=True)):
        await heard.until(lambda h: expected <= h.items("reading"))


async def test_known_dials_say_the_same_as_counted_ones(city, mosquitto):
    entrance = city.entrances[-1]
    small, plan = replace(city, entrances=(entrance,)), city.plan
    day = plan.end_s // DAY_S
    dials = count_up(plan.seed, entrance, Window(plan.first_day, day - plan.first_day))
    said = []
    for wishes in (Wishes(), Wishes(dials=dials)):
        async with listening(mosquitto.port) as heard, living(small, mosquitto.url, wishes=wishes):
            await heard.until(lambda h: h.of("reading"))
            said.append(heard.of("reading")[0])
    assert said[0] == said[1]


async def test_switches_repeat_spoil_and_cut_while_it_runs(city, mosquitto, tmp_path):
    write_levers(tmp_path, Levers(Switches(duplicates=1.0, corruption=0.3)))
    counts, wishes = Counts(), Wishes(board=Board(tmp_path))
    async with listening(mosquitto.port) as heard, living(city, mosquitto.url, counts, wishes):
        await heard.until(lambda h: len(h.of("reading")) > 200)
        sent = [payload for _, payload in heard.of("reading")]
        assert len(set(sent)) < len(sent)
        assert any(not is_json(payload) for payload in sent)
        write_levers(tmp_path, Levers(Switches(cut=1.0)))
        await heard.until(lambda _: counts.connected == 0)
        write_levers(tmp_path, Levers())
        await heard.until(lambda h: counts.connected == len(city.entrances) and h.of("status"))


async def test_who_is_cut_off_says_no_goodbye_and_the_broker_says_the_last_will(city, mosquitto, tmp_path, monkeypatch):
    write_levers(tmp_path, Levers())
    counts, doors = Counts(), {entrance.door.device_id for entrance in city.entrances}
    async with listening(mosquitto.port) as heard, living(city, mosquitto.url, counts, Wishes(board=Board(tmp_path))):
        await heard.until(lambda h: {topic.split("/")[4] for topic, _ in h.of("status")} >= doors)
        laid_down = utc_now()
        monkeypatch.setattr(publisher, "utc_now", lambda: utc_now() + timedelta(hours=1))
        write_levers(tmp_path, Levers(Switches(cut=1.0)))
        await heard.until(lambda h: offline(h).keys() == doors)
    assert max(offline(heard).values()) <= laid_down  # what is said now is said an hour later


def offline(heard) -> dict[str, datetime]:
    """Doors that are offline, and since when by what is said of them first."""
    found = {}
    for topic, payload in heard.of("status"):
        said = json.loads(payload)
        if not said["online"]:
            found.setdefault(topic.split("/")[4], datetime.fromisoformat(said["ts"]))
    return found


def is_json(payload: bytes) -> bool:
    try:
        json.loads(payload)
    except ValueError:
        return False
    return True
