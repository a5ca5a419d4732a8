"""Faces never get past this door: images and templates are cut out of a payload, and counted; names go as well.

Personal Information Protection Law and the Security Measures for Facial Recognition (in force 2025-06-01):
pictures and templates stay on the device. What is recognised: values under the keys that terminals use, long
base64 or hexadecimal text under any key, long arrays of numbers (feature vectors), and raw picture bytes.

Platforms put a tenant's name and telephone beside a meter's figures as well, so keys that say so are hidden whatever
the dialect, and numbers of identity cards wherever they stand. Where a dialect is about people, Chinese text is hidden
under any key: it is a name, or nothing that a codec reads.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import msgspec

from gateway.codecs import identity
from gateway.codecs.dialect import Dialect
from gateway.codecs.text import as_utf8

REMOVED = "[image removed]"
HIDDEN = "[personal]"

_KEYS = re.compile(
    r"\w*((?<!to)pic|picture|image|img|photo)(_?(ur[il]|path|data|base64))?|scene|snapshot|avatar|thumbnail"
    r"|(face|head)_?(ur[il]|path|data|base64)|\w*(feature|template|embedding|eigenvalue)s?(_?(data|values?|vector|code))?"
    r"|\w*(finger(print)?|palm|iris|vein|fp)_?data|\w*特征\w*",
    re.IGNORECASE,
)
_PERSONAL_KEYS = (
    r"\w{0,32}(?:persi?on|user|real|full|first|last|staff|student|tenant|owner|cust(?:omer)?|visitor|resident|employee"
    r"|holder|contact)_?name|\w{0,32}(?:mobile|phone)(?:_?(?:num(?:ber)?|no))?|tel(?:_?(?:num(?:ber)?|no))?"
    r"|\w{0,32}id_?card\w{0,32}|e?mail|birth(?:day|_?date)|户名|户主|业主|(?:业主|户主|用户|客户|租户|人员|联系人)(?:姓名|名称)"
    r"|姓名|\w{0,32}(?:电话|手机)(?:号码?)?|身份证\w{0,32}|住址|\w{0,32}证件号码?"
)
"""What platforms call people, whatever the dialect."""
_HAN = re.compile(r"[\u3400-\u9fff]")
_HAN_BYTES = re.compile(rb"(?:[\xe3-\xe9][\x80-\xbf]{2})+")
_LONG_TEXT = 256
_SHORTEST_IDENTITY = 18
_LONGEST_KEY = 64
"""What is longer names nobody."""
_LONG_ARRAY = 32
_ENCODED = re.compile(
    rb"(?<![A-Za-z0-9+/_=-])(?:data:image/[\w.+-]+;base64,)?(?:[A-Za-z0-9+/_=-]|\\/|\\[rn]|\r?\n){%d,}" % _LONG_TEXT
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
        return _strip_bytes(_hide(as_utf8(payload) if personal else payload, personal), faces=faces)
    return (msgspec.json.encode(stripped) if cutter.removed or cutter.hidden else payload), cutter.removed


def strip_for(dialect: Dialect, payload: bytes) -> tuple[bytes, int]:
    """Cut out of a payload what its dialect must not leave behind."""
    return strip(payload, faces=dialect.faces, personal=dialect.personal)


def _hide(payload: bytes, personal: frozenset[str]) -> bytes:
    """Hide what is about a person in bytes that are no JSON: a piece of it, JSON between other parts, XML."""
    members, elements = _personal_patterns(personal)
    hidden = HIDDEN.encode()
    payload = elements.sub(rb"\1" + hidden, members.sub(rb'\1"' + hidden + b'"', identity.hide(payload, hidden)))
    return _HAN_BYTES.sub(hidden, payload) if personal else payload


@lru_cache(maxsize=100)
def _keys_of(personal: frozenset[str]) -> re.Pattern[str]:
    return re.compile("|".join([*map(re.escape, sorted(personal)), _PERSONAL_KEYS]), re.IGNORECASE)


@lru_cache(maxsize=10_000)
def _is_personal(personal: frozenset[str], key: str) -> bool:
    return _keys_of(personal).fullmatch(key) is not None


@lru_cache(maxsize=100)
def _personal_patterns(personal: frozenset[str]) -> tuple[re.Pattern[bytes], re.Pattern[bytes]]:
    names = _keys_of(personal).pattern.encode()
    member = rb'("(?:%s)"\s*:\s*)(?:"(?:[^"\\]|\\.)*"?|[-+.\w]+)' % names
    element = rb"(<(?:%s)(?:\s[^<>]*)?>(?:<!\[CDATA\[)?)[^<]+" % names
    return re.compile(member, re.DOTALL | re.IGNORECASE), re.compile(element, re.IGNORECASE)


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
        return self._text(value) if isinstance(value, str) else self._number(value)

    def _item(self, key: str, item: Any) -> Any:  # noqa: ANN401
        if len(key) <= _LONGEST_KEY and _is_personal(self._personal, key) and not _is_blank(item):
            self.hidden += item != HIDDEN
            return HIDDEN
        if not isinstance(item, str | list | dict):
            return self._number(item)
        return self._image() if _is_content(item) and _KEYS.fullmatch(key) else self.value(item)

    def _list(self, value: list[Any]) -> Any:  # noqa: ANN401
        if self._faces and len(value) >= _LONG_ARRAY and all(type(item) in (int, float) for item in value):
            return self._image()
        return [self.value(item) for item in value]

    def _text(self, text: str) -> str:
        shown = HIDDEN if self._personal and _HAN.search(text) else _without_identity_numbers(text)
        self.hidden += shown != text
        return shown

    def _number(self, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        if type(value) is not int or not identity.is_identity_number(str(value)):
            return value
        self.hidden += 1
        return HIDDEN

    def _image(self) -> str:
        self.removed += 1
        return REMOVED


def _without_identity_numbers(text: str) -> str:
    if len(text) < _SHORTEST_IDENTITY:
        return text
    return identity.hide(text.encode("utf-8", "surrogatepass"), HIDDEN.encode()).decode("utf-8", "surrogatepass")


def _is_blank(item: Any) -> bool:  # noqa: ANN401 - any JSON value
    return item is None or (isinstance(item, str) and not item.strip())


def _is_content(item: Any) -> bool:  # noqa: ANN401 - any JSON value
    return (isinstance(item, str) and item.strip() not in ("", REMOVED)) or (isinstance(item, list) and len(item) > 1)
