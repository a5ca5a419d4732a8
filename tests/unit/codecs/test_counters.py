"""What dialects of plugs and counters share: numbers, units, ids, times."""

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.counters import (
    Counter,
    id_of,
    json_value,
    look,
    moment_us,
    number,
    path_of,
    register_of,
    shown,
    zone_of,
)
from gateway.codecs.message import Reason, UndecodableError
from gateway.codecs.routes import routes_of
from gateway.events import DeviceKind

SHANGHAI = ZoneInfo("Asia/Shanghai")
JULY_US = 1_783_216_800_000_000


def reason(act, *args):
    with pytest.raises(UndecodableError) as caught:
        act(*args)
    return caught.value.reason


@pytest.mark.parametrize(
    ("unit", "factor", "figure", "kind", "register"),
    [
        ("kWh", 1.0, 46.791262, DeviceKind.ELECTRICITY, 46.791262),
        ("Wh", 1.0, 46791.262, DeviceKind.ELECTRICITY, 46.791262),
        ("Wh", 1.25, 37433.0096, DeviceKind.ELECTRICITY, 46.791262),
        ("kWh", 1.0, "0046.791262", DeviceKind.ELECTRICITY, 46.791262),
        ("kWh", 0.001, 46791.262, DeviceKind.ELECTRICITY, 46.791262),
        ("m3", 1.0, 12.345, DeviceKind.WATER, 12.345),
        ("L", 1.0, 12345, DeviceKind.WATER, 12.345),
        ("L", 10.0, 1234.5, DeviceKind.WATER, 12.345),
        ("L", 1.0, "000012345", DeviceKind.WATER, 12.345),
        ("m3", 1.0, " 12.345 ", DeviceKind.WATER, 12.345),
        ("m3", 1.0, "\x1e12.345\x85", DeviceKind.WATER, 12.345),
    ],
)
def test_the_same_use_in_any_unit_is_the_same_register(unit, factor, figure, kind, register):
    made = register_of("it", Counter(unit, factor))
    assert (made.kind, made.of(figure)) == (kind, pytest.approx(register, abs=1e-12))


@pytest.mark.parametrize(
    "figure", [True, None, "", "12,5", "1.2.3", "0x10", "nan", "inf", "١٢", "1_000", [1], {"a": 1}]
)
def test_what_is_no_number_is_refused(figure):
    assert reason(number, figure) is Reason.WRONG_SHAPE


@pytest.mark.parametrize("figure", [1e300, float("nan"), float("inf"), 10**400, "1e999", "9" * 24])
def test_a_number_that_nothing_counts_to_is_impossible(figure):
    assert reason(number, figure) is Reason.IMPOSSIBLE_VALUE


@pytest.mark.parametrize("figure", [-0.001, 1.1e9, "-5"])
def test_no_dial_shows_it(figure):
    assert reason(register_of("it", Counter("kWh")).of, figure) is Reason.IMPOSSIBLE_VALUE


def test_a_decimal_comma_is_named_in_the_detail():
    with pytest.raises(UndecodableError, match="decimal comma"):
        number("12,5")


@pytest.mark.parametrize(
    ("counter", "says"),
    [(Counter("L", 0), "factor"), (Counter("L", -1), "factor"), (Counter("L", float("inf")), "factor"),
     (Counter("L", 1, "/2"), "suffix")],
)  # fmt: skip
def test_a_wrong_option_is_named(counter, says):
    with pytest.raises(ValueError, match=f"it: the {says}"):
        register_of("it", counter)


@pytest.mark.parametrize(
    ("said", "zone", "us"),
    [
        ("2026-07-05T10:00:00", SHANGHAI, JULY_US),
        ("2026-07-05T02:00:00Z", SHANGHAI, JULY_US),
        ("2026-07-05T02:00:00.000Z", SHANGHAI, JULY_US),
        ("2026-07-05T04:00:00+02:00", SHANGHAI, JULY_US),
        ("2026-07-05 10:00:00", SHANGHAI, JULY_US),
        (1_783_216_800, UTC, JULY_US),
        (1_783_216_800.0, UTC, JULY_US),
        (1_783_216_800_000, UTC, JULY_US),
        ("1783216800", UTC, JULY_US),
        ("20260705100000", SHANGHAI, JULY_US),
        (20260705100000, SHANGHAI, JULY_US),
        ("20260705100000000", SHANGHAI, JULY_US),
        ("260705100000", SHANGHAI, JULY_US),
        ("2026/7/5 10:00", SHANGHAI, JULY_US),
        ("2026-7-5 10:0:0", SHANGHAI, JULY_US),
        ("2026/07/05 10:00:00.0", SHANGHAI, JULY_US),
        ("2026-07-05 10:00", SHANGHAI, JULY_US),
        ("2026-07-05T10:00+08:00", UTC, JULY_US),
        (1_783_216_800_000_000, UTC, JULY_US),
        ("1783216800000000", UTC, JULY_US),
        ("2026.07.05 10:00:00", SHANGHAI, JULY_US),
        ("2026年7月5日 10:00:00", SHANGHAI, JULY_US),
        ("2026年07月05日10:00", SHANGHAI, JULY_US),
    ],
)
def test_every_spelling_of_a_time_is_the_same_moment(said, zone, us):
    assert moment_us(said, zone) == us


