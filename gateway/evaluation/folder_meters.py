"""Meters' days from a file of readings: the last register of each hour, then the store's own arithmetic.

What the database does with readings (one row a device and time, one register an hour) is done here in numpy, so that a
year of a city is read in a minute; a test holds that the same panel comes out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from gateway.codecs.history_columns import KINDS, read_readings
from gateway.events import DeviceKind
from gateway.ingest.history_file import opened
from gateway.registry.rows import Device
from gateway.rollup.use import ELECTRICITY, HOUR_US, WATER, Days, Meter, Points, meter_days
from gateway.store.panels import METER_FIGURES, Floats, MeterDays

Ints: TypeAlias = NDArray[np.int64]
Doubles: TypeAlias = NDArray[np.float64]
_AT_ONCE = 200
"""Meters worked out together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registers:
    """The last register of each hour, (N,), by meter and time; `first[m]` to `first[m + 1]` are those of meter m."""

    ts_us: Ints
    register: Doubles
    first: Ints
    skipped: int
    """Rows that are no readings of a listed meter."""

    def of(self, meter: int) -> slice:
        """Where a meter's registers stand."""
        return slice(int(self.first[meter]), int(self.first[meter + 1]))


def read_registers(path: Path, meters: Sequence[Device], progress: Callable[[int], None]) -> Registers:
    """Read `readings.csv`; `progress` is told how many rows were read since the last time."""
    place = {device.device_id: at for at, device in enumerate(meters)}
    kinds = np.array([*(KINDS.index(device.kind) for device in meters), -1], "i1")
    parts: list[tuple[NDArray[np.int32], Ints, Doubles]] = []
    rows = kept = 0
    with opened(path) as file:
        wanted = file.places
        for piece in file.pieces():
            ids, times, registers, units = (piece.columns[at] for at in wanted)
            meter = np.fromiter(map(place.get, ids, repeat(-1)), "i4", len(ids))
            found = read_readings(times, registers, units)
            fit = found.read & (found.kind == kinds[meter])
            parts.append((meter[fit], found.ts_us[fit], found.register[fit]))
            rows, kept = rows + len(ids) + len(piece.uneven), kept + int(fit.sum())
            progress(len(ids))
    if not parts:
        parts = [(np.array([], "i4"), np.array([], "i8"), np.array([], "f8"))]
    meter, ts_us, register = (np.concatenate(column) for column in zip(*parts, strict=True))
    return _by_hour(meter, ts_us, register, len(meters), rows - kept)


def _by_hour(meter: NDArray[np.int32], ts_us: Ints, register: Doubles, meters: int, skipped: int) -> Registers:
    order = np.lexsort((ts_us, meter))
    meter, ts_us, register = meter[order], ts_us[order], register[order]
    fresh = np.append(True, (meter[1:] != meter[:-1]) | (ts_us[1:] != ts_us[:-1]))[: len(meter)]
    meter, ts_us, register = meter[fresh], ts_us[fresh], register[fresh]
    hour = ts_us // HOUR_US
    last = np.append((meter[1:] != meter[:-1]) | (hour[1:] != hour[:-1]), True)[: len(meter)]
    meter = meter[last]
    first = np.searchsorted(meter, np.arange(meters + 1)).astype("i8")
    return Registers(ts_us=ts_us[last], register=register[last], first=first, skipped=skipped)


def meter_days_of(
    registers: Registers, meters: Sequence[tuple[int, Device, int]], midnights_us: Ints, kind: DeviceKind
) -> MeterDays:
    """Work out the days between the midnights; `meters` are place in the file's meters, device and row of the unit."""
    chosen = [each for each in meters if each[1].kind is kind]
    parts = [
        _worked(registers, chosen[at : at + _AT_ONCE], midnights_us, kind) for at in range(0, len(chosen), _AT_ONCE)
    ]
    parts = parts or [(np.array([], "i8"), np.array([], "i8"), np.empty((len(METER_FIGURES), 0), "f4"))]
    unit, day, figures = (np.concatenate(column, axis=-1) for column in zip(*parts, strict=True))
    return MeterDays(unit=unit, day=day, figures=dict(zip(METER_FIGURES, figures, strict=True)))


def _worked(
    registers: Registers, meters: Sequence[tuple[int, Device, int]], midnights_us: Ints, kind: DeviceKind
) -> tuple[Ints, Ints, Floats]:
    spans = [registers.of(place) for place, _, _ in meters]
    count, days = len(meters), len(midnights_us) - 1
    points = Points(
        meter=np.repeat(np.arange(count), [span.stop - span.start for span in spans]),
        ts_us=np.concatenate([registers.ts_us[span] for span in spans]),
        register=np.concatenate([registers.register[span] for span in spans]),
    )
    wanted = Days(
        meter=np.repeat(np.arange(count), days),
        start_us=np.tile(midnights_us[:-1], count),
        end_us=np.tile(midnights_us[1:], count),
    )
    commodity = WATER if kind is DeviceKind.WATER else ELECTRICITY
    dials = [Meter(commodity=commodity, register_digits=device.register_digits) for _, device, _ in meters]
    worked = meter_days(points, wanted, dials)
    kept = np.flatnonzero(worked.in_service)
    figures = np.stack([np.asarray(getattr(worked, name), "f4")[kept] for name in METER_FIGURES])
    units = np.array([row for _, _, row in meters], "i8")
    return units[wanted.meter[kept]], kept % days, figures
