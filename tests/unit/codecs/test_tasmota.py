"""Tasmota: what plugs, pulse counters and meter-reading scripts say."""

import json

import pytest
from unit.codecs.site import site

from gateway.codecs.message import Message, Reason, UndecodableError
from gateway.codecs.routes import RouteError, routes_of
from gateway.events import DeviceKind, Reading, Status

ARRIVED_US = 1_783_216_805_000_000
SAID_US = 1_783_216_800_000_000
TIME = "2026-07-05T10:00:00"  # in the estate's zone
SITE = site("plug1", "plug1.1", "plug1.2", "plug1.w")
ENERGY = {"Time": TIME, "ENERGY": {"TotalStartTime": TIME, "Total": 7970.903, "Yesterday": 3.198, "Today": 6.024}}


def decode(topic, said, *, retained=False, **options):
    payload = said if isinstance(said, bytes) else json.dumps(said).encode()
    routes = routes_of({"#": {"dialect": "tasmota", **options}} if options else {})
    return routes.find(topic).decode(Message(topic, payload, ARRIVED_US, retained), SITE)


def refused(topic, said, **options):
    with pytest.raises(UndecodableError) as caught:
        decode(topic, said, **options)
    return caught.value.reason


@pytest.mark.parametrize("topic", ["tele/plug1/SENSOR", "plug1/tele/SENSOR"])
def test_the_total_is_kilowatt_hours_at_the_devices_local_time(topic):
    decoded = decode(topic, ENERGY)
    assert decoded.events == (Reading("plug1", DeviceKind.ELECTRICITY, SAID_US, 7970.903),)
    assert decoded.arrival_serves


@pytest.mark.parametrize(
    "time",
    [
        {"Time": "2026-07-05T04:00:00+02:00"}, {"Time": 1_783_216_800}, {"Time": "x", "Epoch": 1_783_216_800},
        {"Time": "2026-07-05T10:00:00.000"}, {"Time": "2026.07.05 10:00:00"},
    ],
)  # fmt: skip
def test_all_formats_of_the_time(time):
    assert decode("tele/plug1/SENSOR", ENERGY | time).events[0].ts_us == SAID_US


def test_before_its_clock_is_set_the_arrival_serves_and_a_kept_message_says_nothing():
    unset = ENERGY | {"Time": "1970-01-01T00:33:28"}
    decoded = decode("tele/plug1/SENSOR", unset)
    assert decoded.arrival_serves
    assert decoded.events[0].ts_us < 0  # intake puts the arrival in its place, and notes that the clock is wrong
    assert decode("tele/plug1/SENSOR", unset, retained=True).passed_over == "retained"
    assert decode("tele/plug1/SENSOR", ENERGY, retained=True).events[0].ts_us == SAID_US
    assert not decode("tele/plug1/SENSOR", ENERGY, retained=True).arrival_serves


def test_a_clock_of_another_zone_is_left_aside():
    assert decode("tele/plug1/SENSOR", ENERGY, clock="arrival").events[0].ts_us == ARRIVED_US
    assert decode("tele/plug1/SENSOR", ENERGY, clock="arrival", retained=True).passed_over == "retained"


def test_without_a_time_the_arrival_serves():
    assert decode("tele/plug1/SENSOR", {"ENERGY": {"Total": 1}}).events[0].ts_us == ARRIVED_US


@pytest.mark.parametrize("status", ["STATUS8", "STATUS10", "STATUS0"])
def test_answers_to_a_question_for_the_status_are_read_as_well(status):
    assert decode(f"stat/plug1/{status}", {"StatusSNS": ENERGY}).events[0].register == 7970.903