def test_digits_that_are_no_date_are_an_epoch():
    assert moment_us("946684800000", SHANGHAI) == 946_684_800_000_000
    assert moment_us("20269905100000", SHANGHAI) == 20_269_905_100_000_000


@pytest.mark.parametrize("said", ["2026-07-05", "2026/13/5 10:00", "yesterday", "", True, None, [], "2026-W27-7"])
def test_what_is_no_moment_is_refused(said):
    assert reason(moment_us, said, UTC) is Reason.WRONG_SHAPE


@pytest.mark.parametrize("said", [-1, 5e14, 1e18, "9" * 24])
def test_times_outside_of_all_calendars_do_not_get_through(said):
    assert reason(moment_us, said, SHANGHAI) is Reason.IMPOSSIBLE_VALUE


def test_a_name_that_can_be_an_id_is_the_id_and_others_get_one_of_their_own():
    assert id_of("0x00158d0001a2b3c4") == "0x00158d0001a2b3c4"
    names = ["hall/plug 1", "hall plug/1", "hall_plug_1", "厨房", "客厅", "厨房/电表", "a" * 65, "a" * 66, ""]
    ids = [id_of(name) for name in names]
    assert len(set(ids)) == len(names)
    assert ids[0].startswith("hall_plug_1-")
    assert id_of("厨房") == "4ae988a2"  # as it stands in somebody's devices.csv


@given(st.text(max_size=200))
def test_every_name_has_an_id_that_lists_allow(name):
    kept = id_of(name)
    assert 1 <= len(kept) <= 64
    assert kept.isascii()
    assert all(sign.isalnum() or sign in "._-" for sign in kept)


def test_paths_lead_through_objects_and_lists():
    said = {"data": [{"total": 7}], "9": 1}
    assert look(said, path_of("data.0.total")) == 7
    assert [
        look(said, path_of(path)) for path in ("data.1.total", "data.x", "data.0.total.y", "nothing", "data.²")
    ] == [None] * 5
    assert look(said, path_of("9")) == 1


def test_a_key_may_have_dots_of_its_own():
    said = {
        "1.8.0": 7,
        "metering.water.total": 9,
        "OBIS": {"1.8.1": {"value": 3}},
        "data": {"x": 1},
        "a.b": [{"c": 4, "1.8.0": 5}],
    }
    paths = ("1.8.0", "metering.water.total", "OBIS.1.8.1.value", "a.b.0.c", "a.b.0.1.8.0")
    assert [look(said, path_of(path)) for path in paths] == [7, 9, 3, 4, 5]
    assert [look([{"1.8.0": 6}], path_of(path)) for path in ("0.1.8.0", "1.1.8.0")] == [6, None]
    assert [look(said, path_of(path)) for path in ("1.8", "1.8.0.x", "data.x.y", "data.y.z")] == [None] * 4


@pytest.mark.parametrize("payload", [b"", b"{", b"\xff", b'"\xff"', b'"\\ud800"', b"[" * 100_000, b"1" * 5000, b"NaN"])
def test_what_is_no_json_is_refused(payload):
    assert reason(json_value, payload) is Reason.NOT_JSON


def test_a_detail_never_walks_through_what_is_nested():
    nested = []
    for _ in range(100_000):
        nested = [nested]
    assert shown(nested) == "a JSON list"
    assert len(shown("x" * 1000)) == 40
    while nested:
        nested = nested.pop()


DOCUMENT = (Path(__file__).parents[3] / "docs" / "devices.md").read_text("utf-8")


def test_the_ids_in_the_documentation_are_those_that_devices_get():
    for name in ("hall/plug 1", "厨房"):
        assert f"`{name}` is `{id_of(name)}`" in DOCUMENT


def test_the_lines_in_the_documentation_are_lines_of_the_configuration():
    section = DOCUMENT[DOCUMENT.index("## Plugs and counters") :]
    lines = re.findall(r'^    ("[^"]+" = \{.*\})$|`("[^"]+" = \{ dialect[^`]*)`', section, re.MULTILINE)
    assert len(lines) > 8
    for line in lines:
        routes_of(tomllib.loads("".join(line)))


@pytest.mark.parametrize(
    ("said", "local"),
    [
        (202607050830, "2026-07-05T08:30"),
        ("202607050830", "2026-07-05T08:30"),
        ("260705083059", "2026-07-05T08:30:59"),
        ("20260705T083059", "2026-07-05T08:30:59"),
    ],
)
def test_times_of_few_digits_are_no_epochs(said, local):
    meant = datetime.fromisoformat(local).replace(tzinfo=SHANGHAI)
    assert moment_us(said, SHANGHAI) == round(meant.timestamp() * 1e6)


@pytest.mark.parametrize("figure", [4294967295, "4294967295", 429496729.5, 42949672.95, 4294967.295, 4294967295 / 1000])
@pytest.mark.parametrize("unit", ["m3", "L", "kWh", "Wh"])
def test_bits_that_are_all_set_are_no_register(figure, unit):
    made = register_of("it", Counter(unit))
    assert reason(made.of, figure) is Reason.IMPOSSIBLE_VALUE
    assert made.of(4294966.0) > 0


def test_a_zone_that_is_none_is_said():
    assert zone_of(None) is None
    assert str(zone_of("UTC")) == "UTC"
    for name in ("Mars", "", "../UTC", "a\0"):
        with pytest.raises(ValueError, match="zone"):
            zone_of(name)
