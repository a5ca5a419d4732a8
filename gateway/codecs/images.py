"""Faces never get past this door: images and templates are cut out of a payload, and counted; names go as well.

Personal Information Protection Law and the Security Measures for Facial Recognition (in force 2025-06-01):
pictures and templates stay on the device. What is recognised: values under the keys that terminals use, long
base64 or hexadecimal text under any key, long arrays of numbers (feature vectors), and raw picture bytes.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import msgspec

from gateway.codecs.dialect import Dialect
from gateway.codecs.text import as_utf8

REMOVED = "[image removed]"
HIDDEN = "[personal]"

_KEYS = re.compile(
    r"\w*((?<!to)pic|picture|image|img|photo)|scene|snapshot|avatar|thumbnail|face_?(data|feature)"
    r"|features?|templates?|embedding|fingerprint_?(data|template)",
    re.IGNORECASE,
)
_LONG_TEXT = 256
_LONG_ARRAY = 32
_ENCODED = re.compile(
    rb"(?<![A-Za-z0-9+/_=-])(?:data:image/[\w.+-]+;base64,)?(?:[A-Za-z0-9+/_=-]|\\/|\\[rn]){%d,}" % _LONG_TEXT
)
_ENCODED_TEXT = re.compile(rf"\s*(data:image/[\w.+-]+;base64,)?[A-Za-z0-9+/_=\s-]{{{_LONG_TEXT},}}\Z")
_DATA_URL = "data:image/"
_BEGINNINGS = rf"{_DATA_URL}|/9j/|iVBORw0KGgo|R0lGOD[dl]h|UklGR|[Ff][Ff][Dd]8[Ff][Ff]|89504[Ee]47|4749463[89]"
"""JPEG, PNG, GIF and WebP in base64 and in hexadecimal."""
_PICTURE_TEXT = re.compile(rf"\s*({_BEGINNINGS})")
_PICTURE_TEXT_ANYWHERE = re.compile(rf"({_BEGINNINGS})[A-Za-z0-9+/_=-]{{{_LONG_TEXT - 16},}}".encode())
_RAW = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|GIF8[79]a|RIFF....WEBP", re.DOTALL)


def strip(payload: bytes, *, faces: bool = True, personal: frozenset[str] = frozenset()) -> tuple[bytes, int]:
    """Cut every image and template out, and the values of keys that are about a person.

    Without `faces` (`Dialect.faces`) long encoded text stays unless it begins as a picture file does. Returns the rest
    and how many images were removed.
    """
    cutter = _Cutter(faces, personal)
    try:
        stripped = cutter.value(msgspec.json.decode(as_utf8(payload)))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _strip_bytes(_hide(payload, personal), faces=faces)
    return (msgspec.json.encode(stripped) if cutter.removed or cutter.hidden else payload), cutter.removed


def strip_for(dialect: Dialect, payload: bytes) -> tuple[bytes, int]:
    """Cut out of a payload what its dialect must not leave behind."""
    return strip(payload, faces=dialect.faces, personal=dialect.personal)


def _hide(payload: bytes, personal: frozenset[str]) -> bytes:
    """Hide what is about a person in bytes that are no JSON: a piece of it, JSON between other parts, XML."""
    if not personal:
        return payload
    members, elements = _personal_patterns(personal)
    hidden = HIDDEN.encode()
    return elements.sub(rb"\1" + hidden, members.sub(rb'\1"' + hidden + b'"', payload))


@lru_cache(maxsize=100)
def _personal_patterns(personal: frozenset[str]) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    names = b"|".join(re.escape(name).encode() for name in sorted(personal))
    member = rb'("(?:%s)"\s*:\s*)(?:"(?:[^"\\]|\\.)*"?|[-+.\w]+)' % names
    return re.compile(member, re.DOTALL), re.compile(rb"(<(?:%s)>)[^<]+" % names)


def _strip_bytes(payload: bytes, *, faces: bool) -> tuple[bytes, int]:
    marker = REMOVED.encode()
    removed = 0
    if faces:
        payload, removed = _ENCODED.subn(marker, payload)
    elif begins := _PICTURE_TEXT_ANYWHERE.search(payload):
        payload, removed = payload[: begins.start()] + marker, 1
    if raw := _RAW.search(payload):
        # A picture has no end that can be trusted, so everything from its first byte on goes.
        return payload[: raw.start()] + marker, removed + 1
    return payload, removed


class _Cutter:
    """Walks through a JSON value and counts what it cuts out: images, and personal values."""

    def __init__(self, faces: bool, personal: frozenset[str]) -> None:  # noqa: FBT001 - both are always given
        self._encoded = _ENCODED_TEXT if faces else _PICTURE_TEXT
        self._faces = faces
        self._personal = personal
        self.removed = 0
        self.hidden = 0

    def value(self, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        """Give the value without what must go."""
        if isinstance(value, dict):
            return {key: self._item(key, item) for key, item in value.items()}
        if isinstance(value, list):
            return self._list(value)
        if isinstance(value, str) and (
            (len(value) >= _LONG_TEXT and self._encoded.match(value)) or value.startswith(_DATA_URL)
        ):
            return self._image()
        return value

    def _item(self, key: str, item: Any) -> Any:  # noqa: ANN401
        if key in self._personal and not _is_blank(item):
            self.hidden += item != HIDDEN
            return HIDDEN
        if not isinstance(item, str | list | dict):
            return item
        return self._image() if _is_content(item) and _KEYS.fullmatch(key) else self.value(item)

    def _list(self, value: list[Any]) -> Any:  # noqa: ANN401
        if self._faces and len(value) >= _LONG_ARRAY and all(type(item) in (int, float) for item in value):
            return self._image()
        return [self.value(item) for item in value]

    def _image(self) -> str:
        self.removed += 1
        return REMOVED


def _is_blank(item: Any) -> bool:  # noqa: ANN401 - any JSON value
    return item is None or (isinstance(item, str) and not item.strip())


def _is_content(item: Any) -> bool:  # noqa: ANN401 - any JSON value
    return (isinstance(item, str) and item.strip() not in ("", REMOVED)) or (isinstance(item, list) and len(item) > 1)