def test_phases_are_one_meter_unless_they_are_several():
    said = {"Time": TIME, "ENERGY": {"Total": [1.5, 2.25, 0.5]}}
    assert [event.register for event in decode("tele/plug1/SENSOR", said).events] == [4.25]
    assert decode("tele/plug1/SENSOR", {"ENERGY": {"Total": [0.1, 0.2]}}).events[0].register == 0.3
    apart = decode("tele/plug1/SENSOR", said, phases="separate").events
    assert [(event.device_id, event.register) for event in apart] == [
        ("plug1", 1.5),
        ("plug1.1", 2.25),
        ("plug1.2", 0.5),
    ]


def test_a_total_with_its_tariffs_is_not_counted_twice():
    said = {"Time": TIME, "ENERGY": {"Total": [551.061, 185.302, 365.759], "Yesterday": 1.5, "Today": 0.25}}
    assert [event.register for event in decode("tele/plug1/SENSOR", said).events] == [551.061]
    phases = said["ENERGY"] | {"Today": [0, 0, 0.25]}
    assert [event.register for event in decode("tele/plug1/SENSOR", {"ENERGY": phases}).events] == [1102.122]


def test_the_first_versions_had_a_topic_for_energy():
    decoded = decode("tele/plug1/ENERGY", {"Time": TIME, "Total": 129, "Today": 0.1})
    assert decoded.events == (Reading("plug1", DeviceKind.ELECTRICITY, SAID_US, 129.0),)


def test_pulses_are_water_once_their_worth_is_said():
    said = {"Time": TIME, "COUNTER": {"C1": 1234, "C2": 5}}
    assert refused("tele/plug1/SENSOR", said) is Reason.NOT_MAPPED
    registers = {"COUNTER.C1": {"unit": "L", "factor": 10}}
    (event,) = decode("tele/plug1/SENSOR", said, registers=registers).events
    assert event == Reading("plug1", DeviceKind.WATER, SAID_US, 12.34)


def test_energy_and_pulses_of_one_device_need_two_ids():
    said = ENERGY | {"COUNTER": {"C1": 1234}}
    energy = {"ENERGY.Total": {"unit": "kWh"}}
    assert refused("tele/plug1/SENSOR", said, registers=energy | {"COUNTER.C1": {"unit": "L"}}) is Reason.NOT_MAPPED
    both = decode("tele/plug1/SENSOR", said, registers=energy | {"COUNTER.C1": {"unit": "L", "suffix": ".w"}})
    assert [(event.device_id, event.register) for event in both.events] == [("plug1", 7970.903), ("plug1.w", 1.234)]
    assert [event.device_id for event in decode("tele/plug1/SENSOR", said).events] == ["plug1"]


def test_a_script_that_reads_a_meter_is_mapped_by_its_path():
    said = {"Time": TIME, "MT174": {"E_in": "0012345.678", "P": 230}}
    assert decode("tele/plug1/SENSOR", said).passed_over == "no_register"
    (event,) = decode("tele/plug1/SENSOR", said, registers={"MT174.E_in": {"unit": "kWh"}}).events
    assert event.register == 12345.678


@pytest.mark.parametrize(("payload", "online"), [(b"Online", True), (b"Offline", False)])
def test_the_last_will(payload, online):
    assert decode("tele/plug1/LWT", payload, retained=True).events == (Status("plug1", None, online),)
    assert decode("tele/lamp/LWT", payload).passed_over == "not_listed"


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        ("tele/plug1/STATE", {"Time": TIME, "Wifi": {"RSSI": 70}}),
        ("tele/plug1/SENSOR", {"Time": TIME, "TIC": {"BASE": "007970903"}}),
        ("tele/plug1/SENSOR", {"Time": TIME, "DS18B20": {"Temperature": 20.1}}),
        ("tele/plug1/SENSOR", {"Time": TIME, "ENERGY": {"Power": 20}}),
        ("stat/plug1/RESULT", {"POWER": "ON"}), ("stat/plug1/POWER", b"ON"), ("stat/plug1/STATUS8", {}),
    ],
)  # fmt: skip
def test_what_has_no_register_is_passed_over(topic, said):
    assert decode(topic, said).passed_over == "no_register"


