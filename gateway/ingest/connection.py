"""How we reach the broker: the address in `ESTATE_MQTT_URL`, and a client that is not connected yet."""

from __future__ import annotations

import ssl
from typing import NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from gateway.errors import BrokerUnavailableError


class Address(NamedTuple):
    """Where a broker listens, and how to be let in."""

    url: SplitResult

    @property
    def host(self) -> str:
        """Name or number."""
        return self.url.hostname or "127.0.0.1"

    @property
    def port(self) -> int:
        """The port given, else that of the scheme."""
        return self.url.port or (8883 if self.url.scheme == "mqtts" else 1883)

    def unavailable(self, why: str) -> BrokerUnavailableError:
        """Make the error that says so."""
        return BrokerUnavailableError(
            f"broker at {self.host}:{self.port}: {why}; check ESTATE_MQTT_URL and that the broker runs"
        )


def address(url: str) -> Address:
    """Read `mqtt://` or `mqtts://user:password@host:port`."""
    return Address(urlsplit(url))


def make_client(broker: Address, client_id: str, *, clean_session: bool, manual_ack: bool = False) -> mqtt.Client:
    """Make a client with the credentials of the URL, TLS where it says `mqtts`."""
    client = mqtt.Client(
        CallbackAPIVersion.VERSION2,
        client_id=client_id,
        clean_session=clean_session,
        protocol=MQTTProtocolVersion.MQTTv311,
        manual_ack=manual_ack,
    )
    if broker.url.username:
        client.username_pw_set(unquote(broker.url.username), unquote(broker.url.password or ""))
    if broker.url.scheme == "mqtts":
        client.tls_set_context(ssl.create_default_context())
    return client
