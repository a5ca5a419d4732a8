"""ChirpStack v4 and v3: `application/{application}/device/{devEUI}/event/{up|status|join|…}`, JSON.

One uplink that several gateways heard comes once, with all of them in `rxInfo`. Frame counters restart with each join,
so they are not looked at. Fields that are 0 or empty are left out by the server, or null where others imitate it.
Version 3 writes the DevEUI in hexadecimal or, with its Protobuf's JSON, in Base64, and then the object as a text.
"""

from __future__ import annotations

import binascii
from contextlib import suppress
from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct, field

from gateway.codecs.dialect import Codec, Dialect
from gateway.codecs.lorawan import Moment, Options, Reader, Uplink, given, heard_us, listed, reader_of
from gateway.codecs.message import Decoded, Message, Reason, Site, UndecodableError
from gateway.codecs.vitals import loudest, percent
from gateway.events import Condition

_WITHOUT_ROWS = frozenset({"join", "ack", "txack", "log", "location", "integration", "error"})
_EUI_BYTES = 8
_NOTHING = Raw()


class _Device(Struct, gc=False, rename="camel"):
    dev_eui: Annotated[str, Meta(min_length=1)]


class _Heard(Struct, gc=False):
    rssi: float | None = None


class _Event(Struct, gc=False, rename="camel"):
    """What every event has: `device_info` and `time` as of version 4, `devEUI` and `published_at` as of version 3."""

    device_info: _Device | None = None
    time: Moment | None = None
    eui: str = field(default="", name="devEUI")
    published_at: Moment | None = None


class _Up(_Event, rename="camel"):
    f_port: int | None = None
    data: bytes | None = None
    object: Raw = _NOTHING
    object_text: str | None = field(default=None, name="objectJSON")
    rx_info: list[_Heard] | None = None


class _Status(_Event, rename="camel"):
    battery_level: float | None = None
    external_power_source: bool = False
    battery_level_unavailable: bool = False


_decode_up = msgspec.json.Decoder(_Up).decode
_decode_status = msgspec.json.Decoder(_Status).decode


def make_codec(options: Options) -> Codec:
    """Make the codec.

    Raises:
        ValueError: the options contradict each other.
    """
    reader = reader_of(options)

    def decode(message: Message, site: Site) -> Decoded:
        """Read one event.

        Raises:
            UndecodableError: with the reason and where in the message it lies.
        """
        event = message.topic.rpartition("/")[2]
        if event in _WITHOUT_ROWS:
            return Decoded((), passed_over=event)
        try:
            return _status(message, site) if event == "status" else _up(message, site, reader)
        except msgspec.ValidationError as error:
            raise UndecodableError(Reason.WRONG_SHAPE, str(error)) from error
        except (ValueError, RecursionError) as error:
            raise UndecodableError(Reason.NOT_JSON, f"{str(error)[:200]}; does ChirpStack send JSON?") from error

    return decode


DIALECT = Dialect(name="chirpstack", codec=make_codec, options=Options, topics=("application/+/device/+/event/+",))


def _up(message: Message, site: Site, read: Reader) -> Decoded:
    up = _decode_up(message.payload)
    rssi = loudest(gateway.rssi for gateway in up.rx_info or ())
    fields = Raw(up.object_text.encode()) if up.object_text else up.object
    return read(Uplink((_eui(up),), _when_us(up, message), up.f_port, up.data or b"", given(fields), rssi), site)


def _status(message: Message, site: Site) -> Decoded:
    status = _decode_status(message.payload)
    device_id = listed(site, (_eui(status),)).device_id
    known = not (status.external_power_source or status.battery_level_unavailable)
    battery = percent(status.battery_level) if known else None
    if battery is None:
        return Decoded((), passed_over="status")
    return Decoded((Condition(device_id, _when_us(status, message), battery),))


def _when_us(event: _Event, message: Message) -> int:
    return heard_us(event.time or event.published_at, message)


def _eui(event: _Event) -> str:
    if event.device_info is not None:
        return event.device_info.dev_eui
    if not event.eui:
        raise UndecodableError(Reason.WRONG_SHAPE, "neither deviceInfo (ChirpStack v4) nor devEUI (v3)")
    with suppress(binascii.Error):
        if len(eui := binascii.a2b_base64(event.eui.encode(), strict_mode=True)) == _EUI_BYTES:
            return eui.hex()
    return event.eui
