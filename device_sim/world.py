"""Who lives where: estates, buildings, entrances, units, households, persons and devices. Ids only, never names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count, islice

from device_sim.clock import ZONE_NAME
from device_sim.fates import Fate, fate_of
from device_sim.households import KINDS, Kind, draw_building, draw_kind, draw_registered, person_id
from device_sim.lookalikes import HOUSEHOLD_KINDS, LOOKALIKES
from device_sim.makes import of_its_make
from device_sim.misuse import MISUSES
from device_sim.people import Building, Group, Stay, Story
from device_sim.plan import Plan
from device_sim.records import Absence, Device, Dwelling, Estate, Household, Person, TruthRow, Unit
from device_sim.seeds import Dice, Stream, dice
from device_sim.taps import running_taps
from device_sim.trips import plan_trips

_UNITS_AN_ESTATE = 1000
_COURIERS = 10
_EMPTY_UNITS = 0.05
_LOCKS = 0.3
_TWO_WAY_DOORS = 0.6
_NAMES = ("青松苑", "翠竹园", "海棠里", "梧桐居", "金桂坊", "玉兰庭", "云杉湾", "银杏郡")
_CATEGORIES = ("public_rental", "new_resident", "young_talent")
_DIALS = {"water": (("m3", "L"), (0.85, 0.15)), "electricity": (("kWh", "Wh"), (0.85, 0.15))}


@dataclass(frozen=True, slots=True)
class Entrance:
    """An entrance (单元) with its door controller and the dwellings behind it."""

    estate_id: str
    building: str
    entrance: str
    door: Device
    two_way: bool
    """The door controller also reads those who leave."""
    couriers: tuple[str, ...]
    """Pseudonyms of the couriers who come to this door."""
    cleaner_pseudonym: str
    """What the door controller calls the cleaner's face when it misses it."""
    staff: tuple[Person, ...]
    dwellings: tuple[Dwelling, ...]
    gate: Device | None = None
    """The lane of the estate's gate that this building's people pass."""
    keeps_gate: bool = False
    """The lane speaks through this entrance's connection; it is one of its building's."""
    pseudonyms: bool = True
    """Its terminals give faces that they do not know a pseudonym."""

    @property
    def devices(self) -> Iterator[Device]:
        """The door controller, the lane of the gate that is kept here, then the devices of each unit."""
        yield self.door
        if self.gate and self.keeps_gate:
            yield self.gate
        for dwelling in self.dwellings:
            yield from dwelling.devices

    @property
    def doors(self) -> Iterator[Device]:
        """The door controller and the locks of units, and the lane of the gate wherever it is kept."""
        yield from (device for device in self.devices if device.kind == "door")
        if self.gate and not self.keeps_gate:
            yield self.gate

    @property
    def dead_doors(self) -> tuple[Stay, ...]:
        """When the door controller is dead."""
        return tuple(dwelling.dead_door for dwelling in self.dwellings if dwelling.dead_door)

    @property
    def wedged_doors(self) -> tuple[Stay, ...]:
        """When the door stands open by day."""
        return tuple(dwelling.wedged_door for dwelling in self.dwellings if dwelling.wedged_door)


@dataclass(frozen=True, slots=True)
class World:
    """All estates of a plan."""

    plan: Plan
    estates: tuple[Estate, ...]
    entrances: tuple[Entrance, ...]

    @property
    def dwellings(self) -> Iterator[Dwelling]:
        """Every dwelling in order."""
        return (dwelling for entrance in self.entrances for dwelling in entrance.dwellings)

    @property
    def persons(self) -> Iterator[Person]:
        """Everybody whom a list names."""
        for entrance in self.entrances:
            yield from entrance.staff
            for dwelling in entrance.dwellings:
                yield from dwelling.persons

    @property
    def devices(self) -> Iterator[Device]:
        """Every device."""
        return (device for entrance in self.entrances for device in entrance.devices)

    @property
    def absences(self) -> Iterator[Absence]:
        """Every absence that a household told."""
        return (absence for dwelling in self.dwellings for absence in dwelling.absences)

    @property
    def truth(self) -> Iterator[TruthRow]:
        """What really happens, unit by unit; water that really runs as well."""
        return (row for dwelling in self.dwellings for row in (*dwelling.truth, *running_taps(self.plan, dwelling)))


