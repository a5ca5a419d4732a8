"""wmbusmeters: what is a total, of what kind, when, and what is left to the neighbours."""

import json
from datetime import UTC, datetime

import pytest
from unit.codecs.site import site

from gateway.codecs.images import strip_for
from gateway.codecs.message import Message, Reason, UndecodableError
from gateway.codecs.routes import RouteError, routes_of
from gateway.codecs.wmbusmeters import DIALECT
from gateway.events import DeviceKind, Reading

ID = "0014a807"
HEARD_US = int(datetime(2026, 11, 25, 6, 44, 17, tzinfo=UTC).timestamp()) * 1_000_000
ARRIVED_US = HEARD_US + 2_000_000
WATER = {
    "_": "telegram", "media": "water", "meter": "iperl", "name": "flat 7", "id": ID, "total_m3": 123.529,
    "timestamp": "2026-11-25T06:44:17Z",
}  # fmt: skip
POWER = {
    "media": "electricity", "meter": "omnipower", "id": ID, "total_energy_consumption_kwh": 7.94,
    "timestamp": "2026-11-25T06:44:17Z",
}  # fmt: skip


def without(fields, *names):
    return {name: value for name, value in fields.items() if name not in names}


def read(said, *devices, topic=f"wmbusmeters/{ID}", kind=DeviceKind.WATER, retained=False, **options):
    said = said if isinstance(said, bytes) else json.dumps(said).encode()
    routes = routes_of({topic: {"dialect": "wmbusmeters", **options}} if options else {})
    message = Message(topic, said, ARRIVED_US, retained)
    return routes.find(topic).decode(message, site(*(devices or [ID]), kind=kind))


def reading(said, *devices, **options):
    (event,) = read(said, *devices, **options).events
    return event


def refused(said, *devices, **options):
    with pytest.raises(UndecodableError) as caught:
        read(said, *devices, **options)
    return caught.value


def test_water():
    assert reading(WATER) == Reading(ID, DeviceKind.WATER, HEARD_US, 123.529)


def test_electricity():
    assert reading(POWER) == Reading(ID, DeviceKind.ELECTRICITY, HEARD_US, 7.94)


@pytest.mark.parametrize("media", ["water", "cold water", "warm water", "hot water", "hot/cold water", "Water"])
def test_all_waters_are_water(media):
    assert reading({**WATER, "media": media}).kind is DeviceKind.WATER


@pytest.mark.parametrize(
    ("media", "driver", "kind"),
    [
        ("radio converter (meter side)", "emerlin868", DeviceKind.WATER),
        ("bus/system component", "gwfwater", DeviceKind.WATER),
        (None, "multical21", DeviceKind.WATER),
        ("other", "amiplus", DeviceKind.ELECTRICITY),
    ],
)
def test_where_the_medium_tells_nothing_the_driver_does(media, driver, kind):
    both = {**WATER, **POWER, "media": media, "meter": driver}
    assert reading(both if media else without(both, "media")).kind is kind


@pytest.mark.parametrize(
    ("name", "driver"),
    [
        ("total_kwh", "eltako"),
        ("positive_total_active_energy_kwh", "ime"),
        ("total_active_positive_3phase_kwh", "nemo"),
    ],
)
def test_some_drivers_call_the_total_otherwise(name, driver):
    said = {**without(POWER, "total_energy_consumption_kwh"), "meter": driver, name: 289.68}
    assert reading(said).register == 289.68


TARIFFS = {
    "total_energy_consumption_tariff_1_kwh": 35.007,
    "total_energy_consumption_tariff_2_kwh": 67.953,
    "total_energy_production_tariff_1_kwh": 1000,
}


def test_tariffs_are_added_up_where_the_driver_says_all_of_them_and_no_total():
    amiplus = {**without(POWER, "total_energy_consumption_kwh"), **TARIFFS, "meter": "amiplus"}
    assert reading(amiplus).register == 102.96
    assert reading({**amiplus, "total_energy_consumption_kwh": 103}).register == 103
    assert read({**amiplus, "total_energy_consumption_tariff_2_kwh": None}).passed_over == "no_total"


