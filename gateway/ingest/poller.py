"""Asks the meters of loggers that only carry bytes: the schedule's hands, in one ingest process for each kind of line.

Which process that is an advisory lock decides, one for each down topic as the configuration writes it. An answer
arrives like any message, perhaps in another process; that it came is seen in the store, where a reading is newer than
the question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import cast

import structlog

from gateway.codecs.catalogue import dialects
from gateway.codecs.dialect import Ask
from gateway.codecs.message import Answer
from gateway.ingest.polling import Question, Schedule, Settled, Target
from gateway.ingest.polls import Place, Poll
from gateway.ingest.writer import Writer
from gateway.store import polls as store
from gateway.store.database import Connection
from gateway.store.registry import registry_version

_log = structlog.get_logger()


class Poller:
    """Polls through a writer's connection. `look` reads the store and bears repeating; `act` never fails."""

    def __init__(self, polls: Sequence[Poll], writer: Writer) -> None:
        self._polls = polls
        self._writer = writer
        self._schedule = Schedule()
        self._version = -1
        self._conn: Connection | None = None
        self._turns: frozenset[str] = frozenset()
        """The down topics, as the configuration writes them, that are ours to ask on while `_conn` stands."""
        self._answered: set[int] = set()
        self._counts = Counter[str]()

    def look(self, now: float) -> None:
        """See in the store whether it is ours to poll, what the lists say, and who has answered."""
        conn = self._writer.conn
        if not self._polls or not self._take_turns(conn):
            return
        if (version := registry_version(conn)) != self._version:
            targets = tuple(self._targets())
            heard_at = store.last_heard(conn, [target.device_no for target in targets])
            self._schedule.take(targets, heard_at, now)
            self._version = version
            _log.info("meters to poll", action="polls", meters=len(targets))
        self._answered = store.answered(conn, [_of_store(question) for question in self._schedule.waiting()])
        if counts := +self._counts:
            self._writer.count_up(counts)
            self._counts = Counter()

    def act(self, now: float, *, connected: bool) -> list[Answer]:
        """Give what is to be said now; nothing while the broker is away, or while another process polls."""
        if not self._turns or self._conn is not self._writer.conn:
            return []
        if not connected:
            self._schedule.withdraw()
            return []
        self._note(self._schedule.settle(self._answered, now))
        questions = self._schedule.ask(now)
        self._counts["polls_asked"] += len(questions)
        return [Answer(question.target.topic, question.payload) for question in questions]

    def _take_turns(self, conn: Connection) -> bool:
        """Take the turns that nobody has; those of a connection that is gone are gone with it."""
        held = self._turns if conn is self._conn else frozenset()
        downs = {poll.down for poll in self._polls}
        turns = held | {down for down in sorted(downs - held) if store.take_turn(conn, down)}
        if turns != self._turns:
            self._version = -1
        self._conn, self._turns = conn, turns
        return bool(turns)

    def _targets(self) -> Iterator[Target]:
        for poll in (poll for poll in self._polls if poll.down in self._turns):
            impossible = []
            ask = cast(Ask, dialects()[poll.dialect].ask)
            for device_no, place in store.devices(self._writer.conn, poll.dialect, poll.estate_id):
                try:
                    yield _target(poll, device_no, Place(*place), ask)
                except ValueError as error:
                    impossible.append(str(error))
            if impossible:
                _log.warning(
                    "devices that cannot be polled",
                    action="polls_impossible",
                    dialect=poll.dialect,
                    devices=len(impossible),
                    first=impossible[0],
                )

    def _note(self, settled: Settled) -> None:
        self._counts["polls_answered"] += settled.answered
        self._counts["polls_timed_out"] += settled.timed_out
        for target in settled.fell_mute:
            _log.warning("does not answer; asked less often now", action="poll_mute", **_named(target))
        for target in settled.spoke_again:
            _log.info("answers again", action="poll_answered_again", **_named(target))


def _target(poll: Poll, device_no: int, place: Place, ask: Ask) -> Target:
    ways = tuple(poll.wrapped(frame) for frame in ask(place.device_id))
    return Target(device_no, place.device_id, poll.topic(place), ways, poll.every_s, poll.timeout_s)


def _named(target: Target) -> dict[str, str]:
    return {"device_id": target.device_id, "topic": target.topic}


def _of_store(question: Question) -> tuple[int, datetime]:
    return question.target.device_no, datetime.fromtimestamp(question.asked_at, UTC)
