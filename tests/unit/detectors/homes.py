"""Homes told in plain words, and the panel that their devices would give.

home("u1").away(10)                          # lived in, nobody there on the last ten days
home("u2").without("water", "electricity")   # a door only
panel_of(home("u1"), home("u2").leak(4, days=5))
"""

from __future__ import annotations

import zlib
from dataclasses import fields, replace

import numpy as np

from detectors.panel import Panel

DAYS = 90
LATE_DAYS = 28
FIRST = np.datetime64("2026-03-01")
PER_UNIT = ("tenure_leased", "under_repair", "household_size", "lone_elder")
SHARED = ("unit_ids", "days", "holiday")
WATER_SHAPE = ("water_least_flow_l_per_h", "water_morning_l", "water_evening_l", "water_roughness_l")
WATER = ("water_l", "water_hours_known", "water_active_hours", "water_min_hour_l", "water_max_hour_l", *WATER_SHAPE)
ELECTRICITY = (
    "electricity_kwh",
    "electricity_hours_known",
    "electricity_min_hour_kwh",
    "electricity_max_hour_kwh",
    "electricity_evening_kwh",
    "electricity_roughness_kwh",
    "electricity_peak_hour",
    "electricity_rhythm_cos",
    "electricity_rhythm_sin",
    "electricity_rhythm_cos2",
    "electricity_rhythm_sin2",
)
BUSY = np.array([-0.1, -0.3, 0.0, 0.2])
"""The rhythm of a day that is busy in the evening."""
DOOR = (
    "registered_passages",
    "registered_persons",
    "visitor_passages",
    "stranger_passages",
    "strangers",
    "returning_strangers",
    "late_strangers",
    "late_registered_passages",
    "unnamed_face_passages",
    "unidentified_passages",
)
CHANNELS = {"water": WATER, "electricity": ELECTRICITY, "door": DOOR}
LITRES = (127, 228, 244, 319, 373)
STANDBY_KWH = 0.05


def rhythm(told):
    """The four fields of a rhythm, (days, 4)."""
    names = ("cos", "sin", "cos2", "sin2")
    return {f"electricity_rhythm_{name}": told[:, at] for at, name in enumerate(names)}


