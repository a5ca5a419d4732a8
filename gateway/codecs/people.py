"""Numbers, and who passed, as terminals say them: as numbers or as texts, blank ones, and zeros for nobody."""

from __future__ import annotations

import re
from typing import TypeAlias

from gateway.codecs import images
from gateway.codecs.identity import is_identity_number
from gateway.codecs.message import Reason, UndecodableError

Number: TypeAlias = int | float | str
"""A figure or an id, which firmware writes as a number or as a text."""
ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""An id of the lists (contract, section 1)."""
_LONGEST_WHOLE = 18
_LARGEST_EXACT = 1e15
"""Whole numbers below it are as they were said, though a language without whole numbers wrote `12.0`."""
_OF_CARD = "idCard"
NOBODY = frozenset({"", "0", "-1", "null", "NULL", "None", "nil", "undefined"})
"""What stands in an id's place where there is none, the words of programs for nothing among it."""


def text_of(value: Number | None) -> str:
    """Give the value as a text without spaces around it."""
    if value is None:
        return ""
    if type(value) is float and value.is_integer() and abs(value) < _LARGEST_EXACT:
        value = int(value)
    return (value if type(value) is str else str(value)).strip()


def is_whole(text: str) -> bool:
    """Whether it is the digits of a number that 64 bits hold."""
    return text.isdecimal() and text.isascii() and len(text) <= _LONGEST_WHOLE


def person_of(*said: tuple[str, Number | None]) -> str | None:
    """Give the first of these (name of the field, value) that is somebody's id; what a card says is nobody's.

    Raises:
        UndecodableError: it is none that a list can have, or it was hidden before the message was kept.
    """
    for name, value in said:
        text = text_of(value)
        if text in NOBODY:
            continue
        if text == images.HIDDEN:
            raise UndecodableError(Reason.WRONG_SHAPE, f"{name}, the only id of the person, was not kept")
        if is_identity_number(text):
            if name == _OF_CARD:
                continue  # read from a card: somebody who is not enrolled
            detail = f"{name} is an identity card's number, which is not kept: enrol people under their person_id"
            raise UndecodableError(Reason.IMPOSSIBLE_VALUE, detail)
        if not ID.fullmatch(text):
            raise UndecodableError(Reason.IMPOSSIBLE_VALUE, f"{name} is not 1 to 64 of A-Z a-z 0-9 . _ -")
        return text
    return None
