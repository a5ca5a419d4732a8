"""`estate registry import`: read, check, write, or change nothing at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.registry.checking import check, doubtful_devices
from gateway.registry.faults import FaultyRegistryError
from gateway.registry.parsing import parse_lists
from gateway.registry.rows import ListName
from gateway.registry.tables import RawRegistry
from gateway.store import registry as store
from gateway.store.database import Connection


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: the lists that it held, and their version from now on."""

    version: int
    counts: Mapping[ListName, store.Counts]


def import_registry(conn: Connection, raw: RawRegistry) -> Imported:
    """Bring the database to what the lists say. Lists that are not there, and rows not listed, stay as they are.

    Raises:
        FaultyRegistryError: with every fault; nothing was changed.
    """
    parsed = parse_lists(raw)
    with conn.transaction():
        store.lock_lists(conn)
        known = store.load_known(conn)
        known = store.with_silent_devices(conn, known, doubtful_devices(parsed, known))
        lists, faults = check(raw, parsed, known)
        if faults:
            raise FaultyRegistryError(faults)
        written = store.write_lists(conn, lists)
        counts = {name: written[name] for name in ListName if name in raw.tables}
        return Imported(store.record_import(conn, raw.source, counts), counts)
