"""Listening for a look at what devices say: without a session, so nothing is taken from whoever ingests."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator
from contextlib import contextmanager

import paho.mqtt.client as mqtt
from paho.mqtt.reasoncodes import ReasonCode

from gateway.codecs.message import Message
from gateway.errors import BrokerUnavailableError
from gateway.ingest.connection import Address, address, make_client

_ANSWER_S = 10.0

_Heard = queue.SimpleQueue[Message | BrokerUnavailableError]


def listen(url: str, topic_filter: str, messages: int, seconds: float) -> Iterator[Message]:
    """Give what arrives on the topics, until there are so many messages or the time is over.

    Raises:
        BrokerUnavailableError: nobody answers, or the broker refuses us or the topics.
    """
    heard: _Heard = queue.SimpleQueue()
    with _connected(address(url), topic_filter, heard):
        deadline = time.monotonic() + seconds
        for _ in range(messages):
            try:
                found = heard.get(timeout=max(deadline - time.monotonic(), 0))
            except queue.Empty:
                return
            if isinstance(found, BrokerUnavailableError):
                raise found
            yield found


@contextmanager
def _connected(broker: Address, topic_filter: str, heard: _Heard) -> Iterator[None]:
    client = make_client(broker, "", clean_session=True)

    def connected(_client: mqtt.Client, _data: object, _flags: object, reason: ReasonCode, _p: object) -> None:
        if reason.is_failure:
            heard.put(broker.unavailable(f"{reason}; check the user and password in ESTATE_MQTT_URL"))
        else:
            client.subscribe(topic_filter, 1)

    def subscribed(_client: mqtt.Client, _data: object, _mid: int, reasons: list[ReasonCode], _p: object) -> None:
        if any(reason.is_failure for reason in reasons):
            heard.put(broker.unavailable(f"it refuses to subscribe to {topic_filter}"))

    def arrived(_client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        heard.put(Message(message.topic, bytes(message.payload), time.time_ns() // 1000, message.retain))

    client.on_connect, client.on_subscribe, client.on_message = connected, subscribed, arrived
    client.connect_timeout = _ANSWER_S
    try:
        client.connect(broker.host, broker.port)
    except (OSError, ValueError) as error:
        raise broker.unavailable(str(error)) from error
    client.loop_start()
    try:
        yield
    finally:
        client.disconnect()
        client.loop_stop()
