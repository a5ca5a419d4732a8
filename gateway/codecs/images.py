"""Faces never get past this door: images and templates are cut out of a payload, and counted.

Personal Information Protection Law and the Security Measures for Facial Recognition (in force 2025-06-01):
pictures and templates stay on the device. What is recognised: values under the keys that terminals use, long
base64 or hexadecimal text under any key, long arrays of numbers (feature vectors), and raw picture bytes.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

REMOVED = "[image removed]"

_KEYS = re.compile(
    r"pic|picture|scene|image|img|photo|snapshot|avatar|thumbnail|face_?(image|img|pic|data|photo|feature)"
    r"|features?|templates?|embedding|fingerprint_?(data|template)|(small|big|full|panorama|background)_?(pic|image)",
    re.IGNORECASE,
)
_LONG_TEXT = 256
_LONG_ARRAY = 32
_ENCODED = re.compile(
    rb"(?<![A-Za-z0-9+/_=-])(?:data:image/[\w.+-]+;base64,)?(?:[A-Za-z0-9+/_=-]|\\/|\\[rn]){%d,}" % _LONG_TEXT
)
_ENCODED_TEXT = re.compile(rf"\s*(data:image/[\w.+-]+;base64,)?[A-Za-z0-9+/_=\s-]{{{_LONG_TEXT},}}")
_RAW = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|GIF8[79]a|RIFF....WEBP", re.DOTALL)


def strip(payload: bytes) -> tuple[bytes, int]:
    """Cut every image and template out; returns the rest and how many were removed."""
    try:
        stripped, removed = _strip_value(msgspec.json.decode(payload))
        return (msgspec.json.encode(stripped), removed) if removed else (payload, 0)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _strip_bytes(payload)


def _strip_bytes(payload: bytes) -> tuple[bytes, int]:
    marker = REMOVED.encode()
    payload, removed = _ENCODED.subn(marker, payload)
    if raw := _RAW.search(payload):
        # A picture has no end that can be trusted, so everything from its first byte on goes.
        return payload[: raw.start()] + marker, removed + 1
    return payload, removed


def _strip_value(value: Any) -> tuple[Any, int]:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return _strip_dict(value)
    if isinstance(value, list):
        return _strip_list(value)
    if isinstance(value, str) and len(value) >= _LONG_TEXT and _ENCODED_TEXT.fullmatch(value):
        return REMOVED, 1
    return value, 0


def _strip_dict(value: dict[str, Any]) -> tuple[Any, int]:
    out: dict[str, Any] = {}
    removed = 0
    for key, item in value.items():
        if not isinstance(item, str | list | dict):
            out[key] = item
            continue
        if _is_content(item) and _KEYS.fullmatch(key):
            out[key], count = REMOVED, 1
        else:
            out[key], count = _strip_value(item)
        removed += count
    return out, removed


def _strip_list(value: list[Any]) -> tuple[Any, int]:
    if len(value) >= _LONG_ARRAY and all(type(item) in (int, float) for item in value):
        return REMOVED, 1
    pairs = [_strip_value(item) for item in value]
    return [item for item, _ in pairs], sum(count for _, count in pairs)


def _is_content(item: Any) -> bool:  # noqa: ANN401 - any JSON value
    return (isinstance(item, str) and item.strip() not in ("", REMOVED)) or (isinstance(item, list) and len(item) > 1)
