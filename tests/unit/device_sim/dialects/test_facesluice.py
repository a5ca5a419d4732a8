"""The simulated face terminal: what it says is what the gateway reads, and it insists until it is heard."""

import json

import pytest
from unit.codecs.site import site
from unit.device_sim.dialects.made import NOW, after, device, numbered

from device_sim.dialects import SPEAKERS
from device_sim.dialects.facesluice import device_id
from gateway.codecs.message import Message
from gateway.codecs.routes import Routes
from gateway.events import Status

NOW_US = int(NOW.timestamp()) * 1_000_000
FAMILIES = ("1000002", "1000003")


def terminal(device_id="1000002"):
    return SPEAKERS["facesluice"](device(device_id))


def heard(say):
    """What the gateway makes of it."""
    lists = site(*FAMILIES)
    return Routes().find(say.topic).decode(Message(say.topic, say.payload, NOW_US), lists)


def acknowledge(speaker, say, now=NOW):
    """Let it hear the gateway's answers to what it said."""
    return [
        said for answer in heard(say).answers for said in speaker.hear(answer.topic, answer.payload, now)
    ]  # fmt: skip


def operators(says):
    return [json.loads(say.payload)["operator"] for say in says]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("direction", ["in", "out", "unknown"])
@pytest.mark.parametrize(
    ("kind", "method", "who"),
    [
        ("passage", "face", {"person_id": "p000123", "similarity": 0.94}),
        ("denied", "face", {"person_id": "p000123", "similarity": 0.83}),
        ("passage", "card", {"person_id": "p000123"}),
        ("passage", "card", {}),
        ("passage", "remote", {}),
    ],
)
def test_the_gateway_reads_the_same_event(family, direction, kind, method, who):
    (say,) = terminal(family).event(numbered(kind, method, direction, **who), NOW)
    decoded = heard(say)
    (found,) = decoded.events
    assert (found.device_id, found.ts_us, found.kind, found.method) == (family, NOW_US, kind, method)
    assert (found.direction, found.person_id) == (direction, who.get("person_id"))
    assert found.similarity == pytest.approx(who.get("similarity"))
    assert decoded.images_removed == 1
    assert say.topic == f"mqtt/face/{family}/Rec"


def test_a_stranger_is_a_picture_without_a_pseudonym():
    (say,) = terminal().event(numbered("denied", "face", "in", stranger_id="s00ff00"), NOW)
    (found,) = heard(say).events
    assert say.topic.endswith("/Snap")
    assert (found.kind, found.person_id, found.stranger_id) == ("denied", None, None)


def test_what_a_terminal_does_not_see():
    speaker = terminal()
    assert not speaker.event(numbered(method="button"), NOW)
    assert not speaker.event(numbered(kind="held_open", method="unknown"), NOW)
    (say,) = speaker.event(numbered(method="pin"), NOW)
    assert heard(say).events[0].method == "unknown"


def test_a_record_is_said_every_ten_seconds_until_it_is_acknowledged():
    speaker = terminal()
    speaker.hello(NOW)
    (said,) = speaker.event(numbered(person_id="p000123"), NOW)
    times = [second for second in range(35) if "RecPush" in operators(speaker.due(after(second)))]
    assert times == [10, 20, 30]
    (reply,) = acknowledge(speaker, said)
    assert heard(reply).passed_over == "acknowledgement"
    assert not [second for second in range(35, 100) if "RecPush" in operators(speaker.due(after(second)))]


def test_a_record_that_is_said_again_is_the_same_event_and_no_news():
    speaker = terminal()
    (first,) = speaker.event(numbered(person_id="p000123"), NOW)
    assert not speaker.due(after(1))
    (again,) = speaker.due(after(11))
    assert heard(again).events == heard(first).events
    assert (heard(first).arrival_serves, heard(again).arrival_serves) == (True, False)


def test_only_the_acknowledged_one_is_forgotten():
    speaker = terminal()
    (record,) = speaker.event(numbered(person_id="p000123"), NOW)
    (snap,) = speaker.event(numbered("denied"), NOW)
    acknowledge(speaker, snap)
    speaker.due(NOW)
    assert operators(speaker.due(after(10))) == ["RecPush"]
    assert heard(record).events[0].event_id != heard(snap).events[0].event_id


def test_online_is_said_with_every_heartbeat_until_it_is_acknowledged():
    speaker = terminal()
    (online,) = speaker.hello(NOW)
    assert heard(online).events == (Status("1000002", None, online=True),)
    assert operators(speaker.due(after(60))) == ["HeartBeat", "Online"]
    acknowledge(speaker, online)
    assert operators(speaker.due(after(120))) == ["HeartBeat"]


def test_the_last_will_says_offline():
    assert heard(terminal().will()).events == (Status("1000002", None, online=False),)


def test_ids_are_as_many_as_terminals():
    assert len({device_id("door", number) for number in range(1000)}) == 1000
