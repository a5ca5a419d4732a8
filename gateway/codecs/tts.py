"""The Things Stack v3: `v3/{application}@{tenant}/devices/{device}/{up|join|down/…|location/solved|…}`, JSON.

What a message is, is told by its content, so that topics of one's own (Pub/Sub integration) work too. A device stands
in the lists under its DevEUI, or under its id in The Things Stack. The time is the message's own, which a repeat of it
has as well.
"""

from __future__ import annotations

import msgspec
from msgspec import Raw, Struct

from gateway.codecs.dialect import Codec, Dialect
from gateway.codecs.lorawan import Moment, Options, Uplink, given, heard_us, reader_of
from gateway.codecs.message import Decoded, Message, Reason, Site, UndecodableError
from gateway.codecs.vitals import loudest, percent

_NOTHING = Raw()


class _Ids(Struct, gc=False):
    device_id: str = ""
    dev_eui: str = ""


class _Heard(Struct, gc=False):
    rssi: float | None = None
    channel_rssi: float | None = None


class _Battery(Struct, gc=False):
    value: float | None = None


class _Uplink(Struct, gc=False):
    f_port: int | None = 0
    frm_payload: bytes | None = None
    decoded_payload: Raw = _NOTHING
    rx_metadata: list[_Heard] | None = None
    received_at: Moment | None = None
    last_battery_percentage: _Battery | None = None


class _Up(Struct, gc=False):
    end_device_ids: _Ids
    received_at: Moment | None = None
    simulated: bool = False
    uplink_message: _Uplink | None = None
    uplink_normalized: Raw = _NOTHING
    join_accept: Raw = _NOTHING
    downlink_ack: Raw = _NOTHING
    downlink_nack: Raw = _NOTHING
    downlink_sent: Raw = _NOTHING
    downlink_failed: Raw = _NOTHING
    downlink_queued: Raw = _NOTHING
    downlink_queue_invalidated: Raw = _NOTHING
    location_solved: Raw = _NOTHING
    service_data: Raw = _NOTHING


_WITHOUT_ROWS = [name for name in _Up.__struct_fields__ if _Up.__annotations__[name] == "Raw"]
_decode = msgspec.json.Decoder(_Up).decode


def make_codec(options: Options) -> Codec:
    """Make the codec.

    Raises:
        ValueError: the options contradict each other.
    """
    read = reader_of(options)

    def decode(message: Message, site: Site) -> Decoded:
        """Read one message.

        Raises:
            UndecodableError: with the reason and where in the message it lies.
        """
        try:
            up = _decode(message.payload)
        except msgspec.ValidationError as error:
            raise UndecodableError(Reason.WRONG_SHAPE, str(error)) from error
        except (ValueError, RecursionError) as error:
            raise UndecodableError(Reason.NOT_JSON, str(error)[:200] or type(error).__name__) from error
        if up.uplink_message is None:
            return Decoded((), passed_over=_sibling(up))
        if up.simulated:
            return Decoded((), passed_over="simulated")  # somebody tries a payload in the console; no meter said it
        return read(_uplink(up, up.uplink_message, message), site)

    return decode


DIALECT = Dialect(name="tts", codec=make_codec, options=Options, topics=("v3/+/devices/+/#",))


def _uplink(up: _Up, uplink: _Uplink, message: Message) -> Uplink:
    names = tuple(name for name in (up.end_device_ids.dev_eui, up.end_device_ids.device_id) if name)
    if not names:
        raise UndecodableError(Reason.WRONG_SHAPE, "no dev_eui")
    rssi = loudest(
        gateway.channel_rssi if gateway.rssi is None else gateway.rssi for gateway in uplink.rx_metadata or ()
    )
    battery = percent(uplink.last_battery_percentage.value) if uplink.last_battery_percentage else None
    when_us, fields = heard_us(up.received_at or uplink.received_at, message), given(uplink.decoded_payload)
    return Uplink(names, when_us, uplink.f_port, uplink.frm_payload or b"", fields, rssi, battery)


def _sibling(up: _Up) -> str:
    for name in _WITHOUT_ROWS:
        if getattr(up, name):
            return name
    raise UndecodableError(Reason.WRONG_SHAPE, "no uplink_message, nor another message of The Things Stack")
