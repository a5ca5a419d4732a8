"""Opaque cursors: where a page ended, as URL-safe text that only this API reads."""

from __future__ import annotations

import base64
import binascii
from typing import TypeVar

import msgspec

T = TypeVar("T")


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
        return msgspec.json.decode(raw, type=shape)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise CursorError(text) from error
