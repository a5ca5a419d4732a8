"""A message becomes rows as a whole, or goes to quarantine as a whole."""

import json

import pytest

from gateway.codecs.message import Message, Reason
from gateway.events import DeviceKind
from gateway.ingest import intake
from gateway.ingest.batch import Batch
from gateway.ingest.intake import AHEAD_US, BACKFILL_US, Directory, take_in
from gateway.store.registry import DeviceEntry

NOW_US = 1_795_306_500_000_000
METER = "estate/v1/e1/meter/w1/reading"


def entry(number, device_id, kind):
    return DeviceEntry(
        device_no=number, device_id=device_id, estate_id="e1", kind=kind, unit_id="u1", codec="native",
        register_digits=5, timezone="Asia/Shanghai",
    )  # fmt: skip


DIRECTORY = Directory({
    "w1": entry(1, "w1", DeviceKind.WATER),
    "m1": entry(2, "m1", DeviceKind.ELECTRICITY),
    "d1": entry(3, "d1", DeviceKind.DOOR),
})  # fmt: skip


def taken(topic, payload, **how):
    batch = Batch()
    take_in(batch, Message(topic, json.dumps(payload).encode(), NOW_US), DIRECTORY, **how)
    return batch


def reading(ts_us=NOW_US, **more):
    return {"ts": ts_us / 1e6, "register": 1.5, "unit": "m3", **more}


def reasons(batch):
    return [held.reason for held in batch.held]


def test_a_good_reading_becomes_a_row():
    batch = taken(METER, reading(battery=80))
    assert (batch.readings.device_no, batch.readings.ts_us, batch.readings.register) == ([1], [NOW_US], [1.5])
    assert batch.vitals[1].battery == 80
    assert batch.messages == 1
    assert not batch.held


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        ("estate/v1/e2/meter/w1/reading", reading(), Reason.WRONG_ESTATE),
        ("estate/v1/e1/meter/m1/reading", reading(), Reason.WRONG_KIND),
        ("estate/v1/e1/meter/d1/reading", reading(), Reason.WRONG_KIND),
        ("estate/v1/e1/door/w1/event", {"ts": 1795306500, "event_id": "e", "kind": "passage"}, Reason.WRONG_KIND),
        (METER, reading(NOW_US + AHEAD_US + 1_000_000), Reason.TIME_AHEAD),
        (METER, reading(NOW_US - BACKFILL_US - 1_000_000), Reason.TIME_TOO_OLD),
        (METER, {"unit": "m3", "readings": [reading(), reading(NOW_US + 366 * 86_400_000_000)]}, Reason.TIME_AHEAD),
    ],
)
def test_what_does_not_fit_the_lists_or_the_clock_is_held_whole(topic, payload, reason):
    batch = taken(topic, payload)
    assert reasons(batch) == [reason]
    assert batch.rows() == 0


@pytest.mark.parametrize("ts_us", [NOW_US + AHEAD_US, NOW_US - BACKFILL_US])
def test_the_limits_themselves_are_allowed(ts_us):
    assert taken(METER, reading(ts_us)).rows() == 1


def test_an_unknown_device_gets_a_second_look_and_is_held_when_the_lists_are_fresh():
    topic = "estate/v1/e1/meter/nobody/reading"
    assert [message.topic for message in taken(topic, reading()).unknown] == [topic]
    assert reasons(taken(topic, reading(), lists_are_fresh=True)) == [Reason.UNKNOWN_DEVICE]


def test_a_replay_is_judged_by_the_later_clock_but_by_its_own_arrival_for_age():
    ahead = reading(NOW_US + 366 * 86_400_000_000)
    assert taken(METER, ahead, now_us=NOW_US + 366 * 86_400_000_000).rows() == 1
    old = reading(NOW_US - BACKFILL_US)
    assert taken(METER, old, now_us=NOW_US + 366 * 86_400_000_000).rows() == 1


@pytest.mark.parametrize("depth", [400, 5000])
def test_a_message_nested_however_deep_is_held(depth):
    batch = Batch()
    take_in(batch, Message(METER, b"[" * depth + b"]" * depth, NOW_US), DIRECTORY)
    assert len(batch.held) == 1


def test_a_fault_of_ours_in_a_codec_holds_the_message(monkeypatch):
    def faulty(_message):
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(intake, "codec_for", lambda _topic: faulty)
    batch = taken(METER, reading())
    assert [(held.reason, held.detail) for held in batch.held] == [(Reason.PROGRAM_FAULT, "ZeroDivisionError: by zero")]


@pytest.mark.parametrize("rssi", [1e300, -1e300])
def test_a_radio_figure_that_no_radio_shows_is_impossible(rssi):
    assert reasons(taken(METER, reading(rssi=rssi))) == [Reason.IMPOSSIBLE_VALUE]


def test_a_last_will_stands_though_it_was_written_earlier():
    batch = Batch()
    for ts_us, online in ((NOW_US, True), (NOW_US - 1_000_000, False)):
        payload = json.dumps({"ts": ts_us / 1e6, "online": online}).encode()
        take_in(batch, Message("estate/v1/e1/door/d1/status", payload, NOW_US), DIRECTORY)
    assert batch.statuses[3].online is False


def test_a_held_message_keeps_its_bytes_but_no_picture():
    batch = taken(METER, {"pic": "A" * 900, "register": "x"})
    assert b"AAA" not in batch.held[0].payload
    assert b'"register":"x"' in batch.held[0].payload
    assert batch.images_removed == 1
