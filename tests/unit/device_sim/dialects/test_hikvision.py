"""The simulated controller: what its bridge publishes is what the gateway reads."""

import pytest
from unit.codecs.site import site
from unit.device_sim.dialects.made import NOW, after, device, numbered

from device_sim.dialects import SPEAKERS
from device_sim.dialects.hikvision import device_id
from gateway.codecs.message import Message
from gateway.codecs.routes import routes_of

MAKES = (device_id("door", 0xA1B2), device_id("door", 0xA1B3))
ROUTES = routes_of({"hikvision/#": "hikvision"})


def heard(say):
    return ROUTES.find(say.topic).decode(Message(say.topic, say.payload, 0), site(*MAKES))


@pytest.mark.parametrize("make", MAKES)
@pytest.mark.parametrize("direction", ["in", "out", "unknown"])
@pytest.mark.parametrize("method", ["face", "card", "pin", "fingerprint", "qr", "id_card", "remote", "unknown"])
def test_the_gateway_reads_the_same_passage_once(make, direction, method):
    says = SPEAKERS["hikvision"](device(make)).event(numbered("passage", method, direction, person_id="p7"), NOW)
    (found,) = [event for say in says for event in heard(say).events]
    assert (found.device_id, found.kind, found.method, found.direction) == (make, "passage", method, direction)
    assert (found.person_id, found.ts_us) == ("p7", int(NOW.timestamp()) * 1_000_000)
    assert sum(heard(say).images_removed for say in says) == (make == MAKES[0])


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        ("denied", "face"),
        ("denied", "card"),
        ("denied", "unknown"),
        ("held_open", "unknown"),
        ("forced_open", "unknown"),
        ("tamper", "unknown"),
        ("passage", "button"),
    ],
)
def test_the_gateway_reads_the_same_event(kind, method):
    says = SPEAKERS["hikvision"](device(MAKES[0])).event(numbered(kind, method, "out"), NOW)
    (found,) = [event for say in says for event in heard(say).events]
    assert (found.kind, found.method, found.person_id) == (kind, method, None)


def test_every_post_has_a_number_of_its_own_and_heartbeats_are_passed_over():
    speaker = SPEAKERS["hikvision"](device(MAKES[1]))
    says = [say for number in (1, 2) for say in speaker.event(numbered(number=number), NOW)]
    assert len({event.event_id for say in says for event in heard(say).events}) == 2
    (first,) = speaker.hello(NOW)
    (again,) = speaker.due(after(60))
    assert heard(first).passed_over == heard(again).passed_over == "heartbeat"
    assert not speaker.due(after(61))
