"""The MQTT side: a persistent session whose messages are acknowledged only when told so."""

from __future__ import annotations

import random
import select
import socket
import ssl
import struct
import threading
import time
from collections import deque
from collections.abc import Iterable, Sequence
from itertools import count
from typing import Protocol

import paho.mqtt.client as mqtt
import structlog
from paho.mqtt.enums import MessageType
from paho.mqtt.reasoncodes import ReasonCode

from gateway.codecs.message import Answer
from gateway.ingest.batch import Receipt
from gateway.ingest.connection import address, make_client

_log = structlog.get_logger()
_QOS = 1
_PUBACK = struct.Struct("!BBH")
"""Type, length of what follows, packet id (MQTT 3.1.1, 3.4)."""
_CONNECT_TIMEOUT_S = 10.0
_KEEPALIVE_S = 30
"""A broker that vanished without a word is noticed after at most twice this time."""
_STOP_S = 5.0
_TURN_S = 1.0
_BURST = 500
"""Messages read before receipts and keep-alive get their turn."""
_BACKOFF_S = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
_connections = count(1)


class OnMessage(Protocol):
    """What is called for each message, in the client's own thread."""

    def __call__(self, topic: str, payload: bytes, receipt: Receipt, *, retained: bool = False) -> None:
        """Take it in; the socket is not read meanwhile."""


