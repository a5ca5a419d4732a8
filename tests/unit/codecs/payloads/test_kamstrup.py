"""Kamstrup water meters: M-Bus records, units by VIF, and the history in a profile."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from gateway.codecs.message import Reason, UndecodableError
from gateway.codecs.payloads import Frame
from gateway.codecs.payloads.kamstrup import decode

ZONE = ZoneInfo("Asia/Shanghai")
HEARD_US = 1_795_600_000_000_000
TIME, VOLUME = "446D 002C FD28", "4413 C1AA7700"  # 2023-08-29 12:00, 7842.497 m³, both of storage 1
PROFILE = "4D9313 08 6201 2701 2201 2201"


def frame(data, zone=ZONE):
    return Frame(bytes.fromhex(data), 1, HEARD_US, zone)


def readings(data):
    return decode(frame(data)).readings


def refused(data):
    with pytest.raises(UndecodableError) as caught:
        decode(frame(data))
    return caught.value


def at(hour, day=29, zone=ZONE):
    return int(datetime(2023, 8, day, hour, tzinfo=zone).timestamp()) * 1_000_000


def test_a_profile_leads_from_the_volume_back_by_the_hour():
    """The maker's guide: twelve values, 7842.497 m³ at 12:00 and 7839.289 m³ at 01:00."""
    data = "7a08000000446d002cfd284413c1aa77004d9313186201270122012201260122012201210127012201220127012f"
    told = readings(data)
    assert len(told) == 12
    assert told[0] == (at(12), 7842.497)
    assert told[1] == (at(11), 7842.202)
    assert told[11] == (at(1), 7839.289)


def test_times_are_the_estates():
    assert decode(frame(f"78 {TIME} {VOLUME}", UTC)).readings == ((at(12, zone=UTC), 7842.497),)


@pytest.mark.parametrize(
    ("record", "m3"),
    [
        ("4410 C1AA7700", 7.842497), ("4411 C1AA7700", 78.42497), ("4412 C1AA7700", 784.2497),
        ("4413 C1AA7700", 7842.497), ("4414 C1AA7700", 78424.97), ("4415 C1AA7700", 784249.7),
        ("4216 7B00", 123.0), ("4117 0C", 120.0), ("4C13 97247800", 782.497), ("4613 C1AA77000000", 7842.497),
    ],
)  # fmt: skip
def test_the_vif_says_the_unit_and_the_dif_the_form(record, m3):
    ((_, register),) = readings(f"78 {TIME} {record}")
    assert register == pytest.approx(m3, abs=1e-9)


@pytest.mark.parametrize(
    ("profile", "steps", "falls"),
    [
        ("4D9313 06 6101 0A 0B 0C 0D", 3600, [10, 11, 12, 13]),
        ("4D9313 06 6202 0A00 0B00", 7200, [10, 11]),
        ("4D9313 08 6301 0A0000 0B0000", 3600, [10, 11]),
        ("4D9313 04 511E 0A0B", 1800, [10, 11]),
        ("4D9313 04 A101 0AFF", 3600, [-10]),
        ("4D9313 04 E101 F60A", 3600, [-10, 10]),
        ("4D9313 04 7101 0A0B", 86_400, [10, 11]),
        ("4D9313 05 6101 0A FF 0B", 3600, [10]),
        ("4D9313 05 E101 0A 80 0B", 3600, [10]),
    ],
)
def test_a_profile_has_its_own_step_size_and_sign_and_ends_where_the_meter_knows_no_more(profile, steps, falls):
    told = readings(f"78 {TIME} {VOLUME} {profile}")
    expected, litres = [7842.497], 7_842_497
    for fall in falls:
        litres -= fall
        expected.append(litres / 1000)
    assert [register for _, register in told] == expected
    assert [ts_us for ts_us, _ in told] == [at(12) - n * steps * 1_000_000 for n in range(len(expected))]


def test_a_volume_of_now_has_the_time_at_which_it_was_heard_and_one_of_midnight_its_own():
    assert readings(f"78 0413 02000000 426C FC28 {'4213 0100'}") == ((HEARD_US, 0.002), (at(0, day=28), 0.001))


def test_a_meter_whose_clock_is_invalid_has_the_time_at_which_it_was_heard():
    assert readings("78 046D 80000000 0413 02000000") == ((HEARD_US, 0.002),)


