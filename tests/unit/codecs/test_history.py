"""Rows of history files follow the rules of messages."""

import pytest

from gateway.codecs import history
from gateway.codecs.message import Message, Reason, UndecodableError
from gateway.codecs.routes import Routes

READING = {"device_id": "m1", "ts": "2026-11-22T08:15:00+08:00", "register": "1500", "unit": "L"}
EVENT = {"device_id": "d1", "ts": "1795306500", "event_id": "e1", "kind": "passage", "method": "", "direction": "in",
         "person_id": "", "stranger_id": "s1", "unit_id": "", "similarity": ""}  # fmt: skip


def test_a_reading():
    (event,) = history.decode_row("readings.csv", READING).events
    assert (event.device_id, event.register, event.ts_us) == ("m1", 1.5, 1795306500_000_000)


def test_an_event_with_empty_fields():
    (event,) = history.decode_row("events.csv", EVENT).events
    assert (event.stranger_id, event.person_id, event.similarity, event.method) == ("s1", None, None, "unknown")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"register": "abc"}, Reason.WRONG_SHAPE),
        ({"register": "nan"}, Reason.IMPOSSIBLE_VALUE),
        ({"register": "inf"}, Reason.IMPOSSIBLE_VALUE),
        ({"register": "-1"}, Reason.IMPOSSIBLE_VALUE),
        ({"register": ""}, Reason.WRONG_SHAPE),
        ({"ts": "2026-11-22T08:15:00"}, Reason.WRONG_SHAPE),
        ({"ts": "soon"}, Reason.WRONG_SHAPE),
        ({"unit": ""}, Reason.WRONG_SHAPE),
    ],
)
def test_what_cannot_be_taken_says_why(change, reason):
    with pytest.raises(UndecodableError) as caught:
        history.decode_row("readings.csv", READING | change)
    assert caught.value.reason is reason


def test_a_row_from_quarantine_comes_back_by_its_topic():
    message = Message("history/events.csv", b'{"device_id":"d1","ts":"1795306500","event_id":"e1","kind":"tamper"}', 0)
    (event,) = Routes().find(message.topic).decode(message, None).events
    assert event.kind == "tamper"
