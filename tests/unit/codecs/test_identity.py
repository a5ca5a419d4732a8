"""Numbers of identity cards are told from ids, and leave nothing of themselves."""

import pytest

from gateway.codecs.identity import hide, is_identity_number

NUMBER = "11010519491231002X"
"""The example of the standard itself."""


def test_a_number_is_one_with_either_x():
    assert is_identity_number(NUMBER)
    assert is_identity_number(NUMBER.lower())


@pytest.mark.parametrize(
    "text",
    [
        "110105194912310021",  # another check digit
        "11010519491331002X",  # a thirteenth month
        "11010515491231002X",  # born in 1549
        "01010519491231002X",
        "1101051949123100X",
        "869012345678901",  # an IMEI
        "p000123",
        "",
        "１１010519491231002X",
    ],
)
def test_other_ids_are_none(text):
    assert not is_identity_number(text)


def test_each_is_hidden_wherever_it_stands_and_longer_numbers_stay():
    said = f"id={NUMBER}&no=1{NUMBER}; {NUMBER.lower()}"
    assert hide(said.encode(), b"?").decode() == f"id=?&no=1{NUMBER}; ?"
