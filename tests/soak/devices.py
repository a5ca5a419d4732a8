"""The devices' side: one MQTT connection that says a story at a steady rate, whatever happens to whom.

It speaks MQTT 3.1.1 itself, since a general client would need a third of a processor for this. What is due is said as
soon as the broker takes it; what it has not acknowledged is said again on the next connection, as a device does.
"""

import select
import socket
import struct
import threading
import time
from urllib.parse import urlsplit

from soak.story import Story

_WINDOW = 10_000
"""Messages that wait for their acknowledgement at most; the others are not said yet."""
_AT_ONCE = 300
_TICK_S = 0.02
_RETRY_S = 0.3
_CLIENT = b"soak-devices"
_QOS_1, _DUP, _RETAIN = 0x32, 0x08, 0x01
_IDS = 65_535


class Devices:
    """Tells `story` from `start` on, in a thread, until the broker has acknowledged all of it."""

    def __init__(self, url: str, story: Story, rate: float) -> None:
        parts = urlsplit(url)
        self._address = parts.hostname, parts.port
        self._story = story
        self._rate = rate
        self._socket: socket.socket | None = None
        self._out = bytearray()
        self._in = bytearray()
        self._unacknowledged: dict[int, bytes] = {}
        self._next = 0
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="devices", daemon=True)
        self.acknowledged = 0
        self.connections = 0
        self.error: BaseException | None = None
        self._began = 0.0
        self.processor_s = 0.0

    def start(self) -> None:
        self._began = time.monotonic()
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._thread.join(10)

    def since_s(self) -> float:
        """Seconds since the story began."""
        return time.monotonic() - self._began

    def due(self) -> int:
        """How many messages should have been said by now."""
        return min(int(self.since_s() * self._rate), self._story.messages)

    @property
    def done(self) -> bool:
        """Whether the broker has acknowledged the whole story."""
        return self.acknowledged == self._story.messages

    def _run(self) -> None:
        try:
            while not self.done and not self._stopping:
                try:
                    self._work()
                except OSError:
                    self._disconnect()
                    time.sleep(_RETRY_S)
        except BaseException as error:
            self.error = error
            raise
        finally:
            self.processor_s = time.thread_time()
            self._disconnect()

    def _work(self) -> None:
        if self._socket is None:
            self._connect()
        self._say_what_is_due()
        readable, writable, _ = select.select([self._socket], [self._socket] if self._out else [], [], _TICK_S)
        if writable:
            del self._out[: self._socket.send(self._out)]
        if readable:
            self._take_acknowledgements()
        if not self._out and self._next >= self.due():
            time.sleep(_TICK_S)  # a few at a time cost less than one by one

    def _connect(self) -> None:
        connection = socket.create_connection(self._address, timeout=5)
        try:
            body = b"\x00\x04MQTT\x04\x00\x00\x00" + struct.pack("!H", len(_CLIENT)) + _CLIENT
            connection.sendall(b"\x10" + _length(len(body)) + body)
            if (answer := connection.recv(4))[:2] != b"\x20\x02" or answer[3:] != b"\x00":
                raise ConnectionRefusedError(repr(answer))
        except OSError:
            connection.close()
            raise
        connection.settimeout(0)
        self._socket = connection
        self.connections += 1
        self._in.clear()
        self._out = bytearray(b"".join(bytes((p[0] | _DUP,)) + p[1:] for p in self._unacknowledged.values()))

    def _disconnect(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _say_what_is_due(self) -> None:
        last = min(self.due(), self._next + _AT_ONCE, self._next + _WINDOW - len(self._unacknowledged))
        for n in range(self._next, last):
            number = n % _IDS + 1
            topic, payload, retain = self._story.packet(n)
            size = len(topic) + 2 + len(payload)
            head = bytes((_QOS_1 | (_RETAIN if retain else 0),)) + _length(size)
            packet = b"".join((head, topic, number.to_bytes(2, "big"), payload))
            self._unacknowledged[number] = packet
            self._out += packet
        self._next = max(last, self._next)

    def _take_acknowledgements(self) -> None:
        data = self._socket.recv(65_536)
        if not data:
            raise ConnectionResetError("the broker closed the connection")
        self._in += data
        whole = len(self._in) // 4 * 4
        for at in range(0, whole, 4):
            first, number = struct.unpack_from("!HH", self._in, at)
            assert first == 0x4002, f"the broker said {first:04x}, which is no acknowledgement"
            if self._unacknowledged.pop(number, None) is not None:
                self.acknowledged += 1
        del self._in[:whole]


def _length(size: int) -> bytes:
    return bytes((size,)) if size < 0x80 else bytes((size & 0x7F | 0x80, size >> 7))
