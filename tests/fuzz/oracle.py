"""DL/T 645 and CJ/T 188 read once more, slowly and in another way, to tell what a frame's bytes really say."""

import base64
import binascii
import json
import random
import re
from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction

from fuzz.spoken import NOW_US, ZONE

REFUSED, NOTHING = "refused", "nothing"
SHAPES = {"dlt645": (10, 9), "cjt188": (11, 10)}
"""Where the data begin in a frame, and where their length stands."""
_NOT_HEX = re.compile(rb"0[xX]|[^0-9A-Fa-f]")


def frames_in(name: str, payload: bytes) -> Iterator[bytes]:
    """Every stretch of a message, in whichever spelling, that a checksum proves to be a frame."""
    for blob in _spellings(payload):
        for at, byte in enumerate(blob):
            if byte == 0x68 and (frame := _frame(name, blob[at:])):
                yield frame


def repaired(name: str, frame: bytes, chance: random.Random) -> bytes:
    """A frame with some bytes changed, more of them or fewer, and with the length and the checksum that prove it."""
    begin, length_at = SHAPES[name]
    data = bytearray(frame[:-2])
    for _ in range(chance.choice((0, 1, 1, 2, 4))):
        data[chance.randrange(1, len(data))] = chance.choice((chance.getrandbits(8), 0x33, 0x99, 0xFF, 0))
    if chance.random() < 0.2:
        del data[chance.randrange(begin, len(data)) :]
    elif chance.random() < 0.2:
        data += chance.randbytes(chance.randrange(1, 9))
    if name == "dlt645":
        data[7] = 0x68
    data[length_at] = len(data) - begin
    return bytes(data) + bytes((sum(data) % 256, 0x16))


def says(name: str, frame: bytes) -> set[tuple[str, Fraction] | str]:
    """What a whole frame may be taken for: an address with its register, nothing, or something to refuse."""
    return {"dlt645": _says_645, "cjt188": _says_188}[name](frame)


def times(frame: bytes) -> set[int]:
    """When a water meter's register may be of: its arrival, or a time that stands somewhere in the frame."""
    found = {NOW_US}
    for at in range(11, len(frame) - 8):
        for digits in (frame[at : at + 7].hex(), frame[at : at + 7][::-1].hex()):
            try:
                found.add(int(datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=ZONE).timestamp()) * 1_000_000)
            except ValueError:
                continue
    return found


def _spellings(payload: bytes) -> Iterator[bytes]:
    yield payload
    try:
        texts = [text.encode("latin-1", "replace") for text in _texts(json.loads(payload))]
    except (ValueError, RecursionError):
        texts = [payload]
    for text in texts:
        yield text
        digits = _NOT_HEX.sub(b"", text)
        for shift in (0, 1):
            yield binascii.unhexlify(digits[shift : len(digits) - (len(digits) - shift) % 2])
        try:
            yield base64.b64decode(text)
        except ValueError:
            continue


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        if isinstance(value, list) and value and all(isinstance(item, int) and 0 <= item < 256 for item in value):
            yield bytes(value).decode("latin-1")
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def _frame(name: str, blob: bytes) -> bytes | None:
    begin, length_at = SHAPES[name]
    if len(blob) <= begin:
        return None
    size = begin + blob[length_at] + 2
    frame = blob[:size]
    if len(frame) < size or frame[-1] != 0x16 or sum(frame[:-2]) % 256 != frame[-2]:
        return None
    return frame if name != "dlt645" or frame[7] == 0x68 else None


def _decimal(value: bytes) -> int | None:
    total = 0
    for weight, byte in enumerate(value):
        high, low = divmod(byte, 16)
        if high > 9 or low > 9:
            return None
        total += (high * 10 + low) * 100**weight
    return total


def _says_645(frame: bytes) -> set[tuple[str, Fraction] | str]:  # noqa: PLR0911 - a list of cases
    control, data = frame[8], bytes((byte - 0x33) % 256 for byte in frame[10:-2])
    if control < 0x80:
        return {NOTHING}
    if control & 0x40:
        return {REFUSED}
    sizes = {0x11: 4, 0x01: 2}
    size = sizes.get(control & 0x1F)
    if size is None:
        return {NOTHING}
    if len(data) < size:
        return {REFUSED}
    data_id = int.from_bytes(data[:size], "little")
    alone = {4: (0x00010000, 0x00000000), 2: (0x9010,)}[size]
    blocks = {4: (0x0001FF00, 0x0000FF00), 2: (0x901F,)}[size]
    if data_id not in alone + blocks:
        return {NOTHING}
    value = data[size : size + 4]
    number = _decimal(value)
    if len(value) < 4 or number is None or (data_id in alone and len(data) - size > 5):
        return {REFUSED}
    if data_id in (0x00000000, 0x0000FF00) and value[3] >= 0x80:
        return {REFUSED}
    return {(frame[1:7][::-1].hex(), Fraction(number, 100))}


def _says_188(frame: bytes) -> set[tuple[str, Fraction] | str]:  # noqa: PLR0911 - a list of cases
    control, data = frame[9], frame[11:-2]
    if control < 0x80:
        return {NOTHING}
    if not 0x10 <= frame[1] <= 0x19 or control & 0x40:
        return {REFUSED}
    if control & 0x1F != 1:
        return {NOTHING}
    if len(data) < 3:
        return {REFUSED}
    address, values = frame[2:9][::-1].hex(), data[3:]
    if data[:2] in (b"\x90\x1f", b"\x1f\x90"):
        volume = _volume(values[:5])
        return {REFUSED} if volume is None else {(address, volume), REFUSED}  # other lengths may be refused
    if {0xD3, 0xD4} & set(data[:2]):
        volume = _volume(values[7:12])
        return {REFUSED, NOTHING} if volume is None else {(address, volume), REFUSED, NOTHING}
    return {NOTHING}


def _volume(value: bytes) -> Fraction | None:
    if len(value) < 5 or (number := _decimal(value[:4])) is None or not 0x29 <= value[4] <= 0x2E:
        return None
    return Fraction(number, 100) * Fraction(10) ** (value[4] - 0x2C)
