"""Numbers of Chinese identity cards (GB 11643): a region, a date of birth, a serial and a check digit.

They name a person for life, so they are no ids here and are kept nowhere. The older ones of 15 digits have no check
digit and look like any IMEI; they are void since 2013.
"""

from __future__ import annotations

import re

_NUMBER = r"[1-9][0-9]{5}(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9Xx]"
_ALONE = re.compile(_NUMBER)
_ANYWHERE = re.compile(rf"(?<![0-9A-Za-z])(?:{_NUMBER})(?![0-9A-Za-z])".encode())
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"


def is_identity_number(text: str) -> bool:
    """Whether a text is one, its check digit included."""
    if not _ALONE.fullmatch(text):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, text, strict=False))
    return _CHECKS[total % len(_CHECKS)] == text[-1].upper()


def hide(payload: bytes, marker: bytes) -> bytes:
    """Put a marker in the place of each."""
    return _ANYWHERE.sub(lambda found: marker if is_identity_number(found[0].decode()) else found[0], payload)
