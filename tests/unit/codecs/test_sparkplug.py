"""Sparkplug B: births, aliases, deaths, and the protobuf itself."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.codecs.site import site

from device_sim.dialects import sparkplug as device
from device_sim.records import Device
from gateway.codecs import sparkplug_wire as wire
from gateway.codecs.message import Answer, Message, Reason, UndecodableError
from gateway.codecs.routes import RouteError, routes_of
from gateway.events import DeviceKind, Reading, Status

NOW = datetime(2026, 7, 5, 2, tzinfo=UTC)
NOW_US = 1_783_216_800_000_000
NOW_MS = NOW_US // 1000
ENERGY = {"metrics": {"Energy/Total": {"unit": "kWh"}}}
EDGE = "spBv1.0/g/{}/e1"
DEVICE = "spBv1.0/g/{}/e1/m1"


# What the wire has, byte by byte as the specification says.
def varint(value):
    said = b""
    while value > 0x7F:
        said, value = said + bytes([value & 0x7F | 0x80]), value >> 7
    return said + bytes([value])


def sized(key, value):
    return bytes([key]) + varint(len(value)) + value


def metric(name=None, alias=None, *, ts=NOW_MS, datatype=10, value=b"", more=b""):
    said = sized(0x0A, name.encode()) if name else b""
    said += b"\x10" + varint(alias) if alias is not None else b""
    said += b"\x18" + varint(ts) if ts is not None else b""
    said += b"\x20" + varint(datatype) if datatype else b""
    return said + more + value


def double(value):
    return b"\x69" + pack("<d", value)


def long(value):
    return b"\x58" + varint(value)


def payload(*metrics, ts=NOW_MS):
    said = b"\x08" + varint(ts) if ts is not None else b""
    return said + b"".join(sized(0x12, one) for one in metrics) + b"\x18\x03"


HISTORICAL, NULL = b"\x28\x01", b"\x38\x01"
BIRTH = payload(metric("Energy/Total", 7, value=double(12.5)), metric("Power", 8, value=double(86.0)))
NODE_BIRTH = payload(metric("bdSeq", None, datatype=8, value=long(4)))


class Desk:
    """Decodes one message after another and remembers as ingestion does."""

    def __init__(self, *listed, **options):
        self.site = site(*(listed or ("m1", "e1")))
        self.routes = routes_of({"#": {"dialect": "sparkplug", **(options or ENERGY)}})

    def hear(self, topic, said, *, retained=False):
        try:
            decoded = self.routes.find(topic).decode(Message(topic, said, NOW_US, retained), self.site)
        except UndecodableError as error:
            self.site.remember(error.remember, NOW_US)
            raise
        self.site.remember(decoded.remember, NOW_US)
        return decoded

    def refused(self, topic, said):
        with pytest.raises(UndecodableError) as caught:
            self.hear(topic, said)
        return caught.value


def reading(register, device_id="m1", ts_us=NOW_US, kind=DeviceKind.ELECTRICITY):
    return Reading(device_id, kind, ts_us, register)


def test_a_birth_says_who_is_there_and_what_its_registers_are():
    decoded = Desk().hear(DEVICE.format("DBIRTH"), BIRTH)
    assert decoded.events == (Status("m1", None, online=True), reading(12.5))


def test_data_carry_the_alias_alone():
    desk = Desk()
    desk.hear(DEVICE.format("DBIRTH"), BIRTH)
    decoded = desk.hear(DEVICE.format("DDATA"), payload(metric(alias=7, datatype=None, value=double(13.5))))
    assert decoded.events == (reading(13.5),)
    assert decoded.arrival_serves
    power = payload(metric(alias=8, datatype=None, value=double(90)))
    assert desk.hear(DEVICE.format("DDATA"), power).passed_over == "no_register"


def test_a_name_needs_no_birth():
    said = payload(metric("Energy/Total", value=double(13.5)))
    assert Desk().hear(DEVICE.format("DDATA"), said).events == (reading(13.5),)


def test_an_alias_that_nobody_named_is_held_and_a_birth_asked_for():
    error = Desk().refused(DEVICE.format("DDATA"), payload(metric(alias=7, datatype=None, value=double(13.5))))
    assert error.reason is Reason.UNKNOWN_ALIAS
    command = bytes.fromhex("0880828480f33312210a14" + b"Node Control/Rebirth".hex() + "1880828480f333200b7001")
    assert error.answers == (Answer("spBv1.0/g/NCMD/e1", command),)


def test_a_new_birth_gives_other_numbers():
    desk = Desk()
    desk.hear(DEVICE.format("DBIRTH"), BIRTH)
    desk.hear(DEVICE.format("DBIRTH"), payload(metric("Energy/Total", 8, value=double(12.5))))
    assert desk.hear(DEVICE.format("DDATA"), payload(metric(alias=8, value=double(14)))).events == (reading(14),)
    assert (
        desk.refused(DEVICE.format("DDATA"), payload(metric(alias=7, value=double(15)))).reason is Reason.UNKNOWN_ALIAS
    )


def test_the_same_numbers_mean_something_else_for_another_device():
    desk = Desk("m1", "m2")
    desk.hear(DEVICE.format("DBIRTH"), BIRTH)
    other = "spBv1.0/g/{}/e1/m2"
    desk.hear(
        other.format("DBIRTH"), payload(metric("Power", 7, value=double(1)), metric("Energy/Total", 9, value=double(1)))
    )
    assert desk.hear(other.format("DDATA"), payload(metric(alias=7, value=double(90)))).passed_over == "no_register"


def test_what_was_kept_while_there_was_no_connection_has_its_own_time():
    desk = Desk()
    desk.hear(DEVICE.format("DBIRTH"), BIRTH)
    kept = [metric(alias=7, ts=NOW_MS - 60_000 * n, value=double(12.5 - n), more=HISTORICAL) for n in (3, 2, 1)]
    decoded = desk.hear(DEVICE.format("DDATA"), payload(*kept))
    assert decoded.events == tuple(reading(12.5 - n, ts_us=NOW_US - 60_000_000 * n) for n in (3, 2, 1))
    assert not decoded.arrival_serves


@pytest.mark.parametrize(
    ("ts", "sent", "us"),
    [
        (NOW_MS - 5, NOW_MS, NOW_US - 5000),
        (None, NOW_MS - 5, NOW_US - 5000),
        (None, None, NOW_US),
        (99_000, NOW_MS, NOW_US),
    ],
)
def test_the_time_is_the_metrics_the_payloads_or_that_of_arrival(ts, sent, us):
    said = payload(metric("Energy/Total", ts=ts, value=double(1)), ts=sent)
    assert Desk().hear(DEVICE.format("DDATA"), said).events[0].ts_us == us


def test_what_is_null_is_no_reading():
    said = payload(metric("Energy/Total", more=NULL))
    assert Desk().hear(DEVICE.format("DDATA"), said).passed_over == "no_register"


@pytest.mark.parametrize(
    ("datatype", "value", "register"),
    [
        (10, double(1.25), 1.25), (9, b"\x65" + pack("<f", 123.4), 123.4),
        (9, b"\x65" + pack("<f", 8388607.5), 8388607.5),
        (1, b"\x50\x7b", 123), (2, b"\x50\x7b", 123), (3, b"\x50\x7b", 123), (4, long(123), 123),
        (5, b"\x50\xc8\x01", 200),
        (7, long(4_000_000), 4_000_000), (8, long(123), 123), (12, sized(0x7A, b"00012.50"), 12.5),
        (14, sized(0x7A, b"7"), 7),
    ],
)  # fmt: skip
def test_each_type_of_number(datatype, value, register):
    said = payload(metric("Energy/Total", datatype=datatype, value=value))
    assert Desk().hear(DEVICE.format("DDATA"), said).events[0].register == register


@pytest.mark.parametrize(
    ("datatype", "value", "why"),
    [
        (10, double(-1), Reason.IMPOSSIBLE_VALUE), (10, double(float("nan")), Reason.IMPOSSIBLE_VALUE),
        (10, double(float("inf")), Reason.IMPOSSIBLE_VALUE), (10, double(2e9), Reason.IMPOSSIBLE_VALUE),
        (9, b"\x65" + pack("<f", float("inf")), Reason.IMPOSSIBLE_VALUE),
        (9, b"\x65" + pack("<f", 3.4e38), Reason.IMPOSSIBLE_VALUE),
        (1, b"\x50\xfd\x01", Reason.IMPOSSIBLE_VALUE), (3, b"\x50" + varint(2**32 - 3), Reason.IMPOSSIBLE_VALUE),
        (4, long(2**64 - 3), Reason.IMPOSSIBLE_VALUE), (8, long(2**63), Reason.IMPOSSIBLE_VALUE),
        (11, b"\x70\x01", Reason.WRONG_SHAPE), (13, long(5), Reason.WRONG_SHAPE), (16, b"", Reason.WRONG_SHAPE),
        (10, b"", Reason.WRONG_SHAPE), (12, sized(0x7A, b"12,5"), Reason.WRONG_SHAPE),
        (12, sized(0x7A, b"\xff"), Reason.WRONG_SHAPE),
    ],
)  # fmt: skip
def test_what_is_no_register_says_why(datatype, value, why):
    assert (
        Desk().refused(DEVICE.format("DDATA"), payload(metric("Energy/Total", datatype=datatype, value=value))).reason
        is why
    )


def test_the_type_that_a_birth_told_says_what_a_number_means():
    desk = Desk()
    desk.hear(DEVICE.format("DBIRTH"), payload(metric("Energy/Total", 7, datatype=1, value=b"\x50\x05")))
    said = payload(metric(alias=7, datatype=None, value=b"\x50\xfd\x01"))  # -3 of eight bits, not 253
    assert desk.refused(DEVICE.format("DDATA"), said).reason is Reason.IMPOSSIBLE_VALUE


def test_data_by_name_may_leave_the_type_to_the_birth():
    desk = Desk()
    desk.hear(DEVICE.format("DBIRTH"), payload(metric("Energy/Total", datatype=3, value=b"\x50\x05")))
    later = metric("Energy/Total", datatype=None, value=b"\x50\x06")
    assert desk.hear(DEVICE.format("DDATA"), payload(later)).events == (reading(6),)
    negative = metric("Energy/Total", datatype=None, value=b"\x50" + varint(2**32 - 3))
    assert desk.refused(DEVICE.format("DDATA"), payload(negative)).reason is Reason.IMPOSSIBLE_VALUE


def test_a_whole_number_of_no_known_type_asks_for_a_birth_and_a_double_is_what_it_is():
    said = payload(metric("Energy/Total", datatype=None, value=double(13.5)), metric("Power", datatype=None))
    assert Desk().hear(DEVICE.format("DDATA"), said).events == (reading(13.5),)
    error = Desk().refused(DEVICE.format("DDATA"), payload(metric("Energy/Total", datatype=None, value=b"\x50\x06")))
    assert error.reason is Reason.UNKNOWN_ALIAS
    assert [answer.topic for answer in error.answers] == ["spBv1.0/g/NCMD/e1"]


def test_names_are_kept_though_a_value_beside_them_is_impossible():
    desk = Desk()
    assert (
        desk.refused(DEVICE.format("DBIRTH"), payload(metric("Energy/Total", 7, value=double(-1)))).reason
        is Reason.IMPOSSIBLE_VALUE
    )
    assert desk.hear(DEVICE.format("DDATA"), payload(metric(alias=7, value=double(1)))).events == (reading(1.0),)


@pytest.mark.parametrize("topic", [DEVICE.format("DBIRTH"), EDGE.format("NDEATH")])
def test_a_birth_that_names_nothing_is_not_asked_for_again(topic):
    error = Desk().refused(topic, payload(metric(alias=7, value=double(1))))
    assert (error.reason, error.answers) == (Reason.WRONG_SHAPE, ())


def test_a_device_in_no_list_is_held_for_its_data_and_its_names_are_kept():
    desk = Desk("m2", metrics={"Water": {"unit": "L"}})
    birth = payload(metric("Water", 7, more=NULL))
    assert desk.hear(DEVICE.format("DBIRTH"), birth).passed_over == "not_listed"
    assert (
        desk.refused(DEVICE.format("DDATA"), payload(metric(alias=7, value=double(1)))).reason is Reason.UNKNOWN_DEVICE
    )


def test_without_a_line_births_are_heard_and_data_ask_for_one():
    desk = Desk(device="device")
    assert desk.hear(DEVICE.format("DBIRTH"), BIRTH).events == (Status("m1", None, online=True),)
    error = desk.refused(DEVICE.format("DDATA"), payload(metric(alias=7, value=double(1))))
    assert error.reason is Reason.NOT_MAPPED
    assert "Energy/Total" in error.detail


def test_several_registers_of_one_device():
    options = {"metrics": {"Energy": {"unit": "Wh"}, "Water": {"unit": "L", "factor": 10, "suffix": ".w"}}}
    said = payload(metric("Energy", value=double(1500)), metric("Water", value=double(150)))
    assert Desk("m1", "m1.w", **options).hear(DEVICE.format("DDATA"), said).events == (
        reading(1.5), reading(1.5, "m1.w", kind=DeviceKind.WATER),
    )  # fmt: skip
    options["metrics"]["Water"] = {"unit": "L"}
    assert Desk("m1", **options).refused(DEVICE.format("DDATA"), said).reason is Reason.NOT_MAPPED


def test_an_edge_node_may_be_a_meter_itself_and_part_of_its_devices_ids():
    said = payload(metric("Energy/Total", value=double(1)))
    assert Desk().hear(EDGE.format("NDATA"), said).events == (reading(1.0, "e1"),)
    assert Desk("e1.m1", device="edge.device", **ENERGY).hear(DEVICE.format("DDATA"), said).events == (
        reading(1.0, "e1.m1"),
    )


def test_a_device_dies_alone_and_an_edge_node_with_its_devices():
    desk = Desk("m1", "m2")
    desk.hear(EDGE.format("NBIRTH"), NODE_BIRTH)
    for name in ("m1", "m2", "m3"):
        desk.hear(f"spBv1.0/g/DBIRTH/e1/{name}", payload())
    assert desk.hear(DEVICE.format("DDEATH"), payload()).events == (Status("m1", None, online=False),)
    gone = desk.hear(EDGE.format("NDEATH"), sized(0x12, metric("bdSeq", ts=None, datatype=8, value=long(4))))
    assert gone.events == (Status("m1", None, online=False), Status("m2", None, online=False))


def test_the_death_of_an_older_session_says_nothing():
    desk = Desk()
    desk.hear(EDGE.format("NBIRTH"), NODE_BIRTH)
    old = sized(0x12, metric("bdSeq", ts=None, datatype=8, value=long(3)))
    assert desk.hear(EDGE.format("NDEATH"), old).passed_over == "old_death"


@pytest.mark.parametrize(
    ("topic", "word"),
    [("spBv1.0/g/NCMD/e1", "command"), ("spBv1.0/g/DCMD/e1/m1", "command"), ("spBv1.0/STATE/host", "host")],
)
def test_what_devices_do_not_say_is_passed_over(topic, word):
    assert Desk().hear(topic, b"\xff").passed_over == word


@pytest.mark.parametrize(
    "topic",
    ["spBv1.0/g/DDATA/e1", "spBv1.0/g/NDATA/e1/m1", "spBv1.0/g/XDATA/e1", "spAv1.0/g/NDATA/e1", "spBv1.0/g/NDATA/"],
)
def test_other_topics_are_none_of_its(topic):
    assert Desk().refused(topic, BIRTH).reason is Reason.UNKNOWN_TOPIC


@pytest.mark.parametrize(
    "said",
    [
        b"\x08", b"\x12\x05\x0a", b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", b"\xff" * 20, b"\x0b", b"\x0f",
        b'{"ts": 1}', BIRTH[:-5] + b"\x12\x30", sized(0x22, b"SPBV1.0_COMPRESSED") + sized(0x2A, b"x\x9c"),
        payload(metric(value=double(1))), payload(b"\x0a\x02\xff\xff"),
    ],
)  # fmt: skip
def test_what_is_no_payload_is_refused(said):
    assert Desk().refused(DEVICE.format("DDATA"), said).reason is Reason.WRONG_SHAPE


def test_a_payload_of_nothing_but_empty_metrics_does_not_keep_the_others_waiting():
    assert "metrics, 20000 allowed" in Desk().refused(DEVICE.format("DBIRTH"), b"\x12\x00" * 200_000).detail


def test_what_an_older_release_remembered_is_as_good_as_nothing():
    desk = Desk()
    desk.site.remember((("sparkplug/g/e1/m1", b"\xc1"), ("sparkplug/g/e1/", b"\xc1")), NOW_US)
    assert (
        desk.refused(DEVICE.format("DDATA"), payload(metric(alias=7, value=double(1)))).reason is Reason.UNKNOWN_ALIAS
    )
    desk.hear(EDGE.format("NDEATH"), payload())


@given(st.binary(max_size=400) | st.binary(max_size=40).map(lambda noise: BIRTH + noise))
def test_whatever_comes_either_is_read_or_says_why_not(noise):
    try:
        wire.read(noise)
        Desk().hear(DEVICE.format("DDATA"), noise)
    except UndecodableError:
        pass


def test_the_factor_must_be_one():
    with pytest.raises(RouteError, match="Energy: the factor"):
        Desk(metrics={"Energy": {"unit": "kWh", "factor": 0}})


@pytest.mark.parametrize(("kind", "unit", "register"), [("electricity", "kWh", "46.791262"), ("water", "L", "12.345")])
def test_a_simulated_device_over_two_connections(kind, unit, register):
    meter = Device(device.device_id(kind, 7), "e1", kind, "u1", "1", "1", "sparkplug", 5, unit)
    voice, desk = device.speaker(meter), Desk(meter.device_id, metrics={device.METRICS[kind]: {"unit": unit}})
    will = voice.will()
    events = [desk.hear(said.topic, said.payload).events for said in voice.hello(NOW)]
    assert events == [(), (Status(meter.device_id, None, online=True),)]
    (said,) = voice.reading(NOW, Decimal(register), 1)
    assert desk.hear(said.topic, said.payload).events[0].register == float(register)
    newer = voice.will()
    assert desk.hear(will.topic, will.payload).events == (Status(meter.device_id, None, online=False),)
    voice.hello(NOW + timedelta(hours=1))  # nobody hears these births
    (said,) = voice.reading(NOW, Decimal(register), 2)
    asked = desk.refused(said.topic, said.payload)
    (answer,) = asked.answers
    assert answer.topic in voice.listens()
    for birth in voice.hear(answer.topic, answer.payload, NOW + timedelta(hours=1)):
        desk.hear(birth.topic, birth.payload)
    decoded = desk.hear(said.topic, said.payload)
    assert (decoded.events[0].register, decoded.arrival_serves) == (float(register), False)  # kept meanwhile
    assert desk.hear(will.topic, will.payload).passed_over == "old_death"
    assert desk.hear(newer.topic, newer.payload).events == (Status(meter.device_id, None, online=False),)
