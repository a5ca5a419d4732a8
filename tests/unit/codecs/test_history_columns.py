"""What is read by column is what is read row by row; what is left to the rows is only what is rarely written."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs import history
from gateway.codecs.history_columns import KINDS, read_numbers, read_readings, read_times
from gateway.codecs.message import UndecodableError

US = 1795306500_000_000  # 2026-11-22T00:15:00Z

READ = {
    "2026-11-22T00:15:00Z": US,
    "2026-11-22 00:15:00Z": US,
    "2026-11-22T08:15:00+08:00": US,
    "2026-11-21T19:45:00-04:30": US,
    "2026-11-22T08:15:00.250+08:00": US + 250_000,
    "2026-11-22T00:15:00.000001Z": US + 1,
    "2026-11-22T00:15:00.5+00:00": None,
    "2024-02-29T00:00:00Z": round(datetime(2024, 2, 29, tzinfo=UTC).timestamp()) * 1_000_000,
    "1795306500": US,
    "1795306500250": US + 250_000,
}
NOT_READ = [
    "", "soon", "2026-11-22T00:15:00", "2026-02-30T00:00:00Z", "2025-02-29T00:00:00Z", "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-11-22T24:00:00Z", "2026-11-22T23:60:00Z",
    "2026-12-31T23:59:60Z", "2026-11-22t00:15:00z", "2026-11-22T00:15:00+24:00", "2026-11-22T00:15:00+08:60",
    "2026-11-22T00:15:00+0800x", "2026-11-22T00:15:00*08:00", "2026/11/22T00:15:00Z", "2026-11-22T00.15.00Z",
    "0000-11-22T00:15:00Z", "２０２６-11-22T00:15:00Z", "2026-11-22T00:15:0\0Z", "0795306500", "0001795306500",
    "+795306500", "1_95306500", "179530650٣", "x" * 40,
]  # fmt: skip


def by_row(ts, register, unit):
    row = {"device_id": "m1", "ts": ts, "register": register, "unit": unit}
    try:
        (event,) = history.decode_row(history.READINGS, row).events
    except UndecodableError:
        return None
    return event.ts_us, event.register, event.kind


@pytest.mark.parametrize(("text", "expected"), READ.items())
def test_a_time_that_files_have(text, expected):
    ts_us, read = read_times([text])
    assert (ts_us[0] if read[0] else None) == expected
    assert by_row(text, "1", "m3")[0] == (expected or US + 500_000)


@pytest.mark.parametrize("text", NOT_READ)
def test_a_time_that_is_left_to_the_rows(text):
    assert not read_times([text])[1][0]


def test_times_of_many_spellings_keep_their_places():
    texts = [*READ, *NOT_READ, *reversed(READ)]
    expected = [*READ.values(), *[None] * len(NOT_READ), *reversed(READ.values())]
    ts_us, read = read_times(texts)
    assert [int(us) if good else None for us, good in zip(ts_us, read, strict=True)] == expected


def test_numbers_are_what_python_reads():
    texts = ["1.5", " 1.0", "1e3", "1_000", "+1", "inf", "", "1,5", "٣", "-0.0", "0.1"]
    numbers = read_numbers(texts)
    assert np.array_equal(numbers, [1.5, 1, 1000, 1000, 1, np.inf, np.nan, np.nan, 3, 0, 0.1], equal_nan=True)


FIELDS = {
    "ts": [*READ, *NOT_READ, "1795306500.5", "20261122T001500Z", "2026-11-22T00:15Z", "1e9"],
    "register": ["0", "12.345", "1e3", " 1.0", "1_000", "+1", "-1", "-0.0", "nan", "inf", "-inf", "", "x", "1000000000",
                 "1000000000.1", "1e12", "0x10", "１２", "1\0", "9" * 400],
    "unit": ["m3", "L", "kWh", "Wh", "", "M3", " m3", "wh", "gal"],
}  # fmt: skip
ROWS = st.tuples(
    st.one_of(st.sampled_from(FIELDS["ts"]), st.datetimes(timezones=st.timezones()).map(datetime.isoformat), st.text()),
    st.one_of(st.sampled_from(FIELDS["register"]), st.floats().map(str), st.text()),
    st.one_of(st.sampled_from(FIELDS["unit"]), st.text(max_size=3)),
)


@given(st.lists(ROWS, min_size=1, max_size=20))
def test_by_column_nothing_is_read_otherwise_than_by_row(rows):
    readings = read_readings(*zip(*rows, strict=True))
    for at, row in enumerate(rows):
        if readings.read[at]:
            found = int(readings.ts_us[at]), float(readings.register[at]), KINDS[readings.kind[at]]
            assert found == by_row(*row)


@given(st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)), st.integers(-1439, 1439))  # noqa: DTZ001 - the offset is its own
def test_every_common_time_is_read(naive, offset):
    sign, minutes = "+" if offset >= 0 else "-", abs(offset)
    zone = f"{sign}{minutes // 60:02}:{minutes % 60:02}"
    for precision in ("seconds", "milliseconds", "microseconds"):
        text = naive.isoformat(timespec=precision) + zone
        ts_us, read = read_times([text])
        assert read[0]
        assert ts_us[0] == by_row(text, "1", "L")[0]
