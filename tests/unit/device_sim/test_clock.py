from datetime import UTC, date, datetime

import numpy as np
import pytest

from device_sim.clock import date_of, day_of, last_full_hour, local_second, parse_end, texts
from device_sim.errors import BadParameterError

NOW = datetime(2026, 11, 22, 3, 34, 56, tzinfo=UTC)


def test_history_ends_at_the_last_full_hour_of_the_estates_clock():
    assert parse_end(None, NOW).isoformat() == "2026-11-22T11:00:00+08:00"
    assert last_full_hour(NOW) == parse_end(None, NOW)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("2026-11-21", "2026-11-22T00:00:00+08:00"),
        ("2026-11-21T08:30", "2026-11-21T08:30:00+08:00"),
        ("2026-11-21T00:30:00+00:00", "2026-11-21T08:30:00+08:00"),
    ],
)
def test_end_is_a_date_with_its_whole_day_or_a_time(text, end):
    assert parse_end(text, NOW).isoformat() == end


def test_end_that_is_no_time_is_refused_by_name():
    with pytest.raises(BadParameterError, match="--end yesterday"):
        parse_end("yesterday", NOW)


def test_texts_are_the_wall_clock_with_its_offset():
    second = local_second(datetime(2026, 11, 22, 0, 15, tzinfo=UTC))
    assert texts(np.array([second, second + 1])) == ["2026-11-22T08:15:00+08:00", "2026-11-22T08:15:01+08:00"]


def test_days_are_counted_from_1970():
    assert day_of(date(1970, 1, 2)) == 1
    assert date_of(day_of(date(2026, 11, 22))) == date(2026, 11, 22)
