"""Both frame protocols on one topic: a logger whose water and electricity meters share a serial line."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, structs

from gateway.codecs import cjt188, dlt645
from gateway.codecs.dialect import Codec, Dialect
from gateway.codecs.frames import LARGEST_MESSAGE, NoFrameError
from gateway.codecs.message import Decoded, Message, Reason, Site, UndecodableError
from gateway.events import Event


class Options(Struct, frozen=True, forbid_unknown_fields=True):
    """What either may set, each in a table of its own."""

    dlt645: dlt645.Options = dlt645.Options()
    cjt188: cjt188.Options = cjt188.Options()


def _codec(options: Options) -> Codec:
    protocols = (dlt645.DIALECT.codec(options.dlt645), cjt188.DIALECT.codec(options.cjt188))

    def decode(message: Message, site: Site) -> Decoded:
        found: list[Decoded] = []
        errors: list[UndecodableError] = []
        for protocol in protocols:
            try:
                found.append(protocol(message, site))
            except UndecodableError as error:
                if not isinstance(error, NoFrameError) and error.reason is not Reason.DEVICE_ERROR:
                    raise
                errors.append(error)
        return _together(found, errors, message.arrived_us)

    return decode


def _together(found: list[Decoded], errors: list[UndecodableError], arrived_us: int) -> Decoded:
    """Make one of both, as either does of its own frames: an error beside a register is only counted."""
    events = [event for one in found for event in one.events]
    telling = sorted(errors, key=lambda error: _TELLING.index(error.reason))
    is_error = bool(telling) and telling[0].reason is Reason.DEVICE_ERROR
    if not found or (is_error and not events):
        raise telling[0]
    if len(found) == 1 and not is_error:
        return found[0]
    words = ["device_error"] if is_error else [one.passed_over for one in found if one.passed_over]
    timed = tuple(event for one in found for event in _timed(one, arrived_us))
    return Decoded(timed, passed_over=words[0] if words else None)


def _timed(one: Decoded, arrived_us: int) -> Iterator[Event]:
    """Put in the arrival where it serves, since that can only be said of a message with one event."""
    for event in one.events:
        near = not one.arrival_serves or event.ts_us is None or cjt188.is_near(event.ts_us, arrived_us)
        yield event if near else structs.replace(event, ts_us=arrived_us)


_TELLING = (Reason.DEVICE_ERROR, Reason.WRONG_CHECKSUM, Reason.WRONG_SHAPE)
"""Reasons of either protocol, the more telling first."""


DIALECT = Dialect(name="serial", codec=_codec, options=Options, largest=LARGEST_MESSAGE)