@pytest.mark.parametrize(
    ("topic", "said", "why"),
    [
        ("tele/plug1/SENSOR", b"not json", Reason.NOT_JSON),
        ("tele/plug1/SENSOR", [1], Reason.WRONG_SHAPE),
        ("tele/plug1/SENSOR", {"Time": TIME, "ENERGY": {"Total": "1,5"}}, Reason.WRONG_SHAPE),
        ("tele/plug1/SENSOR", {"Time": TIME, "ENERGY": {"Total": True}}, Reason.WRONG_SHAPE),
        ("tele/plug1/SENSOR", {"Time": TIME, "ENERGY": {"Total": -1}}, Reason.IMPOSSIBLE_VALUE),
        ("tele/plug1/SENSOR", {"Time": "soon", "ENERGY": {"Total": 1}}, Reason.WRONG_SHAPE),
        ("tele/plug9/SENSOR", ENERGY, Reason.UNKNOWN_DEVICE),
        ("tele/plug1/LWT", b"maybe", Reason.WRONG_SHAPE),
        ("tele/SENSOR", ENERGY, Reason.UNKNOWN_TOPIC),
    ],
)
def test_what_is_wrong_says_why(topic, said, why):
    assert refused(topic, said) is why


def test_a_message_that_only_clears_what_the_broker_kept_says_nothing():
    assert [decode(f"tele/plug1/{what}", b"").passed_over for what in ("LWT", "SENSOR")] == ["cleared", "cleared"]


def test_a_full_topic_of_ones_own_says_which_level_is_the_device():
    assert decode("home/plug1/telemetry/SENSOR", ENERGY, device=2).events[0].device_id == "plug1"
    assert refused("home/SENSOR", ENERGY, device=2) is Reason.UNKNOWN_TOPIC


def test_two_plugs_of_one_name_on_two_floors_are_two():
    with pytest.raises(UndecodableError) as first:
        decode("floor1/meter/tele/SENSOR", ENERGY, registers={"ENERGY.Total": {"unit": "kWh"}})
    with pytest.raises(UndecodableError) as second:
        decode("floor2/meter/tele/SENSOR", ENERGY, registers={"ENERGY.Total": {"unit": "kWh"}})
    assert first.value.detail != second.value.detail


@pytest.mark.parametrize(
    "options", [{"registers": {}}, {"device": 0}, {"phases": "both"}, {"registers": {"a": {"unit": "gal"}}}]
)
def test_wrong_options_are_refused(options):
    with pytest.raises(RouteError):
        routes_of({"#": {"dialect": "tasmota", **options}})


@pytest.mark.parametrize(
    ("sensor", "path"),
    [
        ({"SM": {"Power_curr": 15.8, "Total_in": 2173.5}}, "SM.Total_in"),
        ({"": {"Meter_number": 0, "Total_out": 0.0, "Total_in": 12.5}}, ".Total_in"),
        ({"LK13BE": {"total": 19245.25, "volt_p1": 233.1}}, "LK13BE.total"),
        ({"ELZ": {"ELZ_PV_1.8.0": 15.5, "ELZ_PV_2.8.0": 1.0}}, "ELZ.ELZ_PV_1.8.0"),
        ({"W": {"Wasseruhr": 12.5}}, "W.Wasseruhr"),
    ],
)
def test_what_a_script_reads_of_a_meter_is_held_until_somebody_says_what_it_counts(sensor, path):
    assert refused("tele/plug1/SENSOR", {"Time": TIME, **sensor}) is Reason.NOT_MAPPED
    assert decode("tele/nobodys/SENSOR", {"Time": TIME, **sensor}).passed_over == "no_register"
    (event,) = decode("tele/plug1/SENSOR", {"Time": TIME, **sensor}, registers={path: {"unit": "kWh"}}).events
    assert event.register > 12
