"""What meters put into the bytes of a LoRaWAN uplink, by the name that the option `payload` gives: one module a make.

`decode(frame)` gives what the bytes say, or raises `UndecodableError`. Pure, as all of `gateway/codecs`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gateway.codecs.payloads import axioma, kamstrup
from gateway.codecs.payloads.frame import Contents, Frame

__all__ = ["PAYLOADS", "Contents", "Frame"]

PAYLOADS: Mapping[str, Callable[[Frame], Contents]] = {"axioma_w1": axioma.decode, "kamstrup": kamstrup.decode}