class Subscriber:
    """One MQTT client with a persistent session.

    `on_message` is called in the client's own thread; while it blocks, the socket is not read and the broker keeps
    the rest. That thread runs paho's network calls itself: paho's own loop reads
    one message a turn and writes one byte into a pipe for each acknowledgement.

    A session that is `leaving` takes nothing new: it is there to be emptied (see `worker`).
    """

    def __init__(
        self,
        url: str,
        client_id: str,
        topics: Iterable[str],
        on_message: OnMessage,
        *,
        leaving: bool = False,
    ) -> None:
        self._broker = address(url)
        self._client_id = client_id
        self._topics = list(topics)
        self._on_message = on_message
        self._leaving = leaving
        self._connection = 0
        self._durable: deque[Sequence[Receipt]] = deque()
        self._answers: deque[Sequence[Answer]] = deque()
        self._answered = threading.Event()
        self._ending = threading.Event()
        self._refusal: str | None = None
        self._refusal_told = False
        self._served = False
        """Whether the broker has ever taken our subscription: then a refusal is waited out."""
        self._lost_at: float | None = None
        self._failures = 0
        self._waker, self._wake_end = socket.socketpair()
        self._client = self._make_client(clean_session=False)
        self._thread = threading.Thread(target=self._run, name=client_id)
        self._arrivals = 0
        self.connected = False
        self.connections = 0
        """How often the broker has let us in."""
        self.redelivered = 0
        """Messages that the broker marked as sent before."""
        self._outstanding = 0
        self._last_arrival = 0.0

    def start(self) -> None:
        """Connect; from then on connections come back by themselves, and messages may arrive at once.

        Raises:
            BrokerUnavailableError: nobody answers, or the broker refuses us.
        """
        try:
            self._client.connect(self._broker.host, self._broker.port, keepalive=_KEEPALIVE_S)
        except (OSError, ValueError) as error:
            raise self._broker.unavailable(str(error)) from error
        self._thread.start()
        if not self._answered.wait(_CONNECT_TIMEOUT_S):
            raise self._broker.unavailable("no answer")
        self.check()

    def check(self) -> None:
        """Make sure that the broker has not turned us away at the start, and that we still listen to it.

        Raises:
            BrokerUnavailableError: it refuses the user, the password or the topics, and has never taken them.
            RuntimeError: a fault of ours has ended the client's thread.
        """
        if self._refusal and not self._served:
            raise self._broker.unavailable(self._refusal)
        if self._thread.ident is not None and not self._thread.is_alive() and not self._ending.is_set():
            raise RuntimeError("the MQTT client's thread has ended")

    def acknowledge(self, receipts: Sequence[Receipt]) -> None:
        """Tell the broker that these are durable.

        Packet ids of another connection are void: such messages come again, are found to be duplicates, and are
        acknowledged then.
        """
        self._durable.append(receipts)
        self._wake()

    def publish(self, answers: Sequence[Answer]) -> None:
        """Say these to devices, once each and only while the broker is there: who misses one asks again."""
        if answers:
            self._answers.append(answers)
            self._wake()

    def quiet_s(self) -> float:
        """For how long the broker has had nothing for us, and everything back that it gave; seconds."""
        return time.monotonic() - self._last_arrival if self.connected and not self._outstanding else 0.0

    def stop(self) -> None:
        """Disconnect in order; the broker keeps the session and what is not acknowledged."""
        self._ending.set()
        self._wake()
        if self._thread.ident is not None:
            self._thread.join()
        self._waker.close()
        self._wake_end.close()

    def end_session(self) -> None:
        """Make the broker forget the session of this stopped subscriber, and whatever it still holds.

        Raises:
            BrokerUnavailableError: it cannot be asked now.
        """
        client = self._make_client(clean_session=True)
        accepted = threading.Event()
        client.on_connect = lambda *_: accepted.set()
        try:
            client.connect(self._broker.host, self._broker.port)
        except (OSError, ValueError) as error:
            raise self._broker.unavailable(str(error)) from error
        client.loop_start()
        answered = accepted.wait(_CONNECT_TIMEOUT_S)
        client.disconnect()
        client.loop_stop()
        if not answered:
            raise self._broker.unavailable("no answer")

    def _run(self) -> None:
        while not self._ending.is_set():
            self._serve()
            if self._refusal and not self._served:
                break
            self._come_back()
        self._leave()

    def _come_back(self) -> None:
        # Clients that lost the same broker must not all come back in the same second.
        wait_s = _BACKOFF_S[min(self._failures, len(_BACKOFF_S) - 1)] * random.uniform(0.5, 1.5)  # noqa: S311 - jitter is no secret
        self._failures += 1
        if not self._ending.wait(wait_s):
            self._refusal = None
            try:
                self._client.reconnect()
            except (OSError, ValueError):
                return  # nobody there: `_serve` has nothing to do, and the next wait is longer

    def _serve(self) -> None:
        """Run the connection until it is lost."""
        more = False
        while (sock := self._client.socket()) is not None and not self._ending.is_set() and not self._refusal:
            more = self._turn(sock, more=more)

    def _turn(self, sock: mqtt.SocketLike, *, more: bool) -> bool:
        """Wait for the socket or for receipts, and see to both; tells whether there is more to read at once."""
        writing = [sock] if self._client.want_write() else []
        readable, _, _ = select.select([sock, self._waker], writing, [], 0 if more else _TURN_S)
        if self._waker in readable:
            self._waker.recv(4096)
        self._send_receipts()
        self._send_answers()
        more = (more or sock in readable) and self._read(sock)
        if self._client.want_write():
            self._client.loop_write()
        self._client.loop_misc()
        return more

    def _read(self, sock: mqtt.SocketLike) -> bool:
        for _ in range(_BURST):
            before = self._arrivals
            self._client.loop_read()
            if self._arrivals == before:
                return isinstance(sock, ssl.SSLSocket) and sock.fileno() >= 0 and sock.pending() > 0
        return True

    def _send_receipts(self) -> None:
        while self._durable:
            ours = [receipt for receipt in self._durable.popleft() if receipt.connection == self._connection]
            self._outstanding -= len(ours)
            packets = b"".join(_PUBACK.pack(MessageType.PUBACK, 2, receipt.mid) for receipt in ours if receipt.qos)
            if packets:
                # `Client.ack` says the same in one system call a message, which costs as much as storing it.
                self._client._packet_queue(MessageType.PUBACK, packets, 0, 1)  # noqa: SLF001

    def _send_answers(self) -> None:
        while self._answers:
            for answer in self._answers.popleft():
                if self.connected:
                    self._answer(answer)

    def _answer(self, answer: Answer) -> None:
        try:
            self._client.publish(answer.topic, answer.payload)
        except ValueError as error:  # a topic that a codec has made of what a device said, and that MQTT does not allow
            _log.warning(
                "an answer cannot be sent", action="answer_refused", topic=answer.topic[:200], reason=str(error)
            )

    def _leave(self) -> None:
        self._send_receipts()
        self._send_answers()
        self._client.disconnect()
        deadline = time.monotonic() + _STOP_S
        while (sock := self._client.socket()) is not None and time.monotonic() < deadline:
            select.select([], [sock], [], 0.1)
            self._client.loop_write()
        self.connected = False

    def _wake(self) -> None:
        self._wake_end.send(b"\0")

    def _make_client(self, *, clean_session: bool) -> mqtt.Client:
        client = make_client(self._broker, self._client_id, clean_session=clean_session, manual_ack=True)
        client.on_connect = self._connected
        client.on_disconnect = self._disconnected
        client.on_subscribe = self._subscribed
        client.on_unsubscribe = self._subscribed
        client.on_message = self._arrived
        # With it set, paho leaves writing to our loop, which asks `want_write` in each turn.
        client.on_socket_register_write = lambda *_: None
        return client

    def _connected(
        self, client: mqtt.Client, _data: object, flags: mqtt.ConnectFlags, reason: ReasonCode, _p: object
    ) -> None:
        if reason.is_failure:
            self._refuse(f"{reason}; check the user and password in ESTATE_MQTT_URL")
            return
        if self._served and not flags.session_present:
            _log.warning("the broker has forgotten our session; what it alone held is lost", action="mqtt_session_lost")
        self._connection = next(_connections)
        self.connections += 1
        self._outstanding = 0
        self._last_arrival = time.monotonic()
        if self._leaving:
            client.unsubscribe(self._topics)
        else:
            client.subscribe([(topic, _QOS) for topic in self._topics])
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
            self._refuse(f"the broker refuses to subscribe to {', '.join(self._topics)}")
        elif not self.connected:
            self._begin_service()

    def _begin_service(self) -> None:
        self.connected = self._served = True
        self._refusal_told = False
        self._failures = 0
        lost_s = 0.0 if self._lost_at is None else round(time.monotonic() - self._lost_at, 1)
        broker = f"{self._broker.host}:{self._broker.port}"
        _log.info("connected to the broker", action="mqtt_connected", broker=broker, lost_s=lost_s)

    def _disconnected(
        self, _client: mqtt.Client, _data: object, _flags: object, reason: ReasonCode, _p: object
    ) -> None:
        if self.connected and reason.is_failure:
            self._lost_at = time.monotonic()
            _log.warning("lost the broker; trying again", action="mqtt_lost", reason=str(reason))
        self.connected = False
        self._connection = 0  # receipts are void from here on, not only once the next connection stands

    def _arrived(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        if not self.connected and not self._leaving:
            self._begin_service()  # the answer to our subscription waits behind the session's backlog
        self._arrivals += 1
        self._outstanding += 1
        self._last_arrival = time.monotonic()
        self.redelivered += message.dup
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = repr(message._topic)[2:-1]  # noqa: SLF001 - the only way to a topic that is not UTF-8
        receipt = Receipt(message.mid, message.qos, self._connection)
        self._on_message(topic, bytes(message.payload), receipt, retained=message.retain)

    def _refuse(self, why: str) -> None:
        self._refusal = why
        self._answered.set()
        if self._served and not self._refusal_told:
            self._refusal_told = True
            _log.warning("the broker refuses us; trying again", action="mqtt_refused", reason=why)
