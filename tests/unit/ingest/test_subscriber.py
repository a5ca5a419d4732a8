"""Which receipts still mean something to the broker."""

import threading
from types import SimpleNamespace

import pytest
from paho.mqtt.reasoncodes import ReasonCode
from structlog.testing import capture_logs

from gateway.codecs.message import Answer
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
        self.said = []

    def _packet_queue(self, command, packet, mid, qos):
        self.acknowledged += [tuple(packet[at : at + 4]) for at in range(0, len(packet), 4)]

    def publish(self, topic, payload):
        if "#" in topic:
            raise ValueError("Publish topic cannot contain wildcards.")
        self.said.append((topic, payload))

    def subscribe(self, topics):
        self.topics = topics

    def unsubscribe(self, topics):
        self.left = topics


@pytest.fixture
def subscriber():
    made = Subscriber("mqtt://user:secret@127.0.0.1:1", "me", ["estate/v1/#"], lambda *_, **__: None)
    made._client = Client()
    yield made
    made.stop()


def acknowledge(subscriber, *receipts):
    subscriber.acknowledge(receipts)
    subscriber._send_receipts()


def connect(subscriber, *, session_present=True):
    flags = SimpleNamespace(session_present=session_present)
    subscriber._connected(subscriber._client, None, flags, ReasonCode(2, "Success"), None)
    return subscriber._connection


def test_receipts_of_this_connection_are_sent(subscriber):
    now = connect(subscriber)
    acknowledge(subscriber, Receipt(5, 1, now), Receipt(6, 1, now))
    assert subscriber._client.acknowledged == [(0x40, 2, 0, 5), (0x40, 2, 0, 6)]
    assert subscriber._client.topics == [("estate/v1/#", 1)]


def test_an_answer_that_mqtt_does_not_allow_is_told_and_the_others_are_sent(subscriber):
    connect(subscriber)
    subscriber.connected = True
    subscriber.publish([Answer("face/#", b"1"), Answer("face/7", b"2")])
    with capture_logs() as log:
        subscriber._send_answers()
    assert subscriber._client.said == [("face/7", b"2")]
    assert [line["action"] for line in log] == ["answer_refused"]


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


def test_a_refusal_after_a_time_of_service_is_told_once_and_waited_out(subscriber):
    connect(subscriber)
    subscriber._subscribed(None, None, 1, [ReasonCode(9, "Granted QoS 1")], None)
    subscriber._disconnected(subscriber._client, None, None, LOST, None)
    with capture_logs() as log:
        for _ in range(3):
            subscriber._connected(subscriber._client, None, None, ReasonCode(2, "Not authorized"), None)
        subscriber.check()
    assert [line["action"] for line in log] == ["mqtt_refused"]
    assert "secret" not in str(log)


def test_a_backlog_that_arrives_before_the_subscription_is_answered_is_service(subscriber):
    subscriber._failures = 5
    connect(subscriber)
    assert not subscriber.connected
    with capture_logs() as log:
        for mid in (1, 2):
            message = SimpleNamespace(
                topic="estate/v1/e1/meter/w1/reading", payload=b"", mid=mid, qos=1, dup=True, retain=False
            )
            subscriber._arrived(None, None, message)
        subscriber._subscribed(None, None, 1, [ReasonCode(9, "Granted QoS 1")], None)
    assert subscriber.connected
    assert subscriber._failures == 0
    assert [line["action"] for line in log] == ["mqtt_connected"]


@pytest.mark.parametrize("session_present", [True, False])
def test_a_session_that_the_broker_has_forgotten_is_told(subscriber, session_present):
    with capture_logs() as log:
        connect(subscriber, session_present=False)
    assert not log  # the first time there is none
    subscriber._subscribed(None, None, 1, [ReasonCode(9, "Granted QoS 1")], None)
    with capture_logs() as log:
        connect(subscriber, session_present=session_present)
    assert [line["action"] for line in log] == ([] if session_present else ["mqtt_session_lost"])


def test_a_client_whose_thread_has_ended_is_noticed(subscriber):
    subscriber._thread = threading.Thread(target=lambda: None)
    subscriber._thread.start()
    subscriber._thread.join()
    with pytest.raises(RuntimeError, match="thread has ended"):
        subscriber.check()
