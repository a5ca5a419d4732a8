"""Times without a zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from gateway.codecs.clock import local_us

ZONES = [UTC, ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Amsterdam"), ZoneInfo("Asia/Kathmandu")]


@given(st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29)), st.sampled_from(ZONES))  # noqa: DTZ001
def test_it_is_the_moment_of_the_aware_time(local, zone):
    aware = local.replace(tzinfo=zone)
    assert local_us(local, zone) == (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
