import numpy as np
import pytest
from unit.device_sim.native import check_message

from device_sim.clock import DAY_S, Window, texts
from device_sim.engine import simulate
from device_sim.timeline import backlog, due_messages


@pytest.fixture(scope="module")
def entrance(world):
    return world.entrances[0]


@pytest.fixture(scope="module")
def days(plan, entrance, window):
    return simulate(plan.seed, entrance, Window(window.first_day, 20), {})


def span(window, first: float, last: float) -> tuple[int, int]:
    return int((window.first_day + first) * DAY_S), int((window.first_day + last) * DAY_S)


def told(sent):
    """(topic, ts, register or event id) of everything in the messages."""
    return sorted(
        (message.topic, item["ts"], str(item.get("register", item.get("event_id"))))
        for message in sent
        for item in check_message(message.topic, message.payload)
    )


def test_backlog_and_live_say_the_same_of_the_same_days(entrance, days, window):
    after, until = span(window, 1.5, 16.5)
    assert told(backlog(entrance, days, after, until)) == told(due_messages(entrance, days, after, until))


def test_all_that_the_devices_said_is_sent_and_nothing_else(entrance, days, window):
    after, until = span(window, 2, 3)
    sent = told(due_messages(entrance, days, after, until))
    readings = sum(((heard.seconds > after) & (heard.seconds <= until)).sum() for heard in days.readings)
    events = sum(after < event.record.second <= until for event in days.events)
    assert len(sent) == readings + events


def test_backlog_comes_in_few_large_messages(entrance, days, window):
    after, until = span(window, 0, 19)
    messages = list(backlog(entrance, days, after, until))
    assert len(messages) < 0.02 * len(told(messages))


def test_live_messages_are_in_order_of_time_and_never_before_what_they_tell(entrance, days, window):
    sent = due_messages(entrance, days, *span(window, 2, 4))
    assert [message.due_s for message in sent] == sorted(message.due_s for message in sent)
    for message in sent:
        (due,) = texts(np.array([message.due_s]))
        assert max(item["ts"] for item in check_message(message.topic, message.payload)) <= due


def test_some_meters_gather_hours_into_one_message(entrance, days, window):
    sizes = {
        len(check_message(message.topic, message.payload))
        for message in due_messages(entrance, days, *span(window, 2, 4))
        if message.topic.endswith("reading")
    }
    assert {1, 4} <= sizes
