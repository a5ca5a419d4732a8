"""Opaque cursors: where a page ended, as URL-safe text that only this API reads."""

from __future__ import annotations

import base64
import binascii
from typing import TypeVar

import msgspec

T = TypeVar("T")

_LARGEST = 2**63 - 1


class CursorError(ValueError):
    """The text is not one of our cursors."""


def encode(where: object) -> str:
    """Make a cursor of plain values."""
    return base64.urlsafe_b64encode(msgspec.json.encode(where)).decode().rstrip("=")


def decode(text: str | None, shape: type[T]) -> T | None:
    """Read a cursor back as `shape`; None for none.

    Raises:
        CursorError: it is not one of ours, or belongs to another list.
    """
    if text is None:
        return None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        where = msgspec.json.decode(raw, type=shape)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise CursorError(text) from error
    if not all(_storable(value) for value in (where if isinstance(where, tuple) else (where,))):
        raise CursorError(text)
    return where


def _storable(value: object) -> bool:
    """Whether the database could hold it at all; what we made can always be."""
    if isinstance(value, int):
        return abs(value) <= _LARGEST
    return not (isinstance(value, str) and "\x00" in value)
