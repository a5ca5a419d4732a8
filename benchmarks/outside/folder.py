"""The folder: lists, history and truth in the gateway's formats."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import timedelta
from itertools import chain
from pathlib import Path

import numpy as np

from benchmarks.outside.doors import DIRECTIONS, METHODS
from benchmarks.outside.forms import Form
from benchmarks.outside.homes import ENTRANCES_A_BUILDING, UNITS_AN_ENTRANCE, UNITS_AN_ESTATE, Home
from benchmarks.outside.world import World

COLUMNS = {
    "estates": "estate_id,name,timezone",
    "units": "unit_id,estate_id,building,entrance,floor,room,area_m2,tenure",
    "households": "household_id,unit_id,size,lease_start,lease_end,category,care",
    "persons": "person_id,household_id,role,valid_from,valid_to,face_enrolled",
    "devices": "device_id,estate_id,kind,unit_id,building,entrance,codec,register_digits",
    "absences": "household_id,start,end,reason",
    "truth": "unit_id,kind,subtype,start,end,disguise",
}


class Writer:
    """The folder: lists, history and truth in the gateway's formats."""

    def __init__(self, folder: Path, world: World, form: Form) -> None:
        self.folder, self.world, self.form = folder, world, form
        self.rng = np.random.default_rng(world.rng.integers(2**32))

    def write(self, homes: list[Home], events: np.ndarray) -> None:
        for name in ("registry", "history", "truth"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self._lists(homes)
        self._truth(homes)
        if set(self.form.channels) - {"door"}:
            self._readings(homes)
        if "door" in self.form.channels:
            self._events(events)

    def estate(self, home: Home) -> str:
        return f"{'FC.' if self.form.odd_names else 'garden-'}{home.index // UNITS_AN_ESTATE + 1}"

    def unit(self, index: int) -> str:
        return f"{index:06d}_H.x" if self.form.odd_names else f"u{index:05d}"

    def place(self, home: Home) -> tuple[str, str]:
        building, entrance = divmod(home.entrance, ENTRANCES_A_BUILDING)
        if self.form.odd_names:
            return f"{building + 1}号楼", "东南西北"[entrance] + "门"
        return f"B{building + 1}", f"{entrance + 1}"

    def person(self, code: float) -> str:
        return f"{int(code):08d}" if self.form.odd_names else f"p{int(code):06d}"

    def door(self, door: float) -> str:
        return f"door-{int(door):04d}" if door >= 0 else f"lock-{int(-door - 1):05d}"

    def meter(self, channel: str, home: Home) -> str:
        vendor = "88" if channel == "water" else "99"
        return f"{vendor}{home.index:010d}" if self.form.odd_names else f"{channel[0]}-{home.index:05d}"

    def day(self, day: int | None) -> str:
        return "" if day is None else str(self.world.start + timedelta(days=day))

    def _lists(self, homes: list[Home]) -> None:
        let = [home for home in homes if any(person.listed for person in home.people)]
        estates = sorted({self.estate(home) for home in homes})
        self._csv("registry/estates.csv", ((estate, f"Estate {estate}", "Asia/Shanghai") for estate in estates))
        self._csv("registry/units.csv", map(self._unit, homes))
        self._csv("registry/households.csv", map(self._household, let))
        self._csv("registry/persons.csv", chain.from_iterable(map(self._persons, let)))
        self._csv("registry/devices.csv", chain.from_iterable(map(self._devices, homes)))
        self._csv("registry/absences.csv", chain.from_iterable(map(self._absences, let)))

    def _unit(self, home: Home) -> tuple[object, ...]:
        floor, room = divmod(home.index % UNITS_AN_ENTRANCE, 2)
        known = ("", f"{floor + 1}{room + 1:02d}", "") if self.form.bare else (
            floor + 1, f"{floor + 1}{room + 1:02d}", 48)  # fmt: skip
        return self.unit(home.index), self.estate(home), *self.place(home), *known, home.tenure

    def _household(self, home: Home) -> tuple[object, ...]:
        size, care = "" if self.form.bare else home.size, "lone_elder" if home.care else ""
        lease = self.day(home.lease_from), self.day(home.lease_to)
        return f"h{home.index}", self.unit(home.index), size, *lease, "", care

    def _persons(self, home: Home) -> Iterable[tuple[object, ...]]:
        for person in {p.code: p for p in reversed(home.people) if p.listed}.values():
            since = home.lease_from if person.listed_from is None else person.listed_from
            valid = "" if self.form.bare else self.day(since)
            yield self.person(person.code), f"h{home.index}", person.role, valid, "", int(person.face == "known")

    def _devices(self, home: Home) -> Iterable[tuple[object, ...]]:
        estate, unit, digits = self.estate(home), self.unit(home.index), "" if self.form.bare else 5
        for channel in ("water", "electricity"):
            if channel in self.form.channels:
                yield self.meter(channel, home), estate, channel, unit, "", "", "", digits
        if "door" in self.form.channels and home.lock:
            yield self.door(-home.index - 1), estate, "door", unit, "", "", "", ""
        if "door" in self.form.channels and home.index % UNITS_AN_ENTRANCE == 0:
            yield self.door(home.entrance), estate, "door", "", *self.place(home), "", ""

    def _absences(self, home: Home) -> Iterable[tuple[object, ...]]:
        for start, (end, why) in {start: (end, why) for start, end, why in home.absences}.items():
            yield f"h{home.index}", self.day(start), self.day(end), why

    def _truth(self, homes: list[Home]) -> None:
        self._csv("truth/truth.csv", (
            (self.unit(home.index), kind, subtype, self.day(start), self.day(end), disguise)
            for home in homes for kind, subtype, start, end, disguise in home.truth))  # fmt: skip

    def _csv(self, name: str, rows: Iterable[Iterable[object]]) -> None:
        with (self.folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerow(COLUMNS[Path(name).stem].split(","))
            csv.writer(file).writerows(rows)

    def _stamps(self, seconds: np.ndarray) -> np.ndarray:
        utc = (np.datetime64(self.world.start, "s") - np.timedelta64(8, "h")) + seconds.astype("timedelta64[s]")
        if self.form.clock == "epoch":
            return utc.astype(np.int64).astype(str)
        local = utc if self.form.clock == "utc" else utc + np.timedelta64(8, "h")
        return np.char.add(local.astype(str), "Z" if self.form.clock == "utc" else "+08:00")

    def _readings(self, homes: list[Home]) -> None:
        step = self.form.every_min
        stamps = self._stamps(np.arange(1, self.world.hours * 60 // step) * step * 60)
        stamps = np.frombuffer("".join(stamps.tolist()).encode(), np.uint8).reshape(len(stamps), -1)
        with (self.folder / "history/readings.csv").open("wb") as file:
            file.write(b"device_id,ts,register,unit\n")
            for home in homes:
                for n, (channel, use) in enumerate((("water", home.water), ("electricity", home.kwh * 1000))):
                    if channel in self.form.channels:
                        dial = self._dial(use) // self.form.steps[n] * self.form.steps[n]
                        file.write(self._lines(self.meter(channel, home), channel, stamps, dial))

    def _dial(self, use: np.ndarray) -> np.ndarray:
        """Litres or Wh on the dial at each reading."""
        hours = np.arange(len(use) + 1)
        at = np.arange(1, len(use) * 60 // self.form.every_min) * self.form.every_min / 60
        total = np.interp(at, hours, np.concatenate([[0.0], np.cumsum(use)]))
        return (total + self.rng.integers(10_000_000, 40_000_000)).astype(np.int64)

    def _lines(self, device: str, channel: str, stamps: np.ndarray, dial: np.ndarray) -> bytes:
        """Rows of one width as one block of bytes; a few are lost, and one meter in fifty is dead for days."""
        unit = {"water": ("m3", "L"), "electricity": ("kWh", "Wh")}[channel][self.form.litres]
        head, tail = f"{device},".encode(), f",{unit}\n".encode()
        digits = np.stack([dial // 10**power % 10 + 48 for power in range(7, -1, -1)], axis=1).astype(np.uint8)
        if not self.form.litres:
            digits = np.insert(digits, 5, ord("."), axis=1)
        n = len(dial)
        fixed = [np.broadcast_to(np.frombuffer(text, np.uint8), (n, len(text))) for text in (head, b",", tail)]
        return np.concatenate([fixed[0], stamps, fixed[1], digits, fixed[2]], axis=1)[self._heard(n)].tobytes()

    def _heard(self, n: int) -> np.ndarray:
        heard = self.rng.random(n) >= self.form.lost
        if self.rng.random() < 0.02:
            start = int(self.rng.integers(n))
            heard[start : start + int(n / self.world.days * self.rng.uniform(4, 40))] = False
        return heard

    def _events(self, events: np.ndarray) -> None:
        form, stamps = self.form, self._stamps(events[:, 0]).tolist()
        with (self.folder / "history/events.csv").open("w", encoding="utf-8") as file:
            file.write("device_id,ts,event_id,kind,method,direction,person_id,stranger_id,unit_id,similarity\n")
            file.writelines(
                f"{self.door(door)},{stamp},e{n},passage,{METHODS[int(method)]},"
                f"{DIRECTIONS[int(way) if form.directions else 2]},"
                f"{'' if person < 0 else self.person(person)},"
                f"{'' if stranger < 0 or not form.pseudonyms else f'v{int(stranger)}'},"
                f"{'' if unit < 0 else self.unit(int(unit))},"
                f"{'' if alike != alike or not form.similarity else f'{alike:.3f}'}\n"  # noqa: PLR0124
                for n, (stamp, (_, door, method, way, person, stranger, unit, alike)) in enumerate(
                    zip(stamps, events.tolist(), strict=True)
                )
            )
