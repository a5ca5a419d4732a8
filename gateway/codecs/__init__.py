"""Dialects: one pure module each. A codec takes a message and returns what it means, or a reason why not.

A new dialect is one file here with a `decode` function, and one entry in `_CODECS`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from gateway.codecs import history, native
from gateway.codecs.message import Decoded, Message

Codec: TypeAlias = Callable[[Message], Decoded]

_CODECS: tuple[tuple[str, Codec], ...] = (
    (native.TOPIC_FILTER, native.decode),
    (history.TOPIC_FILTER, history.decode),
)


def codec_for(topic: str) -> Codec:
    """Choose the codec by the topic; what no filter claims is read as the native dialect, which says why not."""
    for topic_filter, codec in _CODECS:
        if topic.startswith(topic_filter.removesuffix("#")):
            return codec
    return native.decode
