"""The gate of an estate: who comes home passes it some minutes before the entrance, who goes some minutes after.

It is wide and often open: many are not seen, and nobody needs a card of the unit for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from zlib import crc32

from device_sim.doors import DoorRecord, within_day
from device_sim.seeds import Stream, dice

_SEEN = 0.65
_WALK_S = (70, 420)
_BY_FACE = 0.9
_SEEN_METHODS = frozenset({"face", "card", "pin", "remote"})


def at_gate(seed: int, gate_id: str, door_id: str, records: Iterable[DoorRecord]) -> Iterator[DoorRecord]:
    """What a lane of the gate says of those who pass an entrance's door."""
    for record in records:
        if record.device_id != door_id or record.kind != "passage" or record.method not in _SEEN_METHODS:
            continue
        who = record.person_id or record.stranger_id
        rng = dice(seed, Stream.GATE, record.second, crc32((who or record.unit_id or "").encode()))
        if rng.random() >= _SEEN or who is None:
            continue
        walk_s = rng.integers(*_WALK_S)
        second = within_day(record.second, record.second + (walk_s if record.direction == "out" else -walk_s))
        method = "face" if record.stranger_id or rng.random() < _BY_FACE else "card"
        yield replace(record, second=second, device_id=gate_id, method=method, unit_id=None)
