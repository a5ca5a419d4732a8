"""JSON and XML as devices write them: a mark before, zeros behind, or in the encoding of China's older firmware."""

from __future__ import annotations

_MARK = b"\xef\xbb\xbf"
_BEGINNINGS = (b"{", b"[", b"<")
_WIDE = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"{\0": "utf-16-le", b"<\0": "utf-16-le", b"\0{": "utf-16-be"}
"""Two bytes a sign, as bridges written for Windows may leave it: by the first two."""


def as_utf8(payload: bytes) -> bytes:
    """Give a JSON object or list, or XML, in UTF-8 with nothing around it; whatever else it is stays as it came.

    A text that is no UTF-8 and is GB18030 (GBK among it) from end to end is taken for that.
    """
    payload = payload.removeprefix(_MARK)
    if encoding := _WIDE.get(payload[:2]):
        payload = _narrowed(payload, encoding)
    if not payload.startswith(_BEGINNINGS):
        return payload
    if payload.endswith(b"\0"):
        payload = payload.rstrip(b"\0")
    return payload if payload.isascii() else _transcoded(payload)


def _narrowed(payload: bytes, encoding: str) -> bytes:
    try:
        text = payload.decode(encoding).encode()
    except UnicodeError:
        return payload
    return text if text.startswith(_BEGINNINGS) else payload


def _transcoded(payload: bytes) -> bytes:
    for encoding in ("utf-8", "gb18030"):
        try:
            text = payload.decode(encoding)
        except UnicodeDecodeError:
            continue
        return payload if encoding == "utf-8" else text.encode()
    return payload
