"""Rows of history files: `readings.csv` and `events.csv` with the same rules as messages (contract, section 3).

A row travels as a message whose topic is `history/readings.csv` or `history/events.csv` and whose payload is the
row as a JSON object of texts, so that a row in quarantine can be replayed like any other message.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from gateway.codecs import native
from gateway.codecs.dialect import Codec, Dialect
from gateway.codecs.message import Decoded, Message, Reason, Site, UndecodableError

TOPIC_FILTER = "history/#"
READINGS = "readings.csv"
EVENTS = "events.csv"
COLUMNS = {
    READINGS: ("device_id", "ts", "register", "unit"),
    EVENTS: (
        "device_id",
        "ts",
        "event_id",
        "kind",
        "method",
        "direction",
        "person_id",
        "stranger_id",
        "unit_id",
        "similarity",
    ),
}
_OPTIONAL = frozenset({"method", "direction", "person_id", "stranger_id", "unit_id", "similarity"})
_NUMBERS = frozenset({"register", "similarity"})


def decode(message: Message, _site: Site) -> Decoded:
    """Read a row that comes from quarantine."""
    try:
        row = msgspec.json.decode(message.payload, type=dict[str, str])
    except msgspec.MsgspecError as error:
        raise UndecodableError(Reason.WRONG_SHAPE, str(error)) from error
    file = message.topic.removeprefix("history/")
    if file not in COLUMNS:
        raise UndecodableError(Reason.UNKNOWN_TOPIC, "not history/readings.csv or history/events.csv")
    return decode_row(file, row)


def _codec(_options: object) -> Codec:
    return decode


DIALECT = Dialect(name="history", codec=_codec, faces=True)


def decode_row(file: str, row: dict[str, str]) -> Decoded:
    """Read one row of `file`; texts become what the native dialect has in their place.

    Raises:
        UndecodableError: with the column and what is wrong with it.
    """
    given = {name: row[name] for name in COLUMNS[file] if name in row}  # other columns are the file's own business
    values: dict[str, Any] = {name: _value(name, text) for name, text in given.items() if text or name not in _OPTIONAL}
    device_id = values.pop("device_id", "")
    return Decoded((native.event_of(device_id, values, is_door=file == EVENTS),))


def _value(name: str, text: str) -> str | float | datetime:
    try:
        if name in _NUMBERS:
            return float(text)
        if name == "ts":
            return float(text) if text.replace(".", "", 1).isdigit() else datetime.fromisoformat(text)
    except ValueError as error:
        raise UndecodableError(Reason.WRONG_SHAPE, f"{name}: {text[:40]!r}") from error
    return text