class Home:
    """One unit's days, changed in place by what happens in it; every method returns the home."""

    def __init__(self, unit_id: str, size: int, days: int) -> None:
        self.unit_id = unit_id
        self.days = days
        self.random = np.random.default_rng(zlib.crc32(unit_id.encode()))
        self.rows: dict[str, np.ndarray] = {}
        self.scalars = {
            "tenure_leased": True,
            "under_repair": False,
            "household_size": float(size),
            "lone_elder": False,
        }
        self._devices()
        self._lease(size)
        self.lived_in(slice(None), LITRES[min(size, 5) - 1])

    def _devices(self) -> None:
        for channel, names in CHANNELS.items():
            self.rows[f"{channel}_coverage"] = np.ones(self.days)
            for name in names:
                self.rows[name] = np.zeros(self.days)
        for name in ("water_hours_known", "electricity_hours_known"):
            self.rows[name][:] = 24

    def _lease(self, size: int) -> None:
        self.rows["leased"] = np.ones(self.days, bool)
        self.rows["declared_absence"] = np.zeros(self.days, bool)
        self.rows["days_since_lease_start"] = np.arange(self.days) + 400.0
        self.rows["enrolled_persons"] = np.full(self.days, float(size))

    def set(self, when: slice, **values: object) -> Home:
        for name, value in values.items():
            self.rows[name][when] = value
        return self

    def about(self, **values: object) -> Home:
        self.scalars.update(values)
        return self

    def count(self, when: slice) -> int:
        return len(range(*when.indices(self.days)))

    def lived_in(self, when: slice, litres: float = 228, kwh: float = 4, seen: float = 0.85) -> Home:
        """Normal days: showers, cooking, the registered at the door on `seen` of the days."""
        number, draw = self.count(when), self.random
        used = kwh * draw.lognormal(0, 0.25, number)
        passages = np.where(draw.random(number) < seen, 1 + draw.poisson(3, number), 0)
        drawn = litres * draw.lognormal(0, 0.3, number)
        return self.set(
            when,
            water_l=drawn,
            water_active_hours=draw.integers(6, 13, number),
            water_min_hour_l=0,
            water_least_flow_l_per_h=0,
            water_max_hour_l=drawn / 4,
            water_morning_l=drawn * 0.4,
            water_evening_l=drawn * 0.4,
            water_roughness_l=drawn / 16,
            electricity_kwh=STANDBY_KWH * 24 + used,
            electricity_min_hour_kwh=STANDBY_KWH,
            electricity_max_hour_kwh=STANDBY_KWH + used / 5,
            electricity_evening_kwh=STANDBY_KWH * 6 + used / 2,
            electricity_roughness_kwh=used / 20,
            electricity_peak_hour=draw.integers(18, 22, number),
            **rhythm(BUSY + draw.normal(0, 0.03, (number, 4))),
            registered_passages=passages,
            registered_persons=np.minimum(passages, 2),
        )

    def empty(self, when: slice) -> Home:
        """Nobody there: no water, the fridge's standby, a silent door."""
        draw = self.random
        hourly = STANDBY_KWH * draw.uniform(0.9, 1.1, self.count(when))
        quiet = dict.fromkeys((*WATER, *DOOR), 0) | {"water_hours_known": 24}
        return self.set(
            when,
            **quiet,
            electricity_kwh=hourly * 24,
            electricity_min_hour_kwh=hourly * 0.8,
            electricity_max_hour_kwh=hourly * 1.4,
            electricity_evening_kwh=hourly * 6,
            electricity_roughness_kwh=hourly * 0.2,
            electricity_peak_hour=draw.integers(0, 24, len(hourly)),
            **rhythm(np.zeros((len(hourly), 4))),
        )

    def workmen(self, when: slice) -> Home:
        """Water, tools and unlisted faces by day; at six they go home."""
        self.lived_in(when, seen=0).strangers(range(*when.indices(self.days)))
        return self.set(when, water_evening_l=0, electricity_evening_kwh=STANDBY_KWH * 6, electricity_peak_hour=11)

    def away(self, last: int) -> Home:
        """Nobody there on the last days."""
        return self.empty(slice(self.days - last, None))

    def cleared_out(self, last: int) -> Home:
        """Nobody there on the last days, and nothing left that runs."""
        off = dict.fromkeys(ELECTRICITY, 0) | {"electricity_hours_known": 24, "electricity_peak_hour": np.nan}
        return self.away(last).set(slice(self.days - last, None), **off)

    def leak(self, litres_per_hour: float, days: int) -> Home:
        """Water never stops on the last days, over whatever else goes on."""
        hourly = ("water_min_hour_l", "water_max_hour_l", "water_least_flow_l_per_h")
        for name, hours in (("water_l", 24), *((name, 1) for name in hourly)):
            self.rows[name][self.days - days :] += litres_per_hour * hours
        return self.set(slice(self.days - days, None), water_active_hours=24)

    def strangers(self, days: list[int] | range, persons: int = 2, *, returning: bool = True) -> Home:
        """Unlisted faces on these days; on the second and later ones they are known again."""
        for number, day in enumerate(days):
            known = persons if returning and number else 0
            late = known if days[0] >= LATE_DAYS else 0
            seen = {"strangers": persons, "stranger_passages": 2 * persons, "returning_strangers": known}
            self.set(slice(day, day + 1), **seen, late_strangers=late)
        return self

    def unknown_faces(self, days: list[int] | range, passages: int = 3) -> Home:
        """On these days faces pass that the door neither knows nor gives a pseudonym."""
        for day in days:
            self.set(slice(day, day + 1), stranger_passages=passages, unnamed_face_passages=passages)
        return self

    def relative(self, last: int) -> Home:
        """On the last days somebody passes who was put on the list, and first seen, then."""
        when = slice(self.days - last, None)
        self.rows["enrolled_persons"][when] += 1
        self.rows["registered_passages"][when] += 2
        return self.set(when, late_registered_passages=2)

    def unseen(self, last: int) -> Home:
        """The registered are not seen on the last days, whatever the meters say."""
        return self.set(slice(self.days - last, None), registered_passages=0, registered_persons=0)

    def faceless(self) -> Home:
        """Nobody of the household enrolled a face."""
        return self.set(slice(None), enrolled_persons=0, registered_passages=0, registered_persons=0)

    def without(self, *channels: str, when: slice = slice(None)) -> Home:
        """Channels that do not report."""
        for channel in channels:
            unknown = dict.fromkeys(CHANNELS[channel], np.nan) | {f"{channel}_coverage": 0}
            if channel != "door":
                unknown[f"{channel}_hours_known"] = 0
            self.set(when, **unknown)
        return self

    def moved_in(self, ago: int) -> Home:
        """The lease began so many days before the last."""
        start = self.days - 1 - ago
        age = np.arange(self.days) - start
        return self.set(
            slice(None), leased=age >= 0, days_since_lease_start=np.where(age >= 0, age, np.nan).astype(float)
        )

    def unleased(self, last: int) -> Home:
        """The lease ended so many days ago."""
        when = slice(self.days - last, None)
        return self.set(when, leased=False, days_since_lease_start=np.nan, enrolled_persons=0)


def home(unit_id: str = "u1", *, size: int = 2, days: int = DAYS) -> Home:
    """A leased home of an enrolled household that is lived in on every day."""
    return Home(unit_id, size, days)


def panel_of(*homes: Home, holidays: slice | None = None) -> Panel:
    """The panel of these homes; all must have the same number of days."""
    length = homes[0].days
    holiday = np.zeros(length, bool)
    if holidays is not None:
        holiday[holidays] = True
    columns = {name: np.stack([one.rows[name] for one in homes]) for name in homes[0].rows}
    columns |= {name: np.array([one.scalars[name] for one in homes]) for name in PER_UNIT}
    typed = {name: values if values.dtype == bool else values.astype(np.float32) for name, values in columns.items()}
    return Panel(unit_ids=tuple(one.unit_id for one in homes), days=FIRST + np.arange(length), holiday=holiday, **typed)


def arrays(panel: Panel) -> dict[str, np.ndarray]:
    """The panel's arrays by name."""
    return {one.name: getattr(panel, one.name) for one in fields(panel) if one.name != "unit_ids"}


def nothing_known(panel: Panel) -> Panel:
    """The same units, from which nothing was ever heard."""
    unknown: dict[str, np.ndarray] = {}
    for name in (*WATER, *ELECTRICITY, *DOOR):
        unknown[name] = np.full(panel.shape, np.nan, np.float32)
    for name in ("water", "electricity", "door"):
        unknown[f"{name}_coverage"] = np.zeros(panel.shape, np.float32)
    for name in ("water_hours_known", "electricity_hours_known"):
        unknown[name] = np.zeros(panel.shape, np.float32)
    return replace(panel, **unknown)
