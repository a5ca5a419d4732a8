"""A message becomes rows as a whole, or goes to quarantine as a whole."""

import json

import pytest

from gateway.codecs.dialect import Dialect
from gateway.codecs.message import Answer, Decoded, Message, Reason, UndecodableError
from gateway.codecs.routes import Route, Routes
from gateway.events import Condition, DeviceKind, Reading
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


def taken(topic, payload, directory=DIRECTORY, **how):
    batch = Batch()
    take_in(batch, Message(topic, json.dumps(payload).encode(), NOW_US), directory, **how)
    return batch


def speaking(codec, **dialect):
    """Routes on which everything is read by this codec."""
    return Routes([Route("#", Dialect(name="made_up", codec=lambda _: codec, **dialect), codec)])


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


def test_battery_and_signal_told_apart_are_both_kept():
    told = iter([Condition("w1", NOW_US, 8.5), Reading("w1", DeviceKind.WATER, NOW_US, 1.5, None, -71.0)])
    directory = Directory({"w1": DIRECTORY.device("w1")}, speaking(lambda *_: Decoded((next(told),))))
    batch = taken("any", {}, directory)
    take_in(batch, Message("any", b"", NOW_US), directory)
    assert (batch.vitals[1].battery, batch.vitals[1].rssi) == (8.5, -71.0)


def test_of_flags_the_newest_by_the_devices_own_time_are_kept():
    batch = Batch()
    for back_us, flags in ((0, ["leak"]), (3_600_000_000, ["tamper"]), (0, [])):
        payload = json.dumps(reading(NOW_US - back_us, flags=flags)).encode()
        take_in(batch, Message(METER, payload, NOW_US), DIRECTORY)
    assert (batch.flags[1].flags, batch.flags[1].ts_us) == ((), NOW_US)
    assert taken(METER, reading()).flags == {}


def test_what_a_device_tells_of_its_battery_is_kept_without_a_reading_and_is_no_word_of_being_online():
    decoded = Decoded((Condition("w1", NOW_US, 8.5),))
    batch = taken("any", {}, Directory({"w1": DIRECTORY.device("w1")}, speaking(lambda *_: decoded)))
    assert (batch.vitals[1].battery, batch.readings.ts_us, batch.statuses) == (8.5, [], {})


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


def test_a_fault_of_ours_in_a_codec_holds_the_message():
    def faulty(_message, _site):
        raise ZeroDivisionError("by zero")

    batch = taken(METER, reading(), directory=Directory({}, speaking(faulty)))
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


ACK = Answer("down/w1", b"ack")


def test_answers_wait_in_the_batch_whether_the_message_is_stored_or_held():
    def stored(_message, _site):
        return Decoded((Reading("w1", DeviceKind.WATER, NOW_US, 1.5),), answers=(ACK,))

    def unlisted(_message, _site):
        return Decoded((Reading("nobody", DeviceKind.WATER, NOW_US, 1.5),), answers=(ACK,))

    def refused(_message, _site):
        raise UndecodableError(Reason.WRONG_CHECKSUM, "1 is not 2", answers=(ACK,))

    for codec, held in ((stored, 0), (unlisted, 1), (refused, 1)):
        entries = {"w1": entry(1, "w1", DeviceKind.WATER)}
        batch = taken("up/w1", {}, Directory(entries, speaking(codec)), lists_are_fresh=True)
        assert (batch.answers, len(batch.held)) == ([ACK], held)


def test_what_will_be_looked_at_again_is_not_answered_yet():
    def unlisted(_message, _site):
        return Decoded((Reading("nobody", DeviceKind.WATER, NOW_US, 1.5),), answers=(ACK,))

    batch = taken("up/w1", {}, Directory({}, speaking(unlisted)))
    assert (batch.answers, len(batch.unknown)) == ([], 1)


def test_what_a_message_tells_is_there_for_the_next_one_and_goes_with_the_rows():
    def codec(message, site):
        if site.recall("birth") is None:
            return Decoded((), passed_over="birth", remember=(("birth", message.payload),))
        return Decoded((), passed_over=site.recall("birth").decode())

    directory, batch = Directory({}, speaking(codec)), Batch()
    for payload in (b"first", b"second"):
        take_in(batch, Message("t", payload, NOW_US), directory)
    assert batch.remember.columns() == (["birth"], [b"first"], [NOW_US])
    assert batch.passed_over == {"birth": 1, "first": 1}


def test_a_metric_without_a_name_gets_a_second_look_since_another_process_may_know_it():
    def codec(_message, _site):
        raise UndecodableError(Reason.UNKNOWN_ALIAS, "7")

    assert len(taken("t", {}, Directory({}, speaking(codec))).unknown) == 1
    assert reasons(taken("t", {}, Directory({}, speaking(codec)), lists_are_fresh=True)) == [Reason.UNKNOWN_ALIAS]


def test_names_do_not_get_into_quarantine_and_the_bytes_of_a_meter_do():
    def refused(_message, _site):
        raise UndecodableError(Reason.WRONG_SHAPE, "")

    frames = "6811" * 100
    batch = taken(
        "t", {"personName": "Z", "data": frames}, Directory({}, speaking(refused, personal=frozenset({"personName"})))
    )
    assert json.loads(batch.held[0].payload) == {"personName": "[personal]", "data": frames}


@pytest.mark.parametrize(("said", "listed"), [("00AB", "00ab"), ("0000123", "123"), ("7", "0007")])
def test_case_and_leading_zeros_are_forgiven(said, listed):
    assert Directory({listed: entry(1, listed, DeviceKind.WATER)}).device(said).device_no == 1


def test_forgiving_never_guesses_between_two():
    directory = Directory({name: entry(1, name, DeviceKind.WATER) for name in ("07", "007")})
    assert directory.device("07").device_id == "07"
    with pytest.raises(UndecodableError):
        directory.device("7")
