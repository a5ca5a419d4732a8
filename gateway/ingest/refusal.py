"""A batch whose data the database refuses: halved until the refused message stands alone, and that one is held.

Codecs and lists let nothing through that the schema refuses today. Should that ever be wrong, one message goes to
quarantine; without this the same batch would come back, and be refused, for ever.
"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg

from gateway.codecs.message import Message, Reason, UndecodableError
from gateway.codecs.routes import Routes
from gateway.ingest.batch import Batch
from gateway.ingest.intake import hold, take_in
from gateway.ingest.writer import Writer
from gateway.store.database import in_one_line

REFUSED = (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.ProgramLimitExceeded)
"""What the same data would meet again, however often they are written."""


def store(writer: Writer, batch: Batch) -> list[Batch]:
    """Write the batch; returns what was written: the batch itself, or its parts where some of it is refused.

    Raises:
        psycopg.Error: the database is in trouble, or refuses even to hold a message.
    """
    try:
        writer.write(batch)
    except REFUSED as error:
        if len(batch.taken) != batch.messages:
            raise
        writer.refresh_directory()  # a device may have been taken off the lists a moment ago
        return [done for part in _parts(writer, batch, error) for done in part]
    return [batch]


def _parts(writer: Writer, refused: Batch, error: psycopg.Error) -> Iterator[list[Batch]]:
    messages = refused.taken
    if len(messages) == 1:
        alone = held_as_refused(messages[0], error, writer.routes)
        alone.answers = refused.answers  # it is safe in quarantine: whoever sent it may forget it
        writer.write(alone)
        yield [alone]
        return
    middle = len(messages) // 2
    for half in (messages[:middle], messages[middle:]):
        batch = Batch()
        for message in half:
            take_in(batch, message, writer.directory)
        yield store(writer, batch)


def held_as_refused(message: Message, error: psycopg.Error, routes: Routes, source: str = "mqtt") -> Batch:
    """Make a batch that holds this one message, with what the server says against it."""
    batch = Batch(messages=1, size=len(message.payload), taken=[message])
    detail = error.diag.message_primary or in_one_line(error)  # the driver's words where it never got to the server
    refused = UndecodableError(Reason.REFUSED_BY_STORE, detail)
    hold(batch, message, source, refused, routes.find(message.topic).dialect)
    return batch
