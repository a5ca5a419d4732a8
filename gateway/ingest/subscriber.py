"""The MQTT side: a persistent session whose messages are acknowledged only when told so."""

from __future__ import annotations

import random
import ssl
import threading
from collections.abc import Callable, Iterable
from urllib.parse import unquote, urlsplit

import paho.mqtt.client as mqtt
import structlog
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.reasoncodes import ReasonCode

from gateway.errors import BrokerUnavailableError
from gateway.ingest.batch import Receipt

_log = structlog.get_logger()
_QOS = 1
_CONNECT_TIMEOUT_S = 10.0
_KEEPALIVE_S = 60


class Subscriber:
    """One MQTT client with a persistent session.

    `on_message(topic, payload, receipt)` is called in the client's own thread; while it blocks, the socket is
    not read and the broker keeps the rest.
    """

    def __init__(
        self, url: str, client_id: str, topics: Iterable[str], on_message: Callable[[str, bytes, Receipt], None]
    ) -> None:
        self._url = urlsplit(url)
        self._topics = [(topic, _QOS) for topic in topics]
        self._on_message = on_message
        self._connection = 0
        self._answered = threading.Event()
        self._refusal: str | None = None
        self.connected = False
        self._client = self._make_client(client_id)

    def start(self) -> None:
        """Connect; from then on connections come back by themselves, and messages may arrive at once.

        Raises:
            BrokerUnavailableError: nobody answers, or the broker refuses us.
        """
        try:
            self._client.connect(self._host, self._port, keepalive=_KEEPALIVE_S)
        except (OSError, ValueError) as error:
            raise self._unavailable(str(error)) from error
        self._client.loop_start()
        if not self._answered.wait(_CONNECT_TIMEOUT_S):
            raise self._unavailable("no answer")
        self.check()

    def check(self) -> None:
        """Make sure that the broker has not turned us away.

        Raises:
            BrokerUnavailableError: it refuses the user, the password or the topics; trying again would not help.
        """
        if self._refusal:
            raise self._unavailable(self._refusal)

    def acknowledge(self, receipts: Iterable[Receipt]) -> None:
        """Tell the broker that these are durable.

        Packet ids of an earlier connection are void: such messages come again, are found to be duplicates, and
        are acknowledged then.
        """
        for mid, qos, connection in receipts:
            if connection == self._connection:
                self._client.ack(mid, qos)

    def stop(self) -> None:
        """Disconnect in order; the broker keeps the session and what is not acknowledged."""
        self._client.disconnect()
        self._client.loop_stop()

    @property
    def _host(self) -> str:
        return self._url.hostname or "127.0.0.1"

    @property
    def _port(self) -> int:
        return self._url.port or (8883 if self._url.scheme == "mqtts" else 1883)

    def _make_client(self, client_id: str) -> mqtt.Client:
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=False,
            protocol=MQTTProtocolVersion.MQTTv311,
            manual_ack=True,
        )
        if self._url.username:
            client.username_pw_set(unquote(self._url.username), unquote(self._url.password or ""))
        if self._url.scheme == "mqtts":
            client.tls_set_context(ssl.create_default_context())
        # Clients that lost the same broker must not all come back in the same second.
        client.reconnect_delay_set(min_delay=random.uniform(0.5, 2.0), max_delay=30)  # type: ignore[arg-type] # noqa: S311 - jitter is no secret
        client.on_connect = self._connected
        client.on_disconnect = self._disconnected
        client.on_subscribe = self._subscribed
        client.on_message = self._arrived
        return client

    def _connected(self, client: mqtt.Client, _data: object, _flags: object, reason: ReasonCode, _p: object) -> None:
        if reason.is_failure:
            self._refuse(f"{reason}; check the user and password in ESTATE_MQTT_URL")
            return
        self._connection += 1
        client.subscribe(self._topics)
        self._answered.set()  # not only at the broker's answer: a backlog of the session arrives before it

    def _subscribed(
        self,
        _client: mqtt.Client,
        _data: object,
        _mid: int,
        reasons: list[ReasonCode],
        _p: object,
    ) -> None:
        if any(reason.is_failure for reason in reasons):
            self._refuse(f"the broker refuses to subscribe to {', '.join(topic for topic, _ in self._topics)}")
            return
        self.connected = True
        _log.info("connected to the broker", action="mqtt_connected", broker=f"{self._host}:{self._port}")

    def _disconnected(
        self, _client: mqtt.Client, _data: object, _flags: object, reason: ReasonCode, _p: object
    ) -> None:
        if self.connected and reason.is_failure:
            _log.warning("lost the broker; trying again", action="mqtt_lost", reason=str(reason))
        self.connected = False
        self._connection += 1  # receipts are void from here on, not only once the next connection stands

    def _arrived(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = repr(message._topic)[2:-1]  # noqa: SLF001 - the only way to a topic that is not UTF-8
        self._on_message(topic, bytes(message.payload), Receipt(message.mid, message.qos, self._connection))

    def _refuse(self, why: str) -> None:
        self._refusal = why
        self._answered.set()

    def _unavailable(self, why: str) -> BrokerUnavailableError:
        return BrokerUnavailableError(
            f"broker at {self._host}:{self._port}: {why}; check ESTATE_MQTT_URL and that the broker runs"
        )