def test_what_else_a_meter_tells_is_passed_over():
    others = "52FF25 1000 42FF1C 0500 623B 0000 523B 0000 615B 80 515B 80 42933C 0500 841013 09000000 5413 08000000"
    assert readings(f"78 {TIME} {VOLUME} {others} 2F2F 0F FFFF") == ((at(12), 7842.497),)


@pytest.mark.parametrize(
    ("info", "flags"),
    [
        ("0000", ()),
        ("1000", ("tamper",)),
        ("0F00", ("dry", "reverse_flow", "leak", "burst")),
        ("6000", ("battery_low", "freeze")),
    ],
)
def test_the_info_code_is_flags(info, flags):
    assert decode(frame(f"78 {TIME} {VOLUME} 52FF25 {info}")).flags == flags
    assert decode(frame(f"78 {TIME} {VOLUME}")).flags is None


def test_the_info_code_tells_of_the_battery():
    assert decode(frame(f"78 {TIME} {VOLUME} 52FF25 2000")).battery == 0
    assert decode(frame(f"78 {TIME} {VOLUME} 52FF25 DF00")).battery is None


def test_a_frame_of_installation_has_no_volume():
    assert decode(frame("72 58578853 372C 3C 16 D6 10 0800 04FF16 BF587000")).passed_over == "no_volume"


@pytest.mark.parametrize(
    ("data", "reason", "says"),
    [
        ("", Reason.WRONG_SHAPE, "begins with none"),
        ("79 0413", Reason.WRONG_SHAPE, "begins with none"),
        ("7A 08", Reason.WRONG_SHAPE, "ends after 2 bytes"),
        ("7A 08 00 0005 0413 02000000", Reason.WRONG_SHAPE, "encrypted (mode 5)"),
        ("78 0413 0200", Reason.WRONG_SHAPE, "breaks off"),
        ("78 04", Reason.WRONG_SHAPE, "breaks off"),
        ("78 84" + "80" * 12, Reason.WRONG_SHAPE, "breaks off"),
        ("78 047C 02 4D33 00000000", Reason.WRONG_SHAPE, "a record 04 7c"),
        (f"78 {VOLUME}", Reason.WRONG_SHAPE, "volume 1 has no time"),
        (f"78 446D 802CFD28 {VOLUME}", Reason.WRONG_SHAPE, "volume 1 has no time"),
        (f"78 446D 002CE0F0 {VOLUME}", Reason.IMPOSSIBLE_VALUE, "the time 00 2C E0 F0"),
        (f"78 {TIME} 4413 00000080", Reason.IMPOSSIBLE_VALUE, "marks volume 1 as invalid"),
        (f"78 {TIME} 4C13 FFFFFFFF", Reason.IMPOSSIBLE_VALUE, "marks volume 1 as invalid"),
        (f"78 {TIME} 4413 FEFFFFFF", Reason.IMPOSSIBLE_VALUE, "a volume of -0.002 to"),
        (f"78 {TIME} 4213 0500 4D9313 03 6101 06", Reason.IMPOSSIBLE_VALUE, "a volume of -0.001 to 0.005"),
        (f"78 {TIME} 4617 FFFFFFFFFF7F", Reason.IMPOSSIBLE_VALUE, "to 1.40737e+15 m³"),
        (f"78 {TIME} 4513 00004040", Reason.WRONG_SHAPE, "of the form 5"),
        (f"78 {TIME} {VOLUME} 4D9313 04 2101 0A0B", Reason.WRONG_SHAPE, "a profile of another kind"),
        (f"78 {TIME} {VOLUME} 4D9313 04 61FE 0A0B", Reason.WRONG_SHAPE, "a profile of another kind"),
        (f"78 {TIME} {VOLUME} 4D9313 05 6201 0A0B0C", Reason.WRONG_SHAPE, "a profile of another kind"),
        (f"78 {TIME} {VOLUME} 4D9313 01 61", Reason.WRONG_SHAPE, "breaks off"),
        (f"78 {TIME} {PROFILE}", Reason.WRONG_SHAPE, "a profile without the volume"),
        (f"78 {TIME} {VOLUME} 4406 10000000", Reason.WRONG_KIND, "a heat meter"),
    ],
)
def test_what_is_half_understood_is_refused(data, reason, says):
    error = refused(data)
    assert error.reason is reason
    assert says in error.detail
