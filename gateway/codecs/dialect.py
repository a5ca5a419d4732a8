"""What a dialect is: a name, the topics where its devices usually speak, and how to read them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from msgspec import Struct

from gateway.codecs.message import Decoded, Message, Site

Codec: TypeAlias = Callable[[Message, Site], Decoded]
"""Takes a message and returns what it means, or raises `UndecodableError`. Pure: no I/O, no clock, no memory."""

Ask: TypeAlias = Callable[[str], tuple[bytes, ...]]
"""Takes a device's id and returns the bytes that ask it for its register; a ValueError says why it cannot be asked."""


class NoOptions(Struct, frozen=True, forbid_unknown_fields=True):
    """A dialect that has nothing to set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One dialect. A module of `gateway/codecs` has one as `DIALECT`; another package offers one by an entry point.

    The entry point's group is `estate_gateway.dialects`, its object the `Dialect`.
    """

    name: str
    """As in the configuration and in the `codec` column of `devices.csv`."""
    codec: Callable[[Any], Codec]
    """Makes the codec of its options; a ValueError says in one line what is wrong with them."""
    topics: tuple[str, ...] = ()
    """MQTT topic filters where its devices usually speak; read so wherever the configuration does not say otherwise."""
    options: type[Struct] = NoOptions
    """What a line of the configuration may set; unknown names are refused."""
    largest: int = 64 * 1024
    """Bytes of payload above which a message is refused."""
    faces: bool = False
    """Its devices have cameras: whatever may be a picture or a template is cut out before anything is kept. Else only
    what begins as a picture file does is cut out, since long hexadecimal text is what meters say."""
    personal: frozenset[str] = frozenset()
    """Keys of JSON whose values are about a person (name, telephone) and are never kept, not even in quarantine."""
    ask: Ask | None = None
    """How its devices are asked through a logger that only carries bytes: one way for each make, to be tried in turn.
    None: they speak by themselves."""
