"""Both frame protocols on one topic: a logger whose water and electricity meters share a serial line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct, structs

from gateway.codecs import cjt188, dlt645
from gateway.codecs.clock import is_near
from gateway.codecs.dialect import Codec, Dialect
from gateway.codecs.frames import LARGEST_MESSAGE, FrameDecoder, either, frames_of
from gateway.codecs.kept import as_kept
from gateway.codecs.message import Decoded, Message, Reason, Site, UndecodableError
from gateway.events import Event


class Options(Struct, frozen=True, forbid_unknown_fields=True):
    """What either may set, each in a table of its own."""

    dlt645: dlt645.Options = dlt645.Options()
    cjt188: cjt188.Options = cjt188.Options()


_FRAMING = either(dlt645.FRAMING, cjt188.FRAMING)


def _codec(options: Options) -> Codec:
    power, water = dlt645.frame_decoder(options.dlt645), cjt188.frame_decoder(options.cjt188)
    fields = (options.dlt645.field, options.cjt188.field)

    def decode(message: Message, site: Site) -> Decoded:
        if cjt188.is_of_logger(message):
            return cjt188.of_logger(message, site)
        frames = frames_of(message.payload, _FRAMING, *fields)
        of_power = [frame for frame in frames if dlt645.FRAMING.end(frame, 0)]
        if len(of_power) == len(frames):
            return power(frames, message, site)
        of_water = [frame for frame in frames if not dlt645.FRAMING.end(frame, 0)]
        if not of_power:
            return water(of_water, message, site)
        return _together(((power, of_power), (water, of_water)), message, site)

    return as_kept(options.cjt188 if options.dlt645.time is None else options.dlt645, decode)


def _together(parts: Iterable[tuple[FrameDecoder, list[bytes]]], message: Message, site: Site) -> Decoded:
    """Make one of both, as either does of its own frames: an error beside a register is only counted."""
    found: list[Decoded] = []
    errors: list[UndecodableError] = []
    for decode, frames in parts:
        try:
            found.append(decode(frames, message, site))
        except UndecodableError as error:
            if error.reason is not Reason.DEVICE_ERROR:
                raise
            errors.append(error)
    timed = tuple(event for one in found for event in _timed(one, message.arrived_us))
    if errors and not timed:
        raise errors[0]
    words = ["device_error"] if errors else [one.passed_over for one in found if one.passed_over]
    return Decoded(timed, passed_over=words[0] if words else None)


def _timed(one: Decoded, arrived_us: int) -> Iterator[Event]:
    """Put in the arrival where it serves, since that can only be said of a message with one event."""
    for event in one.events:
        near = not one.arrival_serves or event.ts_us is None or is_near(event.ts_us, arrived_us)
        yield event if near else structs.replace(event, ts_us=arrived_us)


DIALECT = Dialect(name="serial", codec=_codec, options=Options, largest=LARGEST_MESSAGE)
