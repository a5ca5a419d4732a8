"""Simulated meters behind loggers: what they say is what the gateway reads, and what the gateway asks they answer."""

from decimal import Decimal

import pytest
from unit.codecs.site import site
from unit.device_sim.dialects.made import NOW, after, device

from device_sim.dialects import MAKES, SPEAKERS
from device_sim.dialects.logger import Logger
from gateway.codecs.catalogue import dialects
from gateway.codecs.message import Message, Reason, UndecodableError
from gateway.codecs.routes import Routes, routes_of
from gateway.events import DeviceKind
from gateway.ingest.polls import polls_of

NOW_US = int(NOW.timestamp()) * 1_000_000
KIND = {"dlt645": "electricity", "cjt188": "water"}
REGISTER = Decimal("1234.56")
NUMBERS = {"dlt645": (0, 1, 2, 3, 9, 13, 97), "cjt188": (0, 1, 2, 3, 9, 13)}
PARAMETRIZED = [(name, number) for name in KIND for number in NUMBERS[name]]


def meter(name, number):
    return device(MAKES[name].device_id(KIND[name], number), KIND[name], name)


def read(name, say):
    lists = site(*(meter(name, number).device_id for _, number in PARAMETRIZED), kind=DeviceKind(KIND[name]))
    routes = routes_of({"dtu/+/up": name})
    return routes.find(say.topic).decode(Message(say.topic, say.payload, NOW_US), lists)


@pytest.mark.parametrize(("name", "number"), PARAMETRIZED)
def test_the_gateway_reads_the_same_register(name, number):
    one = meter(name, number)
    (say,) = SPEAKERS[name](one).reading(NOW, REGISTER, 1)
    (event,) = read(name, say).events
    assert (event.device_id, event.ts_us, event.register) == (one.device_id, NOW_US, 1234.56)


@pytest.mark.parametrize(("name", "number"), PARAMETRIZED)
@pytest.mark.parametrize("encoding", ["raw", "hex", '{"cmd": "write", "data": "{hex}"}'])
def test_it_answers_one_of_the_ways_of_asking_and_only_when_it_is_meant(name, number, encoding):
    poll, *_ = polls_of([{"dialect": name, "down": "dtu/1-1/down", "encoding": encoding}])
    one, other = (Logger(d, SPEAKERS[name](d).meter, pushes=False) for d in (meter(name, number), meter(name, 50)))
    assert one.reading(NOW, REGISTER, 1) == other.reading(NOW, REGISTER, 1) == []
    assert one.listens() == (poll.down,)
    questions = [poll.wrapped(frame) for frame in dialects()[name].ask(one.device.device_id)]
    answers = [say for question in questions for say in one.hear(poll.down, question, NOW)]
    assert {event.register for say in answers for event in read(name, say).events} == {1234.56}
    assert not any(other.hear(poll.down, question, after(1)) for question in questions)


@pytest.mark.parametrize("name", KIND)
def test_a_damaged_reply_is_said_again(name):
    damaged, good = SPEAKERS[name](meter(name, 0)).reading(NOW, REGISTER, 249)
    with pytest.raises(UndecodableError) as caught:
        read(name, damaged)
    assert caught.value.reason is Reason.WRONG_CHECKSUM
    assert read(name, good).events[0].register == 1234.56


def test_a_meter_that_is_asked_for_something_else_says_that_it_has_no_such_data():
    one = SPEAKERS["dlt645"](meter("dlt645", 0))
    one.reading(NOW, REGISTER, 1)
    body = bytes.fromhex("68 00 00 00 00 21 20 68 11 04 33 34 34 35")
    (say,) = one.hear("dtu/1-1/down", body + bytes((sum(body) & 0xFF, 0x16)), NOW)
    with pytest.raises(UndecodableError) as caught:
        read("dlt645", say)
    assert caught.value.reason is Reason.DEVICE_ERROR


def test_a_cat1_logger_says_litres_on_a_topic_of_its_own():
    one = meter("cjt188", 7)
    speaker = SPEAKERS["cjt188"](one)
    lists = site(one.device_id, kind=DeviceKind.WATER)

    def heard(say):
        return Routes().find(say.topic).decode(Message(say.topic, say.payload, NOW_US), lists)

    assert heard(speaker.will()).passed_over == "offline"
    (said,) = speaker.reading(NOW, REGISTER, 1)
    (topic,) = speaker.listens()
    assert speaker.hear(topic, b"D3000000000000000A3", NOW) == []
    (answer,) = speaker.hear(topic, f"D3{topic.removeprefix('getinfo/')}A3".encode(), NOW)
    for say in (said, answer):
        (event,) = heard(say).events
        assert (event.device_id, event.register) == (one.device_id, 1234.56)
