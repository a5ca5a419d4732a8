"""Columns travel as binary arrays: a numpy array is a parameter, made without a Python loop."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg.abc import Buffer
from psycopg.adapt import AdaptersMap, Dumper, Loader
from psycopg.pq import Format
from psycopg.rows import TupleRow

_POSTGRES_EPOCH_US = 946_684_800_000_000
_POSTGRES_EPOCH_DAYS = 10_957
_COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + struct.pack(">II", 0, 0)
_COPY_END = struct.pack(">h", -1)
_HEADER_BYTES = 20
"""Before the items of a one-dimensional binary array; an empty one has only 12."""


class _Form(NamedTuple):
    array_oid: int
    item_oid: int
    wire: str
    shift: int


_FORMS = {
    "int32": _Form(1007, 23, ">i4", 0),
    "int64": _Form(1016, 20, ">i8", 0),
    "float32": _Form(1021, 700, ">f4", 0),
    "float64": _Form(1022, 701, ">f8", 0),
    "datetime64[us]": _Form(1185, 1184, ">i8", _POSTGRES_EPOCH_US),
    "datetime64[D]": _Form(1182, 1082, ">i4", _POSTGRES_EPOCH_DAYS),
}
_WIRES = {form.array_oid: form.wire for form in _FORMS.values() if not form.shift}


class NumpyArrayDumper(Dumper):
    """Sends a one-dimensional array as `int4[]`, `int8[]`, `float4[]`, `float8[]`, `timestamptz[]` or `date[]`."""

    format = Format.BINARY
    _form: _Form

    def get_key(self, obj: NDArray[Any], format: psycopg.adapt.PyFormat) -> tuple[type, str]:  # type: ignore[override] # noqa: A002, ARG002 - psycopg's names
        """Tell arrays of different types apart."""
        return (self.cls, obj.dtype.name)

    def upgrade(self, obj: NDArray[Any], format: psycopg.adapt.PyFormat) -> NumpyArrayDumper:  # noqa: A002, ARG002 - psycopg's names
        """Make the dumper for this array's type."""
        dumper = NumpyArrayDumper(self.cls, self.connection)
        dumper._form = _FORMS[obj.dtype.name]
        dumper.oid = dumper._form.array_oid
        return dumper

    def dump(self, obj: NDArray[Any]) -> bytes:
        """Build PostgreSQL's binary array: a header, then length and value of each item."""
        form = self._form
        if not len(obj):
            return struct.pack(">iiI", 0, 0, form.item_oid)
        items = np.empty(len(obj), dtype=[("length", ">i4"), ("value", form.wire)])
        items["length"] = np.dtype(form.wire).itemsize
        items["value"] = obj.astype("i8") - form.shift if form.shift else obj
        return struct.pack(">iiIii", 1, 0, form.item_oid, len(obj), 1) + items.tobytes()


def adapters() -> AdaptersMap:
    """Give psycopg's adapters, and ours for numpy arrays."""
    mapping = AdaptersMap(psycopg.adapters)
    mapping.register_dumper(np.ndarray, NumpyArrayDumper)
    return mapping


class NumpyArrayLoader(Loader):
    """Reads a one-dimensional array of numbers without nulls into a numpy array."""

    format = Format.BINARY

    def load(self, data: Buffer) -> NDArray[Any]:
        """Take apart PostgreSQL's binary array: a header, then length and value of each item."""
        wire = np.dtype(_WIRES[self.oid])
        if len(data) < _HEADER_BYTES:
            return np.empty(0, wire.newbyteorder("="))
        items = np.frombuffer(data, dtype=[("length", ">i4"), ("value", wire)], offset=_HEADER_BYTES)
        return items["value"].astype(wire.newbyteorder("="))


def read_arrays(conn: psycopg.Connection[TupleRow]) -> psycopg.Cursor[TupleRow]:
    """Give a cursor that reads `int4[]`, `int8[]`, `float4[]` and `float8[]` as numpy arrays."""
    cursor = conn.cursor(binary=True)
    for array_oid in _WIRES:
        cursor.adapters.register_loader(array_oid, NumpyArrayLoader)
    return cursor


def text_array(texts: Iterable[str]) -> str:
    """Write a `text[]` as the database reads it; psycopg would go through the texts one by one in Python."""
    every = list(texts)
    if not every:
        return "{}"
    joined = "\0".join(every)  # no text of the database holds a zero
    return '{"' + joined.replace("\\", "\\\\").replace('"', '\\"').replace("\0", '","') + '"}'


def copy_rows(columns: Sequence[NDArray[Any]]) -> bytes:
    """Build what `COPY … FROM STDIN (FORMAT binary)` reads: rows of these columns, without nulls."""
    forms = [_FORMS[column.dtype.name] for column in columns]
    fields = [("count", ">i2")]
    for at, form in enumerate(forms):
        fields += [(f"length{at}", ">i4"), (f"value{at}", form.wire)]
    rows = np.empty(len(columns[0]), dtype=fields)
    rows["count"] = len(columns)
    for at, (form, column) in enumerate(zip(forms, columns, strict=True)):
        rows[f"length{at}"] = np.dtype(form.wire).itemsize
        rows[f"value{at}"] = column.astype("i8") - form.shift if form.shift else column
    return _COPY_HEADER + rows.tobytes() + _COPY_END


def from_wire(times: bytes) -> NDArray[np.int64]:
    """Give times that `timestamptz_send` made, one after the other, in µs since 1970."""
    return np.frombuffer(times, ">i8").astype("i8") + _POSTGRES_EPOCH_US


def microseconds(values: Sequence[int] | NDArray[np.int64]) -> NDArray[np.datetime64]:
    """Turn whole microseconds since 1970 into times."""
    return np.array(values, dtype="i8").view("M8[us]")


def delays_ms(
    ts_us: Sequence[int] | NDArray[np.int64], arrived_us: Sequence[int] | NDArray[np.int64]
) -> NDArray[np.int64]:
    """How long after its own time each arrived; below zero where a clock is ahead.

    Whole milliseconds take half the room that times of arrival take in the columnstore. They are rounded up, so that
    nothing seems to have arrived before it did.
    """
    ahead_us: NDArray[np.int64] = np.array(ts_us, "i8") - np.array(arrived_us, "i8")
    return -(ahead_us // 1000)


def moment(ts_us: np.int64) -> datetime:
    """Turn microseconds since 1970 into one time."""
    naive: datetime = ts_us.view("M8[us]").item()
    return naive.replace(tzinfo=UTC)
