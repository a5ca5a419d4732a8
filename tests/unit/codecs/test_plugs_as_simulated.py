"""What simulated plugs and counters say, read back: the same registers, once or repeated."""

import re
import tomllib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from unit.codecs.site import site

from device_sim.dialects import MAKES
from device_sim.records import Device
from gateway.codecs.message import Message
from gateway.codecs.routes import routes_of
from gateway.events import DeviceKind, Reading, Status

NOW = datetime(2026, 7, 5, 2, tzinfo=UTC)
LATER = NOW + timedelta(minutes=15)
DOCUMENT = (Path(__file__).parents[3] / "docs" / "simulator.md").read_text("utf-8")
ROUTES = routes_of(tomllib.loads("\n".join(re.findall(r'^    (".+" = \{ dialect .+\})$', DOCUMENT, re.MULTILINE))))
"""As the documentation of the simulator says."""
METERS = [
    (name, kind, n)
    for name in ("tasmota", "shelly", "zigbee2mqtt", "plain")
    for kind in MAKES[name].KINDS
    for n in range(6)
]


class Heard:
    """What becomes of a device's messages."""

    def __init__(self, name, kind, number):
        make = MAKES[name]
        self.device = Device(make.device_id(kind, number), "e1", kind, "u1", "1", "1", name, 5, "")
        self.voice = make.speaker(self.device)
        self.site = site(self.device.device_id)

    def events(self, said, at, *, retained=False):
        arrived_us = round(at.timestamp() * 1e6)
        decoded = [
            ROUTES.find(topic).decode(Message(topic, payload, arrived_us, retained), self.site)
            for topic, payload, _ in said
        ]
        return [event for one in decoded for event in one.events]


@pytest.fixture(params=METERS, ids=lambda meter: "-".join(map(str, meter)))
def heard(request):
    return Heard(*request.param)


def test_a_register_is_read_as_it_was_meant(heard):
    heard.events(heard.voice.hello(NOW), NOW)
    register = Decimal("46.791") if heard.device.kind == "electricity" else Decimal("12.345")
    events = heard.events(heard.voice.reading(LATER, register, 1), LATER)
    assert {(event.device_id, event.kind, event.register) for event in events} == {
        (heard.device.device_id, DeviceKind(heard.device.kind), float(register))
    }
    assert all(event.ts_us == round(LATER.timestamp() * 1e6) for event in events)


def test_what_it_repeats_or_says_when_asked_is_the_same_register(heard):
    heard.events(heard.voice.hello(NOW), NOW)
    heard.events(heard.voice.reading(LATER, Decimal("7.5"), 1), LATER)
    later = LATER + timedelta(minutes=20)
    again = heard.events(heard.voice.due(later), later)
    for topic in heard.voice.listens():
        name = heard.device.device_id
        for command in (b"8", b'{"id":1,"src":"%b","method":"Shelly.GetStatus"}' % name.encode()):
            again += heard.events(heard.voice.hear(topic.replace("+", "Status"), command, later), later)
    assert all(isinstance(event, Reading) and event.register == 7.5 for event in again)
    assert again or heard.device.codec == "plain"


def test_it_is_there_until_its_will_says_otherwise(heard):
    events = heard.events(heard.voice.hello(NOW), NOW)
    if heard.device.codec == "plain":
        assert events == []
        return
    assert events == [Status(heard.device.device_id, None, online=True)]
    if will := heard.voice.will():
        assert heard.events([will], NOW) == [Status(heard.device.device_id, None, online=False)]


@pytest.mark.parametrize("number", range(2))
def test_a_clock_that_is_not_set_yet_leaves_the_time_to_the_arrival(number):
    heard = Heard("tasmota", "electricity", number)
    heard.voice.hello(NOW)
    soon = NOW + timedelta(seconds=5)
    (event,) = heard.events(heard.voice.reading(soon, Decimal(1), 1), soon)
    assert event.ts_us < 86_400_000_000  # 1970: intake takes the arrival instead
    assert heard.events(heard.voice.reading(soon, Decimal(1), 1), soon, retained=True) == []