def test_tariffs_of_a_driver_that_leaves_them_empty_are_no_total():
    said = {**without(POWER, "total_energy_consumption_kwh"), **TARIFFS, "meter": "iem3000"}
    assert read(said).passed_over == "no_total"


@pytest.mark.parametrize(
    "fields",
    [
        {"media": "water", "meter": "mkradio4a", "target_m3": 75.2},
        {"media": "warm water", "meter": "lse_07_17", "consumption_at_set_date_8_m3": 7},
        {"media": "water", "meter": "iperl", "total_m3": None},
        {"media": "electricity", "meter": "nzr", "current_power_consumption_kw": 2.03},
    ],
)
def test_a_telegram_without_the_total_is_passed_over(fields):
    assert read({"id": ID, **fields}).passed_over == "no_total"


@pytest.mark.parametrize(
    ("said", "flags"),
    [
        ({"status": "OK"}, ()),
        ({"status": "LEAK LOW_BATTERY"}, ("leak", "battery_low")),
        ({"current_status": "DRY"}, ("dry",)),
        ({"current_status": ""}, ()),
        (
            {"current_alarms": "meter_blocked,back_flow", "previous_alarms": "leakage"},
            ("meter_blocked", "reverse_flow"),
        ),
        ({}, None),
    ],
)
def test_the_status_is_flags(said, flags):
    assert reading({**WATER, **said}).flags == flags


def test_a_telegram_that_the_receiver_cannot_decrypt_is_held_for_a_meter_of_the_lists():
    said = {"media": "cold water", "meter": "kamwater", "id": ID, "error": "decryption failed, please check key"}
    error = refused(said)
    assert (error.reason, error.device_id) == (Reason.DEVICE_ERROR, ID)
    assert "check key" in error.detail
    assert read(said, "99999999").passed_over == "no_total"
    assert reading({**WATER, "error": "V_2_OVERFLOW"}).register == 123.529


@pytest.mark.parametrize("total", ["000123.529", 123.529])
def test_a_figure_may_be_a_text(total):
    assert reading({**WATER, "total_m3": total}).register == 123.529


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("timestamp", "2026-11-25T06:44:17Z"), ("timestamp", "2026-11-25T14:44:17+08:00"),
        ("timestamp", "2026-11-25 06:44:17"), ("timestamp_utc", "2026-11-25T06:44:17Z"),
        ("timestamp_ut", 1_795_589_057), ("timestamp_ut", "1795589057"),
    ],
)  # fmt: skip
def test_the_time_is_the_receivers_in_utc(name, said):
    fields = {**without(WATER, "timestamp"), name: said, "meter_datetime": "2020-01-01 00:00"}
    assert reading(fields).ts_us == HEARD_US


@pytest.mark.parametrize("fields", [without(WATER, "timestamp"), {**WATER, "timestamp": "1970-01-01T00:01:02Z"}])
def test_without_a_time_or_with_a_clock_not_set_it_is_of_its_arrival_unless_the_broker_kept_it(fields):
    assert reading(fields).ts_us == ARRIVED_US
    assert read(fields, retained=True).passed_over == "retained"


def test_a_kept_telegram_has_its_own_time():
    decoded = read(WATER, retained=True)
    assert (decoded.events[0].ts_us, decoded.arrival_serves) == (HEARD_US, False)


def test_a_telegram_that_the_radio_repeats_within_a_second_is_the_same_reading():
    assert read(WATER).events == read({**WATER, "rssi_dbm": None}).events


def test_signal_and_battery_are_taken_where_they_are_figures():
    event = reading({**WATER, "rssi_dbm": -77, "battery_pct": 91})
    assert (event.rssi, event.battery) == (-77.0, 91.0)
    assert reading({**WATER, "rssi_dbm": 0, "battery_pct": "?"}) == reading(WATER)


def test_letters_and_leading_zeros_of_an_id_are_forgiven():
    assert reading(WATER, "14A807").device_id == "14A807"


def test_an_id_that_the_receiver_leaves_out_is_the_topics():
    assert reading(without(WATER, "id")).device_id == ID
    assert refused(without(WATER, "id"), topic="water/+", counters={}).reason is Reason.WRONG_SHAPE