def build_world(plan: Plan) -> World:
    """The world of a plan. Its first units do not depend on how many follow."""
    entrances: list[Entrance] = []
    places = islice(_places(plan.seed), plan.units)
    waiting: list[tuple[int, _Place]] = []
    for index, place in enumerate(places):
        if waiting and waiting[0][1].door_id != place.door_id:
            entrances.append(_entrance(plan, waiting))
            waiting = []
        waiting.append((index, place))
    entrances.append(_entrance(plan, waiting))
    estate_ids = sorted({entrance.estate_id for entrance in entrances})
    estates = tuple(Estate(name, _NAMES[n % len(_NAMES)], ZONE_NAME) for n, name in enumerate(estate_ids))
    return World(plan, estates, tuple(entrances))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the next unit stands."""

    estate_id: str
    building: str
    entrance: str
    floor: int
    position: int

    @property
    def door_id(self) -> str:
        return f"dc-{self.estate_id}-{self.building}-{self.entrance}"

    @property
    def room(self) -> str:
        return f"{self.floor}{self.position:02d}"

    @property
    def unit_id(self) -> str:
        return f"{self.estate_id}-{self.building}-{self.entrance}-{self.room}"


def _places(seed: int) -> Iterator[_Place]:
    for estate in count(1):
        placed = 0
        for building in count(1):
            rng = dice(seed, Stream.BUILDING, estate, building)
            floors, units = rng.integers(6, 19), rng.integers(2, 5)
            for entrance in range(1, rng.integers(1, 4) + 1):
                for floor in range(1, floors + 1):
                    for position in range(1, units + 1):
                        yield _Place(f"e{estate:02d}", f"b{building:02d}", str(entrance), floor, position)
                        placed += 1
            if placed >= _UNITS_AN_ESTATE:
                break


def _entrance(plan: Plan, placed: list[tuple[int, _Place]]) -> Entrance:
    place = placed[0][1]
    # The entrance's own stream hangs on its first unit, whose number never changes.
    rng = dice(plan.seed, Stream.BUILDING, 0, 0, placed[0][0])
    door = Device(place.door_id, place.estate_id, "door", "", place.building, place.entrance, "native", None, "")
    door = of_its_make(plan.seed, plan.dialects, placed[0][0], door)
    cleaner = Person(f"s{place.door_id[2:]}", "", "staff", None, None, face_enrolled=True)
    return Entrance(
        estate_id=place.estate_id,
        building=place.building,
        entrance=place.entrance,
        door=door,
        two_way=rng.random() < _TWO_WAY_DOORS,
        couriers=tuple(rng.face() for _ in range(_COURIERS)),
        cleaner_pseudonym=rng.face(),
        staff=(cleaner,),
        dwellings=tuple(_dwelling(plan, index, where) for index, where in placed),
        gate=_gate(place) if plan.gates else None,
        pseudonyms=plan.pseudonyms,
        keeps_gate=place.entrance == "1",
    )


def _gate(place: _Place) -> Device:
    gate_id = f"gt-{place.estate_id}-{place.building}"
    return Device(gate_id, place.estate_id, "door", "", place.building, "", "native", None, "")


def _dwelling(plan: Plan, index: int, place: _Place) -> Dwelling:
    rng = dice(plan.seed, Stream.UNIT, index)
    fate = fate_of(plan.seed, plan.rates, index)
    empty = rng.random() < _EMPTY_UNITS
    if fate is Fate.SQUATTING or (empty and fate is Fate.NONE):
        dwelling = _empty(rng, plan, index, place)
    else:
        dwelling = _lived_in(rng, plan, index, place, draw_kind(rng, HOUSEHOLD_KINDS.get(fate, tuple(KINDS))))
    if change := (MISUSES | LOOKALIKES).get(fate):
        # A stream of its own, so that a case keeps its days whatever is changed about households.
        dwelling = change(dice(plan.seed, Stream.CASE, index), dwelling, plan)
    made = tuple(of_its_make(plan.seed, plan.dialects, index, device) for device in dwelling.devices)
    return replace(dwelling, devices=made)


def _lived_in(rng: Dice, plan: Plan, index: int, place: _Place, kind: Kind) -> Dwelling:
    group = draw_registered(rng, index, kind)
    household = _household(rng, plan, index, place, kind)
    persons = tuple(
        Person(
            person_id=person_id(index, position),
            household_id=household.household_id,
            role="member" if position else "tenant",
            valid_from=household.lease_start,
            valid_to=None,
            face_enrolled=resident.enrolled,
        )
        for position, resident in enumerate(group.residents)
    )
    trips = dice(plan.seed, Stream.TRIPS, index)
    group = plan_trips(trips, group, plan.first_day, plan.horizon_day)
    story = _story(rng, index, place, draw_building(rng), (group,))
    return Dwelling(_unit(rng, place, kind, "leased"), (household,), persons, (), _devices(rng, index, place), story)


def _empty(rng: Dice, plan: Plan, index: int, place: _Place) -> Dwelling:
    tenure = rng.pick(("vacant", "vacant", "vacant", "held", "repair"))
    kind = draw_kind(rng)
    household = _household(rng, plan, index, place, kind)
    ended = plan.first_day - rng.integers(20, 200)
    household = replace(household, lease_start=ended - 700, lease_end=ended)
    person = Person(person_id(index, 0), household.household_id, "tenant", ended - 700, ended, face_enrolled=True)
    story = _story(rng, index, place, Building(0.0, 0.0), ())
    unit = _unit(rng, place, kind, tenure)
    return Dwelling(unit, (household,), (person,), (), _devices(rng, index, place), replace(story, calls=0.0))


def _household(rng: Dice, plan: Plan, index: int, place: _Place, kind: Kind) -> Household:
    return Household(
        household_id=f"h{index:06d}",
        unit_id=place.unit_id,
        size=len(kind.personas),
        lease_start=plan.first_day - rng.integers(90, 1200),
        lease_end=None if rng.random() < 0.3 else plan.end_day + rng.integers(30, 900),  # noqa: PLR2004
        category=rng.pick(_CATEGORIES),
        care="lone_elder" if kind.lone_elder else "",
    )


def _unit(rng: Dice, place: _Place, kind: Kind, tenure: str) -> Unit:
    area = 28 + 11 * len(kind.personas) + rng.normal(0, 4)
    return Unit(
        place.unit_id, place.estate_id, place.building, place.entrance, place.floor, place.room, round(area, 1), tenure
    )


def _story(rng: Dice, index: int, place: _Place, building: Building, groups: tuple[Group, ...]) -> Story:
    friends = tuple(rng.face() for _ in range(4))
    calls = rng.factor(0.5)
    return Story(index, place.unit_id, groups, building, friends, calls)


def _devices(rng: Dice, index: int, place: _Place) -> tuple[Device, ...]:
    made = []
    for kind, prefix in (("water", "wm"), ("electricity", "em")):
        units, shares = _DIALS[kind]
        unit = rng.pick_by_share(units, shares)
        digits = rng.pick_by_share((5, 6, None), (0.7, 0.2, 0.1))
        made.append(_device(f"{prefix}{index:06d}", kind, place, digits, unit))
    if rng.random() < _LOCKS:
        made.append(_device(f"ul{index:06d}", "door", place, None, ""))
    return tuple(made)


def _device(device_id: str, kind: str, place: _Place, digits: int | None, dial_unit: str) -> Device:
    return Device(
        device_id, place.estate_id, kind, place.unit_id, place.building, place.entrance, "native", digits, dial_unit
    )
