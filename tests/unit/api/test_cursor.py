from datetime import UTC, datetime

import pytest

from api.cursor import CursorError, decode, encode


def test_what_goes_in_comes_out():
    where = (datetime(2026, 11, 22, 1, 2, 3, 456789, tzinfo=UTC), 2**62)
    text = encode(where)
    assert decode(text, tuple[datetime, int]) == where
    assert text.isascii()
    assert not set(text) & set("+/=&?# ")
    assert decode(None, int) is None


def test_what_no_database_holds_is_refused():
    for where, shape in ((2**63, int), ("a\x00b", str), ((datetime.now(UTC), -(2**63)), tuple[datetime, int])):
        with pytest.raises(CursorError):
            decode(encode(where), shape)


@pytest.mark.parametrize("text", ["", "x", "!!!!", "eyJhIjoxfQ", encode("abc"), encode([1, 2, 3]), "é", "A" * 400])
def test_what_is_not_ours_is_refused(text):
    with pytest.raises(CursorError):
        decode(text, tuple[datetime, int])