def test_pulses_of_a_counter_are_what_the_configuration_says():
    said = {"media": "other", "meter": "lansenpu", "id": ID, "a_counter": 4711, "b_counter": 1234}
    counters = {"a_counter": {"unit": "L", "factor": 10, "suffix": "-a"}, "b_counter": {"unit": "Wh", "suffix": "-b"}}
    decoded = read(said, f"{ID}-a", f"{ID}-b", counters=counters)
    assert [(event.device_id, event.kind, event.register) for event in decoded.events] == [
        (f"{ID}-a", DeviceKind.WATER, 47.11),
        (f"{ID}-b", DeviceKind.ELECTRICITY, 1.234),
    ]


def test_a_meter_of_an_unknown_driver_without_its_total_says_what_it_has():
    error = refused({"media": "water", "meter": "new", "id": ID, "flow_m3h": 1, "total_water_m3": 7})
    assert error.reason is Reason.NOT_MAPPED
    assert error.detail == "driver new, medium water has total_water_m3, flow_m3h: set counters"


HEAT = {
    "media": "heat",
    "meter": "kamheat",
    "id": ID,
    "total_energy_consumption_kwh": 32175,
    "total_volume_m3": 3591.16,
}


@pytest.mark.parametrize(
    "media", ["heat", "heat volume at inlet", "gas", "smoke detector", "room sensor", "waste water"]
)
def test_a_meter_of_another_medium_is_passed_over_unless_a_list_has_it(media):
    said = {**HEAT, "media": media, "total_m3": 5}
    assert read(said, "another").passed_over == "other_medium"
    error = refused(said)
    assert (error.reason, error.device_id) == (Reason.WRONG_KIND, ID)


def test_a_gas_meter_that_does_not_say_so_is_not_taken_for_water():
    said = {"media": "unknown", "meter": "apator08", "id": ID, "total_m3": 457.579333}
    assert refused(said).reason is Reason.NOT_MAPPED


@pytest.mark.parametrize("text", ["DeviceInactivity [ALARM DeviceInactivity] 2 hours", "[ALARM DeviceFailure] dongle"])
def test_an_alarm_is_passed_over(text):
    assert read(text.encode(), topic="wmbusmeters_alarm").passed_over == "alarm"


def test_what_only_clears_a_topic_that_the_broker_kept_says_nothing():
    assert read(b"").passed_over == "cleared"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"off", Reason.NOT_JSON), (b"\xff", Reason.NOT_JSON), (b"[1]", Reason.WRONG_SHAPE),
        (b'{"id": ' + b"[" * 20_000, Reason.NOT_JSON), ({**WATER, "id": "a b"}, Reason.WRONG_SHAPE),
        ({**WATER, "id": ["1"]}, Reason.WRONG_SHAPE), ({**WATER, "total_m3": -0.001}, Reason.IMPOSSIBLE_VALUE),
        ({**WATER, "total_m3": 1e12}, Reason.IMPOSSIBLE_VALUE), ({**WATER, "total_m3": True}, Reason.WRONG_SHAPE),
        ({**WATER, "total_m3": "1,5"}, Reason.WRONG_SHAPE), ({**WATER, "timestamp": "today"}, Reason.WRONG_SHAPE),
        ({**WATER, "media": {}, "meter": []}, Reason.NOT_MAPPED),
        ({**WATER, "meter": {}, "total_m3": None}, Reason.NOT_MAPPED),
    ],
)  # fmt: skip
def test_what_is_no_telegram_is_refused(said, reason):
    assert refused(said).reason is reason


def test_a_meter_that_no_list_has_is_named():
    error = refused(WATER, "another")
    assert (error.reason, error.detail) == (Reason.UNKNOWN_DEVICE, ID)


def test_the_meters_name_which_may_be_its_tenants_is_never_kept():
    payload, _ = strip_for(DIALECT, json.dumps(WATER).encode())
    assert b"flat 7" not in payload
    assert b"123.529" in payload


def test_a_wrong_option_says_so():
    with pytest.raises(RouteError, match="the factor"):
        routes_of({"a": {"dialect": "wmbusmeters", "counters": {"x": {"unit": "L", "factor": -1}}}})
