"""CJ/T 188: units, times, both ways round of the data id, what is no water meter's register."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from unit.codecs.site import site

from gateway.codecs import cjt188
from gateway.codecs.message import Message, Reason, UndecodableError
from gateway.codecs.routes import routes_of
from gateway.events import DeviceKind, Reading, Status

ADDRESS = "00202607160177"
ZONE = ZoneInfo("Asia/Shanghai")
ARRIVED_US = int(datetime(2026, 11, 25, 8, 0, tzinfo=ZONE).timestamp()) * 1_000_000
PLAIN = "00230100 2C 00000000 2C 00000000000000 0000"


def frame(data, *, control=0x81, kind=0x10, address=ADDRESS):
    body = bytes.fromhex(data)
    head = bytes((0x68, kind)) + bytes.fromhex(address)[::-1] + bytes((control, len(body))) + body
    return head + bytes((sum(head) & 0xFF, 0x16))


def read(payload, *devices, retained=False, topic="up", **options):
    routes = routes_of({"up": {"dialect": "cjt188", **options}})
    message = Message(topic, payload, ARRIVED_US, retained)
    return routes.find(topic).decode(message, site(*(devices or [ADDRESS]), kind=DeviceKind.WATER))


def reading(payload, **options):
    (event,) = read(payload, **options).events
    return event


def refused(payload, **options):
    with pytest.raises(UndecodableError) as caught:
        read(payload, **options)
    return caught.value


def at(*clock):
    return int(datetime(*clock, tzinfo=ZONE).timestamp()) * 1_000_000


@pytest.mark.parametrize("data_id", ["1F90", "901F"])
def test_the_data_id_travels_either_way_round(data_id):
    decoded = read(b"\xfe\xfe\xfe" + frame(f"{data_id}01 {PLAIN}"))
    assert decoded.events == (Reading(ADDRESS, DeviceKind.WATER, ARRIVED_US, 123.0, flags=()),)


@pytest.mark.parametrize(
    ("value", "m3"),
    [
        ("00665500 2C", 5566.0),
        ("47700100 29", 0.17047),
        ("47700100 2A", 1.7047),
        ("47700100 2B", 17.047),
        ("47700100 2D", 1704.7),
        ("47700100 2E", 17047.0),
        ("99999999 2C", 999999.99),
    ],
)
def test_units_of_volume(value, m3):
    assert reading(frame(f"1F9000 {value} 00000000 2C 00000000000000 0000")).register == m3
    assert reading(frame(f"1F9000 {value}")).register == m3  # nothing but the register


def test_makes_that_count_whole_litres():
    assert reading(frame("1F9000 47700100 29"), decimals=0).register == 17.047


@pytest.mark.parametrize(
    ("time", "ts_us"),
    [
        ("31 01 22 24 11 26 20", at(2026, 11, 24, 22, 1, 31)),  # last byte first
        ("20 26 11 24 22 01 31", at(2026, 11, 24, 22, 1, 31)),  # as it is read
        ("20 10 09 24 11 26 20", at(2026, 11, 24, 9, 10, 20)),  # ends and begins like a year
        ("20 26 11 24 09 10 20", at(2026, 11, 24, 9, 10, 20)),
        ("31 01 22 11 05 15 20", at(2015, 5, 11, 22, 1, 31)),  # taken in at its arrival, and the clock is noted
        ("00 00 00 00 00 00 00", ARRIVED_US),
        ("FF FF FF FF FF FF FF", ARRIVED_US),
        ("60 20 20 00 00 00 00", ARRIVED_US),
        ("61 01 22 24 11 26 20", ARRIVED_US),
        ("31 01 22 30 02 26 20", ARRIVED_US),
    ],
)
def test_a_meters_time_or_that_of_arrival(time, ts_us):
    decoded = read(frame(f"1F9000 00230100 2C 00000000 2C {time} 0000"))
    assert decoded.events[0].ts_us == ts_us
    assert decoded.arrival_serves


def test_a_clock_that_stands_still_is_not_asked():
    payload = frame("1F9000 00230100 2C 00000000 2C 31012224112620 0000")
    assert reading(payload, clock="arrival").ts_us == ARRIVED_US


@pytest.mark.parametrize(
    ("status", "battery", "flags"),
    [
        ("0000", None, ()),
        ("0400", 0.0, ("battery_low",)),
        ("0500", 0.0, ("valve_closed", "battery_low")),
        ("2184", None, ("valve_closed",)),
        ("0300", None, ("valve_fault",)),
        ("FFFF", None, None),
    ],
)
def test_what_the_status_says_of_valve_and_battery(status, battery, flags):
    told = reading(frame(f"1F9000 00230100 2C 00000000 2C 00000000000000 {status}"))
    assert (told.battery, told.flags) == (battery, flags)


def test_ff_marks_what_a_meter_lacks():
    assert reading(frame("901FAA 00466000 2C FFFFFFFF 2C FFFFFFFFFFFFFF 0000")).register == 6046.0
    assert refused(frame("901FAA FFFFFFFF 2C FFFFFFFF 2C FFFFFFFFFFFFFF 0000")).reason is Reason.IMPOSSIBLE_VALUE


def test_68_and_fe_occur_inside_frames():
    address = "68FE6868686810"
    payload = frame("1F9068 68686868 2C 68686868 2C 68686868686868 FEFE", address=address)
    assert read(b"\x68\xfe\xfe" + payload, address).events[0].register == 686868.68


def test_the_number_on_the_dial_or_the_whole_address():
    payload = frame(f"1F9000 {PLAIN}", address="78330011223344")
    assert read(payload, "0011223344").events[0].device_id == "0011223344"
    assert read(payload, "11223344").events[0].device_id == "11223344"  # zeros that a spreadsheet dropped
    assert read(payload, "78330011223344", "0011223344").events[0].device_id == "78330011223344"
    assert refused(payload).detail == "78330011223344"


@pytest.mark.parametrize(
    "payload",
    [
        b"CTRL:&2017\xfe\xfe\xfe" + frame(f"901F01 {PLAIN}"),
        b"\xaa\x30\x42\x00\x00\xaa\x01\x02" + frame(f"901F01 {PLAIN}") + b"\x81\xd6\x55",
        (b"\xaa\x30\x42\x00\x00\xaa\x01\x02" + frame(f"901F01 {PLAIN}") + b"\x81\xd6\x55").hex().encode(),
        frame("901F01", control=0x01) + frame(f"901F01 {PLAIN}"),
    ],
)
def test_what_makers_wrap_about_a_frame(payload):
    assert reading(payload).register == 123.0


def test_a_history_of_half_hours_bears_its_own_times():
    """CJ/T 188-2018: D3xx is the register that was kept at a set time."""
    rest = "00000000 35 001500 000000"
    earlier = frame(f"01D301 00 30 07 25 11 26 20 00400100 2C {rest}")
    later = frame(f"D30002 20 26 11 25 07 30 30 00500100 2C {rest}")
    decoded = read(earlier + later)
    assert [(event.ts_us, event.register) for event in decoded.events] == [
        (at(2026, 11, 25, 7, 30), 140.0),
        (at(2026, 11, 25, 7, 30, 30), 150.0),
    ]
    assert not decoded.arrival_serves
    assert read(earlier, retained=True).events == decoded.events[:1]
    assert read(frame(f"00D301 00000000000000 00000000 2C {rest}")).passed_over == "empty_record"
    assert refused(frame(f"00D301 61300725112620 00500100 2C {rest}")).reason is Reason.IMPOSSIBLE_VALUE


@pytest.mark.parametrize(
    ("payload", "word"),
    [
        (frame("1F9000", control=0x01), "request"),
        (frame("1F9000", control=0x01, kind=0xAA, address="AA" * 7), "request"),
        (frame("810A00", control=0x83), "address"),
        (frame("A0170001FF", control=0xAA), "other_data"),
        (frame("D12000 00230100 2C"), "past_month"),
        (frame("20D100 00230100 2C"), "past_month"),
        (frame("820B00 6003 36 0000"), "other_data"),
    ],
)
def test_what_has_no_register_is_passed_over(payload, word):
    decoded = read(payload)
    assert (decoded.events, decoded.passed_over) == ((), word)


@pytest.mark.parametrize(
    ("payload", "reason", "detail"),
    [
        (frame(f"1F9000 {PLAIN}", kind=0x30), Reason.WRONG_KIND, "type 30 is gas"),
        (frame(f"1F9000 {PLAIN}", kind=0x20), Reason.WRONG_KIND, "type 20 is heat"),
        (frame("00 0500", control=0xC1), Reason.DEVICE_ERROR, "valve closed, battery low (status 0500)"),
        (frame("00", control=0xC1), Reason.DEVICE_ERROR, "without a status"),
        (frame("1F9000 0023010A 2C"), Reason.IMPOSSIBLE_VALUE, "0A012300 is no decimal number"),
        (frame("1F9000 00230100 05"), Reason.NOT_MAPPED, "unit 05 is no volume"),
        (frame("901F01 78563412 00FF"), Reason.NOT_MAPPED, "none tells the unit"),
        (frame("1F9000 00230100 2C 00000000 99 00000000000000 0000"), Reason.WRONG_SHAPE, "settlement"),
        (frame("901F00 34120000 295010 00000000 25 203008261126 0000"), Reason.WRONG_SHAPE, "settlement"),  # fractions
        (frame("1F"), Reason.WRONG_SHAPE, "without a data id"),
        (frame(f"1F9000 {PLAIN}")[:-2] + b"\x08\x16", Reason.WRONG_CHECKSUM, "says 08"),
        (frame(f"1F9000 {PLAIN}")[:-4], Reason.WRONG_SHAPE, "does not end where its length says"),
    ],
)
def test_what_is_refused_and_why(payload, reason, detail):
    error = refused(payload)
    assert error.reason is reason
    assert detail in error.detail


@pytest.mark.parametrize(
    ("options", "m3"),
    [({"unit": "m3"}, 123.0), ({"unit": "L"}, 0.123), ({"unit": "L", "decimals": 0}, 12.3)],
)
def test_a_short_answer_counts_what_the_configuration_says(options, m3):
    told = reading(b"\xfe\xfe\xfe" + frame("901F00 00230100 00FF"), **options)
    assert (told.register, told.ts_us, told.battery) == (m3, ARRIVED_US, None)
    assert reading(frame("901F00 00230100 0400"), **options).battery == 0.0


def test_the_unit_that_a_frame_says_counts_more_than_the_configurations():
    assert reading(frame("901F00 00665500 2C"), unit="L").register == 5566.0


def test_what_the_broker_had_kept_is_of_no_known_age():
    assert read(frame(f"1F9000 {PLAIN}"), retained=True).passed_over == "retained"
    timed = read(frame("1F9000 00230100 2C 00000000 2C 31012224112620 0000"), retained=True)
    assert len(timed.events) == 1
    assert not timed.arrival_serves


def test_several_meters_whose_clocks_are_wrong_are_taken_at_their_arrival():
    old = "1F9000 00230100 2C 00000000 2C 31012211051520 0000"
    decoded = read(frame(old) + frame(old, address="00202607160178"), ADDRESS, "00202607160178")
    assert [event.ts_us for event in decoded.events] == [ARRIVED_US, ARRIVED_US]


def logger(**fields):
    return json.dumps({"DEVTYPE": "M1", "SN": "860000000000001", "METERNO": ADDRESS, "BATT": 0, **fields}).encode()


def test_a_loggers_litres_are_zero_padded():
    decoded = read(logger(METERSUM="0000123450"), topic="pushinfo/860000000000001")
    assert decoded.events == (Reading(ADDRESS, DeviceKind.WATER, ARRIVED_US, 123.45),)
    assert read(logger(METERSUM="0000123450"), retained=True).passed_over == "retained"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"METERSUM": "1234567890"}, Reason.IMPOSSIBLE_VALUE),  # no 0 before the nine digits: none was appended
        ({"METERSUM": "0000012345"}, Reason.IMPOSSIBLE_VALUE),
        ({"METERSUM": "123456789"}, Reason.WRONG_SHAPE),
        ({"METERSUM": "123450"}, Reason.WRONG_SHAPE),
        ({"METERSUM": "00001234.0"}, Reason.WRONG_SHAPE),
        ({"METERSUM": 12345}, Reason.IMPOSSIBLE_VALUE),
        ({"METERSUM": 1e9}, Reason.IMPOSSIBLE_VALUE),
        ({"METERSUM": -10}, Reason.IMPOSSIBLE_VALUE),
        ({"METERSUM": True}, Reason.WRONG_SHAPE),
        ({"METERSUM": None}, Reason.DEVICE_ERROR),
        ({"INFO": 3}, Reason.DEVICE_ERROR),
        ({"METERSUM": "0000123450", "METERNO": "00000000000009"}, Reason.UNKNOWN_DEVICE),
    ],
)
def test_a_loggers_register_that_may_be_wrong_is_refused(fields, reason):
    assert refused(logger(**fields)).reason is reason


@pytest.mark.parametrize(
    ("said", "m3"),
    [
        ({"DEVTYPE": "M1", "METERSUM": "0999999990"}, 999999.99),
        ({"DEVTYPE": "M1", "METERSUM": 123450}, 123.45),  # other firmware: a number, and no number of the meter
        ({"DEVTYPE": "M1", "METERSUM": 123450.0}, 123.45),
        ({"DEVTYPE": "M1", "METERSUM": 0}, 0.0),
        ({"DEVTYPE": "M3", "FUNCCODE": "A3", "UPDATA2": {"METERSUM": 123450, "REMAIN": -5}}, 123.45),
    ],
)
def test_a_logger_that_stands_in_the_lists_itself(said, m3):
    payload = json.dumps({"SN": "860000000000001", **said}).encode()
    (event,) = read(payload, "860000000000001").events
    assert (event.device_id, event.register) == ("860000000000001", m3)


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"DEVTYPE": "M0", "METERNO": ADDRESS, "VER": "MCD618"}, "description"),
        ({"DEVTYPE": "M3", "FUNCCODE": "C4", "UPDATA": 60}, "description"),
        ({"DEVTYPE": "M2", "INFO": 33}, "notice"),
    ],
)
def test_what_a_logger_says_of_itself(said, word):
    assert read(json.dumps({"SN": "860000000000001", **said}).encode()).passed_over == word


def test_another_loggers_json_that_has_a_serial_number_too():
    payload = json.dumps({"SN": "DTU-7", "data": frame(f"1F9000 {PLAIN}").hex()}).encode()
    assert reading(payload).register == 123.0


def test_a_loggers_last_will():
    will = json.dumps({"DEVTYPE": "M2", "SN": "860000000000001", "INFO": 4}).encode()
    assert read(will).passed_over == "offline"
    assert read(will, "860000000000001").events == (Status("860000000000001", None, online=False),)


def test_the_frames_that_ask():
    low_first, high_first = cjt188.ask("78330011223344")
    assert low_first == b"\xfe" * 4 + frame("1F9000", control=0x01, address="78330011223344")
    assert high_first == b"\xfe" * 4 + frame("901F00", control=0x01, address="78330011223344")
    with pytest.raises(ValueError, match="not a meter address"):
        cjt188.ask("meter-7")


@pytest.mark.parametrize(
    ("at", "bit"),
    [(at, bit) for at in range(35) for bit in range(8) if (at, bit) != (9, 7)],  # that one makes it a request
)
def test_a_good_frame_beside_a_damaged_reply_is_half_understood(at, bit):
    good, second = frame(f"1F9000 {PLAIN}"), frame(f"1F9000 {PLAIN}", address="00202607160178")
    broken = second[:at] + bytes((second[at] ^ 1 << bit,)) + second[at + 1 :]
    for payload in (good + b"\xfe\xfe" + broken, broken + good):
        assert refused(payload).reason in (Reason.WRONG_CHECKSUM, Reason.WRONG_SHAPE)


def test_two_makers_meters_with_one_number_on_their_dials_are_told_apart_or_refused():
    both = b"".join(frame(f"1F9000 {PLAIN}", address=address) for address in ("78330011223344", "11220011223344"))
    found = read(both, "78330011223344", "0011223344").events
    assert [event.device_id for event in found] == ["78330011223344", "0011223344"]
    assert "all 14 digits" in refused_by(both, "0011223344").detail


def refused_by(payload, *devices):
    with pytest.raises(UndecodableError) as caught:
        read(payload, *devices)
    return caught.value
