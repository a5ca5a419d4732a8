from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from gateway.reports.month import Month, MonthError

SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_a_month_that_is_over_is_whole_in_the_estates_zone():
    span = Month.parse("2026-02").span(SHANGHAI, datetime(2026, 11, 22, tzinfo=UTC))
    assert (span.first, span.last, span.days) == (date(2026, 2, 1), date(2026, 2, 28), 28)
    assert span.begin == datetime(2026, 1, 31, 16, tzinfo=UTC)
    assert span.end == datetime(2026, 2, 28, 16, tzinfo=UTC)


def test_the_present_month_goes_up_to_now_and_counts_whole_days():
    now = datetime(2026, 11, 21, 17, tzinfo=UTC)  # the 22nd, one in the morning, in Shanghai
    span = Month.parse("2026-11").span(SHANGHAI, now)
    assert (span.last, span.days, span.end) == (date(2026, 11, 21), 21, now)
    first = Month.parse("2026-11").span(SHANGHAI, datetime(2026, 11, 1, 3, tzinfo=UTC))
    assert first.days == 0


def test_a_month_begins_when_it_begins_there():
    now = datetime(2026, 11, 30, 17, tzinfo=UTC)
    assert Month.parse("2026-12").span(SHANGHAI, now).first == date(2026, 12, 1)
    with pytest.raises(MonthError, match="has not begun"):
        Month.parse("2026-12").span(ZoneInfo("UTC"), now)


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-00", "0000-01", "2026-1", "2026-11-01", "２０２６-11"])
def test_what_is_no_month_is_refused(text):
    with pytest.raises(MonthError, match="2026-11"):
        Month.parse(text)


def test_december_ends_with_the_year():
    assert (Month.parse("2026-12").last, str(Month.parse("2026-12"))) == (date(2026, 12, 31), "2026-12")
