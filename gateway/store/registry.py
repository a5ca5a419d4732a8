"""The two lists in the database."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import Enum
from typing import Any
from zoneinfo import ZoneInfo

from psycopg.types.json import Jsonb

from gateway.codecs.message import Reason
from gateway.events import DeviceKind
from gateway.registry.checking import Known, KnownDevice
from gateway.registry.facts import Facts, PersonSeen, Refused
from gateway.registry.rows import (
    Absence,
    Care,
    Device,
    Estate,
    Household,
    ListName,
    Lists,
    Person,
    Role,
    Tenure,
    Unit,
)
from gateway.store.database import Connection
from gateway.store.queries import queries

_SQL = queries("registry")

# Reasons that mean "the lists and the field disagree"; the others are the device's own trouble.
_REASONS_OF_LISTS = (Reason.UNKNOWN_DEVICE, Reason.WRONG_ESTATE, Reason.WRONG_KIND)


@dataclass(frozen=True, slots=True)
class DeviceEntry:
    """What ingestion needs of a device. `register_digits` counts the dial's digits left of the point, None: unknown."""

    device_no: int
    device_id: str
    estate_id: str
    kind: DeviceKind
    unit_id: str | None
    codec: str
    register_digits: int | None
    timezone: str

    @property
    def zone(self) -> ZoneInfo:
        """The estate's time zone."""
        return ZoneInfo(self.timezone)


@dataclass(frozen=True, slots=True)
class Counts:
    """What an import did to one list."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0


def registry_version(conn: Connection) -> int:
    """A number that grows with every import; 0 before the first."""
    return int(_one(conn, "version")[0])


def load_devices(conn: Connection) -> tuple[DeviceEntry, ...]:
    """Every device, for ingestion to hold in memory."""
    kinds = {kind.value: kind for kind in DeviceKind}
    return tuple(
        DeviceEntry(device_no, device_id, estate_id, kinds[kind], unit_id, codec, digits, timezone)
        for device_no, device_id, estate_id, kind, unit_id, codec, digits, timezone in conn.execute(
            _SQL["device_entries"]
        )
    )


def lock_lists(conn: Connection) -> None:
    """Let one import at a time go on; readers are not kept waiting. Needs a transaction."""
    conn.execute(_SQL["lock"])


def load_known(conn: Connection) -> Known:
    """What an import is checked against."""
    return Known(
        estates=dict(conn.execute(_SQL["known_estates"]).fetchall()),
        units=dict(conn.execute(_SQL["known_units"]).fetchall()),
        households=frozenset(row[0] for row in conn.execute(_SQL["known_households"])),
        devices={row[0]: KnownDevice(row[1], row[2]) for row in conn.execute(_SQL["known_devices"])},
    )


def with_silent_devices(conn: Connection, known: Known, device_ids: Collection[str]) -> Known:
    """`known`, with those of these devices named that no stored row comes from."""
    if not device_ids:
        return known
    rows = conn.execute(_SQL["never_spoke"], {"device_ids": list(device_ids)})
    return replace(known, never_spoke=frozenset(row[0] for row in rows))


def write_lists(conn: Connection, lists: Lists) -> dict[ListName, Counts]:
    """Add and update rows; the absences of a household are replaced by those given. Needs a transaction."""
    return {name: _write(conn, name, getattr(lists, name)) for name in ListName}


def record_import(conn: Connection, source: str, counts: Mapping[ListName, Counts]) -> int:
    """Note an import; returns the new version of the lists."""
    figures = {name.value: {field.name: getattr(count, field.name) for field in fields(count)}
               for name, count in counts.items()}  # fmt: skip
    return int(_one(conn, "record", {"source": source, "counts": Jsonb(figures)})[0])


def load_lists(conn: Connection) -> Lists:
    """The lists whole, each in the order of its keys."""
    return Lists(
        estates=tuple(Estate(*row) for row in conn.execute(_SQL["load_estates"])),
        units=tuple(Unit(*(*row[:-1], Tenure(row[-1]))) for row in conn.execute(_SQL["load_units"])),
        households=tuple(Household(*(*row[:-1], Care(row[-1]))) for row in conn.execute(_SQL["load_households"])),
        persons=tuple(Person(*(*row[:2], Role(row[2]), *row[3:])) for row in conn.execute(_SQL["load_persons"])),
        devices=tuple(Device(*(*row[:2], DeviceKind(row[2]), *row[3:])) for row in conn.execute(_SQL["load_devices"])),
        absences=tuple(Absence(*row) for row in conn.execute(_SQL["load_absences"])),
    )


def load_facts(conn: Connection, now: datetime) -> Facts:
    """What the stream says about devices and people, for a comparison with the lists."""
    reasons = [reason.value for reason in _REASONS_OF_LISTS]
    return Facts(
        now=now,
        last_heard=dict(conn.execute(_SQL["last_heard"]).fetchall()),
        seen=tuple(PersonSeen(*row) for row in conn.execute(_SQL["persons_seen"])),
        refused=tuple(
            Refused(topic, Reason(reason), detail, messages)
            for topic, reason, detail, messages in conn.execute(_SQL["refused_messages"], {"reasons": reasons})
        ),
    )


def _write(conn: Connection, name: ListName, rows: Sequence[Any]) -> Counts:
    if not rows:
        return Counts()
    columns = {field.name: [_plain(getattr(row, field.name)) for row in rows] for field in fields(rows[0])}
    removed = conn.execute(_SQL["remove_absences_not_given"], columns).rowcount if name is ListName.ABSENCES else 0
    added, updated = _one(conn, f"write_{name}", columns)
    return Counts(added, updated, len(rows) - added - updated, removed)


def _plain(value: object) -> object:
    return value.value if isinstance(value, Enum) else value


def _one(conn: Connection, name: str, values: Mapping[str, Any] | None = None) -> tuple[Any, ...]:
    row = conn.execute(_SQL[name], values).fetchone()
    if row is None:
        raise LookupError(name)
    return row
