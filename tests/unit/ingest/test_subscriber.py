"""Which receipts still mean something to the broker."""

import pytest
from paho.mqtt.reasoncodes import ReasonCode

from gateway.errors import BrokerUnavailableError
from gateway.ingest.batch import Receipt
from gateway.ingest.subscriber import Subscriber

LOST = ReasonCode(14, "Unspecified error")


class Client:
    """Stands for paho's client: remembers what was acknowledged and subscribed to."""

    def __init__(self):
        self.acknowledged = []
        self.topics = []
        self.left = []

    def ack(self, mid, qos):
        self.acknowledged.append((mid, qos))

    def subscribe(self, topics):
        self.topics = topics

    def unsubscribe(self, topics):
        self.left = topics


@pytest.fixture
def subscriber():
    made = Subscriber("mqtt://user:secret@127.0.0.1:1", "me", ["estate/v1/#"], lambda *_: None)
    made._client = Client()
    yield made
    made.stop()


def acknowledge(subscriber, *receipts):
    subscriber.acknowledge(receipts)
    subscriber._send_receipts()


def connect(subscriber):
    subscriber._connected(subscriber._client, None, None, ReasonCode(2, "Success"), None)
    return subscriber._connection


def test_receipts_of_this_connection_are_sent(subscriber):
    now = connect(subscriber)
    acknowledge(subscriber, Receipt(5, 1, now), Receipt(6, 1, now))
    assert subscriber._client.acknowledged == [(5, 1), (6, 1)]
    assert subscriber._client.topics == [("estate/v1/#", 1)]


def test_receipts_are_void_from_the_moment_the_connection_is_lost(subscriber):
    before = connect(subscriber)
    subscriber._disconnected(subscriber._client, None, None, LOST, None)
    acknowledge(subscriber, Receipt(5, 1, before))
    connect(subscriber)
    acknowledge(subscriber, Receipt(5, 1, before))
    assert subscriber._client.acknowledged == []


def test_a_refusal_is_told_without_the_password(subscriber):
    subscriber._connected(subscriber._client, None, None, ReasonCode(2, "Not authorized"), None)
    with pytest.raises(BrokerUnavailableError, match="check the user and password") as caught:
        subscriber.check()
    assert "secret" not in str(caught.value)
