"""Faces at shared doors: their single passages over four weeks, the dials around them, and whose visitors they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gateway.store.arrays import read_arrays, text_array
from gateway.store.database import Connection
from gateway.store.panels import Floats, Ints
from gateway.store.queries import queries

_SQL = queries("strangers")


@dataclass(frozen=True, slots=True, kw_only=True)
class FourWeeks:
    """Which estate and time are read; units are told by their place in `unit_ids`."""

    estate_id: str
    unit_ids: tuple[str, ...]
    first: date
    last: date
    start: datetime
    end: datetime

    def given(self) -> dict[str, object]:
        """Parameters of the queries."""
        return {
            "estate_id": self.estate_id,
            "unit_ids": text_array(self.unit_ids),
            "first": self.first,
            "last": self.last,
            "start": self.start,
            "end": self.end,
        }


def weeks_done(conn: Connection, estate_id: str) -> set[date]:
    """Week ends that were worked out."""
    return {row[0] for row in conn.execute(_SQL["weeks_done"], {"estate_id": estate_id})}


def done(conn: Connection, estate_id: str, week_end: date) -> None:
    """Write down that a week was worked out."""
    conn.execute(_SQL["done"], {"estate_id": estate_id, "week_end": week_end})


def faces(conn: Connection, weeks: FourWeeks, least_days: int) -> list[tuple[int, str]]:
    """Door and pseudonym of faces that came on so many days without a unit being named."""
    rows = conn.execute(_SQL["faces"], weeks.given() | {"least_days": least_days})
    return [(int(device_no), str(stranger_id)) for device_no, stranger_id in rows]


def face_passages(conn: Connection, weeks: FourWeeks, of: Sequence[tuple[int, str]]) -> list[NDArray[Any]]:
    """(N,) each: place of the face in `of`, time in µs, direction (1, -1, 0), unit named (-1 none, -2 elsewhere)."""
    given = {"device_no": [door for door, _ in of], "stranger_id": text_array(face for _, face in of)}
    return _columns(conn, "face_passages", weeks.given() | given, 4)


def registered_passages(conn: Connection, weeks: FourWeeks, doors: Sequence[int]) -> list[NDArray[Any]]:
    """(N,) each: door, time in µs, unit in which the person is registered."""
    return _columns(conn, "registered_passages", weeks.given() | {"device_no": list(doors)}, 3)


def served(conn: Connection, weeks: FourWeeks, doors: Sequence[int]) -> list[NDArray[Any]]:
    """(N,) each: door, unit that it serves."""
    return _columns(conn, "served", weeks.given() | {"device_no": list(doors)}, 2)


def registers(conn: Connection, weeks: FourWeeks, kind: str, units: Ints) -> list[NDArray[Any]]:
    """(N,) each: unit, hour of the window from -1 on, last register in it."""
    return _columns(conn, "registers", weeks.given() | {"kind": kind, "served": units.astype("i4")}, 3)


def store(conn: Connection, weeks: FourWeeks, of: Sequence[tuple[int, str]], said: tuple[Ints, Ints, Floats]) -> None:
    """Keep what the weeks say: (N,) each, place of the face in `of`, place of the unit, probability."""
    face, unit, probability = said
    given = {
        "week_end": weeks.last,
        "device_no": [of[at][0] for at in face.tolist()],
        "stranger_id": text_array(of[at][1] for at in face.tolist()),
        "unit_id": text_array(weeks.unit_ids[at] for at in unit.tolist()),
        "probability": probability.astype("f4"),
    }
    conn.execute(_SQL["store"], given)


def _columns(conn: Connection, name: str, given: Mapping[str, object], width: int) -> list[NDArray[Any]]:
    row = read_arrays(conn).execute(_SQL[name], given).fetchone() or [np.empty(0, np.int32)] * width
    return [column.astype(np.intp) if column.dtype == np.int32 else column for column in row]
