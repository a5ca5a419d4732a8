"""Edits of messages: small ones, the same for every source of chance, so that a failure can be shrunk and repeated."""

import json
import random
import re
from collections.abc import Sequence
from typing import NamedTuple

VALUES = (
    None, True, False, 0, -1, 1e999, -1e999, float("nan"), 1e-320, 2**63, 10**40, 1.5, "", " ", "0", "-1",
    "1e999", "NaN", "٣", "\0", "\ud800", "x" * 300, "000000000012", "1970-01-01T00:00:00", "2026-13-45 25:61:61",
    "9999-12-31T23:59:59Z", "20261125T080000+08:00", [], {}, [[]], [1, 2, 3], {"a": {}}, [None] * 40,
)  # fmt: skip
"""What stands in a JSON where something else belongs."""
NUMBERS = (
    b"0", b"-0", b"-1", b"1e400", b"1e-400", b"NaN", b"Infinity", b"18446744073709551616", b"0.1e1", b'"7"', b"9" * 400,
    b"9" * 5000,
)  # fmt: skip
SIGNS = (
    "\0", "\x1e", "\x85", "\u00a0", "\u2028", "\ufeff", "\ud800", "٣", "²", "１", "½", "é", "-", "+", ".",
    ",", "_", "e", "/", "0",
)  # fmt: skip
"""What gets into texts, or makes a number one; some of them are digits or blanks to one function and not to another."""
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
_NESTED = 2000


class Edit(NamedTuple):
    """One change: what is done, where (a share of the length), and with what."""

    op: str
    at: float
    what: int


def apply(payload: bytes, edits: Sequence[Edit], others: Sequence[bytes] = ()) -> bytes:
    """Change a message; `others` are messages that pieces are taken from."""
    for edit in edits:
        payload = _OPS[edit.op](payload, edit, others)
    return payload


def some(chance: random.Random) -> list[Edit]:
    """Give one to four edits."""
    return [
        Edit(chance.choice(OPS), chance.random(), chance.getrandbits(32)) for _ in range(chance.choice((1, 1, 2, 4)))
    ]


def _place(payload: bytes, edit: Edit) -> int:
    return min(int(edit.at * len(payload)), max(len(payload) - 1, 0))


def _flip(payload: bytes, edit: Edit, _others: Sequence[bytes]) -> bytes:
    if not payload:
        return payload
    at = _place(payload, edit)
    return payload[:at] + bytes((payload[at] ^ (1 << edit.what % 8),)) + payload[at + 1 :]


def _put(payload: bytes, edit: Edit, _others: Sequence[bytes]) -> bytes:
    at = _place(payload, edit)
    return payload[:at] + bytes((edit.what & 0xFF,)) + payload[at + 1 :]


def _cut(payload: bytes, edit: Edit, _others: Sequence[bytes]) -> bytes:
    at = _place(payload, edit)
    return payload[:at] + payload[at + 1 + edit.what % 12 :]


def _end(payload: bytes, edit: Edit, _others: Sequence[bytes]) -> bytes:
    return payload[: _place(payload, edit)]


def _insert(payload: bytes, edit: Edit, _others: Sequence[bytes]) -> bytes:
    at = _place(payload, edit)
    return payload[:at] + edit.what.to_bytes(4, "big")[: 1 + edit.what % 4] + payload[at:]


def _repeat(payload: bytes, edit: Edit, _others: Sequence[bytes]) -> bytes:
    at = _place(payload, edit)
    return payload[:at] + payload[at : at + 1 + edit.what % 64] * 2 + payload[at:]


def _splice(payload: bytes, edit: Edit, others: Sequence[bytes]) -> bytes:
    other = others[edit.what % len(others)] if others else payload
    at = _place(payload, edit)
    begin = int(edit.at * len(other))
    return payload[:at] + other[begin : begin + edit.what % 200] + payload[at:]


def _number(payload: bytes, edit: Edit, _others: Sequence[bytes]) -> bytes:
    found = _NUMBER.search(payload, _place(payload, edit))
    new = NUMBERS[edit.what % len(NUMBERS)]
    return payload if found is None else payload[: found.start()] + new + payload[found.end() :]


def _json(payload: bytes, edit: Edit, _others: Sequence[bytes]) -> bytes:
    """Put a value where another one stands in the JSON, drop it, or wrap it."""
    try:
        value = json.loads(payload)
    except (ValueError, RecursionError):
        return _flip(payload, edit, _others)
    places = list(_places(value))
    if not places:
        return payload
    holder, key = places[min(int(edit.at * len(places)), len(places) - 1)]
    kind = edit.what % 16
    if kind == 0:
        del holder[key]
    elif kind == 1:
        holder[key] = [holder[key]]
    elif kind < 6 and isinstance(holder[key], (str, int, float)):
        text, sign = str(holder[key]), SIGNS[edit.what // 16 % len(SIGNS)]
        middle = edit.what // 512 % (len(text) + 1)
        holder[key] = text[:middle] + sign + text[middle:]
    else:
        holder[key] = VALUES[edit.what // 16 % len(VALUES)]
    return json.dumps(value).encode()


def _places(value: object):
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in list(items):
        yield value, key
        yield from _places(item)


def _nest(payload: bytes, edit: Edit, _others: Sequence[bytes]) -> bytes:
    at = _place(payload, edit)
    opening = (b"[", b'{"a":', b'{"data":[')[edit.what % 3]
    return payload[:at] + opening * (edit.what % _NESTED) + payload[at:]


_OPS = {
    "flip": _flip, "put": _put, "cut": _cut, "end": _end, "insert": _insert, "repeat": _repeat, "splice": _splice,
    "number": _number, "json": _json, "nest": _nest,
}  # fmt: skip
OPS = (*(name for name in _OPS if name != "nest"), *["json"] * 3)
"""Their names, the fruitful ones more often; `nest` makes long messages and is left to those who ask for it."""
ALL_OPS = tuple(_OPS)
