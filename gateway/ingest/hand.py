"""What arrived and is not yet durable: bounded, and between two threads."""

from __future__ import annotations

import threading
import time

from gateway.codecs.message import Message
from gateway.ingest.batch import Batch, Receipt
from gateway.ingest.intake import Directory, take_in

_HELD_MESSAGES = 30_000
"""Messages in hand at most; above the broker's in-flight window, so only what comes unasked ever waits."""
_HELD_BYTES = 16 * 1024 * 1024
"""Bytes of payload in hand at most, and as many again in the batch that is being written. Rows made of them take two
to three times as much, so a store that stands still costs a process some hundred megabytes at worst."""


class Hand:
    """What arrived and is not yet durable. The client's thread adds, the worker's thread takes."""

    def __init__(self, batch_size: int, batch_age_s: float) -> None:
        self.directory = Directory({})
        self._size = batch_size
        self._age_s = batch_age_s
        self._batch = Batch()
        self._since = 0.0
        self._changed = threading.Condition()
        self._closed = False

    @property
    def depth(self) -> int:
        """Messages in hand that no batch has taken yet."""
        return self._batch.messages

    def add(self, topic: str, payload: bytes, receipt: Receipt, *, retained: bool = False) -> None:
        """Take one message in; waits while the hand is full, and with it the socket."""
        message = Message(topic, payload, time.time_ns() // 1000, retained)
        with self._changed:
            while not self._closed and (self._batch.messages >= _HELD_MESSAGES or self._batch.size >= _HELD_BYTES):
                self._changed.wait()
            if not self._batch.messages:
                self._since = time.monotonic()
            take_in(self._batch, message, self.directory)
            self._batch.receipts.append(receipt)
            if self._batch.messages in (1, self._size):
                self._changed.notify_all()

    def take(self, timeout_s: float) -> Batch | None:
        """Give a batch that is full or old enough, or None when there is none in time."""
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while not self._closed and not self._due(time.monotonic()):
                wait_s = (
                    min(deadline, self._since + self._age_s if self._batch.messages else deadline) - time.monotonic()
                )
                if wait_s <= 0 and time.monotonic() >= deadline:
                    return None
                self._changed.wait(max(wait_s, 0.001))
            return self._swap() if self._batch.messages else None

    def close(self) -> None:
        """Let both threads go; what is in hand can still be taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _due(self, now: float) -> bool:
        return self._batch.messages >= self._size or (self._batch.messages > 0 and now >= self._since + self._age_s)

    def _swap(self) -> Batch:
        batch, self._batch = self._batch, Batch()
        self._changed.notify_all()
        return batch
