"""Axioma Qalcosonic W1: which dial stood when, by each kind of frame."""

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from gateway.codecs.message import Reason, UndecodableError
from gateway.codecs.payloads import Frame
from gateway.codecs.payloads.axioma import decode

HOUR_US = 3600 * 1_000_000
NOW = datetime(2026, 11, 25, 6, 44, 17, tzinfo=UTC)


def frame(data, port=100):
    return Frame(bytes.fromhex(data) if isinstance(data, str) else data, port, 0, UTC)


def us(*moment):
    return int(datetime(*moment, tzinfo=UTC).timestamp()) * 1_000_000


def seconds(moment):
    return int(moment.timestamp()).to_bytes(4, "little")


def litres(volume):
    return volume.to_bytes(4, "little")


def enhanced(now, first, increments, *, status=0, version=1, multiplier=0):
    bits = sum(increment << (14 * place) for place, increment in enumerate(increments)) | multiplier << (14 * 23)
    return bytes((version,)) + seconds(now) + bytes((status,)) + litres(first) + bits.to_bytes(41, "little")


def extended(now, log, dials, *, status=0, temperature=b"", padding=b""):
    first, *rest, last = dials
    increments = b"".join((b - a).to_bytes(2, "little") for a, b in pairwise([first, *rest]))
    head = seconds(now) + bytes((status,)) + litres(last) + temperature
    return head + seconds(log) + litres(first) + increments + padding


def refused(data, port=100):
    with pytest.raises(UndecodableError) as caught:
        decode(frame(data, port))
    return caught.value.reason


def test_an_enhanced_frame_tells_the_hours_of_the_last_whole_day():
    increments = [0, 0, 7, 0, 16383, *[0] * 17, 4]
    readings = dict(decode(frame(enhanced(NOW, 5938, increments))).readings)
    assert len(readings) == 24
    assert readings[us(2026, 11, 24, 1)] == 5.938
    assert readings[us(2026, 11, 24, 4)] == 5.945
    assert readings[us(2026, 11, 24, 6)] == 22.328
    assert readings[us(2026, 11, 25, 0)] == 22.332


def test_a_day_told_three_times_is_the_same_readings():
    told = [decode(frame(enhanced(NOW.replace(hour=hour), 5938, range(23)))).readings for hour in (4, 12, 20)]
    assert told[0] == told[1] == told[2]


def test_the_frame_that_the_makers_format_is_known_by():
    """Values stated with the frame: 5.938 m³ logged, 6.054 m³ at the end."""
    data = "01aeac986a003217000000000000000000008003800054000e4005100048000240020000200000000000000000000000000000"
    readings = decode(frame(data)).readings
    assert (readings[0], readings[-1]) == ((us(2026, 9, 1, 1), 5.938), (us(2026, 9, 2, 0), 6.054))
    assert [round(1000 * (b - a)) for (_, a), (_, b) in pairwise(readings)][5:14] == [14, 8, 21, 14, 21, 1, 18, 2, 9]


def test_an_extended_frame_tells_now_and_a_log_from_the_full_hour():
    """The document's own example: its log says 19:43:16 and means 19:00."""
    data = "0ea0355d302935000054c0345de7290000b800b900b800b800b800b900b800b800b800b800b800b800b900b900b900"
    readings = decode(frame(data)).readings
    assert len(readings) == 17
    assert readings[0] == (us(2019, 7, 21, 19), 10.727)
    assert readings[15] == (us(2019, 7, 22, 10), 13.492)
    assert readings[16] == (us(2019, 7, 22, 11, 37, 50), 13.609)


@pytest.mark.parametrize("padding", [b"", b"\x2f"])
def test_a_frame_with_temperature_is_told_from_one_without(padding):
    log = NOW.replace(day=24, hour=16, minute=0, second=0)
    dials = [*range(1000, 1150, 10), 1145]
    data = extended(NOW, log, dials, temperature=b"\x05\x08", padding=padding)
    readings = decode(frame(data)).readings
    assert len(data) == 47 + len(padding)
    assert readings[:2] == ((us(2026, 11, 24, 16), 1.0), (us(2026, 11, 24, 17), 1.01))
    assert readings[-1] == (us(2026, 11, 25, 6, 44, 17), 1.145)


@pytest.mark.parametrize(("interval_s", "log"), [(1200, (25, 1, 40)), (86_400, (10, 0, 0))])
def test_a_log_of_another_interval_is_told_by_its_times(interval_s, log):
    day, hour, minute = log
    log = NOW.replace(day=day, hour=hour, minute=minute, second=0)
    readings = decode(frame(extended(NOW, log, [100] * 16 + [100]))).readings
    assert readings[1][0] - readings[0][0] == interval_s * 1_000_000
    assert 0 <= readings[-1][0] - readings[-2][0] < 2 * interval_s * 1_000_000


def test_a_frame_sent_on_the_hour_says_its_dial_once():
    log = NOW.replace(day=24, hour=15, minute=0, second=0)
    on_the_hour = NOW.replace(minute=0, second=0)
    assert len(decode(frame(extended(on_the_hour, log, [5] * 16 + [5]))).readings) == 16


def test_low_power_is_an_empty_battery_and_other_alarms_take_nothing_away():
    assert decode(frame(enhanced(NOW, 1, range(23), status=0x7C))).battery == 0
    assert decode(frame(enhanced(NOW, 1, range(23), status=0xB8))).battery is None


@pytest.mark.parametrize(
    ("status", "flags"),
    [
        (0x00, ()), (0x04, ("battery_low",)), (0x08, ("error",)), (0x30, ("temporary_error", "leak")),
        (0x60, ("reverse_flow",)), (0x84, ("battery_low", "freeze")), (0xB8, ("error", "temporary_error", "burst")),
    ],
)  # fmt: skip
def test_the_status_is_flags(status, flags):
    assert decode(frame(enhanced(NOW, 1, range(23), status=status))).flags == flags


@pytest.mark.parametrize(
    ("data", "battery", "flags"),
    [
        ("43b1315d30", None, ("temporary_error", "leak")), ("43b1315d00", None, ()),
        ("43b1315da4", 0, ("battery_low", "burst")),
    ],
)  # fmt: skip
def test_an_alarm_is_a_status_without_a_volume(data, battery, flags):
    assert decode(frame(data, 103)) == ((), battery, None, flags)


@pytest.mark.parametrize(("data", "port", "word"), [("43b1315d", 103, "alarm"), ("43b1315d30", 101, "configuration")])
def test_what_tells_nothing_that_is_known_is_passed_over(data, port, word):
    assert decode(frame(data, port)) == ((), None, word, None)


def test_a_short_frame_tells_now():
    assert decode(frame(seconds(NOW) + b"\x00" + litres(1234))).readings == ((us(2026, 11, 25, 6, 44, 17), 1.234),)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Reason.WRONG_SHAPE),
        (b"\x01" * 17, Reason.WRONG_SHAPE),
        (b"\xff" * 60, Reason.WRONG_SHAPE),
        (enhanced(NOW, 1, range(23), version=2), Reason.WRONG_SHAPE),
        (enhanced(NOW, 1, range(23), multiplier=1), Reason.WRONG_SHAPE),
        (enhanced(NOW, 0xFFFF_FFFF, [0] * 23), Reason.IMPOSSIBLE_VALUE),
        (extended(NOW, NOW.replace(day=24, hour=3), [5] * 17), Reason.WRONG_SHAPE),
        (extended(NOW, NOW.replace(day=26), [5] * 17), Reason.WRONG_SHAPE),
    ],
)
def test_what_does_not_fit_together_is_refused(data, reason):
    assert refused(data) is reason
